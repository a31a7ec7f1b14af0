"""Copy a file, a folder or given text to a host; nothing travels that is there already.

The controller's half of the module looks up `src` and offers its content by hash (`_content`, `_tree`);
with `remote_src` both ends are on the host.
"""

import hashlib
import os
import stat

from fleet.remote import editing, files, temporary
from fleet.remote.copyplan import is_tree, plan
from fleet.remote.host import Failed, Unmet
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    dict(
        files.ATTRIBUTES,
        mode=Arg("raw", help="Permissions, octal ('0644') or symbolic; `preserve` takes those of the source."),
        src=Arg("path", help="File or folder to copy; a folder ending in `/` means what is in it."),
        content=Arg("raw", help="The text of the file, instead of `src`; other values become JSON."),
        dest=Arg("path", required=True, help="Where to copy to; a folder when it ends in `/`."),
        remote_src=Arg("bool", False, help="`src` is on the host, not on the controller."),
        force=Arg("bool", True, help="Replace a file that differs; otherwise only make a missing one."),
        follow=Arg("bool", False, help="Write to the file that `dest` links to instead of replacing the link."),
        local_follow=Arg("bool", help="Copy what links in the source point to (default), not the links."),
        directory_mode=Arg("raw", help="Permissions of directories that are newly made."),
        decrypt=Arg("bool", True, help="Decrypt a source file that is a vault."),
        checksum=Arg(help="SHA1 the source must have."),
        backup=editing.BACKUP,
        validate=editing.VALIDATE,
    ),
    apart=[("src", "content")],
    missing="%s is required",
    returns={
        "dest": "The file or folder written.",
        "src": "The source; of `content` the file on the host that took the place of `dest`.",
        "checksum": "SHA1 of the file.",
        "md5sum": "MD5 of the file, after a change.",
        "backup_file": "Name of the backup, when one was made.",
    },
)

EXAMPLES = """
- copy: {src: motd, dest: /etc/motd, owner: root, group: root, mode: '0644'}
- copy:
    content: |
      net.ipv4.ip_forward = 1
    dest: /etc/sysctl.d/50-forward.conf
- copy: {src: sudoers, dest: /etc/sudoers, validate: /usr/sbin/visudo -cf %s}
- copy: {src: /etc/hosts, dest: /etc/hosts.before, remote_src: true, mode: preserve}
"""
SHOWN = 104448


def read(host, args):
    # Made once a call: after the change a folder it was to make is no longer missing.
    if "_plan" not in args:
        args["_plan"] = plan(args)
    items, main = args["_plan"]
    now = {"main": main, "items": {item.path: _look(host, args, item) for item in items}}
    if not args["force"] and args.get("_tree") is None:
        now["kept"] = os.path.exists(main)
    return now


def _look(host, args, item):
    state, info = files.kind(item.path)
    found = {"state": "file" if state == "hard" else state}
    if info is None:
        return found
    if state == "link":
        found["target"] = os.readlink(item.path)
        if item.state == "directory" and os.path.isdir(item.path):
            found["state"] = "directory"
    found.update(files.read_attributes(item.path, item.state != "link", args))
    if item.state == "file" and stat.S_ISREG(info.st_mode):
        same_size = info.st_size == item.size
        found["sha1"] = _sum(item.path) if same_size else None
    if host.diff and item.state == "file" and os.path.isfile(item.path):
        found["before"] = _head(item.path)
    return found


def _sum(path):
    try:
        return files.checksum(path)
    except OSError as error:
        raise Failed("cannot read %s: %s" % (path, error.strerror), path=path)


def _head(path):
    with open(path, "rb") as source:
        return source.read(SHOWN + 1)


def want(args, now):
    if now.get("kept"):
        return {}
    items, _ = args["_plan"]
    wanted = {"items": {}}
    for item in items:
        have = now["items"][item.path]
        if item.state == "file" and not args["force"] and have["state"] != "absent":
            continue
        wanted["items"][item.path] = WANT[item.state](args, item, have, now)
    return wanted


def _want_file(args, item, have, now):
    if have["state"] == "directory":
        raise Failed("cannot write %s: a directory of that name is there" % item.path, dest=item.path)
    folder = os.path.dirname(item.path) or "."
    if folder not in now["items"] and not os.path.isdir(folder):
        raise Unmet("Destination directory %s does not exist" % folder, checksum=item.sha1)
    wanted = {"state": "file", "sha1": item.sha1}
    if args["checksum"] and have.get("sha1") != item.sha1 and args["checksum"] != item.sha1:
        raise _mismatch(item.sha1, args["checksum"])
    if have["state"] == "link":
        have = {}
    if args.get("_tree") is None and is_tree(args):
        # Of a folder copied on the host `mode` is the top's; what is copied keeps the mode it had.
        wanted.update(files.want_attributes(dict(args, mode=None), have, path=item.path))
        if have.get("sha1") != item.sha1:
            wanted["mode"] = item.mode
        return wanted
    wanted.update(files.want_attributes(args, have, path=item.path))
    if args["mode"] == "preserve" and item.mode is not None:
        wanted["mode"] = item.mode
    return wanted


def _want_directory(args, item, have, now):
    if have["state"] not in ("directory", "absent"):
        raise Failed("cannot make the directory %s: it is a %s" % (item.path, have["state"]), dest=item.path)
    mode = args["directory_mode"]
    top = item.path == now["main"].rstrip("/")
    if args.get("_tree") is not None and top and have["state"] == "directory":
        return {"state": "directory"}
    if args["remote_src"] and is_tree(args):
        mode = item.mode if have["state"] == "absent" else None
        if top and args["mode"] not in (None, "preserve"):
            mode = args["mode"]
    tree = is_tree(args)
    asked = dict(args, mode=mode, attributes=None) if tree else {"mode": mode}
    return dict(files.want_attributes(asked, have, True, path=item.path), state="directory")


def _want_link(args, item, have, now):
    if have["state"] == "directory":
        raise Failed("cannot make the link %s: a directory of that name is there" % item.path, dest=item.path)
    return dict(_owner(args, item, have), state="link", target=item.target)


def _owner(args, item, have):
    """What a link itself has of the attributes asked for: its owner and group."""
    asked = files.want_attributes(dict(args, mode=None, attributes=None), have, path=item.path)
    return {name: asked[name] for name in ("uid", "gid") if name in asked}


WANT = {"file": _want_file, "directory": _want_directory, "link": _want_link}


def apply(host, args, change):
    told = {}
    items, _ = args["_plan"]
    check = files.validator(host, args["validate"])
    changes = change["items"]
    for item in items:
        todo = changes.get(item.path)
        if not todo:
            continue
        if item.state == "directory":
            _make_directory(item.path, todo)
        elif item.state == "link":
            if "target" in todo or "state" in todo:
                _make_link(item)
            files.set_attributes(item.path, _owner(args, item, {}), follow=False)
        elif "sha1" in todo or "state" in todo:
            if args["backup"] and os.path.isfile(item.path):
                told["backup_file"] = files.backup(item.path)
            written = _write(host, args, item, todo, check)
            if args["src"] is None and not args.get("_source") and written:
                told["src"] = written
        else:
            files.set_attributes(item.path, todo)
    return told


def _make_directory(path, todo):
    if "state" in todo:
        try:
            os.makedirs(path)
        except OSError as error:
            raise Failed("cannot make the directory %s: %s" % (path, error.strerror), path=path)
    files.set_attributes(path, todo)


def _make_link(item):
    try:
        with temporary.folder(item.path) as folder:
            made = os.path.join(folder, "link")
            os.symlink(item.target, made)
            os.rename(made, item.path)
    except OSError as error:
        raise Failed("cannot make the link %s: %s" % (item.path, error.strerror), path=item.path)


def _write(host, args, item, todo, check):
    """Give the path of the file that became the wanted one, None where it was written in place."""
    digest, looked = hashlib.sha1(), []

    def measured():
        for chunk in item.chunks(host):
            digest.update(chunk)
            yield chunk

    def verify(temporary):
        if digest.hexdigest() != item.sha1:
            raise _mismatch(digest.hexdigest(), item.sha1)
        looked.append(temporary)
        if check:
            check(temporary)

    # Some validators go by the ending of a name.
    name = None if is_tree(args) else ".source" + os.path.splitext(item.path)[1][:32]
    files.write_atomic(
        item.path, measured(), verify, unsafe=args["unsafe_writes"], change=todo, follow=False, name=name
    )
    return looked[0] if looked else None


def _mismatch(have, expected):
    return Failed("Copied file does not match the expected checksum. Transfer failed.", checksum=have,
                  expected_checksum=expected)


def report(host, args, outcome):
    main = outcome.now["main"]
    result = {"dest": main}
    if args["src"] is not None or args.get("_source"):
        result["src"] = args["src"] if args["src"] is not None else args["_source"]
    if outcome.now.get("kept"):
        return dict(result, msg="file already exists") if args["remote_src"] else result
    if not is_tree(args):
        result["checksum"] = outcome.wanted["items"][main]["sha1"]
        if not _content_changed(outcome, main):
            result["path"] = main
        elif not host.check:
            result["md5sum"] = _md5(main)
    elif args["remote_src"]:
        result.update(checksum=None, md5sum=None)
    told = files.describe(main)
    if told["state"] != "absent" and (not is_tree(args) or args["remote_src"]):
        result.update(told)
    if host.diff and outcome.change:
        result["diff"] = _diff(host, args, outcome)
    return result


def _content_changed(outcome, path):
    todo = outcome.change.get("items", {}).get(path, {})
    return "sha1" in todo or "state" in todo


def _md5(path):
    try:
        return files.checksum(path, "md5")
    except (OSError, ValueError):  # no MD5 on a FIPS host
        return None


def _diff(host, args, outcome):
    """One text diff a file whose content changes; attributes alone as Ansible's file module shows them."""
    shown = []
    for item in args["_plan"][0]:
        todo = outcome.change["items"].get(item.path)
        if not todo:
            continue
        have = outcome.now["items"][item.path]
        if item.state == "file" and ("sha1" in todo or "state" in todo):
            shown.append(_content_diff(host, args, item, have))
            continue
        old, new = editing.attribute_diff(_Part(outcome.change.before["items"][item.path], todo))
        if "state" in todo:
            old["state"], new["state"] = have["state"], item.state
        shown.append({"before": dict(old, path=item.path), "after": dict(new, path=item.path)})
    return shown


class _Part(object):
    def __init__(self, before, after):
        self.before = before
        self.after = after


def _content_diff(host, args, item, have):
    shown = {"before": ""}
    before = have.get("before")
    if before is not None:
        if b"\0" in before:
            shown = {"dst_binary": 1}
        elif len(before) > SHOWN:
            shown = {"dst_larger": SHOWN}
        else:
            shown = {"before_header": item.path, "before": editing.decode(before)}
    after = None
    if item.size <= SHOWN:
        after = b"".join(item.chunks(host)) if host.check else _head(item.path)
    if after is None:
        shown["src_larger"] = SHOWN
    elif b"\0" in after:
        shown["src_binary"] = 1
    else:
        shown.update(after_header=args.get("_source") or args["src"] or item.path, after=editing.decode(after))
    return shown
