"""Synchronize folders between the controller and a host, over the connection there is."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from typing import IO, Any

from fleet.actions.base import ActionFailed, Call, Dialogue, Order, Remote, Result, Source
from fleet.actions.search import candidates, offer
from fleet.modules import synchronize as module
from fleet.remote import rsyncrules, synctree, syncwrite
from fleet.remote.host import Failed
from fleet.remote.spec import expand_path

Entry = list[Any]
FROM_CONTROLLER = True
"""Its one side is the controller, to which playbooks written for rsync delegate it."""


def run(call: Call) -> Order | Dialogue:
    """Push: one ``Remote`` with the tree and its files on offer. Pull: a dialogue. Raises ActionFailed."""
    args = call.args
    try:
        options = module.settings(args)
        read_rules(call, options)
        if call.delegate == call.host:
            return Remote("synchronize", {**args, "_stage": "here", "_options": options})
        if call.delegate:
            raise ActionFailed(
                f"synchronize cannot copy from {call.delegate} to {call.host}",
                hint="delegate_to: '{{ inventory_hostname }}' copies on the host itself; "
                "between hosts, pull to the controller and push from there",
            )
        if args.get("mode") == "pull":
            return pull(call, options)
        return push(call, options)
    except Failed as failure:
        raise ActionFailed(**failure.result) from None


def read_rules(call: Call, options: dict[str, Any]) -> None:
    """Put the rules of --exclude-from and --include-from, files of the controller, in their places."""
    rules: list[list[str]] = []
    for sign, pattern, base in options["rules"]:
        if not sign.startswith("<"):
            rules.append([sign, pattern, base])
            continue
        path = located(call, pattern)
        try:
            with open(path, encoding="utf-8", errors="surrogateescape") as file:
                rules += rsyncrules.lines(file.read(), sign[1:])
        except OSError as error:
            raise ActionFailed(f"cannot read {path}: {error.strerror}") from None
    options["rules"] = rules


def located(call: Call, name: str) -> str:
    """A path on the controller: of the role's files, or next to the playbook. A slash at its end stays."""
    name = expand_path(name)
    places = candidates("files", name, call.search_path)
    found = next((place for place in places if os.path.lexists(place)), None)
    if found is None:
        base = call.search_path[-1] if call.search_path else os.getcwd()
        found = os.path.join(base, name)
    return found.rstrip("/") + "/" if name.endswith("/") else found


def push(call: Call, options: dict[str, Any]) -> Remote:
    contents: dict[str, Source] = {}

    def digest(path: str) -> str:
        source = offer(path)
        contents[source.sha1] = source
        return source.sha1

    entries = synctree.listing(located(call, str(call.args["src"])), options, digest)
    return Remote("synchronize", {**call.args, "_entries": entries, "_options": options}, tuple(contents.values()))


def pull(call: Call, options: dict[str, Any]) -> Dialogue:
    """List the host's tree, decide here what is needed, have that sent, put it in place."""
    args = call.args
    listed = yield Remote("synchronize", {**args, "_stage": "list", "_options": options}, check=False)
    if listed.get("failed"):
        return listed
    dest = located(call, str(args["dest"]))
    try:
        return (yield from _take(call, dest, syncwrite.checked(listed["_entries"]), listed["_options"]))
    except Failed as failure:
        return {"changed": False, "failed": True, **failure.result}


def _take(call: Call, dest: str, entries: list[Entry], options: dict[str, Any]) -> Dialogue:
    steps = synctree.plan(entries, dest, options)
    result: Result = module.told(steps, dest, ">")
    if call.check or options.get("dry"):
        return result
    root = str(call.args["src"]).rstrip("/")
    folder = root if str(call.args["src"]).endswith("/") else os.path.dirname(root)
    wanted = {step.entry[synctree.NAME]: os.path.join(folder, step.entry[synctree.NAME])
              for step in steps if step.transfer}  # fmt: skip
    with Spool() as spool:
        if wanted:
            streams = [[f"sync{number}", path] for number, path in enumerate(wanted.values())]
            names = dict(zip(wanted, (stream for stream, _ in streams), strict=True))
            order = {"_stage": "send", "_files": streams, "src": call.args["src"], "dest": call.args["dest"]}
            sent = yield Remote("synchronize", order, receive=spool.receive, check=False)
            if sent.get("failed"):
                return sent
            syncwrite.carry_out(steps, entries, dest, options, lambda entry: spool.chunks(names[entry[synctree.NAME]]))
        else:
            syncwrite.carry_out(steps, entries, dest, options, lambda entry: iter(()))
    return result


class Spool:
    """Files on their way: each in a temporary file until all are here. They come one after the other."""

    def __init__(self) -> None:
        self._folder = tempfile.TemporaryDirectory(prefix="fleet-")
        self._name = ""
        self._file: IO[bytes] | None = None
        self._problem = ""

    def __enter__(self) -> Spool:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
        self._folder.cleanup()

    def close(self) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None

    def receive(self, name: str, chunk: bytes) -> None:
        """One chunk. What goes wrong here is told by ``chunks``: the stream must be read to its end."""
        try:
            if name != self._name:
                self.close()
                self._file = open(os.path.join(self._folder.name, name), "wb")  # noqa: SIM115
                self._name = name
            if self._file is not None:
                self._file.write(chunk)
        except OSError as error:
            self._problem = f"cannot keep a file on its way: {error.strerror}"

    def chunks(self, name: str) -> Iterator[bytes]:
        """What came under ``name``. Raises Failed when it did not come whole."""
        self.close()
        path = os.path.join(self._folder.name, name)
        if self._problem or not os.path.exists(path):
            raise Failed(self._problem or "a file that was asked for did not come")
        with open(path, "rb") as file:
            yield from iter(lambda: file.read(1 << 20), b"")
