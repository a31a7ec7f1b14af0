"""Look something up in a database of the name service, such as passwd or hosts."""

from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "database": Arg(required=True, help="The database: passwd, group, hosts, services ..."),
        "key": Arg(help="The entry to look up; all when not given."),
        "service": Arg(help="Service of the name service to ask instead of the configured ones."),
        "split": Arg(help="What separates the fields, when it is not known for the database."),
        "fail_key": Arg("bool", True, help="Whether a key that is not there is a failure."),
    },
    returns={"ansible_facts": "`getent_DATABASE`: each entry's fields without the first, by the first."},
)
EXAMPLES = """
- name: All users
  getent:
    database: passwd
- name: Where the log server is
  getent:
    database: hosts
    key: log.example.com
    fail_key: false
"""
COLONS = ("passwd", "shadow", "group", "gshadow")
PROBLEMS = {
    1: "Missing arguments, or database unknown.",
    2: "One or more supplied key could not be found in the database.",
    3: "Enumeration not supported on this database.",
}


def run(host, args):
    fact = "getent_" + args["database"]
    argv = [host.need("getent", "libc-bin")] + (["-s", args["service"]] if args["service"] else [])
    argv += [args["database"]] + ([args["key"]] if args["key"] is not None else [])
    ran = host.run(argv, ok=None)
    if ran.rc == 0:
        split = args["split"] or (":" if args["database"] in COLONS else None)
        return {"changed": False, "ansible_facts": {fact: parse(ran.lines, split)}}
    msg = PROBLEMS.get(ran.rc, "Unexpected failure!")
    if ran.rc == 2 and not args["fail_key"]:
        return {"changed": False, "ansible_facts": {fact: {args["key"]: None}}, "msg": msg}
    raise Failed(msg)


def parse(lines, split=None):
    """{first field: the others}; a first field that comes more than once gives a list of lists. Pure."""
    found, repeated = {}, set()
    for line in lines:
        fields = line.split(split)
        if not fields:
            continue
        name, rest = fields[0], fields[1:]
        if name not in found:
            found[name] = rest
        elif name in repeated:
            found[name].append(rest)
        else:
            repeated.add(name)
            found[name] = [found[name], rest]
    return found
