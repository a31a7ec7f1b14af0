"""Manage file systems in /etc/fstab and mount or unmount them."""

import os
import sys

from fleet.remote import files, fstab, look
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec
from fleet.remote.state import converge

SPEC = Spec(
    {
        "path": Arg("path", required=True, aliases=("name",), help="Where it is mounted; `none` for swap."),
        "src": Arg("path", help="Device, share or UUID to mount."),
        "fstype": Arg(help="Kind of file system."),
        "opts": Arg(help="Options of the mount."),
        "opts_no_log": Arg("bool", False, help="Keep the options out of what is shown."),
        "dump": Arg(default="0", help="Fifth field of fstab."),
        "passno": Arg(default="0", help="Sixth field of fstab: order of checks at start."),
        "state": Arg(required=True,
                     choices=("absent", "absent_from_fstab", "mounted", "present", "unmounted", "remounted", "ephemeral"),
                     help="mounted: in fstab and mounted; present: in fstab; unmounted; absent: neither, folder removed; "
                          "ephemeral: mounted without fstab."),
        "fstab": Arg(help="Another file than /etc/fstab."),
        "boot": Arg("bool", True, help="Whether it is mounted at start; false adds `noauto`."),
        "backup": Arg("bool", False, help="Keep a copy of fstab; see `backup_file`."),
    },
    required_if=(("state", "mounted", ("src", "fstype")), ("state", "present", ("src", "fstype")),
                 ("state", "ephemeral", ("src", "fstype"))),
    returns={"name": "Where it is mounted.", "backup_file": "The copy of fstab."},
)
EXAMPLES = """
- name: The data disk
  mount:
    path: /srv
    src: UUID=b3e48f45-f933-4c8e-a700-22a159ec9077
    fstype: ext4
    opts: noatime
    state: mounted
"""
ENTRY = ("src", "fstype", "opts", "dump", "passno")


def run(host, args):
    if args["state"] != "remounted":
        return converge(sys.modules[__name__], host, args)
    if not _mounted(args["path"]):
        raise Failed("%s is not mounted, so it cannot be mounted again" % args["path"])
    if not host.check:
        _remount(host, args)
    return dict(report(host, args, None), changed=True)


def read(host, args):
    text = _fstab(args)
    mounted = _mounted(args["path"])
    return {"fstab": _entry(fstab.find(text, args["path"], args["src"])), "mounted": mounted is not None,
            "folder": os.path.isdir(args["path"]), "text": text}


def _fstab(args):
    return (files.read_bytes(_file(args)) or b"").decode("utf-8", "surrogateescape")


def _file(args):
    return args["fstab"] or "/etc/fstab"


def _entry(found):
    return found and {name: found[name] for name in ENTRY}


def _mounted(path):
    """(source, kind) of what is mounted at ``path``, or None."""
    wanted, found = os.path.realpath(path), None
    for line in look.lines("/proc/self/mounts"):
        words = [fstab.decoded(word) for word in line.split()]
        if len(words) > 2 and words[1] == wanted:
            found = words[0], words[2]
    return found


def want(args, now):
    state = args["state"]
    wanted = {}
    if state in ("mounted", "present"):
        wanted["fstab"] = wanted_entry(args)
    if state in ("absent", "absent_from_fstab"):
        wanted["fstab"] = None
    if state in ("mounted", "ephemeral") and args["path"] not in ("none", "swap"):
        wanted.update(mounted=True, folder=True)
    if state in ("unmounted", "absent"):
        wanted["mounted"] = False
    if state == "absent" and args["path"].startswith("/"):
        wanted["folder"] = False
    return wanted


def wanted_entry(args):
    """What fstab is to say. Pure."""
    opts = args["opts"] or "defaults"
    if not args["boot"] and "noauto" not in opts.split(","):
        opts = "noauto" if opts == "defaults" else opts + ",noauto"
    return {"src": args["src"], "fstype": args["fstype"], "opts": opts, "dump": args["dump"], "passno": args["passno"]}


def apply(host, args, change):
    told, before = {}, _fstab(args)
    if change.get("mounted") is False:
        _run(host, ["umount", args["path"]], "Error unmounting %s: " % args["path"])
    if "fstab" in change:
        if args["backup"]:
            told["backup_file"] = files.backup(_file(args))
        entry = dict(wanted_entry(args), path=args["path"]) if args["state"] in ("mounted", "present") else None
        text = fstab.edited(before, args["path"], entry, args["src"])
        files.write_atomic(_file(args), text.encode("utf-8", "surrogateescape"), mode=0o644)
    if change.get("folder") is False:
        _remove_folder(args["path"])
    elif change.get("folder"):
        os.makedirs(args["path"], exist_ok=True)
    try:
        if change.get("mounted"):
            _mount(host, args)
        elif "fstab" in change and args["state"] == "mounted" and args["path"] not in ("none", "swap"):
            _remount(host, args)
    except Failed:
        # An entry that cannot be mounted would stop the host at its next start.
        if "fstab" in change:
            files.write_atomic(_file(args), before.encode("utf-8", "surrogateescape"))
        raise
    return told


def _remove_folder(path):
    try:
        os.rmdir(path)
    except OSError as error:
        raise Failed("Error rmdir %s: %s" % (path, error.strerror))


def _run(host, argv, problem):
    ran = host.run([host.need(argv[0], "mount")] + argv[1:], ok=None)
    if ran.rc != 0:
        raise Failed(problem + (ran.err or ran.out).strip(), rc=ran.rc)


def _mount(host, args):
    if args["state"] == "ephemeral":
        argv = ["mount", "-t", args["fstype"], "-o", args["opts"] or "defaults", args["src"], args["path"]]
    else:
        argv = ["mount"] + (["-T", args["fstab"]] if args["fstab"] else []) + [args["path"]]
    _run(host, argv, "Error mounting %s: " % args["path"])


def _remount(host, args):
    """Take over new options; what a mounted file system cannot change needs it unmounted first."""
    options = args["opts"] and "remount," + args["opts"] or "remount"
    ran = host.run([host.need("mount", "mount"), "-o", options, args["path"]], ok=None)
    if ran.rc != 0:
        _run(host, ["umount", args["path"]], "Error remounting %s: " % args["path"])
        _mount(host, args)


def report(host, args, outcome):
    names = ("src", "fstype", "dump", "passno")
    result = {name: args[name] for name in names if args[name] is not None}
    if not args["opts_no_log"]:
        result["opts"] = args["opts"] or "defaults"
    return dict(result, boot="yes" if args["boot"] else "no", name=args["path"], fstab=_file(args), backup_file="")


def diff(args, outcome):
    if args["opts_no_log"] or "fstab" not in outcome.change:
        return {"before": "mounted: %s\n" % outcome.now["mounted"], "after": "mounted: %s\n" % outcome.after["mounted"]}
    entry = outcome.wanted["fstab"] and dict(outcome.wanted["fstab"], path=args["path"])
    return {"before": outcome.now["text"], "after": fstab.edited(outcome.now["text"], args["path"], entry, args["src"]),
            "before_header": _file(args), "after_header": _file(args)}
