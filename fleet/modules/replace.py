"""Replace every match of a regular expression in a file.

The expression works on the whole text with `^` and `$` at line ends. It is up to the caller that the new
text is not matched again.
"""

import re

from fleet.remote import editing, files
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    dict(
        files.ATTRIBUTES,
        path=editing.PATH,
        regexp=Arg(required=True, help="Python regular expression, used with MULTILINE."),
        replace=Arg(default="", help="The new text; may name groups, such as `\\1`. Empty removes the match."),
        after=Arg(help="Only replace behind the first match of this expression (DOTALL)."),
        before=Arg(help="Only replace in front of the match of this expression (DOTALL)."),
        encoding=Arg(default="utf-8", help="The encoding of the file."),
        backup=editing.BACKUP,
        validate=editing.VALIDATE,
    ),
    returns={
        "msg": "How many replacements were made.",
        "rc": "Always 0.",
        "backup_file": "Name of the backup, when one was made.",
    },
)

EXAMPLES = r"""
- replace:
    path: /etc/hosts
    regexp: '(\s+)old\.example\.org(\s+.*)?$'
    replace: '\1new.example.org\2'
- replace:
    path: /etc/apache2/sites-available/default.conf
    after: '<VirtualHost [*]>'
    before: '</VirtualHost>'
    regexp: '^(.+)$'
    replace: '# \1'
"""


def read(host, args):
    return editing.read(host, args)


def want(args, now):
    if now["content"] is None:
        raise editing.missing(args)
    content, _, _ = edit(now["content"], args)
    return dict(files.want_attributes(args, now), content=content)


def apply(host, args, change):
    return editing.apply(host, args, change)


def report(host, args, outcome):
    _, count, note = edit(outcome.now["content"], args)
    if note:
        return {"msg": note, "rc": 0}
    done = "%d replacements made" % count if "content" in outcome.change else ""
    return {"msg": editing.message(outcome.change, done), "rc": 0}


def diff(args, outcome):
    path = args["path"]
    before = outcome.now["content"]
    after = outcome.wanted["content"]
    if before == after:
        return {}
    shown = editing.text_diff(path, path, before, after)
    shown["before"], shown["after"] = _text(before, args), _text(after, args)
    return shown


def _text(data, args):
    try:
        return data.decode(args["encoding"], "surrogateescape")
    except (LookupError, UnicodeError) as error:
        raise Failed("cannot read %s as %s: %s" % (args["path"], args["encoding"], error), path=args["path"])


def edit(content, args):
    """The new content, the number of replacements, and a note when `after`/`before` did not match."""
    text = _text(content, args)
    start, end = 0, len(text)
    bounds = _bounds(args)
    if bounds:
        section = _compile("after/before", bounds, re.DOTALL).search(text)
        if not section:
            return content, 0, "Pattern for before/after params did not match the given file: %s" % bounds
        start, end = section.span("subsection")
    found = _compile("regexp", args["regexp"], re.MULTILINE)
    try:
        changed, count = found.subn(args["replace"], text[start:end])
        made = (text[:start] + changed + text[end:]).encode(args["encoding"], "surrogateescape")
    except (re.error, IndexError, UnicodeError) as error:
        raise Failed("Unable to process replace due to error: %s" % error)
    return made, count, ""


def _bounds(args):
    """The expression whose group `subsection` is what may be changed; "" for the whole text."""
    after, before = args["after"], args["before"]
    if after and before:
        return "%s(?P<subsection>.*?)%s" % (after, before)
    if after:
        return "%s(?P<subsection>.*)" % after
    return "(?P<subsection>.*)%s" % before if before else ""


def _compile(name, text, flags):
    try:
        return re.compile(text, flags)
    except re.error as error:
        raise Failed("%s is no valid regular expression: %s: %r" % (name, error, text))
