"""Apply or take back a patch with GNU patch.

A patch that does not fit as a whole changes nothing: it is tried first. The patch file is on the controller unless
`remote_src` is set.
"""

import base64
import os

from fleet.remote import files
from fleet.remote.attributes import why_refused
from fleet.remote.host import Failed, Unmet
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "src": Arg("path", required=True, aliases=("patchfile",), help="The patch file; on the controller, or with `remote_src` on the host."),
        "dest": Arg("path", aliases=("originalfile",), help="The file to patch, instead of those that the patch names."),
        "basedir": Arg("path", help="The folder that the names in the patch are below."),
        "state": Arg(default="present", choices=("absent", "present"), help="Whether the patch is to be in."),
        "strip": Arg("int", 0, help="How many leading folders the names in the patch lose."),
        "remote_src": Arg("bool", False, help="`src` is on the host."),
        "backup": Arg("bool", False, help="Keep files as they were, under numbered names such as `file.~1~`."),
        "binary": Arg("bool", False, help="Leave line ends of CR and LF as they are; those of patch and file have to match."),
        "ignore_whitespace": Arg("bool", False, help="Lines fit that differ only in their white space."),
    },
    one_of=(("dest", "basedir"),),
    returns={},
)
EXAMPLES = """
- name: A fix for one file
  patch:
    src: index.html.patch
    dest: /var/www/index.html
- name: A fix for a tree
  patch:
    src: customize.patch
    basedir: /var/www
    strip: 1
"""


def run(host, args):
    content = _patch(host, args)
    dest, folder = args["dest"], args["basedir"]
    if dest and not (os.path.isfile(dest) and os.access(dest, os.W_OK)):
        raise Unmet("dest %s doesn't exist or not writable%s" % (dest, why_refused(dest)))
    if folder and not os.path.isdir(folder):
        raise Unmet("basedir %s doesn't exist" % folder)
    program = host.need("patch", "patch")
    backwards = args["state"] == "absent"
    # It is in when it could be taken back, and out when it could be put in.
    if host.run(words(program, args, True, not backwards), ok=None, stdin=content).rc == 0:
        return {"changed": False}
    tried = host.run(words(program, args, True, backwards), ok=None, stdin=content)
    if tried.rc != 0:
        raise (Unmet if host.check else Failed)(tried.err or tried.out or "the patch does not fit")
    result = {"changed": True}
    if host.diff:
        result["diff"] = {"prepared": content.decode("utf-8", "replace")} if not backwards else {
            "prepared": "taken back:\n" + content.decode("utf-8", "replace")}
    if not host.check:
        done = host.run(words(program, args, False, backwards), ok=None, stdin=content)
        if done.rc != 0:
            said = (done.err or done.out).strip() or "exit code %d" % done.rc
            raise Failed("cannot patch %s: %s" % (dest or folder, said), changed=True)
    return result


def _patch(host, args):
    """The bytes of the patch."""
    content = args.get("_content")
    if content is None:
        data = files.read_bytes(args["src"]) if os.path.isfile(args["src"]) else None
        if data is None:
            raise Unmet("src %s doesn't exist or not readable" % args["src"])
        return data
    if content.get("text") is not None:
        return content["text"].encode("utf-8", "surrogateescape")
    if content.get("data") is not None:
        return base64.b64decode(content["data"])
    return b"".join(host.content(content["sha1"]))


def words(program, args, trying, backwards):
    """The command; the patch comes in on stdin. Pure."""
    argv = [program, "--quiet", "--forward", "--batch", "--strip=%d" % args["strip"],
            "--directory=" + (args["basedir"] or os.path.dirname(args["dest"]) or "."), "--reject-file=-"]
    argv += ["--dry-run"] if trying else []
    argv += ["--binary"] if args["binary"] else []
    argv += ["--ignore-whitespace"] if args["ignore_whitespace"] else []
    argv += ["--reverse"] if backwards else []
    argv += ["--backup", "--version-control=numbered"] if args["backup"] and not trying else []
    return argv + ([os.path.abspath(args["dest"])] if args["dest"] else [])
