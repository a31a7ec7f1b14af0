"""Unpack an archive on hosts: the controller's half finds it and offers it; a host asks when it needs it."""

from __future__ import annotations

import os

from fleet.actions.base import ActionFailed, Call, Order, Remote
from fleet.actions.search import as_content, find_source, given, offer, read_source


def run(call: Call) -> Order:
    """One ``Remote`` with the archive, or (``remote_src``) nothing but the arguments. Raises ActionFailed."""
    args = call.args
    if args.get("copy") is not None and args.get("remote_src") is not None:
        raise ActionFailed("parameters are mutually exclusive: ('copy', 'remote_src')")
    if args.get("remote_src") or args.get("copy") is False:
        return Remote("unarchive", given(args, "copy"))
    path = find_source("files", str(args["src"]), call.search_path)
    if os.path.isdir(path):
        raise ActionFailed(f"the archive {path} is a folder", hint="name a file")
    sent = given(args, "copy", "decrypt")
    data = read_source(path, call, args.get("decrypt") is not False)
    if data is not None:
        sent["_content"], contents = as_content(data)
        return Remote("unarchive", sent, contents)
    source = offer(path)
    sent["_content"] = {"sha1": source.sha1, "size": source.size}
    return Remote("unarchive", sent, (source,))
