"""Load or unload a module of the kernel, now and at every start."""

import os

from fleet.remote import files, look, textlines
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "name": Arg(required=True, help="The module."),
        "state": Arg(default="present", choices=("absent", "present"), help="Whether it is to be loaded."),
        "params": Arg(default="", help="Parameters to load it with, such as `max_loop=64`."),
        "persistent": Arg(default="disabled", choices=("disabled", "present", "absent"),
                          help="Whether it is loaded at every start; `disabled` leaves that as it is."),
    },
    returns={"name": "The module.", "params": "Its parameters.", "state": "Whether it is loaded."},
)
EXAMPLES = """
- name: Bridged packets pass the firewall
  modprobe:
    name: br_netfilter
    persistent: present
"""
LOAD, OPTIONS = "/etc/modules-load.d", "/etc/modprobe.d"


def read(host, args):
    return {"loaded": loaded(args["name"]), "files": _mentions(args["name"])}


def plain(name):
    return name.replace("-", "_")


def loaded(name):
    """Whether a module is loaded, or built into the kernel."""
    if os.path.isdir("/sys/module/" + plain(name)):
        return True
    builtin = "/lib/modules/%s/modules.builtin" % os.uname().release
    return any(plain(line.rpartition("/")[2].partition(".ko")[0]) == plain(name) for line in look.lines(builtin))


def _mentions(name):
    """{path: lines} of the files that load the module or set its parameters."""
    found = {}
    for folder, is_ours in ((LOAD, loads), (OPTIONS, sets)):
        for entry in look.names(folder):
            lines = [line for line in look.lines(os.path.join(folder, entry)) if is_ours(line, name)]
            if entry.endswith(".conf") and lines:
                found[os.path.join(folder, entry)] = lines
    return found


def loads(line, name):
    """Whether a line of modules-load.d(5) loads the module. Pure."""
    return plain(line.partition("#")[0].strip()) == plain(name)


def sets(line, name):
    """Whether a line of modprobe.d(5) sets the module's options. Pure."""
    words = line.split()
    return len(words) > 2 and words[0] == "options" and plain(words[1]) == plain(name)


def want(args, now):
    wanted = {"loaded": args["state"] == "present"}
    if args["persistent"] == "absent":
        wanted["files"] = {}
    elif args["persistent"] == "present":
        wanted["files"] = wanted_files(args, now["files"])
    # difference() looks only at keys that are named, so files that must go are named with None.
    if "files" in wanted:
        wanted["files"] = dict({path: None for path in now["files"]}, **wanted["files"])
    return wanted


def wanted_files(args, have):
    """Which files shall say what; a module that some file loads already needs no other. Pure."""
    name, files_wanted = args["name"], {}
    loading = [path for path in have if path.startswith(LOAD + "/")]
    setting = [path for path in have if path.startswith(OPTIONS + "/")]
    for path in loading[:1] or ["%s/%s.conf" % (LOAD, name)]:
        files_wanted[path] = have.get(path, [name])
    line = "options %s %s" % (name, args["params"])
    if args["params"]:
        files_wanted["%s/%s.conf" % (OPTIONS, name)] = [line]
    return dict({path: None for path in setting if path not in files_wanted}, **files_wanted)


def apply(host, args, change):
    for path, lines in sorted((change.get("files") or {}).items()):
        _write(path, lines, args["name"])
    if "loaded" in change:
        options = args["params"].split() if change["loaded"] else []
        argv = [host.need("modprobe", "kmod")] + ([] if change["loaded"] else ["-r"]) + [args["name"]] + options
        ran = host.run(argv, ok=None)
        if ran.rc != 0:
            raise Failed(ran.err.strip() or "modprobe failed", rc=ran.rc, stdout=ran.out, stderr=ran.err,
                         name=args["name"], params=args["params"], state=args["state"])


def _write(path, lines, name):
    is_ours = loads if path.startswith(LOAD + "/") else sets
    old = textlines.split((files.read_bytes(path) or b"").decode("utf-8", "surrogateescape"))
    new = [line for line in old if not is_ours(line, name)] + (lines or [])
    if not any(line.strip() for line in new):
        files.remove(path)
        return
    os.makedirs(os.path.dirname(path), exist_ok=True)
    files.write_atomic(path, "".join(line + "\n" for line in new).encode("utf-8", "surrogateescape"), mode=0o644)


def report(host, args, outcome):
    return {"name": args["name"], "params": args["params"], "state": args["state"]}
