"""Keep a block of lines between two marker lines in a text file.

The markers say where the block is the next time; whatever is between them is replaced. An empty block,
or `state: absent`, removes block and markers.
"""

import re

from fleet.remote import editing, files
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    dict(
        files.ATTRIBUTES,
        path=editing.PATH,
        state=Arg(default="present", choices=("absent", "present"), help="Whether the block should be there."),
        block=Arg(default="", aliases=("content",), help="The lines between the markers; empty removes the block."),
        marker=Arg(default="# {mark} ANSIBLE MANAGED BLOCK", help="Marker line; `{mark}` becomes begin or end."),
        marker_begin=Arg(default="BEGIN", help="What `{mark}` becomes in the line before the block."),
        marker_end=Arg(default="END", help="What `{mark}` becomes in the line after the block."),
        insertafter=Arg(help="Where a new block goes: after the last match of this expression, or `EOF`."),
        insertbefore=Arg(help="Where a new block goes: before the last match of this expression, or `BOF`."),
        prepend_newline=Arg("bool", False, help="Keep an empty line before the block, unless it starts the file."),
        append_newline=Arg("bool", False, help="Keep an empty line after the block, unless it ends the file."),
        create=Arg("bool", False, help="Make the file when it is missing."),
        backup=editing.BACKUP,
        validate=editing.VALIDATE,
    ),
    exclusive=[("insertbefore", "insertafter")],
    returns={
        "msg": "What was done: `Block inserted`, `Block removed`, `File created`.",
        "backup_file": "Name of the backup, when one was made.",
    },
)

EXAMPLES = """
- blockinfile:
    path: /etc/ssh/sshd_config
    block: |
      Match User backup
      PasswordAuthentication no
    validate: /usr/sbin/sshd -t -f %s
- blockinfile:
    path: /etc/hosts
    marker: '# {mark} hosts of the cluster'
    block: |
      10.0.0.1 one
      10.0.0.2 two
- blockinfile: {path: /etc/hosts, marker: '# {mark} hosts of the cluster', state: absent}
"""


def read(host, args):
    return editing.read(host, args)


def want(args, now):
    if now["content"] is None and not args["create"]:
        raise editing.missing(args)
    return dict(files.want_attributes(args, now), content=edit(now["content"] or b"", args))


def apply(host, args, change):
    return editing.apply(host, args, change)


def report(host, args, outcome):
    done = ""
    if "content" in outcome.change:
        if outcome.now["content"] is None:
            done = "File created"
        else:
            done = "Block inserted" if _present(args) else "Block removed"
    if host.check and outcome.now["content"] is None:
        return {"msg": done}
    return {"msg": editing.message(outcome.change, done)}


diff = editing.diff


def _present(args):
    return args["state"] == "present" and args["block"] != ""


def edit(content, args):
    """The content with the block in place, or without it."""
    begin = editing.encode(args["marker"].replace("{mark}", args["marker_begin"])) + b"\n"
    end = editing.encode(args["marker"].replace("{mark}", args["marker_end"])) + b"\n"
    lines = editing.split_lines(content)
    first, last = _find_markers(lines, begin, end)
    if first is not None and last is not None:
        at = min(first, last)
        del lines[at:max(first, last) + 1]
    elif not _present(args):
        return content
    else:
        # Half a pair of markers is somebody's damage: it stays, and a whole block goes beside it.
        at = _position(content, lines, args)
    if _present(args):
        _insert(lines, at, [begin] + _block_lines(args["block"]) + [end], args)
    return b"".join(lines)


def _find_markers(lines, begin, end):
    """Index of the last begin and the last end marker (None for each that is missing)."""
    first = last = None
    for index, line in enumerate(lines):
        whole = line if line.endswith(b"\n") else line + b"\n"
        if whole == begin:
            first = index
        if whole == end:
            last = index
    return first, last


def _block_lines(block):
    text = editing.encode(block)
    return editing.split_lines(text if text.endswith(b"\n") else text + b"\n")


def _position(content, lines, args):
    name = "insertbefore" if args["insertbefore"] is not None else "insertafter"
    place = args[name]
    if name == "insertbefore" and place == "BOF":
        return 0
    if place in (None, "EOF"):
        return len(lines)
    found = editing.pattern(name, place)
    if found.flags & re.MULTILINE:
        match = found.search(content)
        if not match:
            return len(lines)
        if name == "insertafter":
            return len(editing.split_lines(content[:match.end()]))
        return len(editing.split_lines(content[:match.start()])) - _inside(content, match.start())
    matching = [index for index, line in enumerate(lines) if found.search(line)]
    if not matching:
        return len(lines)
    return matching[-1] + (name == "insertafter")


def _inside(content, offset):
    """Whether ``offset`` is not at the start of a line."""
    return offset > 0 and content[offset - 1:offset] != b"\n"


def _insert(lines, at, block, args):
    if at and not lines[at - 1].endswith(b"\n"):
        lines[at - 1] += b"\n"
    if args["prepend_newline"] and at and lines[at - 1].strip(b"\r\n"):
        block = [b"\n"] + block
    if args["append_newline"] and at < len(lines) and lines[at].strip(b"\r\n"):
        block = block + [b"\n"]
    lines[at:at] = block
