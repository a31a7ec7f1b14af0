"""Add and remove apt sources in one-line form.

All of apt's source files are looked at first, so a line that is already somewhere is not added again.
When the lists cannot be fetched afterwards, the files are put back as they were.
"""

import os

from fleet.remote import aptget, aptsources
from fleet.remote.files import parse_mode, read_bytes, remove, set_attributes, write_atomic
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "repo": Arg(
            required=True,
            help="The line, as `deb http://deb.debian.org/debian bookworm main`, or `ppa:owner/name`.",
        ),
        "state": Arg(default="present", choices=("absent", "present"), help="Whether the source is there."),
        "filename": Arg(help="Name of the file in sources.list.d, without `.list`."),
        "mode": Arg("raw", help="Mode of a new file."),
        "codename": Arg(help="The release a PPA is used for, when it is not this host's."),
        "update_cache": Arg("bool", True, aliases=("update-cache",), help="Fetch the lists after a change."),
        "update_cache_retries": Arg("int", 5, help="How often to try again when fetching the lists fails."),
        "update_cache_retry_max_delay": Arg("int", 12, help="Longest pause in seconds between those tries."),
        "validate_certs": Arg(
            "bool", True, help="Whether certificates are checked when a PPA's key is fetched."
        ),
        "install_python_apt": Arg("bool", True, help="Accepted; nothing needs to be installed."),
    },
    returns={
        "repo": "The source as named in the task.",
        "state": "present or absent.",
        "sources_added": "Files that were made.",
        "sources_removed": "Files that were deleted.",
    },
)

EXAMPLES = """
- name: Use backports
  apt_repository: {repo: "deb http://deb.debian.org/debian bookworm-backports main", filename: backports}
- name: Remove a source
  apt_repository: {repo: "deb https://example.com/apt stable main", state: absent}
"""


def read(host, args):
    """path -> content of every source file."""
    return {
        path: (read_bytes(path) or b"").decode("utf-8", "surrogateescape")
        for path in aptsources.files()
        if os.path.exists(path)
    }


def want(args, now):
    """The files with or without the source; a file to be deleted is None. Raises Failed for a bad line."""
    line = args["repo"] if not args["repo"].startswith("ppa:") else ppa_line(args)
    source = aptsources.parse(line)
    if source is None or not source.enabled:
        raise Failed("Invalid repository string: %s" % args["repo"])
    if args["mode"] is not None:
        parse_mode(args["mode"], 0o644)
    if args["state"] == "absent":
        return {
            path: text or None if text != now[path] else text
            for path, text in aptsources.remove(now, source).items()
        }
    return aptsources.add(now, source, file_path(args, source))


def file_path(args, source):
    name = args["filename"]
    if not name:
        name = aptsources.file_name(source) if not args["repo"].startswith("ppa:") else ppa_file(args)
    if not name.endswith(".list"):
        name += ".list"
    return (
        os.path.join("/etc/apt/sources.list.d", os.path.basename(name)) if not name.startswith("/") else name
    )


def apply(host, args, change):
    """Write the files, fetch the lists, put the files back when that fails."""
    if args["repo"].startswith("ppa:") and args["state"] == "present":
        from fleet.remote import ppa

        ppa.install_key(args["repo"], args["validate_certs"])
    before = {path: read_bytes(path) for path in change.after}
    _write(args, change.after)
    if args["update_cache"]:
        try:
            aptget.update(host, args["update_cache_retries"], args["update_cache_retry_max_delay"])
        except Failed:
            _write(
                args,
                {
                    path: None if data is None else data.decode("utf-8", "surrogateescape")
                    for path, data in before.items()
                },
            )
            raise


def _write(args, texts):
    for path, text in texts.items():
        if text is None:
            remove(path)
            continue
        fresh = not os.path.exists(path)
        write_atomic(path, text.encode("utf-8", "surrogateescape"), mode=0o644)
        if fresh and args["mode"] is not None:
            set_attributes(path, {"mode": parse_mode(args["mode"], 0o644)})


def report(host, args, outcome):
    change = outcome.change
    return {
        "repo": args["repo"],
        "state": args["state"],
        "sources_added": sorted(path for path, text in change.before.items() if text is None),
        "sources_removed": sorted(path for path, text in change.after.items() if text is None),
    }


def diff(args, outcome):
    return [
        {
            "before": outcome.change.before[path] or "",
            "after": text or "",
            "before_header": path if outcome.change.before[path] is not None else "/dev/null",
            "after_header": path if text is not None else "/dev/null",
        }
        for path, text in sorted(outcome.change.after.items())
    ]


def ppa_line(args):
    from fleet.remote import ppa

    return ppa.line(args["repo"], args["codename"] or ppa.codename())


def ppa_file(args):
    from fleet.remote import ppa

    return ppa.file_name(args["repo"], args["codename"] or ppa.codename())
