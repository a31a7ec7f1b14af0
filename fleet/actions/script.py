"""Find a script on the controller and offer it to the host, which runs it."""

from __future__ import annotations

import os
import shlex

from fleet.actions.base import ActionFailed, Call, Order, Remote
from fleet.actions.search import as_content, find_source, given, offer, read_source


def run(call: Call) -> Order:
    """One ``Remote`` with the script's content. Raises ActionFailed."""
    args = call.args
    text = args.get("_raw_params") if args.get("_raw_params") is not None else args.get("cmd")
    name, words = split(str(text or ""))
    if args.get("chdir") and not str(args["chdir"]).startswith("/"):
        raise ActionFailed(f"chdir {args['chdir']} must be an absolute path for a Unix-aware remote node")
    path = find_source("files", name, call.search_path)
    if os.path.isdir(path):
        raise ActionFailed(f"the script {path} is a folder", hint="name a file")
    sent = given(args, "decrypt")
    sent.update(_name=os.path.basename(path), _words=words)
    data = read_source(path, call, args.get("decrypt") is not False)
    if data is not None:
        sent["_content"], contents = as_content(data)
        return Remote("script", sent, contents)
    source = offer(path)
    sent["_content"] = {"sha1": source.sha1, "size": source.size}
    return Remote("script", sent, (source,))


def split(text: str) -> tuple[str, str]:
    """The script's name and the rest of the line, which the host splits. Raises ActionFailed."""
    try:
        words = shlex.split(text)
    except ValueError as error:
        raise ActionFailed(f"cannot split the command into words: {error}: {text}") from None
    if not words:
        raise ActionFailed("one of the following is required: _raw_params, cmd")
    return words[0], shlex.join(words[1:])
