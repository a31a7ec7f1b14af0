"""Make sure a line is in a text file, replace a line, or remove lines.

The line is looked for by a regular expression, by a literal text or as it is; the last match counts unless
`firstmatch` is set. Only that line changes: all other bytes of the file stay.
"""

import re

from fleet.remote import editing, files
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    dict(
        files.ATTRIBUTES,
        path=editing.PATH,
        state=Arg(default="present", choices=("absent", "present"), help="Whether the line should be there."),
        line=Arg(aliases=("value",), help="The line. With `backrefs` it may name groups of `regexp`."),
        regexp=Arg(aliases=("regex",), help="Python regular expression that finds the line to replace or remove."),
        search_string=Arg(help="Literal text that the line to replace or remove contains."),
        insertafter=Arg(help="Where a new line goes: after the last match of this expression, or `EOF`."),
        insertbefore=Arg(help="Where a new line goes: before the last match of this expression, or `BOF`."),
        firstmatch=Arg("bool", False, help="Let the first match count instead of the last."),
        backrefs=Arg("bool", False, help="Expand groups of `regexp` in `line`; do nothing when it does not match."),
        create=Arg("bool", False, help="Make the file when it is missing."),
        backup=editing.BACKUP,
        validate=editing.VALIDATE,
    ),
    exclusive=[("insertbefore", "insertafter"), ("regexp", "search_string"), ("backrefs", "search_string")],
    returns={
        "msg": "What was done, such as `line added`, `line replaced` or `2 line(s) removed`.",
        "backup": "Name of the backup, empty when none was made.",
        "found": "Number of lines removed (state absent).",
    },
)

# These two texts are what playbooks look for.
EMPTY = (
    "The %s is an empty string, which will match every line in the file. This may have unintended consequences, "
    "such as replacing the last line in the file rather than appending."
)
CARET = " If this is desired, use '^' to match every line in the file and avoid this warning."
EXAMPLES = """
- lineinfile:
    path: /etc/selinux/config
    regexp: '^SELINUX='
    line: SELINUX=enforcing
- lineinfile: {path: /etc/sudoers, state: absent, regexp: '^%wheel'}
- lineinfile:
    path: /etc/ssh/sshd_config
    regexp: '^#?PermitRootLogin'
    line: PermitRootLogin no
    insertbefore: '^Match'
    validate: /usr/sbin/sshd -t -f %s
"""


def read(host, args):
    _check(host, args)
    return editing.read(host, args)


def want(args, now):
    if now["content"] is None:
        if args["state"] == "absent":
            return {}
        if not args["create"]:
            raise editing.missing(args, "Destination")
    content, _, _ = edit(now["content"] or b"", args)
    return dict(files.want_attributes(args, now), content=content)


def apply(host, args, change):
    return editing.apply(host, args, change, key="backup")


def report(host, args, outcome):
    if args["state"] == "absent" and outcome.now["content"] is None:
        return {"msg": "file not present"}
    _, done, found = edit(outcome.now["content"] or b"", args)
    result = {"msg": editing.message(outcome.change, done), "backup": ""}
    if args["state"] == "absent":
        result["found"] = found
    return result


diff = editing.diff


def _check(host, args):
    present = args["state"] == "present"
    if present and args["backrefs"] and args["regexp"] is None:
        raise Failed("regexp is required with backrefs=true")
    if present and args["line"] is None:
        raise Failed("line is required with state=present")
    if not present and args["regexp"] is None and args["search_string"] is None and args["line"] is None:
        raise Failed("one of line, search_string, or regexp is required with state=absent")
    for name, called in (("regexp", "regular expression"), ("search_string", "search string")):
        if args[name] == "":
            host.warn(EMPTY % called + (CARET if name == "regexp" else ""))


def edit(content, args):
    """The new content, what was done ("" for nothing) and how many lines went."""
    lines = editing.split_lines(content)
    if args["state"] == "absent":
        match = _matcher(args)
        kept = [line for line in lines if not match(line)]
        gone = len(lines) - len(kept)
        return b"".join(kept), "%d line(s) removed" % gone if gone else "", gone
    done = _place(lines, args)
    return b"".join(lines), done, 0


def _matcher(args):
    """A function line -> match or None, for the line that is meant."""
    if args["regexp"] is not None:
        return editing.pattern("regexp", args["regexp"]).search
    if args["search_string"] is not None:
        text = editing.encode(args["search_string"])
        return lambda line: text in line
    whole = editing.encode(args["line"])
    return lambda line: line.rstrip(b"\r\n") == whole


def _place(lines, args):
    """Put the line into ``lines`` and tell what was done."""
    wanted = editing.encode(args["line"])
    found, match = _find(lines, _matcher(args), args["firstmatch"])
    if match and args["backrefs"]:
        try:
            wanted = match.expand(wanted)
        except (re.error, IndexError, ValueError) as error:
            raise Failed("line cannot be expanded with the groups of regexp: %s: %r" % (error, args["line"]))
    if match is not None:
        full = wanted if wanted.endswith(b"\n") else wanted + b"\n"
        if lines[found] == full:
            return ""
        lines[found] = full
        return "line replaced"
    if args["backrefs"] or any(line.rstrip(b"\r\n") == wanted for line in lines):
        return ""
    _insert(lines, _position(lines, args), wanted + b"\n")
    return "line added"


def _find(lines, matches, first):
    """Index and match of the first or last line that ``matches`` accepts; (None, None) without one."""
    for index in range(len(lines)) if first else range(len(lines) - 1, -1, -1):
        match = matches(lines[index])
        if match:
            return index, match
    return None, None


def _position(lines, args):
    place = args["insertbefore"] if args["insertbefore"] is not None else args["insertafter"]
    if place == "BOF":
        return 0
    if place in (None, "EOF"):
        return len(lines)
    name = "insertbefore" if args["insertbefore"] is not None else "insertafter"
    index, match = _find(lines, editing.pattern(name, place).search, args["firstmatch"])
    if match is None:
        return len(lines)
    return index if name == "insertbefore" else index + 1


def _insert(lines, index, line):
    if index and not lines[index - 1].endswith(b"\n"):
        lines[index - 1] += b"\n"
    lines.insert(index, line)
