"""Copy files to hosts: the controller's half finds and offers the content, the host decides what it needs."""

from __future__ import annotations

import json
import os
import stat
from typing import Any

from fleet.actions.base import ActionFailed, Call, Order, Remote, Source
from fleet.actions.search import as_content, find_source, given, offer, read_source, walk
from fleet.vault.crypt import is_vault


def run(call: Call) -> Order:
    """One ``Remote`` with the content, the tree or (``remote_src``) nothing but the arguments."""
    args = call.args
    # What the two halves say to each other is not for tasks.
    if inner := [str(name) for name in args if str(name).startswith("_")]:
        raise ActionFailed(f"Unsupported parameters for (copy) module: {', '.join(inner)}")
    if args.get("content") is not None:
        if str(args["dest"]).endswith("/"):
            raise ActionFailed("can not use content with a dir as dest")
        content, contents = as_content(as_text(args["content"]).encode("utf-8", "surrogateescape"))
        return Remote("copy", {**given(args, "content"), "_content": content}, contents)
    if not args.get("src"):  # an empty one would be the whole folder
        raise ActionFailed("src (or content) is required")
    if args.get("remote_src"):
        return Remote("copy", dict(args))
    path = find_source("files", str(args["src"]), call.search_path)
    if os.path.isdir(path):
        return _folder(call, path)
    return _file(call, path)


def as_text(content: Any) -> str:
    """What ``content`` means as text: a list or mapping is written as JSON."""
    if isinstance(content, str):
        return content
    if isinstance(content, dict | list):
        return json.dumps(content)
    return str(content)


def _file(call: Call, path: str) -> Remote:
    args = given(call.args)
    args.update(_name=os.path.basename(str(args["src"])), _source=path)
    if args.get("mode") == "preserve":
        args["_mode"] = stat.S_IMODE(os.stat(path).st_mode)
    data = read_source(path, call, args.get("decrypt") is not False)
    if data is not None:
        args["_content"], contents = as_content(data)
        return Remote("copy", args, contents)
    source = offer(path)
    args["_content"] = {"sha1": source.sha1, "size": source.size}
    return Remote("copy", args, (source,))


def _folder(call: Call, path: str) -> Remote:
    """The folder as a tree: what is in it when ``src`` ends in a slash, else under its own name."""
    above = "" if path.endswith("/") else os.path.basename(path)
    follow = call.args.get("local_follow") is not False
    tree: dict[str, list[list[Any]]] = {"dirs": [["", None]], "files": [], "links": []}
    if above:
        tree["dirs"].append([above, None])
    contents: dict[str, Source] = {}
    for place, inner, link in walk(path, follow):
        short = os.path.join(above, inner)
        if link:
            tree["links"].append([short, os.readlink(place)])
        elif os.path.isdir(place):
            tree["dirs"].append([short, None])
        else:
            source = _offered(call, place)
            contents[source.sha1] = source
            tree["files"].append([short, source.sha1, source.size, stat.S_IMODE(os.stat(place).st_mode)])
    return Remote("copy", {**call.args, "_tree": tree}, tuple(contents.values()))


def _offered(call: Call, path: str) -> Source:
    """A file of a tree; a vault among them is opened."""
    if call.args.get("decrypt") is not False:
        with open(path, "rb") as file:
            encrypted = is_vault(file.read(16))
        data = read_source(path, call) if encrypted else None
        if data is not None:
            content, _ = as_content(data)
            return Source(content["sha1"], len(data), data=data)
    return offer(path)
