"""Privileges of PostgreSQL: the statements that grant and revoke, and the queries that show what they changed. Pure."""

import re

from fleet.remote import pgtext
from fleet.remote.host import Failed

PRIVILEGES = frozenset((
    "SELECT", "UPDATE", "INSERT", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "CREATE", "CONNECT", "TEMPORARY",
    "TEMP", "EXECUTE", "USAGE", "ALL", "ALL PRIVILEGES", "SET", "ALTER SYSTEM", "MAINTAIN"))
DEFAULTS = {
    "TABLES": frozenset(("ALL", "SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER", "MAINTAIN")),
    "SEQUENCES": frozenset(("ALL", "SELECT", "UPDATE", "USAGE")),
    "FUNCTIONS": frozenset(("ALL", "EXECUTE")),
    "TYPES": frozenset(("ALL", "USAGE")),
    "SCHEMAS": frozenset(("ALL", "CREATE", "USAGE")),
}
"""What default privileges are for, and which there are."""
USUAL_DEFAULTS = ("TABLES", "FUNCTIONS", "SEQUENCES", "TYPES")
WITH_SCHEMA = ("table", "sequence", "function", "procedure", "type", "default_privs")
WHOLE_SCHEMA = {"table": "TABLES", "sequence": "SEQUENCES", "function": "FUNCTIONS", "procedure": "PROCEDURES"}
IMPLICIT = ("PUBLIC", "CURRENT_ROLE", "CURRENT_USER", "SESSION_USER")
_WORDS = {"foreign_data_wrapper": "FOREIGN DATA WRAPPER", "foreign_server": "FOREIGN SERVER"}
_SIGNATURE = re.compile(r'^([^()]+)\(((?:[\w\s,.\[\]()]|"[^"]*")*)\)$')
_ACLS = {
    "table": ("pg_class", "relacl", "CASE relkind WHEN 'S' THEN 's' ELSE 'r' END::\"char\"", "relowner"),
    "function": ("pg_proc", "proacl", "'f'", "proowner"),
    "database": ("pg_database", "datacl", "'d'", "datdba"),
    "schema": ("pg_namespace", "nspacl", "'n'", "nspowner"),
    "language": ("pg_language", "lanacl", "'l'", "lanowner"),
    "tablespace": ("pg_tablespace", "spcacl", "'t'", "spcowner"),
    "type": ("pg_type", "typacl", "'T'", "typowner"),
    "foreign_data_wrapper": ("pg_foreign_data_wrapper", "fdwacl", "'F'", "fdwowner"),
    "foreign_server": ("pg_foreign_server", "srvacl", "'S'", "srvowner"),
    "parameter": ("pg_parameter_acl", "paracl", None, None),
    "default_privs": ("pg_default_acl", "defaclacl", None, None),
}
"""Where privileges are kept, and what acldefault() needs to tell those of an object that has none of its own."""


def state_query(kind):
    """A query for one text that differs when privileges on objects of this kind differ."""
    if kind == "group":
        return ("SELECT pg_catalog.md5(pg_catalog.string_agg(m::text, ' ' ORDER BY m::text)) FROM "
                "(SELECT roleid, member, admin_option FROM pg_catalog.pg_auth_members) m")
    kind = {"sequence": "table", "procedure": "function"}.get(kind, kind)
    table, acl, letter, owner = _ACLS[kind]
    if letter:
        acl = "coalesce(%s, pg_catalog.acldefault(%s, %s))" % (acl, letter, owner)
    # The order of the entries says nothing: taking one away and giving it again moves it to the end.
    text = "ARRAY(SELECT a::text FROM pg_catalog.unnest(%s) a ORDER BY 1)::text" % acl
    # A row of default privileges is made anew when all of them were taken back in between.
    key = "(defaclrole, defaclnamespace, defaclobjtype)::text" if kind == "default_privs" else "oid::text"
    return "SELECT pg_catalog.md5(pg_catalog.string_agg(%s || %s, ' ' ORDER BY %s)) FROM pg_catalog.%s" % (
        key, text, key, table)


def privileges(text):
    """The privileges of a text, in upper case and sorted. Raises Failed."""
    found = sorted({" ".join(name.upper().split()) for name in text.split(",") if name.strip()})
    wrong = [name for name in found if name not in PRIVILEGES]
    if wrong:
        raise Failed("Invalid privileges specified: frozenset({%s})" % ", ".join(map(repr, wrong)))
    return found


def default_objects(text, privs):
    """The kinds of objects that default privileges are for. Raises Failed."""
    kinds = [kind.strip() for kind in text.split(",") if kind.strip()]
    if "ALL_DEFAULT" in kinds:
        kinds = [kind for kind in kinds if kind not in USUAL_DEFAULTS + ("ALL_DEFAULT",)] + list(USUAL_DEFAULTS)
    wrong = [kind for kind in kinds if kind not in DEFAULTS]
    if wrong:
        raise Failed("Invalid Object set specified: frozenset({%s})" % ", ".join(map(repr, wrong)))
    fitting = [kind for kind in DEFAULTS if set(privs) <= DEFAULTS[kind]]
    if not set(kinds) <= set(fitting):
        raise Failed("Invalid priv specified. Valid object for priv: frozenset({%s}). Objects: frozenset({%s})"
                     % (", ".join(map(repr, fitting)), ", ".join(map(repr, kinds))))
    return kinds


def objects(kind, text, schema):
    """The objects of a grant, as SQL has them. Raises Failed."""
    names = [name.strip() for name in text.split(",") if name.strip()]
    if names == ["ALL_IN_SCHEMA"] and kind in WHOLE_SCHEMA:
        if not schema:
            raise Failed("Argument \"schema\" is required for ALL_IN_SCHEMA.")
        return "ALL %s IN SCHEMA %s" % (WHOLE_SCHEMA[kind], pgtext.identifier(schema))
    prefix = pgtext.identifier(schema) + "." if schema and kind in WITH_SCHEMA else ""
    if kind in ("function", "procedure"):
        quoted = [prefix + signature(name) for name in names]
    else:
        quoted = [prefix + pgtext.identifier(name) for name in names]
    return "%s %s" % (_WORDS.get(kind, kind), ",".join(quoted))


def signature(text):
    """``f(int:text)`` -> ``"f"(int,text)``. Raises Failed."""
    match = _SIGNATURE.match(text.replace(":", ","))
    if not match:
        raise Failed('Illegal function / procedure signature: "%s".' % text)
    return "%s(%s)" % (pgtext.identifier(match.group(1)), match.group(2))


def role(name):
    """A role as SQL has it; the implicit ones in upper case."""
    return name.upper() if name.upper() in IMPLICIT else pgtext.identifier(name)


def grant(present, what, roles, option):
    """GRANT or REVOKE of ``what`` (privileges ON objects). ``option``: True, False or None for leaving it alone."""
    if not present:
        return "REVOKE %s FROM %s;" % (what, roles)
    made = "GRANT %s TO %s%s;" % (what, roles, " WITH GRANT OPTION" if option else "")
    if option is False:
        made += "\nREVOKE GRANT OPTION FOR %s FROM %s;" % (what, roles)
    return made


def membership(present, groups, roles, option):
    """GRANT or REVOKE of roles."""
    what = ",".join(pgtext.identifier(name.strip()) for name in groups.split(",") if name.strip())
    if not present:
        return "REVOKE %s FROM %s;" % (what, roles)
    made = "GRANT %s TO %s%s;" % (what, roles, " WITH ADMIN OPTION" if option else "")
    if option is False:
        made += "\nREVOKE ADMIN OPTION FOR %s FROM %s;" % (what, roles)
    return made


def default_privileges(present, kinds, privs, roles, targets, schema, option):
    """ALTER DEFAULT PRIVILEGES: what was granted before is taken back first; without ``present`` all of it."""
    start = "ALTER DEFAULT PRIVILEGES"
    start += " FOR ROLE %s" % ",".join(map(pgtext.identifier, targets)) if targets else ""
    start += " IN SCHEMA %s" % pgtext.identifier(schema) if schema else ""
    if not present:
        # As Ansible does it: for every usual kind of object, whichever were named.
        kinds = kinds if "SCHEMAS" in kinds else list(USUAL_DEFAULTS)
    lines = ["%s REVOKE ALL ON %s FROM %s;" % (start, kind, roles) for kind in kinds]
    if present:
        more = " WITH GRANT OPTION" if option else ""
        lines += ["%s GRANT %s ON %s TO %s%s;" % (start, ",".join(privs), kind, roles, more) for kind in kinds]
    return "\n".join(lines)
