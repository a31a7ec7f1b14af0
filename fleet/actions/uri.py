"""Ask a web server from a host: the files that are sent are looked up here and travel with the call."""

from __future__ import annotations

import base64
import os
from typing import Any

from fleet.actions.base import ActionFailed, Call, Order, Remote
from fleet.actions.search import as_content, find_source, given, offer, read_source


def run(call: Call) -> Order:
    """One ``Remote`` with the content of `src`, or of the files of a multipart body. Raises ActionFailed."""
    args = call.args
    body = args.get("body")
    if args.get("body_format") == "form-multipart":
        if not isinstance(body, dict):
            raise ActionFailed(f"body must be mapping, cannot be type {type(body).__name__}")
        if not args.get("remote_src"):
            return Remote("uri", {**args, "body": {name: _part(call, value) for name, value in body.items()}})
    if args.get("src") is None or args.get("remote_src"):
        return Remote("uri", dict(args))
    path = find_source("files", str(args["src"]), call.search_path)
    if os.path.isdir(path):
        raise ActionFailed(f"the source {path} is a folder", hint="name a file")
    sent = given(args, "src")
    data = read_source(path, call)
    if data is not None:
        sent["_content"], contents = as_content(data)
        return Remote("uri", sent, contents)
    source = offer(path)
    sent["_content"] = {"sha1": source.sha1, "size": source.size}
    return Remote("uri", sent, (source,))


def _part(call: Call, value: Any) -> Any:
    """One field of the form; a file without content of its own is read."""
    if not isinstance(value, dict) or not value.get("filename") or value.get("content") is not None:
        return value
    path = find_source("files", str(value["filename"]), call.search_path)
    data = read_source(path, call)
    if data is None:
        with open(path, "rb") as file:
            data = file.read()
    return {**value, "filename": os.path.basename(path), "_data": base64.b64encode(data).decode("ascii")}
