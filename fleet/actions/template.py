"""Render a template for each host and put the text there as `copy` would.

The template is looked for in `templates/` beside the task, then beside the task itself; what it includes
is found beside it as well.
"""

from __future__ import annotations

import datetime
import os
import pwd
import stat
import time
from collections.abc import Mapping
from typing import Any

from fleet.actions.base import ActionFailed, Call, Order, Remote
from fleet.actions.search import as_content, find_source, given, read_source
from fleet.remote import editing, files
from fleet.remote.spec import Arg, Spec

_OPTIONS = {
    "trim_blocks": Arg("bool", True, help="Drop the newline behind a block tag."),
    "lstrip_blocks": Arg("bool", False, help="Drop blanks in front of a block tag."),
    "newline_sequence": Arg(
        default="\n",
        choices=("\\n", "\\r", "\\r\\n", "\n", "\r", "\r\n"),
        help="What ends a line of the file.",
    ),
    "block_start_string": Arg(help="What starts a block tag, by default `{%`."),
    "block_end_string": Arg(help="What ends a block tag, by default `%}`."),
    "variable_start_string": Arg(help="What starts an expression, by default `{{`."),
    "variable_end_string": Arg(help="What ends an expression, by default `}}`."),
    "comment_start_string": Arg(help="What starts a comment, by default `{#`."),
    "comment_end_string": Arg(help="What ends a comment, by default `#}`."),
}
SPEC = Spec(
    dict(
        files.ATTRIBUTES,
        **_OPTIONS,
        mode=Arg("raw", help="Permissions, octal ('0644') or symbolic; `preserve` takes those of the template."),
        src=Arg("path", required=True, help="The template, on the controller."),
        dest=Arg("path", required=True, help="The file to write; in a folder it gets the template's name."),
        force=Arg("bool", True, help="Replace a file that differs; otherwise only make a missing one."),
        follow=Arg("bool", False, help="Write to the file that `dest` links to instead of replacing the link."),
        output_encoding=Arg(default="utf-8", help="Encoding of the file; the template itself is UTF-8."),
        backup=editing.BACKUP,
        validate=editing.VALIDATE,
    ),
    returns={
        "dest": "The file written.",
        "checksum": "SHA1 of the rendered text.",
        "md5sum": "MD5 of the file, after a change.",
        "backup_file": "Name of the backup, when one was made.",
    },
)
EXAMPLES = """
- template: {src: ntp.conf.j2, dest: /etc/ntp.conf, owner: root, group: root, mode: '0644'}
- template:
    src: sshd_config.j2
    dest: /etc/ssh/sshd_config
    mode: '0600'
    validate: /usr/sbin/sshd -t -f %s
    backup: true
"""


def run(call: Call) -> Order:
    """One ``Remote`` copy of the rendered text. Raises ActionFailed, TemplateError, Pending."""
    args = call.args
    options = {name: args[name] for name in _OPTIONS if args.get(name) is not None}
    path, rendered = render(call, options)
    encoding = args.get("output_encoding") or "utf-8"
    try:
        data = rendered.encode(encoding, "surrogateescape" if encoding == "utf-8" else "strict")
    except (UnicodeEncodeError, LookupError) as error:
        raise ActionFailed(f"cannot write {path} as {encoding}: {error}") from None
    content, contents = as_content(data)
    more: dict[str, Any] = {"_content": content, "_name": os.path.basename(path), "_source": path}
    if args.get("mode") == "preserve":
        more["_mode"] = stat.S_IMODE(os.stat(path).st_mode)
    return Remote("copy", {**given(args, "src", "output_encoding", *_OPTIONS), **more}, contents)


def render(call: Call, options: Mapping[str, Any]) -> tuple[str, str]:
    """The path and the rendered text of the template ``src``. Raises ActionFailed, TemplateError, Pending."""
    path = find_source("templates", str(call.args["src"]), call.search_path)
    if os.path.isdir(path):
        raise ActionFailed(f"the template {path} is a folder", hint="name a file")
    text = _text(path, call)
    scope = call.scope.child(
        template_variables(call, path),
        search_path=(os.path.dirname(os.path.abspath(path)), *call.search_path),
    )
    return path, call.templar.render_text(text, scope, name=path, options=options)


def _text(path: str, call: Call) -> str:
    data = read_source(path, call)
    try:
        if data is None:
            with open(path, "rb") as file:
                data = file.read()
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        raise ActionFailed(f"the template {path} is not UTF-8: {error}", hint="save it as UTF-8") from None
    except OSError as error:
        raise ActionFailed(f"cannot read {path}: {error.strerror}") from None


def template_variables(call: Call, path: str) -> Mapping[str, Any]:
    """The ``template_*`` variables a template sees, and ``ansible_managed`` unless the user set one."""
    info = os.stat(path)
    try:
        owner: str | int = pwd.getpwuid(info.st_uid).pw_name
    except KeyError:
        owner = info.st_uid
    made = {
        "template_host": os.uname().nodename,
        "template_path": path,
        "template_fullpath": os.path.abspath(path),
        "template_destpath": call.args.get("dest"),
        "template_uid": owner,
        "template_mtime": datetime.datetime.fromtimestamp(info.st_mtime),
        "template_run_date": datetime.datetime.now(),
    }
    try:
        call.scope.raw("ansible_managed")
    except KeyError:
        made["ansible_managed"] = _managed(call, made, info.st_mtime)
    return made


def _managed(call: Call, made: Mapping[str, Any], changed: float) -> str:
    """The setting ``ansible_managed`` with its placeholders and strftime codes filled in."""
    try:
        text = str(call.templar.setting("DEFAULT_MANAGED_STR")) if call.templar.setting else "Ansible managed"
    except KeyError:
        text = "Ansible managed"
    for word, name in (("{host}", "template_host"), ("{uid}", "template_uid"), ("{file}", "template_path")):
        text = text.replace(word, str(made[name]))
    return time.strftime(text, time.localtime(changed)) if "%" in text else text
