"""Logical volumes, snapshots and thin pools of LVM: there, of a size, active."""

from fleet.remote import lvm, lvsize
from fleet.remote.host import Failed, Unmet
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "vg": Arg(required=True, help="The volume group."),
        "lv": Arg(help="The logical volume; of a snapshot, its origin."),
        "size": Arg(help="Size: a number and one of bBsSkKmMgGtTpPeE (without one in MiB), or a percentage as in `80%VG`, `100%FREE`, "
                         "`50%PVS`, `20%ORIGIN`. With + or - in front by how much it grows or shrinks, at every run."),
        "state": Arg(default="present", choices=("absent", "present"), help="Whether it is to exist; a new one needs a size."),
        "active": Arg("bool", True, help="Whether it is active."),
        "force": Arg("bool", False, help="Allow it to shrink or to be removed."),
        "shrink": Arg("bool", True, help="Shrink one that is larger than `size`."),
        "resizefs": Arg("bool", False, help="Resize the file system in it, too: ext2 to ext4, reiserfs, XFS."),
        "opts": Arg(help="More arguments for lvcreate."),
        "pvs": Arg("list", elements="str", help="The devices a new one lies on, or grows on."),
        "snapshot": Arg(help="A snapshot of `lv` of this name."),
        "thinpool": Arg(help="A thin pool, or with `lv` the pool of a thin volume."),
    },
    one_of=(("lv", "thinpool"),),
    returns={"lv": "The volume.", "vg": "Its group.", "size": "Its size before, in the unit of `size`.",
             "msg": "Empty, when one was made."},
)
EXAMPLES = """
- name: A volume for the database
  lvol:
    vg: data
    lv: postgresql
    size: 20g
- name: It takes all that is free, with its file system
  lvol:
    vg: data
    lv: postgresql
    size: +100%FREE
    resizefs: true
"""


def run(host, args):
    size = lvsize.parse(args["size"]) if args["size"] else None
    units = size.report_unit() if size else "m"
    group = read_group(host, args["vg"], units)
    if group is None:
        if args["state"] == "absent":
            return {"changed": False, "stdout": "Volume group %s does not exist." % args["vg"]}
        raise Unmet("Volume group %s does not exist." % args["vg"], rc=5)
    volumes = read_volumes(host, args["vg"], units)
    name = args["snapshot"] or args["lv"] or args["thinpool"]
    have = volumes.get(name)
    if args["state"] == "absent":
        return remove(host, args, name) if have else {"changed": False, "msg": ""}
    if have is None:
        return make(host, args, name, size, volumes)
    changed = resize(host, args, name, size, have, group) if size else False
    changed = activate(host, args, name, have) or changed
    return {"changed": changed, "vg": args["vg"], "lv": name, "size": have["size"]}


def read_group(host, name, units):
    rows = lvm.report(host, "vgs", ("vg_name", "vg_size", "vg_free", "vg_extent_size"), [name], units)
    if not rows:
        return None
    row = rows[0]
    return {"size": float(row["vg_size"]), "free": float(row["vg_free"]), "extent": float(row["vg_extent_size"])}


def read_volumes(host, group, units):
    """{name: {"size", "active"}} of all volumes of a group; LVM's own parts stand in brackets, they count by their names."""
    rows = lvm.report(host, "lvs", ("lv_name", "lv_size", "lv_attr"), ["-a", group], units) or []
    return {row["lv_name"].strip("[]"): {"size": float(row["lv_size"]), "active": row["lv_attr"][4:5] == "a"} for row in rows}


def testing(host):
    # LVM's own check run knows more than fleet: free space on these devices, names that cannot be.
    return ["--test"] if host.check else []


def remove(host, args, name):
    if not args["force"]:
        raise Failed("Sorry, no removal of logical volume %s without force=true." % name)
    lvm.command(host, "Failed to remove logical volume %s" % name, "lvremove",
                testing(host) + ["--force", "%s/%s" % (args["vg"], name)])
    return {"changed": True}


def make(host, args, name, size, volumes):
    if size is None:
        raise Failed("No size given.")
    if size.sign == "-":
        raise Failed("Bad size specification of '-%s' for creating LV" % size.number)
    if args["snapshot"] and args["lv"] not in volumes:
        raise Failed("Snapshot origin LV %s does not exist in volume group %s." % (args["lv"], args["vg"]))
    if args["thinpool"] and args["lv"] and args["thinpool"] not in volumes:
        raise Unmet("Thin pool LV %s does not exist in volume group %s." % (args["thinpool"], args["vg"]))
    words = testing(host) + ["--yes"] + creating(args, lvsize.Size("", size.number, size.unit, size.whole))
    lvm.command(host, "Creating logical volume '%s' failed" % name, "lvcreate", words)
    if not host.check:
        if name not in read_volumes(host, args["vg"], "m"):
            raise Failed("lvcreate ended well, but there is no %s in %s" % (name, args["vg"]), changed=True)
        if not args["active"]:
            set_active(host, args, name)
    return {"changed": True, "msg": ""}


def creating(args, size):
    """The words for lvcreate. Pure."""
    opts, group, pvs = lvm.words(args["opts"], "opts"), args["vg"], args["pvs"] or []
    if args["snapshot"]:
        return size.option() + ["-s", "-n", args["snapshot"]] + opts + ["%s/%s" % (group, args["lv"])] + pvs
    if args["thinpool"] and args["lv"]:
        if size.whole:
            raise Failed("Thin volume sizing with percentage not supported.")
        return ["-n", args["lv"], "-V", size.option()[1]] + opts + ["-T", "%s/%s" % (group, args["thinpool"])]
    if args["thinpool"]:
        return size.option() + opts + ["-T", "%s/%s" % (group, args["thinpool"])] + pvs
    return ["-n", args["lv"]] + size.option() + opts + [group] + pvs


def resize(host, args, name, size, have, group):
    """Make a volume larger or smaller; whether that changed it."""
    # A percentage is met by a volume that is one extent larger: what it is a percentage of has no whole extents.
    wanted = lvsize.target(size, have["size"], group)
    if wanted > have["size"]:
        if size.whole and wanted - have["size"] > group["free"]:
            raise Failed("Logical Volume %s could not be extended. Not enough free space left (%s%s required / %s%s available)"
                         % (name, wanted - have["size"], size.unit, group["free"], size.unit))
        program, words = "lvextend", []
    elif wanted + (group["extent"] if size.whole else 0) < have["size"] and args["shrink"]:
        if wanted <= 0:
            raise Failed("Sorry, no shrinking of %s to 0 permitted." % name)
        if not args["force"]:
            raise Failed("Sorry, no shrinking of %s without force=true%s" % (name, "" if size.whole else "."))
        program, words = "lvreduce", ["--force"]
    else:
        return False
    words += (["--resizefs"] if args["resizefs"] else []) + testing(host) + size.option()
    words += ["%s/%s" % (args["vg"], name)] + (args["pvs"] or [] if program == "lvextend" else [])
    return resized(host, args, name, size, program, words)


def resized(host, args, name, size, program, words):
    ran = host.run([host.need(program, lvm.PACKAGE)] + words, ok=None)
    told = ran.out + ran.err
    if ran.rc == 0:
        return "matches existing size" not in told and "No size change" not in told
    if "matches existing size" in told or "not larger than existing size" in told:
        return False
    raise Failed("Unable to resize %s to %s" % (name, "".join(size.option()[1:])), rc=ran.rc, err=ran.err)


def activate(host, args, name, have):
    if args["active"] == have["active"]:
        return False
    if not host.check:
        set_active(host, args, name)
    return True


def set_active(host, args, name):
    message = "Failed to %s logical volume %s" % ("activate" if args["active"] else "deactivate", name)
    lvm.command(host, message, "lvchange", ["-ay" if args["active"] else "-an", "%s/%s" % (args["vg"], name)])
