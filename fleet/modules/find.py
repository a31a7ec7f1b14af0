"""List files, folders or links below some folders that meet all given conditions. Nothing is changed."""

import fnmatch
import io
import os
import re
import stat
import time

from fleet.remote import files, statinfo
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    dict(
        paths=Arg("list", required=True, elements="path", aliases=("name", "path"), help="Folders to search."),
        patterns=Arg("list", default=[], elements="str", aliases=("pattern",),
                     help="Shell patterns, or expressions with `use_regex`, one of which the name must match."),
        excludes=Arg("list", elements="str", aliases=("exclude",), help="Patterns the name must not match."),
        use_regex=Arg("bool", False, help="Patterns are Python regular expressions."),
        file_type=Arg(default="file", choices=("any", "directory", "file", "link"), help="What to list."),
        recurse=Arg("bool", False, help="Search in folders below too."),
        depth=Arg("int", help="How many levels to descend with `recurse`."),
        follow=Arg("bool", False, help="Descend into folders that links point to."),
        hidden=Arg("bool", False, help="List names that start with a dot."),
        age=Arg(help="At least this old, such as `2d`; at most, when negative. Units s, m, h, d, w."),
        age_stamp=Arg(default="mtime", choices=("atime", "ctime", "mtime"), help="The time that `age` looks at."),
        size=Arg(help="At least this large, such as `10m`; at most, when negative. Units b, k, m, g, t."),
        mode=Arg("raw", help="Permissions the file must have."),
        exact_mode=Arg("bool", True, help="Exactly `mode`, not at least it."),
        contains=Arg(help="Expression that a line must start with, or the content contain with `read_whole_file`."),
        read_whole_file=Arg("bool", False, help="Search the content as a whole instead of line by line."),
        encoding=Arg(help="Encoding of the files for `contains`."),
        get_checksum=Arg("bool", False, help="Give the checksum of files."),
        checksum_algorithm=Arg(default="sha1", choices=("md5", "sha1", "sha224", "sha256", "sha384", "sha512"),
                               aliases=("checksum", "checksum_algo"), help="How the checksum is made."),
        limit=Arg("int", help="Stop after so many matches."),
    ),
    returns={
        "files": "What matched, each with the keys of `stat`.",
        "matched": "How many matched.",
        "examined": "How many were looked at.",
        "skipped_paths": "Folders that could not be searched, and why.",
    },
)

EXAMPLES = """
- find: {paths: /var/log, patterns: '*.gz', age: 4w, recurse: true}
- find: {paths: /etc/apt/sources.list.d, file_type: any, excludes: 'debian.sources'}
- find: {paths: [/srv, /opt], size: 10m, contains: '^password', recurse: true}
"""
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400, "w": 604800}
BYTES = {"b": 1, "k": 1 << 10, "m": 1 << 20, "g": 1 << 30, "t": 1 << 40}
KINDS = {"directory": stat.S_ISDIR, "file": stat.S_ISREG, "link": stat.S_ISLNK, "any": lambda mode: True}


def run(host, args):
    tests = _tests(args)
    found, skipped, examined = [], {}, 0
    limit = args["limit"]
    for names, near in _walk(args, skipped):
        examined += len(names)
        for path in names if near else ():
            entry = _entry(path, args, tests, skipped)
            if entry is not None:
                found.append(entry)
            if limit is not None and len(found) >= limit:
                break
        if limit is not None and len(found) >= limit:
            break
    for path, reason in skipped.items():
        host.warn("Skipped '%s' path due to this access issue: %s" % (path, reason))
    message = "Not all paths examined, check warnings for details" if skipped else "All paths examined"
    if limit is not None and len(found) >= limit:
        message = "Limit of matches reached"
    return {"changed": False, "files": found, "matched": len(found), "examined": examined, "msg": message,
            "skipped_paths": skipped}


def _walk(args, skipped):
    """(paths, whether they count) of each folder searched, files before folders, as deep as asked."""
    depth = args["depth"] if args["recurse"] else 1

    def failed(error):
        skipped[error.filename] = "%s" % error

    for top in args["paths"]:
        if not os.path.isdir(top):
            skipped[top] = "'%s' is not a directory" % top
            continue
        for folder, folders, names in os.walk(top, followlinks=args["follow"], onerror=failed):
            short = os.path.relpath(folder, top)
            level = 1 if short == "." else short.count(os.sep) + 2
            yield [os.path.join(folder, name) for name in names + folders], not depth or level <= depth
            # What is one too deep is counted, as it is with Ansible, and not looked at.
            if depth and level >= (depth + 1 if args["recurse"] else depth):
                folders[:] = []
            elif args["follow"]:
                folders[:] = [name for name in folders if not _leads_back(os.path.join(folder, name))]


def _leads_back(path):
    """Whether a link points to a folder that holds it, so that following it would never end."""
    if not os.path.islink(path):
        return False
    real = os.path.realpath(path)
    return (os.path.realpath(os.path.dirname(path)) + os.sep).startswith(real.rstrip(os.sep) + os.sep)


def _tests(args):
    """What a name must match, what it must not, age and size; checked once. Raises Failed."""
    return {
        "wanted": _names(args["patterns"] or [".*" if args["use_regex"] else "*"], args["use_regex"]),
        "unwanted": _names(args["excludes"] or [], args["use_regex"]),
        "age": parse_amount("age", args["age"], SECONDS),
        "size": parse_amount("size", args["size"], BYTES),
        "contains": _contains(args),
        "now": time.time(),
    }


def _names(patterns, use_regex):
    try:
        return [re.compile(item if use_regex else fnmatch.translate(item)) for item in patterns]
    except re.error as error:
        raise Failed("a pattern is no valid regular expression: %s: %s" % (error, ", ".join(patterns)))


def _contains(args):
    if args["contains"] is None:
        return None
    try:
        return re.compile(args["contains"])
    except re.error as error:
        raise Failed("contains is no valid regular expression: %s: %r" % (error, args["contains"]))


def parse_amount(name, text, units):
    """``-2d`` -> -172800; None for None. Raises Failed."""
    if text is None:
        return None
    match = re.match(r"^(-?\d+)([a-z])?$", str(text).strip().lower())
    if not match or (match.group(2) and match.group(2) not in units):
        raise Failed("failed to process %s" % name, details="%s: %r, units are %s" % (name, text, ", ".join(units)))
    return int(match.group(1)) * units.get(match.group(2), 1)


def _entry(path, args, tests, skipped):
    """The result for ``path`` when it meets all conditions, else None."""
    name = os.path.basename(path)
    if name.startswith(".") and not args["hidden"]:
        return None
    if not any(test.match(name) for test in tests["wanted"]) or any(test.match(name) for test in tests["unwanted"]):
        return None
    try:
        info = os.lstat(path)
        if not KINDS[args["file_type"]](info.st_mode) or not _meets(path, info, args, tests):
            return None
    except UnicodeDecodeError:
        skipped[os.path.dirname(path)] = "Failed to read the file %s due to an encoding error. current encoding: %s" % (
            path, args["encoding"] or "utf-8")
        return None
    except LookupError as error:
        skipped[os.path.dirname(path)] = "%s" % error
        return None
    except OSError as error:
        skipped[path] = "%s" % error
        return None
    entry = statinfo.describe(path, info)
    if args["get_checksum"] and entry["isreg"]:
        entry["checksum"] = files.checksum(path, args["checksum_algorithm"])
    return entry


def _meets(path, info, args, tests):
    if not beyond(tests["age"], tests["now"] - getattr(info, "st_" + args["age_stamp"])):
        return False
    regular = stat.S_ISREG(info.st_mode)
    if (regular or stat.S_ISLNK(info.st_mode)) and not beyond(tests["size"], info.st_size):
        return False
    if args["mode"] is not None and not _has_mode(info, args):
        return False
    return tests["contains"] is None or args["file_type"] != "file" or (regular and _holds(path, args, tests))


def beyond(bound, value):
    """At least ``bound``, or at most its amount when it is negative; no bound is always met."""
    return bound is None or (value >= bound if bound >= 0 else value <= abs(bound))


def _has_mode(info, args):
    mode = stat.S_IMODE(info.st_mode)
    asked = files.parse_mode(args["mode"], 0, stat.S_ISDIR(info.st_mode))
    return mode == asked if args["exact_mode"] else mode & asked == asked


def _holds(path, args, tests):
    with io.open(path, encoding=args["encoding"] or "utf-8") as source:
        if args["read_whole_file"]:
            return tests["contains"].search(source.read()) is not None
        return any(tests["contains"].match(line) for line in source)
