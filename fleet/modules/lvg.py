"""Volume groups of LVM: which physical volumes they have, whether their volumes are active."""

import os

from fleet.remote import lvm
from fleet.remote.host import Failed, Unmet
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "vg": Arg(required=True, help="The volume group."),
        "pvs": Arg("list", elements="str", help="Its devices; needed for a new one. Those that are no physical volumes become some."),
        "state": Arg(default="present", choices=("absent", "present", "active", "inactive"),
                     help="active, inactive: also whether its logical volumes are active, now and after a start."),
        "pesize": Arg(default="4", help="Size of its extents when it is made: a number and k, m or g; without a unit in MiB."),
        "pv_options": Arg(default="", help="More arguments for pvcreate."),
        "vg_options": Arg(default="", help="More arguments for vgcreate."),
        "pvresize": Arg("bool", False, help="Let the physical volumes grow to the size of their devices."),
        "remove_extra_pvs": Arg("bool", True, help="Take out physical volumes that are not in `pvs`."),
        "force": Arg("bool", False, help="Remove the group though it has logical volumes."),
        "reset_vg_uuid": Arg("bool", False, help="Give the group a new UUID. Changes at every run."),
        "reset_pv_uuid": Arg("bool", False, help="Give the devices in `pvs` new UUIDs. Changes at every run."),
    },
    required_if=(("reset_pv_uuid", True, ("pvs",)),),
    returns={},
)
EXAMPLES = """
- name: A group of two disks
  lvg:
    vg: data
    pvs: [/dev/sdb, /dev/sdc]
- name: It goes, with all volumes
  lvg:
    vg: data
    state: absent
    force: true
"""
AUTOMATIC = "--setautoactivation"


def run(host, args):
    # An empty text is no device: a group must not lose all it has because a variable was empty.
    args = dict(args, pvs=[path.strip() for path in args["pvs"] or [] if path.strip()])
    group = read(host, args["vg"])
    if args["state"] == "absent":
        return {"changed": remove(host, group, args)}
    if group is None:
        return make(host, args)
    changed = False
    if args["pvs"]:
        changed = devices(host, group, args)
    if args["state"] == "inactive":
        changed = activate(host, group, False) or changed
    changed = new_uuids(host, args) or changed
    if args["state"] == "active":
        changed = activate(host, group, True) or changed
    return {"changed": changed}


def read(host, name):
    """{"name", "lvs": how many logical volumes, "pvs": real paths of its devices}, or None."""
    # All groups, so that one that is missing is told from a report that failed.
    rows = lvm.report(host, "vgs", ("vg_name", "lv_count", "pv_name")) or []
    mine = [row for row in rows if row["vg_name"] == name]
    if not mine:
        return None
    return {"name": name, "lvs": int(mine[0]["lv_count"]), "pvs": devices_of(mine)}


def devices_of(rows):
    """The real paths of devices; a device that is missing stands as [unknown] in a report."""
    return [os.path.realpath(row["pv_name"]) for row in rows if row["pv_name"].startswith("/")]


def remove(host, group, args):
    if group is None:
        return False
    if group["lvs"] and not args["force"]:
        # An earlier step of a check run might have removed them.
        raise Unmet("Refuse to remove non-empty volume group %s without force=true" % group["name"])
    if not host.check:
        lvm.command(host, "Failed to remove volume group %s" % group["name"], "vgremove", ["--force", group["name"]])
    return True


def usable(host, args):
    """The devices of ``pvs``, when they are there and in no other group."""
    for path in args["pvs"]:
        if not os.path.exists(path):
            raise Unmet("Device %s not found." % path)
    real = {os.path.realpath(path): path for path in args["pvs"]}
    for row in lvm.report(host, "pvs", ("pv_name", "vg_name")) or []:
        path = real.get(os.path.realpath(row["pv_name"]))
        if path and row["vg_name"] not in ("", args["vg"]):
            raise Failed("Device %s is already in %s volume group." % (path, row["vg_name"]))
    return args["pvs"]


def make(host, args):
    if not args["pvs"]:
        raise Failed("No physical volumes given.")
    paths = usable(host, args)
    options = lvm.words(args["vg_options"], "vg_options")
    chosen = any(word.startswith(AUTOMATIC) for word in options)
    if args["state"] in ("active", "inactive") and not chosen and autoactivation(host, None) is not None:
        options += [AUTOMATIC, "y" if args["state"] == "active" else "n"]
    if host.check:
        return {"changed": True}
    initialize(host, paths, args)
    lvm.command(host, "Creating volume group '%s' failed" % args["vg"], "vgcreate",
                options + ["-s", args["pesize"], args["vg"]] + paths)
    made = read(host, args["vg"])
    if made is None or set(made["pvs"]) != set(map(os.path.realpath, paths)):
        raise Failed("vgcreate ended well, but there is no volume group %s of %s" % (args["vg"], ", ".join(paths)), changed=True)
    return {"changed": True}


def initialize(host, paths, args):
    options = lvm.words(args["pv_options"], "pv_options")
    for path in paths:
        lvm.command(host, "Creating physical volume '%s' failed" % path, "pvcreate", options + ["-f", path])


def devices(host, group, args):
    """Make the group's devices those of ``pvs``, and as large as they can be where that is asked for."""
    paths = usable(host, args)
    real = [os.path.realpath(path) for path in paths]
    new = [path for path in paths if os.path.realpath(path) not in group["pvs"]]
    extra = [path for path in group["pvs"] if path not in real] if args["remove_extra_pvs"] else []
    changed = bool(new or extra)
    if args["pvresize"]:
        changed = any([resized(host, path) for path in paths if path not in new]) or changed
    if host.check:
        return changed
    if new:
        initialize(host, new, args)
        lvm.command(host, "Unable to extend %s by %s." % (args["vg"], " ".join(new)), "vgextend", [args["vg"]] + new)
    if extra:
        lvm.command(host, "Unable to reduce %s by %s." % (args["vg"], " ".join(extra)), "vgreduce",
                    ["--force", args["vg"]] + extra)
    left = set(read(host, args["vg"])["pvs"])
    if left - set(extra) != left or not left.issuperset(real):
        raise Failed("%s has other devices than wanted: %s" % (args["vg"], ", ".join(sorted(left))), changed=True)
    return changed


def resized(host, path):
    size, room, least = lvm.volume_sizes(host, path)
    if room - size < least:
        return False
    if not host.check:
        lvm.command(host, "Failed executing pvresize command.", "pvresize", [path])
        return lvm.volume_sizes(host, path)[0] > size
    return True


def activate(host, group, wanted):
    """Activate or deactivate all volumes, now and for the next start."""
    changed, letter = False, "y" if wanted else "n"
    message = "Failed to %s volume group %s" % ("activate" if wanted else "deactivate", group["name"])
    automatic = autoactivation(host, group["name"])
    if automatic is not None and automatic != wanted:
        changed = True
        if not host.check:
            lvm.command(host, message, "vgchange", [AUTOMATIC, letter, group["name"]])
    rows = lvm.report(host, "lvs", ("lv_attr",), [group["name"]]) if group["lvs"] else []
    if any((row["lv_attr"][4:5] == "a") != wanted for row in rows or []):
        changed = True
        if not host.check:
            lvm.command(host, message, "vgchange", ["--activate", letter, group["name"]])
    return changed


def autoactivation(host, name):
    """Whether the group is activated at a start; None where LVM is older than 2.03.12 and does not keep that.

    Without a name: whether LVM keeps it, as True.
    """
    argv = [host.need("vgs", lvm.PACKAGE), "--noheadings", "-o", "vg_autoactivation"] + ([name] if name else [])
    ran = host.run(argv, ok=None)
    if ran.rc != 0:
        return None
    return not name or ran.out.strip() == "enabled"


def new_uuids(host, args):
    if args["reset_vg_uuid"] and not host.check:
        lvm.command(host, "Failed to reset the UUID of volume group %s" % args["vg"], "vgchange", ["-u", args["vg"]])
    for path in args["pvs"] if args["reset_pv_uuid"] and not host.check else ():
        lvm.command(host, "Failed to reset the UUID of physical volume %s" % path, "pvchange", ["-u", path])
    return args["reset_vg_uuid"] or args["reset_pv_uuid"]
