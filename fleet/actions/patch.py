"""Apply a patch on hosts: the controller finds the patch file and sends what it holds."""

from __future__ import annotations

import os

from fleet.actions.base import ActionFailed, Call, Order, Remote
from fleet.actions.search import as_content, find_source, given, offer, read_source


def run(call: Call) -> Order:
    """One ``Remote`` with the patch, or (``remote_src``) nothing but the arguments. Raises ActionFailed."""
    args = call.args
    if args.get("remote_src"):
        return Remote("patch", given(args))
    if not args.get("src"):
        raise ActionFailed("src is required")
    path = find_source("files", str(args["src"]), call.search_path)
    if os.path.isdir(path):
        raise ActionFailed(f"the patch {path} is a folder", hint="name a file")
    sent = given(args)
    data = read_source(path, call)
    if data is not None:
        sent["_content"], contents = as_content(data)
        return Remote("patch", sent, contents)
    source = offer(path)
    sent["_content"] = {"sha1": source.sha1, "size": source.size}
    return Remote("patch", sent, (source,))
