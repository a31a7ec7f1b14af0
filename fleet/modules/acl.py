"""Grant or take single users and groups access to a file, folder or tree (POSIX ACLs)."""

import os

from fleet.remote import posixacl
from fleet.remote.host import Failed, Unmet
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "path": Arg("path", required=True, aliases=("name",), help="The file or folder."),
        "state": Arg(default="query", choices=("absent", "present", "query"),
                     help="Whether the entry is to be there; `query` only shows the list."),
        "etype": Arg(choices=("group", "mask", "other", "user"), help="Whom the entry is for."),
        "entity": Arg(default="", help="Name or id of the user or group; empty for the file's own."),
        "permissions": Arg(help="What it grants: any of `rwx`, and `X` for x on folders and on what is executable."),
        "entry": Arg(help="Old way to write the entry, `[default:]etype:entity:permissions`."),
        "default": Arg("bool", False, help="Set what new files in the folder get, instead of access to itself."),
        "follow": Arg("bool", True, help="Follow a link at `path`; otherwise a link is left alone."),
        "recursive": Arg("bool", False, aliases=("recurse",), help="Everything below `path` as well."),
        "recalculate_mask": Arg(default="default", choices=("default", "mask", "no_mask"),
                                help="Widen the mask to what the entries grant: unless the mask is what is set,"
                                     " always, or never."),
        "use_nfsv4_acls": Arg("bool", False, help="NFSv4 ACLs; not supported, the task fails."),
    },
    returns={"acl": "The list as getfacl shows it, after the change. Files are separated by an empty line."},
)
EXAMPLES = """
- name: The web server may read the site
  acl: {path: /srv/site, etype: user, entity: www-data, permissions: rX, recursive: true, state: present}
- name: New files are the team's too
  acl: {path: /srv/team, etype: group, entity: team, permissions: rwX, default: true, state: present}
"""
LETTERS = {"u": "user", "g": "group", "m": "mask", "o": "other"}


def read(host, args):
    """{path: [access, default]} of everything that is meant, lists of (tag, id, bits)."""
    _check(args)
    path = args["path"]
    if not os.path.exists(path):
        raise Unmet("Path not found or not accessible.", path=path)
    wish = wanted_entry(args)
    if wish["default"] and not args["recursive"] and not os.path.isdir(path) and args["state"] != "query":
        raise Failed("%s: Only directories can have default ACLs" % path, path=path)
    return {"acls": {name: [_items(acl) for acl in posixacl.read(name)] for name in _paths(args)}}


def _check(args):
    state = args["state"]
    parts = [name for name in ("entity", "etype", "permissions") if args[name]]
    if args["use_nfsv4_acls"]:
        raise Failed("NFSv4 ACLs are not supported; use command with nfs4_setfacl")
    if args["entry"] is not None:
        if parts:
            raise Failed("'entry' MUST NOT be set when 'entity', 'etype' or 'permissions' are set.")
        sections = args["entry"].count(":") + 1
        if state == "query":
            raise Failed("'entry' MUST NOT be set when 'state=query'.")
        if state == "present" and sections not in (3, 4):
            raise Failed("'entry' MUST have 3 or 4 sections divided by ':' when 'state=present'.")
        if state == "absent" and sections not in (2, 3):
            raise Failed("'entry' MUST have 2 or 3 sections divided by ':' when 'state=absent'.")
    elif state != "query" and not args["etype"]:
        raise Failed("'etype' MUST be set when 'state=%s'." % state)
    elif state == "absent" and not args["entity"] and args["etype"] in ("user", "group", "other"):
        raise Failed("'entity' MUST be set when 'state=absent'.")
    if state == "absent" and args["permissions"]:
        raise Failed("'permissions' MUST NOT be set when 'state=absent'.")
    if state == "query" and args["recursive"]:
        raise Failed("'recursive' MUST NOT be set when 'state=query'.")


def wanted_entry(args):
    """default, etype, entity and permissions, from the arguments of these names or from ``entry``. Raises Failed."""
    if args["entry"] is None:
        return {name: args[name] for name in ("default", "etype", "entity", "permissions")}
    parts = args["entry"].split(":")
    default = parts[0] in ("d", "default")
    parts = parts[1:] if default else parts
    etype = LETTERS.get(parts[0], parts[0])
    if etype not in LETTERS.values() or len(parts) < 2:
        raise Failed("'entry' is not of the form [default:]etype:entity[:permissions]: %s" % args["entry"])
    permissions = parts[2] if len(parts) > 2 else None
    return {"default": default or args["default"], "etype": etype, "entity": parts[1], "permissions": permissions}


def _paths(args):
    """The paths that are meant. Links in a tree are left alone, as `setfacl --physical` does below its start."""
    path = args["path"]
    if not args["follow"] and os.path.islink(path):
        return []
    found = [path]
    if args["recursive"] and os.path.isdir(path):
        for folder, folders, names in os.walk(path):
            for name in sorted(folders + names):
                full = os.path.join(folder, name)
                if not os.path.islink(full):
                    found.append(full)
    return found


def _items(acl):
    return [(tag, number, acl[(tag, number)]) for tag, number in posixacl.ordered(acl)]


def _acl(items):
    return {(tag, number): bits for tag, number, bits in items}


def want(args, now):
    if args["state"] == "query":
        return {}
    wish = wanted_entry(args)
    key = (wish["etype"], posixacl.number_of(wish["etype"], wish["entity"]))
    return {"acls": {name: _wanted(args, wish, key, pair, name) for name, pair in now["acls"].items()}}


def _wanted(args, wish, key, pair, name):
    access, default = _acl(pair[0]), _acl(pair[1])
    directory = os.path.isdir(name)
    if not wish["default"]:
        return [_items(_edited(args, wish, key, access, directory)), pair[1]]
    if not directory or (args["state"] == "absent" and not default):
        return pair
    # A new default ACL starts with the folder's own three entries, see setfacl(1).
    start = default or {own: access[own] for own in (posixacl.OWNER, posixacl.GROUP, posixacl.OTHER)}
    return [pair[0], _items(_edited(args, wish, key, start, directory))]


def _edited(args, wish, key, acl, directory):
    recalculate = {"mask": True, "no_mask": False}.get(args["recalculate_mask"], key != posixacl.MASK)
    if args["state"] == "absent":
        return posixacl.without_entry(acl, key, recalculate)
    return posixacl.with_entry(acl, key, posixacl.bits_of(wish["permissions"], acl, directory), recalculate)


def apply(host, args, change):
    for name in sorted(change["acls"]):
        for index, (old, new) in enumerate(zip(change.before["acls"][name], change["acls"][name])):
            # A link that came to a place in the tree meanwhile would lead the change elsewhere.
            if old != new and (name == args["path"] or not os.path.islink(name)):
                posixacl.write(name, _acl(new), default=index == 1)


def report(host, args, outcome):
    wish = wanted_entry(args)
    blocks = [shown(pair, wish["default"]) for pair in outcome.after["acls"].values()]
    blocks = [block for block in blocks if block]
    acl = [line for number, block in enumerate(blocks) for line in ([""] if number else []) + block]
    if args["state"] == "query":
        return {"acl": acl, "msg": "current acl"}
    parts = [wish["etype"], wish["entity"]] + ([wish["permissions"] or ""] if args["state"] == "present" else [])
    word = "present" if args["state"] == "present" else "absent"
    return {"acl": acl, "msg": "%s is %s" % (":".join(parts), word)}


def shown(pair, default=False):
    """The lines of one file: both lists, or with ``default`` only that one, without its prefix."""
    if default:
        return posixacl.lines(_acl(pair[1]))
    return posixacl.lines(_acl(pair[0])) + posixacl.lines(_acl(pair[1]), "default:")


def diff(args, outcome):
    sides = []
    for acls in (outcome.change.before["acls"], outcome.change.after["acls"]):
        sides.append("".join("# file: %s\n%s\n" % (name, "\n".join(shown(acls[name]))) for name in sorted(acls)))
    return {"before": sides[0], "after": sides[1]}
