"""Partitions of a disk, or of an image file, with GNU parted."""

import re

from fleet.remote import partitions
from fleet.remote.host import Failed, Unmet
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "device": Arg(required=True, help="The disk, or an image file."),
        "number": Arg("int", help="The partition; needed for present and absent."),
        "state": Arg(default="info", choices=("absent", "present", "info"), help="info: only tell what is there."),
        "label": Arg(default="msdos", choices=("aix", "amiga", "bsd", "dvh", "gpt", "loop", "mac", "msdos", "pc98", "sun"),
                     help="Kind of partition table. A disk with another one gets a new one, and loses all partitions!"),
        "part_type": Arg(default="primary", choices=("extended", "logical", "primary"), help="Kind of a new partition on msdos and dvh."),
        "part_start": Arg(default="0%", help="Where a new one starts: a number with a unit of parted's; negative from the end."),
        "part_end": Arg(default="100%", help="Where it ends, in the same way."),
        "fs_type": Arg(help="The kind of file system that a new one is marked for; nothing is formatted."),
        "name": Arg(help="Its name (gpt, mac, pc98)."),
        "flags": Arg("list", elements="str", help="Its flags, all of them: others are taken away."),
        "resize": Arg("bool", False, help="Let one that is there end at `part_end`; its file system stays as it is."),
        "align": Arg(default="optimal", choices=("cylinder", "minimal", "none", "optimal", "undefined"),
                     help="How a new one is aligned; undefined: as parted does by itself."),
        "unit": Arg(default="KiB", choices=partitions.UNITS, help="The unit of the positions in the result."),
    },
    required_if=(("state", "present", ("number",)), ("state", "absent", ("number",))),
    returns={
        "disk": "dev, model, size, unit, table, logical_block, physical_block; with cyl and chs also chs_info.",
        "partitions": "num, begin, end, size, unit, fstype, name, flags of each.",
        "script": "The words that parted was given.",
    },
)
EXAMPLES = """
- name: All of the disk for LVM
  parted:
    device: /dev/sdb
    label: gpt
    name: data
    number: 1
    flags: [lvm]
    state: present
"""


def run(host, args):
    if args["number"] is not None and args["number"] <= 0:
        raise Failed("The partition number must be greater then 0.")
    for name in ("part_start", "part_end"):
        partitions.check(name, args[name])
    disk, parts = look(host, args["device"], args["unit"])
    if args["state"] == "info":
        return {"changed": False, "disk": disk, "partitions": parts, "script": ["unit", args["unit"], "print"]}
    if args["state"] == "absent":
        scripts = [["rm", str(args["number"])]] if find(parts, args["number"]) else []
    else:
        scripts = wanted(host, args, disk, parts)
    if scripts and not host.check:
        for script in scripts:
            edit(host, args, script)
        disk, parts = look(host, args["device"], args["unit"])
        verify(args, parts)
    return {"changed": bool(scripts), "disk": disk, "partitions": parts, "script": [word for script in scripts for word in script]}


def look(host, device, unit):
    argv = [host.need("parted", "parted"), "-s", "-m", device, "--", "unit", unit, "print"]
    ran = host.run(argv, ok=None)
    # A disk without a table is an error for parted, too; it is shown all the same.
    found = partitions.parse(ran.out, unit)
    if found is None:
        raise (Unmet if "No such file" in ran.err else Failed)(
            "Error while getting device information with parted script: '%s'" % " ".join(argv), rc=ran.rc, out=ran.out, err=ran.err)
    return found


def find(parts, number):
    return next((part for part in parts if part["num"] == number), None)


def wanted(host, args, disk, parts):
    """The scripts that make the partition as it is to be."""
    unit, number = ["unit", args["unit"]], str(args["number"])
    fresh = disk["table"] != args["label"]
    part = None if fresh else find(parts, args["number"])
    scripts = []
    if part is None:
        scripts.append(unit + (["mklabel", args["label"]] if fresh else []) + ["mkpart", args["part_type"]]
                       + ([args["fs_type"]] if args["fs_type"] else []) + [args["part_start"], args["part_end"]])
    elif args["resize"] and ends_elsewhere(host, args):
        scripts.append(["resizepart", number, args["part_end"]])
    more = []
    if args["name"] and (part is None or part["name"] != args["name"]):
        more += ["name", number, quoted(args["name"])]
    for flag, state in flag_changes(args, part["flags"] if part else []):
        more += ["set", number, flag, state]
    return scripts + ([unit + more] if more else [])


def quoted(name):
    """A name in the quotes of parted's own language."""
    return '"%s"' % re.sub(r'(["\\])', r"\\\1", name)


def flag_changes(args, have):
    """[(flag, "on" | "off")] from those it has to those it is to have. Pure."""
    if not args["flags"]:
        return []
    flags = set(args["flags"])
    if args["label"] == "gpt" and "esp" in flags:
        # One bit of gpt that parted shows under two names.
        flags.add("boot")
    return [(flag, "on") for flag in sorted(flags - set(have))] + [(flag, "off") for flag in sorted(set(have) - flags)]


def ends_elsewhere(host, args):
    """Whether a partition's end is not the one asked for."""
    disk, parts = look(host, args["device"], "B")
    cylinder = 0
    if args["part_end"].endswith("cyl"):
        shape = look(host, args["device"], "cyl")[0]["chs_info"]
        cylinder = shape["heads"] * shape["sectors"] * disk["logical_block"]
    target = partitions.offset(args["part_end"], disk["size"], disk["logical_block"], cylinder)
    # The last byte is the one before the position. Percentages and large units are no whole sectors, and the
    # end of a disk is kept free for a second table: parted takes what is near.
    near = disk["logical_block"] if re.search("(s|B)$", args["part_end"]) and "%" not in args["part_end"] else 1 << 20
    return abs(target - 1 - find(parts, args["number"])["end"]) > near


def edit(host, args, script):
    argv = [host.need("parted", "parted"), "-s"] + (["-f"] if fixes(host) else []) + ["-m"]
    argv += [] if args["align"] == "undefined" else ["-a", args["align"]]
    argv += [args["device"], "--"] + script
    ran = host.run(argv, ok=None)
    if ran.rc != 0:
        raise Failed("Error while running parted script: %s" % " ".join(argv), rc=ran.rc, out=ran.out, err=ran.err)


def fixes(host):
    """Whether parted has -f (3.5): a table that does not fill its grown disk is repaired without asking."""
    if "parted" not in host.cache:
        match = re.search(r"(\d+)\.(\d+)", host.run([host.need("parted", "parted"), "--version"]).out)
        host.cache["parted"] = bool(match) and (int(match.group(1)), int(match.group(2))) >= (3, 5)
    return host.cache["parted"]


def verify(args, parts):
    there = find(parts, args["number"])
    if (there is None) == (args["state"] == "present"):
        numbers = ", ".join(str(part["num"]) for part in parts) or "none"
        raise Failed("parted ended well, but of the partitions %d is %s: there are %s"
                     % (args["number"], "not there" if there is None else "still there", numbers), changed=True)
