"""Put a file together from parts; with ``remote_src: false`` the parts are on the controller."""

from __future__ import annotations

import os
import re

from fleet.actions.base import ActionFailed, Call, Order, Remote, Result
from fleet.actions.search import as_content, find_source, given, read_source
from fleet.modules.assemble import join


def run(call: Call) -> Order:
    """The module itself, or a copy of what the parts here come to."""
    args = call.args
    if args.get("remote_src", True):
        return Remote("assemble", dict(args))
    folder = find_source("files", str(args["src"]), call.search_path)
    if not os.path.isdir(folder):
        raise ActionFailed(f"Source ({folder}) is not a directory")
    content, contents = as_content(join(_parts(call, folder), args.get("delimiter")))
    dest = str(args["dest"])
    copied = given(args, "remote_src", "delimiter", "regexp", "ignore_hidden", "decrypt")
    more = {"_content": content, "_name": os.path.basename(dest), "_source": folder}
    return Remote("copy", {**copied, **more}, contents, finish=_one_diff)


def _one_diff(result: Result) -> Result:
    """The diff of the text on its own where nothing else changed, as the module gives it."""
    shown = result.get("diff")
    return {**result, "diff": shown[0]} if isinstance(shown, list) and len(shown) == 1 else result


def _parts(call: Call, folder: str) -> list[bytes]:
    args = call.args
    try:
        wanted = re.compile(args.get("regexp") or "")
    except re.error as error:
        raise ActionFailed(f'Invalid Regexp ({error}) in "{args["regexp"]}"') from None
    found = []
    for name in sorted(os.listdir(folder)):
        path = os.path.join(folder, name)
        hidden = name.startswith(".") and args.get("ignore_hidden")
        if hidden or not wanted.search(name) or not os.path.isfile(path):
            continue
        data = read_source(path, call, args.get("decrypt") is not False)
        if data is None:
            with open(path, "rb") as file:
                data = file.read()
        found.append(data)
    return found
