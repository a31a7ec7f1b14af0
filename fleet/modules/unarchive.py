"""Unpack an archive (tar, also gzip, bzip2, xz and zstd; zip) below a folder.

Nothing is written when all of it is there as in the archive. The archive is on the controller unless `remote_src` is
set; then it may be a URL, too.
"""

import base64
import os
import tempfile

from fleet.remote import download, files, temporary
from fleet.remote.host import Failed, Unmet
from fleet.remote.spec import Arg, Spec
from fleet.remote.state import difference
from fleet.remote.tarfiles import NoArchive, TarArchive
from fleet.remote.zipfiles import ZipArchive

SPEC = Spec(
    dict(
        files.ATTRIBUTES,
        src=Arg("path", required=True, help="The archive; on the controller, or on the host with `remote_src`."),
        dest=Arg("path", required=True, help="The folder to unpack into; it has to exist."),
        remote_src=Arg("bool", False, help="`src` is on the host, or a URL the host fetches."),
        copy=Arg("bool", True, help="The opposite of `remote_src`, as older playbooks write it."),
        creates=Arg("path", help="Nothing is done when this is there."),
        list_files=Arg("bool", False, help="Give the names of what is in the archive."),
        exclude=Arg("list", [], elements="str", help="What to leave out."),
        include=Arg("list", [], elements="str", help="What to unpack, instead of everything."),
        keep_newer=Arg("bool", False, help="Leave files alone that are newer than those in the archive."),
        extra_opts=Arg("list", [], elements="str", help="More options for tar, one word each."),
        io_buffer_size=Arg("int", 65536, help="Accepted for compatibility; has no effect."),
        validate_certs=Arg("bool", True, help="Check the server's certificate when `src` is a URL."),
        decrypt=Arg("bool", True, help="Decrypt an archive that is a vault."),
    ),
    exclusive=(("include", "exclude"), ("copy", "remote_src")),
    returns={
        "dest": "The folder.",
        "src": "The archive; where it waited on the host, if it came from elsewhere.",
        "handler": "The kind of archive.",
        "files": "What is in it, with `list_files`.",
        "extract_results": "What tar said, when something was unpacked.",
    },
)

EXAMPLES = """
- name: An archive of ours
  unarchive: {src: app.tar.gz, dest: /opt, owner: app, group: app}
- name: One from the net, without its top folder
  unarchive:
    src: https://example.com/tool-1.2.tar.xz
    dest: /opt/tool
    remote_src: true
    extra_opts: [--strip-components=1]
    creates: /opt/tool/bin/tool
"""


def run(host, args):
    """Fetch the archive to where it can be read, compare, unpack, set owner and mode."""
    if args["creates"] and os.path.exists(args["creates"]):
        return {"changed": False, "skipped": True, "msg": "skipped, since %s exists" % args["creates"]}
    dest = args["dest"]
    if not os.path.isdir(dest):
        raise Unmet("dest '%s' must be an existing dir" % dest, dest=dest)
    # An owner or a mode that cannot be is refused before anything is unpacked.
    files.want_attributes(dict(args, attributes=None), {}, path=dest)
    content, src = args.get("_content"), args["src"]
    if content is None and "://" not in src:
        if not os.path.exists(src):
            raise Unmet("Source '%s' does not exist" % src)
        if not os.access(src, os.R_OK) or os.path.isdir(src):
            raise Failed("Source '%s' not readable" % src)
        return _run(host, args, src)
    try:
        place = temporary.Place(dest, above=tempfile.gettempdir())
    except OSError as error:
        raise Failed("cannot make a temporary file: %s" % error.strerror)
    try:
        _fetch(host, args, place.path)
        return _run(host, args, place.path)
    finally:
        place.clear()


def _fetch(host, args, path):
    """Bring the archive to ``path``, from the controller or from where it is. Raises Failed."""
    content, src = args.get("_content"), args["src"]
    try:
        if content is None:
            download.fetch_file(src, path, "Failure downloading %s" % src, args["validate_certs"], host.environ())
        else:
            with open(path, "wb") as sink:
                for chunk in _chunks(host, content):
                    sink.write(chunk)
    except OSError as error:
        raise Failed("cannot write the archive to %s: %s" % (path, error.strerror))


def _chunks(host, content):
    if content.get("text") is not None:
        return [content["text"].encode("utf-8", "surrogateescape")]
    if content.get("data") is not None:
        return [base64.b64decode(content["data"])]
    return host.content(content["sha1"])


def opened(host, path, args):
    """The archive at ``path`` as what it is. Raises Failed for what is none."""
    with open(path, "rb") as source:
        head = source.read(4)
    if not head:
        raise Failed("Invalid archive '%s', the file is 0 bytes" % path)
    return (ZipArchive if head[:2] == b"PK" else TarArchive)(host, path, args)


def _run(host, args, path):
    told = {"dest": args["dest"], "src": path, "changed": False}
    archive = opened(host, path, args)
    try:
        names = archive.names()
    except NoArchive as error:
        raise Failed('Failed to find handler for "%s". Make sure the required command to extract the file is '
                     "installed.\n%s" % (path, error.result["msg"]))
    told["handler"] = archive.name
    differing = archive.differences()
    if differing and not host.check:
        told["changed"], told["extract_results"] = archive.unpack(differing)
    elif differing:
        told["changed"] = True
    if _own(host, args, names):
        told["changed"] = True
    if args["list_files"]:
        told["files"] = names
    if host.diff and differing:
        told["diff"] = {"prepared": "".join("%s: %s\n" % pair for pair in differing)}
    told.update(files.describe(args["dest"], True))
    return told


def _own(host, args, names):
    """Give what was unpacked the owner and mode the task names; True when something was to be done."""
    if not any(args.get(name) is not None for name in files.ATTRIBUTES if name != "unsafe_writes"):
        return False
    changed = False
    for name in names:
        path = os.path.join(args["dest"], name.rstrip("/"))
        if not name.strip("/") or not os.path.lexists(path):
            continue
        link = os.path.islink(path)
        now = files.read_attributes(path, False, args)
        wanted = files.want_attributes(dict(args, mode=None) if link else args, now, name.endswith("/"), path=path)
        change = difference(now, wanted)
        if change:
            changed = True
            if not host.check:
                files.set_attributes(path, change, follow=False)
    return changed
