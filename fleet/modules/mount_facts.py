"""Tell what is mounted and what fstab names, as the facts `mount_points` and `aggregate_mounts`.

Sources are read once, however many names they have. A file with a line that no fstab(5) could have gives nothing.
"""

import fnmatch
import os
import re
import threading

from fleet.remote import block, mounts
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "devices": Arg("list", elements="str", help="Only mounts whose device or server fits one of these patterns."),
        "fstypes": Arg("list", elements="str", help="Only mounts whose kind of file system fits one of these patterns."),
        "sources": Arg("list", elements="str",
                       help="Files to look into, the program of `mount_binary`, or `dynamic` (what is mounted), `static` (fstab), "
                            "`all` (both, the default). The first that names a mount point counts."),
        "mount_binary": Arg("raw", "mount", help="Program that lists mounts, where it is a source, or where no file tells what is mounted."),
        "timeout": Arg("float", help="Seconds that each file system, and the program, gets to answer."),
        "on_timeout": Arg(default="error", choices=("error", "warn", "ignore"), help="What to do with one that does not answer."),
        "include_aggregate_mounts": Arg("bool", help="Also give all mounts as a list, those over others too; when not set, a warning tells "
                                                     "of them."),
    },
    returns={"ansible_facts": "`mount_points`: path -> device, fstype, options, uuid, sizes, `ansible_context` with source and line. "
                              "`aggregate_mounts`: the same as a list."},
)
EXAMPLES = """
- name: What comes from servers
  mount_facts:
    devices: "[!/]*"
- name: What fstab wants
  mount_facts:
    sources: [static]
"""
DYNAMIC = ("/etc/mtab", "/proc/mounts", "/etc/mnttab")
STATIC = ("/etc/fstab", "/etc/vfstab")


def run(host, args):
    check(args)
    uuids, found, points, repeated = block.uuids(), [], {}, {}
    for source, lines in sources(host, args):
        chosen = [mount for mount in lines if fits(mount["device"], args["devices"]) and fits(mount["fstype"], args["fstypes"])]
        for mount in chosen:
            mount["uuid"] = uuid(mount["device"], uuids)
            mount.update(sizes(host, mount, args))
            points.setdefault(mount["mount"], mount)
        found += chosen
        paths = [mount["mount"] for mount in chosen]
        if len(set(paths)) < len(paths):
            repeated[source] = paths
    if repeated and args["include_aggregate_mounts"] is None:
        told = ", ".join("%s (%s)" % (source, paths) for source, paths in repeated.items())
        host.warn("mount_facts: ignoring repeat mounts in the following sources: %s. You can disable this warning by configuring the "
                  "'include_aggregate_mounts' option as True or False." % told)
    whole = found if args["include_aggregate_mounts"] else []
    return {"changed": False, "ansible_facts": {"mount_points": points, "aggregate_mounts": whole}}


def check(args):
    if not isinstance(args["mount_binary"], str):
        raise Failed("argument 'mount_binary' must be a string or null, not %s" % (args["mount_binary"],))
    if args["timeout"] is not None and not args["timeout"] > 0:
        raise Failed("argument 'timeout' must be a positive number or null, not %s" % args["timeout"])
    if "" in (args["sources"] or ()):
        raise Failed("sources contains an empty string")


def fits(text, patterns):
    return not patterns or any(fnmatch.fnmatchcase(text, pattern) for pattern in patterns)


def expanded(names, program):
    """The sources behind the names, in order; None is the program, to be asked when nothing dynamic was found. Pure."""
    dynamic = list(DYNAMIC) + [None]
    groups = {"dynamic": dynamic, "static": list(STATIC), "all": dynamic + list(STATIC)}
    return [source for name in names or ["all"] for source in groups.get(name, [name])]


def sources(host, args):
    """(source, mounts) of all that can be read, each once."""
    program, seen, dynamic = args["mount_binary"], set(), False
    names = expanded(args["sources"], program)
    told = [program if name is None else name for name in names]
    if len(set(told)) < len(told):
        host.warn("mount_facts option 'sources' contains duplicate entries, repeat sources will be ignored: %s" % told)
    for name in names:
        if (name is None and dynamic) or (name or program) in seen:
            continue
        if name is None or name == program:
            seen.add(program)
            yield program, listing(host, program, args)
            continue
        real = os.path.realpath(name)
        lines = read(name)
        if not lines:
            continue
        dynamic = dynamic or name in DYNAMIC
        if real not in seen:
            seen.update((real, name))
            yield name, parse(name, lines)


def read(path):
    """The lines of a file, [] where there is none."""
    try:
        with open(path, "rb") as source:
            return source.read().decode("utf-8", "surrogateescape").splitlines()
    except OSError:
        return []


def parse(source, lines):
    """The mounts in lines of fstab's form; none where a line has another. Pure."""
    found = []
    for line in lines:
        fields = line.split()
        if not fields or fields[0].startswith("#"):
            continue
        if not 4 <= len(fields) <= 6 or not all(field.isdigit() for field in fields[4:]):
            return []
        mount = {"device": plain(fields[0]), "mount": plain(fields[1]), "fstype": fields[2], "options": fields[3],
                 "ansible_context": {"source": source, "source_data": line}}
        mount.update(zip(("dump", "passno"), map(int, fields[4:])))
        found.append(mount)
    return found


def plain(field):
    r"""proc(5) and fstab(5) write blanks as octal: ``\040``."""
    return re.sub(r"\\([0-7]{3})", lambda match: chr(int(match.group(1), 8)), field)


def listing(host, program, args):
    """The mounts that mount(8) lists: ``DEVICE on PATH type KIND (OPTIONS)``."""
    try:
        ran = host.run([host.need(program, "mount")], timeout=args["timeout"])
    except Failed as error:
        if "did not end within" not in error.result["msg"]:
            raise
        late(host, args, "Timed out getting the mounts from %s after %s seconds" % (program, args["timeout"]))
        return []
    return listed(program, ran.lines)


def listed(source, lines):
    """The mounts in what mount(8) prints. Pure."""
    found = []
    for line in lines:
        match = re.match(r"(\S+) on (.+) type (\S+) \((.*)\)", line)
        if match:
            device, mount, fstype, options = match.groups()
            found.append({"device": device, "mount": mount, "fstype": fstype, "options": options,
                          "ansible_context": {"source": source, "source_data": line}})
    return found


def late(host, args, message):
    if args["on_timeout"] == "error":
        raise Failed(message)
    if args["on_timeout"] == "warn":
        host.warn(message)


def uuid(device, uuids):
    if device.startswith("UUID="):
        return device[5:].strip("\"'")
    return uuids.get(os.path.basename(os.path.realpath(device))) if device.startswith("/") else None


def sizes(host, mount, args):
    """What statvfs(2) tells, within the time there is: a server that is gone never answers."""
    if args["timeout"] is None:
        return mounts.sizes(mount["mount"])
    told = {}
    worker = threading.Thread(target=lambda: told.update(mounts.sizes(mount["mount"])))
    worker.daemon = True
    worker.start()
    worker.join(args["timeout"])
    if worker.is_alive():
        late(host, args, "Timed out getting mount size for mount %s (type %s) after %s seconds"
             % (mount["mount"], mount["fstype"], args["timeout"]))
        return {}
    return told
