"""Tell what properties datasets of ZFS have, as the fact `ansible_zfs_datasets`."""

from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "name": Arg(required=True, aliases=("ds", "dataset"), help="The dataset."),
        "recurse": Arg("bool", False, help="Those below it, too."),
        "depth": Arg("int", 0, help="How far below."),
        "type": Arg("list", ["all"], elements="str", choices=("all", "filesystem", "volume", "snapshot", "bookmark"),
                    help="Which kinds of datasets."),
        "properties": Arg(default="all", help="Which properties, parted by commas."),
        "parsable": Arg("bool", False, help="Values for programs: bytes instead of 10G, seconds instead of dates."),
    },
    returns={"name": "The dataset.", "recurse": "True, when asked for.", "parsable": "True, when asked for.",
             "ansible_facts": "`ansible_zfs_datasets`: the properties of each dataset, with its name."},
)
EXAMPLES = """
- name: How full are the homes
  zfs_facts:
    name: tank/home
    recurse: true
    type: filesystem
    properties: used,available
"""


def run(host, args):
    if "all" in args["type"] and len(args["type"]) > 1:
        raise Failed("type: all cannot be used together with other values")
    if args["depth"] < 0:
        raise Failed("depth must not be negative: %d" % args["depth"])
    argv = [host.need("zfs", "zfsutils-linux"), "get", "-H"]
    argv += ["-p"] if args["parsable"] else []
    argv += ["-r"] if args["recurse"] else []
    argv += ["-d", str(args["depth"])] if args["depth"] else []
    argv += ["-t", ",".join(args["type"]), "-o", "name,property,value", args["properties"], args["name"]]
    ran = host.run(argv, ok=None)
    if ran.rc != 0 and "does not exist" in ran.err:
        raise Failed("ZFS dataset %s does not exist!" % args["name"])
    if ran.rc != 0:
        raise Failed("Error while trying to get properties of ZFS dataset: %s" % args["name"], rc=ran.rc, stderr=ran.err)
    result = {"changed": False, "name": args["name"], "ansible_facts": {"ansible_zfs_datasets": datasets(ran.out)}}
    result.update({key: True for key in ("recurse", "parsable") if args[key]})
    return result


def datasets(text):
    """[{"name", property: value ...}] of lines of name, property and value, in their order. Pure."""
    found = {}
    for line in text.splitlines():
        name, _, rest = line.partition("\t")
        key, _, value = rest.partition("\t")
        if key:
            found.setdefault(name, {"name": name})[key] = value
    return list(found.values())
