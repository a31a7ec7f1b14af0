"""Pack files and folders of the host into an archive, or compress a single file.

An archive whose members are as the files are now is not written again.
"""

import fnmatch
import glob
import os
import tempfile

from fleet.remote import files, packing
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    dict(
        files.ATTRIBUTES,
        path=Arg("list", elements="path", required=True, help="What to pack: files, folders, patterns such as"
                                                              " `/var/log/*.log`."),
        dest=Arg("path", help="The archive; for a single file by default its name and the format's ending."),
        format=Arg(default="gz", choices=("bz2", "gz", "tar", "xz", "zip"), help="How to compress; archives are tar"
                                                                               " archives but for `zip`."),
        exclude_path=Arg("list", elements="path", default=[], help="What of `path` to leave out, as paths or patterns."),
        exclusion_patterns=Arg("list", elements="path", help="Patterns of names in the archive, or of paths, to leave out;"
                                                                    " `*` also stands for slashes."),
        force_archive=Arg("bool", False, help="Make an archive of a single file, too."),
        remove=Arg("bool", False, help="Remove what was packed, and folders that are empty then."),
    ),
    returns={
        "archived": "What was packed.",
        "arcroot": "The folder that the names in the archive start from.",
        "dest": "The archive.",
        "dest_state": "absent, archive, compress (a single file), or incomplete (something was missing).",
        "missing": "What of `path` is not there.",
        "expanded_paths": "What `path` came to.",
        "expanded_exclude_paths": "What `exclude_path` came to.",
    },
)
EXAMPLES = """
- name: Keep the configuration
  archive: {path: [/etc/nginx, /etc/ssl/private], dest: /root/before.tar.gz, mode: "0600"}
- name: Compress yesterday's log
  archive: {path: /var/log/app.log.1, format: xz, remove: true}
"""


class Job(object):
    """What there is to pack: ``paths`` that are there, ``members`` (name, path), and what is told of them."""

    def __init__(self, args):
        self.expanded, globbed = expand(args["path"])
        self.excluded, _ = expand(args["exclude_path"] or [])
        if not self.expanded:
            raise Failed("Error, no source paths were found", path=", ".join(args["path"]))
        chosen = [path for path in self.expanded if path not in self.excluded]
        self.paths = [path for path in chosen if os.path.lexists(path)]
        self.missing = sorted(set(chosen) - set(self.paths))
        folders = any(os.path.isdir(path) for path in self.paths)
        self.single = not (globbed or folders or len(chosen) > 1)
        if not self.single and not args["dest"]:
            raise Failed('Error, must specify "dest" when archiving multiple files or trees', path=", ".join(chosen))
        self.dest = args["dest"] or "%s.%s" % (chosen[0], args["format"])
        self.packed = not self.single or args["force_archive"] or args["format"] in ("zip", "tar")
        # The name of a folder is part of the names in the archive, but not with a slash behind it.
        self.root = os.path.dirname(os.path.commonprefix(chosen or self.expanded)).rstrip("/") + "/"
        self.members = list(self._members(args))

    def _members(self, args):
        here = os.path.realpath(self.dest)
        for path in self.paths:
            for full in tree(path, links=args["format"] != "zip"):
                name = full[len(self.root):] if full.startswith(self.root) else os.path.basename(full)
                if os.path.realpath(full) != here and not _matches(args["exclusion_patterns"], name, full):
                    yield name, full


def expand(paths):
    """Paths with their patterns filled in, each once, and whether there was a pattern."""
    found, globbed = [], False
    for path in paths:
        pattern = any(letter in path for letter in "*?[")
        globbed = globbed or pattern
        found += [item for item in (sorted(glob.glob(path)) if pattern else [path]) if item not in found]
    return found, globbed


def tree(path, links=True):
    """A file, or what is below a folder, folders first seen before what is in them."""
    if not os.path.isdir(path) or os.path.islink(path) and links:
        yield path
        return
    for folder, folders, names in os.walk(path):
        folders.sort()
        for name in sorted(folders + names):
            full = os.path.join(folder, name)
            # Sockets cannot be packed; a broken link has nothing that a zip archive could hold.
            if os.path.isfile(full) or os.path.isdir(full) or os.path.islink(full) and links:
                yield full


def _matches(patterns, name, full):
    return any(fnmatch.fnmatch(word, pattern) for pattern in patterns or () for word in (name, full))


def run(host, args):
    job = Job(args)
    if os.path.isdir(job.dest):
        raise Failed("cannot write %s: Is a directory" % job.dest, dest=job.dest)
    if args["remove"] and any(os.path.realpath(job.dest).startswith(os.path.realpath(path) + "/") for path in job.paths):
        raise Failed("Error, created archive can not be contained in source paths when remove=true", dest=job.dest)
    changed = bool(job.paths) and not is_done(job, args)
    if changed and not host.check:
        write(job, args)
    if args["remove"] and job.paths:
        changed = True
        if not host.check:
            remove(job)
    if os.path.exists(job.dest):
        now = files.read_attributes(job.dest, args=args)
        wanted = files.want_attributes(args, now, path=job.dest)
        differs = {key: value for key, value in wanted.items() if now.get(key) != value}
        changed = changed or bool(differs)
        if differs and not host.check:
            files.set_attributes(job.dest, differs)
    return dict(files.describe(job.dest) if os.path.exists(job.dest) else {}, **told(job, args, changed, host.check))


def told(job, args, changed, check):
    state = "absent"
    if os.path.exists(job.dest) or check and changed:
        state = "archive" if job.packed else "compress"
        if job.packed and job.missing and job.paths:
            state = "incomplete"
    return {
        "changed": changed,
        "archived": [full for _, full in job.members if args["format"] != "zip" or not os.path.isdir(full)],
        "arcroot": job.root,
        "dest": job.dest,
        "dest_state": state,
        "missing": job.missing,
        "expanded_paths": job.expanded,
        "expanded_exclude_paths": job.excluded,
    }


def is_done(job, args):
    if not os.path.isfile(job.dest):
        return False
    if job.packed:
        return packing.same_archive(job.members, job.dest, args["format"])
    return packing.same_compressed(job.paths[0], job.dest, args["format"])


def write(job, args):
    """Pack into a file without a name beside ``dest``, then put it in place at once."""
    kind = "archive" if job.packed else "compressed file"
    folder = os.path.dirname(os.path.realpath(job.dest))
    if not os.path.isdir(folder):
        reason = "Not a directory" if os.path.exists(folder) else "No such file or directory"
        raise Failed("Unable to write to %s: %s: %s" % (kind, reason, folder), dest=job.dest)
    try:
        with tempfile.TemporaryFile(dir=folder) as sink:
            if job.packed:
                packing.pack(job.members, sink, args["format"])
            else:
                packing.compress(job.paths[0], sink, args["format"])
            sink.seek(0)
            change = files.want_attributes(args, files.read_attributes(job.dest, args=args), path=job.dest)
            files.write_atomic(job.dest, packing.chunks(sink), unsafe=args["unsafe_writes"], change=change)
    except packing.BROKEN as error:
        raise Failed("Unable to write to %s %s: %s" % (kind, job.dest, getattr(error, "strerror", None) or error), dest=job.dest)


def remove(job):
    """Remove the members, then the folders that are empty: what was left out of the archive stays."""
    folders = [path for path in job.paths if os.path.isdir(path) and not os.path.islink(path)]
    inner = [full for _, full in job.members]
    # The longest first, so that a folder comes after what is in it.
    for path in sorted(set(inner + folders), key=len, reverse=True):
        try:
            if not os.path.isdir(path) or os.path.islink(path):
                os.unlink(path)
            elif not os.listdir(path):
                os.rmdir(path)
        except OSError as error:
            raise Failed("cannot remove %s: %s" % (path, error.strerror), path=path, changed=True)
