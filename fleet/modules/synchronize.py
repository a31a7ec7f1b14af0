"""Make a folder equal to another one, from the controller to the host, back, or on one host.

The files go over fleet's own connection: rsync, keys and sudo rights of its own are not needed on either side, and
become works as for any other task. The options that shape rsync's connection are accepted and have no effect.
With `delegate_to` the host itself, both folders are on it; other hosts cannot be the source.
"""

import os

from fleet.remote import files, rsyncrules, synctree, syncwrite
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

NO_EFFECT = " No effect: files go over fleet's connection."
SPEC = Spec(
    {
        "src": Arg("path", required=True, help="The file or folder; with a slash at its end, what is in the folder."),
        "dest": Arg("path", required=True, help="Where it goes."),
        "mode": Arg(default="push", choices=("pull", "push"), help="To the host, or from it to the controller."),
        "archive": Arg("bool", True, help="All of recursive, links, perms, times, owner, group, and devices."),
        "recursive": Arg("bool", help="Folders with all that is in them; by default as `archive`."),
        "links": Arg("bool", help="Links as links; by default as `archive`."),
        "perms": Arg("bool", help="Keep permissions; by default as `archive`."),
        "times": Arg("bool", help="Keep modification times; by default as `archive`."),
        "owner": Arg("bool", help="Keep owners by name, where the receiver is root; by default as `archive`."),
        "group": Arg("bool", help="Keep groups by name; by default as `archive`."),
        "checksum": Arg("bool", False, help="Compare contents instead of size and time."),
        "copy_links": Arg("bool", False, help="What links lead to instead of links."),
        "delete": Arg("bool", False, help="Remove what is in `dest` and not in `src`; needs `recursive`."),
        "dirs": Arg("bool", False, help="Folders without what is in them."),
        "existing_only": Arg("bool", False, help="Make nothing new in `dest`."),
        "link_dest": Arg("list", elements="path", help="Folders to hard-link unchanged files to."),
        "rsync_opts": Arg("list", elements="str", help="More of rsync's options: filters, `--chmod`, `--chown` and most"
                                                       " that say what is transferred."),
        "compress": Arg("bool", True, help="Compress on the way." + NO_EFFECT),
        "delay_updates": Arg("bool", True, help="Files are always put in place whole." + NO_EFFECT),
        "partial": Arg("bool", False, help="Keep halves of files." + NO_EFFECT),
        "dest_port": Arg("int", help="Port of ssh." + NO_EFFECT),
        "private_key": Arg("path", help="Key of ssh." + NO_EFFECT),
        "rsync_path": Arg(help="rsync on the host." + NO_EFFECT),
        "rsync_timeout": Arg("int", default=0, help="Timeout of rsync." + NO_EFFECT),
        "set_remote_user": Arg("bool", True, help="Name the user to ssh." + NO_EFFECT),
        "ssh_connection_multiplexing": Arg("bool", False, help="Multiplexing of ssh." + NO_EFFECT),
        "use_ssh_args": Arg("bool", False, help="Use ssh's arguments." + NO_EFFECT),
        "verify_host": Arg("bool", False, help="Check the host's key; it always is." + NO_EFFECT),
    },
    missing="synchronize requires both src and dest parameters are set",
    returns={
        "msg": "What changed, a line each, as `rsync --itemize-changes` shows it.",
        "stdout_lines": "The lines of `msg`.",
        "rc": "0.",
    },
)
EXAMPLES = """
- name: The site is what the repository holds
  synchronize: {src: site/, dest: /srv/site, delete: true, rsync_opts: ["--exclude=.git", "--chmod=D755,F644"]}
- name: Fetch the reports
  synchronize: {mode: pull, src: /var/lib/reports/, dest: "reports/{{ inventory_hostname }}/"}
"""


def settings(args):
    """What the arguments and ``rsync_opts`` come to, as remote.rsyncrules names it. Raises Failed."""
    found = dict.fromkeys(rsyncrules.ARCHIVE, args.get("archive") is not False)
    for name in ("recursive", "links", "perms", "times", "owner", "group"):
        if args.get(name) is not None:
            found[name] = args[name]
    for name in ("checksum", "copy_links", "delete", "dirs", "existing_only"):
        found[name] = bool(args.get(name))
    # ansible.posix passes -F, which reads the filter files of the folders.
    found.update(merge=True, rules=[], link_dest=args.get("link_dest") or [])
    try:
        found.update(rsyncrules.options(args.get("rsync_opts") or []))
    except rsyncrules.Unknown as error:
        raise Failed(str(error), rc=1)
    if found["delete"] and not (found["recursive"] or found["dirs"]):
        raise Failed("delete needs recursive: what is in a folder is not looked at otherwise", rc=1)
    return found


def run(host, args):
    """The host's part: receive a tree, list one, send files of one, or copy one to another place here."""
    stage, options = args.get("_stage"), args.get("_options") or settings(args)
    args = dict(args, src=_at_home(args["src"]), dest=_at_home(args["dest"]))
    if stage == "list":
        digest = files.checksum if needs_digests(options) else None
        return {"changed": False, "_entries": synctree.listing(args["src"], options, digest), "_options": options}
    if stage == "send":
        return send(host, args)
    if stage == "here":
        paths = {}
        entries = synctree.listing(args["src"], options, lambda path: _remember(path, paths))
        return receive(host.check, entries, args["dest"], options, lambda entry: chunks(paths[entry[synctree.DATA]]))
    entries = syncwrite.checked(args["_entries"])
    return receive(host.check, entries, args["dest"], options, lambda entry: host.content(entry[synctree.DATA]), "<")


def _at_home(path):
    """Relative paths start in the user's home, as with ssh. A slash at the end stays."""
    return os.path.join(os.path.expanduser("~"), path)


def needs_digests(options):
    return bool(options.get("checksum") or not options.get("times"))


def _remember(path, paths):
    digest = files.checksum(path)
    paths[digest] = path
    return digest


def receive(check, entries, dest, options, content, arrow=">"):
    """Plan and, unless in check mode, carry it out; the task's result."""
    steps = synctree.plan(entries, dest, options)
    if not check and not options.get("dry"):
        syncwrite.carry_out(steps, entries, dest, options, content)
    return told(steps, dest, arrow)


def told(steps, dest, arrow):
    lines = [step.shown(arrow, dest) for step in steps]
    return {"changed": bool(steps), "rc": 0, "msg": "".join(line + "\n" for line in lines), "stdout_lines": lines}


def send(host, args):
    """Stream the files that the controller named, one after the other."""
    for stream, path in args["_files"]:
        try:
            host.send(stream, chunks(path))
        except OSError as error:
            raise Failed("the file %s is not readable: %s" % (path, error.strerror), path=path)
    return {"changed": False}


def chunks(path):
    with open(path, "rb") as source:
        for chunk in iter(lambda: source.read(1 << 17), b""):
            yield chunk
