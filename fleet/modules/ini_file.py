"""Set, add or remove single options and sections of an INI file.

Comments and order stay. Without `section` the options in front of the first section are meant; without
`option` the section itself.
"""

import os
import re

from fleet.remote import editing, files, textlines
from fleet.remote.host import Failed, Unmet
from fleet.remote.spec import Arg, Spec

_VALUES = {
    "option": Arg(required=True, help="An option the section must have."),
    "value": Arg(help="Its value; any when left out."),
    "values": Arg("list", elements="str", help="All of its values."),
}
SPEC = Spec(
    dict(
        files.ATTRIBUTES,
        path=Arg("path", required=True, aliases=("dest",), help="The file; made when it is missing."),
        section=Arg(help="The section; none for options in front of the first one."),
        section_has_values=Arg("list", elements="dict", options=_VALUES,
                               help="Which of several sections of that name: the one with these options."),
        option=Arg(help="The option; none for the section as a whole."),
        value=Arg(help="The value."),
        values=Arg("list", elements="str", help="The values of an option that may be there several times."),
        state=Arg(default="present", choices=("absent", "present"), help="Whether it should be there."),
        exclusive=Arg("bool", True, help="The option has just these values; otherwise they are added or removed."),
        allow_no_value=Arg("bool", False, help="Allow an option without `=` and value."),
        no_extra_spaces=Arg("bool", False, help="Write `option=value` instead of `option = value`."),
        ignore_spaces=Arg("bool", False, help="Leave a line alone that differs in blanks around `=` only."),
        modify_inactive_option=Arg("bool", True, help="Take over a line where the option is commented out."),
        create=Arg("bool", True, help="Make the file when it is missing."),
        follow=Arg("bool", False, help="Write to the file that `path` links to instead of replacing the link."),
        backup=editing.BACKUP,
    ),
    exclusive=[("value", "values")],
    returns={
        "path": "The file.",
        "msg": "What was done, such as `option changed` or `section and option added`.",
        "backup_file": "Name of the backup, when one was made.",
    },
)

EXAMPLES = """
- ini_file: {path: /etc/php/8.2/fpm/php.ini, section: PHP, option: memory_limit, value: 256M}
- ini_file: {path: /etc/app.ini, section: old, state: absent}
- ini_file: {path: /etc/app.ini, section: peers, option: peer, values: [10.0.0.1, 10.0.0.2], no_extra_spaces: true}
"""


def read(host, args):
    if args["state"] == "present" and args["value"] is None and not args["values"] \
            and not args["allow_no_value"]:
        raise Failed("Parameter 'value(s)' must be defined if state=present and allow_no_value=False.")
    return dict(editing.read(host, args), link=os.path.islink(args["path"]))


def want(args, now):
    if now["content"] is None:
        if not args["create"]:
            raise Unmet("Destination %s does not exist!" % args["path"], rc=257)
        if args["state"] == "absent":
            return {}
    content, _ = edit(now["content"] or b"", args)
    wanted = dict(files.want_attributes(args, now), content=content)
    if now["link"] and not args["follow"] and content != now["content"]:
        wanted["link"] = False
    return wanted


def apply(host, args, change):
    told = {}
    if "content" in change:
        if args["backup"] and os.path.exists(args["path"]):
            told["backup_file"] = files.backup(args["path"])
        folder = os.path.dirname(os.path.realpath(args["path"]))
        if not os.path.isdir(folder):
            editing.make_folder(folder)
        files.write_atomic(args["path"], change["content"], unsafe=args["unsafe_writes"], change=change.after,
                           follow=args["follow"])
    else:
        files.set_attributes(args["path"], change)
    return told


def report(host, args, outcome):
    done = "OK"
    if "content" in outcome.change:
        done = edit(outcome.now["content"] or b"", args)[1]
    return dict(files.describe(args["path"]), msg=done, path=args["path"])


def diff(args, outcome):
    return editing.diff(args, outcome)


def edit(content, args):
    """The content with what ``args`` ask for, and what was done."""
    bom = b"\xef\xbb\xbf" if content.startswith(b"\xef\xbb\xbf") else b""
    # Ansible counts an empty file as one empty line, which stays.
    ended = textlines.with_ends(editing.decode(content[len(bom):])) or ["\n"]
    if not ended[-1].endswith("\n"):
        ended[-1] += "\n"
    wanted = args["values"] or ([] if args["value"] is None else [args["value"]])
    at = _find_section(ended, args)
    if at is None:
        done = _add_section(ended, args, wanted) if args["state"] == "present" else "OK"
    elif args["option"] is None:
        done = "OK"
        if args["state"] == "absent" and args["section"]:
            del ended[at[0] - 1:at[1]]
            done = "section removed"
    else:
        done = _change_option(ended, at, args, wanted)
    return bom + editing.encode("".join(ended)), done


def _find_section(lines, args):
    """Start and end (line numbers) of the section's body, None when it is not there."""
    name = args["section"]
    bodies = [(None, 0, len(lines))]
    for number, line in enumerate(lines):
        head = re.match(r"^\s*\[(.*?)\]", line)
        if head:
            bodies[-1] = (bodies[-1][0], bodies[-1][1], number)
            bodies.append((head.group(1).strip(), number + 1, len(lines)))
    for title, start, end in bodies:
        if title == (name or None) and _has_values(lines[start:end], args["section_has_values"]):
            return start, end
    return None


def _has_values(body, conditions):
    for condition in conditions or ():
        active = _option_pattern(condition["option"], False)
        found = [match.group("value") for match in map(active.match, body) if match]
        asked = condition.get("values") or ([condition["value"]] if condition.get("value") is not None else [])
        if not found or any(value not in found for value in asked):
            return False
    return True


def _option_pattern(option, inactive):
    comment = r"[#;]?" if inactive else ""
    return re.compile(r"^%s[ \t]*%s[ \t]*(?:=[ \t]*(?P<value>.*?))?[ \t\r]*\n?$" % (comment, re.escape(option)))


def _assignment(args, value):
    if value is None:
        return args["option"] + "\n"
    sign = "=" if args["no_extra_spaces"] else " = "
    return "%s%s%s\n" % (args["option"], sign, value)


def _add_section(lines, args, wanted):
    if args["section"]:
        lines.append("[%s]\n" % args["section"])
        for condition in args["section_has_values"] or ():
            values = condition.get("values") or [condition.get("value")]
            lines.extend(_assignment(dict(args, option=condition["option"]), value) for value in values)
    if args["option"] is None:
        return "only section added"
    lines.extend(_assignment(args, value) for value in wanted or [None])
    return "section and option added"


def _change_option(lines, at, args, wanted):
    """Bring the option's lines between ``at`` to the wanted ones; tell what was done."""
    start, end = at
    before = lines[start:end]
    body = list(before)
    if args["state"] == "absent":
        _drop(body, args, wanted)
    elif args["exclusive"]:
        _set_exactly(body, args, wanted or [None])
    else:
        _add_missing(body, args, wanted or [None])
    lines[start:end] = body
    if body == before:
        return "OK"
    return "option added" if len(body) > len(before) else "option changed"


def _drop(body, args, wanted):
    active = _option_pattern(args["option"], False)
    for number in range(len(body) - 1, -1, -1):
        match = active.match(body[number])
        if match and (args["exclusive"] or not wanted or match.group("value") in wanted):
            del body[number]


def _set_exactly(body, args, wanted):
    """One line for each value: lines that have it stay, other lines of the option, commented ones too, are
    reused or go."""
    pattern = _option_pattern(args["option"], args["modify_inactive_option"])
    active = _option_pattern(args["option"], False)
    found = [(number, pattern.match(line)) for number, line in enumerate(body) if pattern.match(line)]
    left, spare = list(wanted), []
    for number, match in found:
        value = match.group("value")
        if value in left:
            left.remove(value)
            _rewrite(body, number, args, value, bool(active.match(body[number])))
        else:
            spare.append(number)
    reused = spare[:len(left)]
    for number in reused:
        body[number] = _assignment(args, left.pop(0))
    for number in sorted(spare[len(reused):], reverse=True):
        del body[number]
    _append(body, args, left)


def _rewrite(body, number, args, value, active):
    if not (active and args["ignore_spaces"]):
        body[number] = _assignment(args, value)


def _add_missing(body, args, wanted):
    active = _option_pattern(args["option"], False)
    inactive = _option_pattern(args["option"], True)
    have = [match.group("value") for match in map(active.match, body) if match]
    left = [value for value in wanted if value not in have]
    for number, line in enumerate(body):
        match = inactive.match(line) if args["modify_inactive_option"] else None
        if match and not active.match(line) and match.group("value") in left:
            left.remove(match.group("value"))
            body[number] = _assignment(args, match.group("value"))
    _append(body, args, left)


def _append(body, args, values):
    """New lines go behind the last line of the section that is neither empty nor a comment."""
    end = len(body)
    while end and (not body[end - 1].strip() or body[end - 1].lstrip().startswith(("#", ";"))):
        end -= 1
    body[end:end] = [_assignment(args, value) for value in values]
