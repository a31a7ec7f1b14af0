"""File systems, volumes, snapshots and clones of ZFS, with their properties."""

import re
import shlex

from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

PACKAGE = "zfsutils-linux"
SPEC = Spec(
    {
        "name": Arg(required=True, help="The dataset, such as `pool/home`, or with @ a snapshot."),
        "state": Arg(required=True, choices=("absent", "present"),
                     help="Whether it is to exist; its parents are made, its children, snapshots and clones go with it."),
        "origin": Arg(help="Snapshot that a new one is a clone of."),
        "extra_zfs_properties": Arg("dict", {}, help="Properties of zfs(8) it is to have itself, not inherit. With `volsize` it is a volume."),
    },
    returns={"name": "The dataset.", "state": "As asked for.", "(properties)": "Those in `extra_zfs_properties`, each under its own name."},
)
EXAMPLES = """
- name: A home for backups
  zfs:
    name: tank/backup
    state: present
    extra_zfs_properties:
      compression: lz4
      quota: 100G
- name: A volume
  zfs:
    name: tank/disk
    state: present
    extra_zfs_properties: {volsize: 10G}
"""


def run(host, args):
    name, wanted = args["name"], properties(args["extra_zfs_properties"])
    if "@" in name and args["origin"]:
        raise Failed("cannot specify origin when operating on a snapshot")
    have = read(host, name)
    result = dict(wanted, name=name, state=args["state"])
    if args["state"] == "absent":
        return finish(host, result, have is not None, remove, name)
    if have is None:
        return finish(host, result, True, make, args, wanted)
    change = {key: value for key, value in wanted.items() if not same(value, have.get(key))}
    result["changed"] = bool(change)
    if host.diff:
        # Empty ones where nothing changes, as ansible has them.
        result["diff"] = difference(name, {"extra_zfs_properties": {key: have.get(key) for key in change}} if change else {},
                                    {"extra_zfs_properties": {key: str(change[key]) for key in change}} if change else {})
    if change and not host.check:
        for key in sorted(change):
            command(host, ["set", "%s=%s" % (key, change[key]), name])
        # What zfs shows may differ for ever from what was asked for: a mountpoint below an altroot.
        after = read(host, name) or {}
        result["changed"] = any(after.get(key) != have.get(key) for key in change)
    return result


def properties(given):
    """Values as zfs writes them: on and off. Pure."""
    empty = [key for key, value in given.items() if value is None or isinstance(value, (dict, list))]
    if empty:
        raise Failed("extra_zfs_properties: %s must be a text or a number; zfs writes nothing as 'none'" % ", ".join(sorted(empty)))
    return {key: {True: "on", False: "off"}[value] if isinstance(value, bool) else value for key, value in given.items()}


def read(host, name):
    """{property: exact value} of those that a dataset has itself, or None."""
    ran = host.run([host.need("zfs", PACKAGE), "get", "-H", "-p", "-o", "property,value,source", "all", name], ok=None)
    if ran.rc != 0:
        if "does not exist" in ran.err:
            return None
        raise Failed(ran.err.strip() or "zfs get failed", rc=ran.rc, stdout=ran.out, stderr=ran.err)
    rows = [line.split("\t") for line in ran.lines]
    return {row[0]: row[1] for row in rows if len(row) == 3 and row[2] in ("local", "received", "-")}


def same(wanted, have):
    """Whether a value is the one zfs tells; it tells sizes in bytes. Pure."""
    if have is None:
        return False
    return str(wanted) == have or size(str(wanted)) == have


def size(text):
    """``10G`` as zfs get -p tells it: ``10737418240``. Pure."""
    match = re.match(r"([0-9]+(?:\.[0-9]+)?)([KMGTPEZ])(?:i?B)?$", text, re.IGNORECASE)
    if not match:
        return {"none": "0"}.get(text, text)
    return "%d" % (float(match.group(1)) * 1024 ** ("KMGTPEZ".index(match.group(2).upper()) + 1))


def finish(host, result, changed, act, *words):
    """Do it where something is to be done and this is no check run; the result with its diff."""
    states = {"present": "absent", "absent": "present"}
    if changed and host.diff:
        result["diff"] = difference(result["name"], {"state": states[result["state"]]}, {"state": result["state"]})
    if changed and not host.check:
        act(host, *words)
        if (read(host, result["name"]) is None) != (result["state"] == "absent"):
            raise Failed("zfs ended well, but %s is not %s" % (result["name"], result["state"]), changed=True)
    return dict(result, changed=changed)


def difference(name, before, after):
    return {"before_header": name, "after_header": name, "before": before, "after": after}


def remove(host, name):
    command(host, ["destroy", "-R", name])


def make(host, args, wanted):
    command(host, making(args["name"], args["origin"], wanted))


def making(name, origin, wanted):
    """The words that make a dataset. Pure."""
    if "@" in name:
        words = ["snapshot"]
    else:
        words = ["clone" if origin else "create", "-p"]
    wanted = dict(wanted)
    if "volsize" in wanted and not origin and "@" not in name:
        words += ["-V", str(wanted.pop("volsize"))]
        words += ["-b", str(wanted.pop("volblocksize"))] if "volblocksize" in wanted else []
    for key, value in wanted.items():
        words += ["-o", "%s=%s" % (key, value)]
    return words + ([origin] if origin else []) + [name]


def command(host, words):
    argv = [host.need("zfs", PACKAGE)] + words
    ran = host.run(argv, ok=None)
    if ran.rc != 0:
        raise Failed(ran.err.rstrip() or "zfs %s failed" % words[0], rc=ran.rc, cmd=" ".join(map(shlex.quote, argv)), stdout=ran.out, stderr=ran.err)
