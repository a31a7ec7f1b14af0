"""Output of one task on many hosts as Ansible's ad-hoc command prints it: ``host | CHANGED => {...}``."""

from __future__ import annotations

import json
import os
import sys
from collections.abc import Mapping
from typing import Any, TextIO

from fleet.events import Event, ItemResult, Noted, RunStarted, TaskResult, Warned
from fleet.record import record
from fleet.sinks import diffs, pretty
from fleet.sinks.plain import COLOURS
from fleet.sinks.values import json_text, one_line, plain, safe

TEXT_ONLY = frozenset({"command", "shell", "raw", "script"})
"""Modules whose output is shown as it is, not as JSON."""
WORDS = {"ok": "SUCCESS", "changed": "CHANGED", "failed": "FAILED!", "unreachable": "UNREACHABLE!"}


@record
class AdHocOptions:
    """``tree``: a folder that gets each host's result as a file of JSON. ``heading``: the first line with ``-v``."""

    verbosity: int = 0
    one_line: bool = False
    color: bool = False
    tree: str | None = None
    heading: str = ""


class AdHoc:
    """A sink that prints each host's result when it comes; warnings go to ``err``."""

    def __init__(self, options: AdHocOptions, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self._options = options
        self._out = out if out is not None else sys.stdout
        self._err = err if err is not None else sys.stderr
        self._warned: set[str] = set()

    def feed(self, event: Event) -> None:
        """Print what the event says, if anything."""
        match event:
            case TaskResult() | ItemResult():
                self._result(event)
            case RunStarted() if self._options.verbosity and self._options.heading:
                self._print([f"{self._options.heading}\n"])
            case Warned() if event.message not in self._warned:
                self._warned.add(event.message)
                word = "DEPRECATION WARNING" if event.deprecation else "WARNING"
                self._err.write(f"[{word}]: {safe(event.message)}\n")
            case Noted() if event.level <= self._options.verbosity:
                self._err.write(safe(f"<{event.host}> {event.message}\n" if event.host else f"{event.message}\n"))

    def tick(self, now: float) -> None:
        """Nothing here depends on time."""

    def close(self) -> None:
        """Print what still waits."""
        self._out.flush()

    def _result(self, event: TaskResult | ItemResult) -> None:
        shown = pretty.shown(event.result, event.task.action, self._options.verbosity)
        if self._options.tree and isinstance(event, TaskResult):
            self._keep(event, shown)
        if "diff" in event.result and event.status == "changed" and not self._options.one_line:
            self._print(f"{line}\n" for line in diffs.render(event.result))
        text = in_one_line(event, shown) if self._options.one_line else in_full(event, shown)
        code = COLOURS.get(event.status) if self._options.color else None
        self._print([f"\x1b[{code}m{safe(text)}\x1b[0m\n" if code else f"{safe(text)}\n"])
        self._out.flush()

    def _print(self, parts: Any) -> None:
        for part in parts:
            try:
                self._out.write(part)
            except UnicodeEncodeError:
                encoding = getattr(self._out, "encoding", None) or "ascii"
                self._out.write(part.encode(encoding, "backslashreplace").decode(encoding))

    def _keep(self, event: TaskResult, shown: Mapping[str, Any]) -> None:
        assert self._options.tree is not None
        os.makedirs(self._options.tree, exist_ok=True)
        # A host's name is no path: slashes in it would leave the folder.
        name = event.host.replace("/", "_").lstrip(".") or "_"
        with open(os.path.join(self._options.tree, name), "w", encoding="utf-8") as file:
            file.write(json_text(shown))


def in_full(event: TaskResult | ItemResult, shown: Mapping[str, Any]) -> str:
    """The result over several lines, without a newline at the end."""
    if event.status == "skipped":
        return f"{event.host} | SKIPPED"
    if _is_text(event):
        parts = (event.result.get(name) or "" for name in ("stdout", "stderr", "msg"))
        head = f"{event.host} | {WORDS[event.status].rstrip('!')} | rc={event.result['rc']} >>\n"
        return head + "".join(map(str, parts))
    return f"{event.host} | {WORDS[event.status]} => {pretty.as_json(shown, wide=True)}"


def in_one_line(event: TaskResult | ItemResult, shown: Mapping[str, Any]) -> str:
    """The result on one line, newlines written as ``\\n``."""
    result, word = event.result, WORDS.get(event.status, "")
    if event.status == "skipped":
        return f"{event.host} | SKIPPED"
    if event.status == "unreachable":
        return f"{event.host} | {word}: {one_line(str(result.get('msg', '')))}"
    if _is_text(event):
        texts = [f"(stdout) {one_line(str(result.get('stdout', '')))}"]
        if result.get("stderr"):
            texts.append(f"(stderr) {one_line(str(result['stderr']))}")
        return f"{event.host} | {word.rstrip('!')} | rc={result['rc']} | {' '.join(texts)}"
    text = json.dumps(plain(shown), separators=(",", ": "), sort_keys=True, ensure_ascii=False)
    return f"{event.host} | {word} => {text}"


def _is_text(event: TaskResult | ItemResult) -> bool:
    known = pretty.short(event.task.action) in TEXT_ONLY and event.status != "unreachable"
    return known and "rc" in event.result
