"""The results of one task on many hosts: equal ones are shown once, with the hosts that share them. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from fleet.events import Included, ItemResult, Retrying, TaskRef, TaskResult
from fleet.sinks import diffs, pretty
from fleet.sinks.hostnames import fold
from fleet.sinks.values import one_line, safe, shorten

LINES = 40
CHARACTERS = 4_000
# Parts of a failure that tell more than its message does.
STREAMS = ("module_stderr", "stderr", "module_stdout", "stdout")
WORDS = ("ok", "changed", "skipped", "failed", "unreachable", "ignored", "rescued")

Line = tuple[str, str]
"""A style (a word of ``WORDS``, ``task``, ``+``, ``-``, ``@``, ``dim`` or nothing) and a text."""


@dataclass(slots=True)
class TaskFold:
    """Takes the results of one task; ``lines()`` says in few lines what they were."""

    task: TaskRef
    verbosity: int = 0
    hosts: dict[str, dict[str, None]] = field(default_factory=lambda: {word: {} for word in WORDS})
    failures: dict[str, dict[str, None]] = field(default_factory=dict)
    diffs: dict[tuple[str, ...], dict[str, None]] = field(default_factory=dict)
    texts: dict[str, dict[str, None]] = field(default_factory=dict)
    files: dict[str, dict[str, None]] = field(default_factory=dict)

    def feed(self, event: TaskResult | ItemResult | Included | Retrying) -> None:
        """Take one event of this task."""
        match event:
            case TaskResult():
                self.hosts[_word(event)][event.host] = None
                if not event.looped:
                    self._content(event, "")
            case ItemResult():
                self._content(event, f"(item={one_line(str(event.label))}) ")
            case Included():
                label = "" if event.label is None else f" (item={one_line(str(event.label))})"
                self.files.setdefault(one_line(event.path) + label, {})[event.host] = None

    def _content(self, event: TaskResult | ItemResult, label: str) -> None:
        if event.status in ("failed", "unreachable"):
            self.failures.setdefault(label + reason(event.result), {})[event.host] = None
            return
        if event.status == "changed" and "diff" in event.result:
            lines = tuple(_cut(diffs.render(event.result)))
            if lines:
                self.diffs.setdefault(lines, {})[event.host] = None
        if event.status != "skipped" and pretty.wanted(event.result, self.task.action, self.verbosity):
            self.texts.setdefault(label + self._text(event.result), {})[event.host] = None

    def _text(self, result: Mapping[str, Any]) -> str:
        found = pretty.shown(result, self.task.action, self.verbosity)
        only = next(iter(found.values())) if len(found) == 1 else None
        if isinstance(only, str):
            return "\n".join(_cut(safe(only).split("\n")))
        if pretty.short(self.task.action) == "assert" and not self.verbosity:
            return ""
        return "\n".join(_cut(safe(pretty.as_yaml(_bounded(found))).strip("\n").split("\n")))

    def lines(self, alone: bool) -> Iterator[Line]:
        """What to print. ``alone``: the play has one host, so nobody needs to be named."""
        counts = {word: list(hosts) for word, hosts in self.hosts.items() if hosts}
        if not counts and not self.files:
            return
        style = next((word for word in reversed(WORDS[:5]) if word in counts and word != "ok"), "ok")
        handler = "handler " if self.task.kind == "handler" else ""
        yield style, f"{handler}{one_line(self.task.name)}: {self._summary(counts, alone)}"
        for text, hosts in self.texts.items():
            if text:
                yield from _block("", text, hosts, alone)
        for lines, hosts in self.diffs.items():
            yield from _diff(lines, hosts, alone)
        for text, hosts in self.failures.items():
            at = f"\nat {self.task.at}" if self.task.at else ""
            yield from _block("failed", text + at, hosts, alone)

    def _summary(self, counts: Mapping[str, list[str]], alone: bool) -> str:
        parts = []
        for word, hosts in counts.items():
            if alone:
                parts.append(word)
            elif word in ("ok", "skipped"):
                parts.append(f"{len(hosts)} {word}")
            else:
                parts.append(f"{len(hosts)} {word}: {fold(map(one_line, hosts))}")
        for path, names in self.files.items():
            parts.append(f"included {path}" + ("" if alone else f" for {len(names)}"))
        return ", ".join(parts)


def _word(event: TaskResult) -> str:
    if event.status in ("failed", "unreachable"):
        if event.ignored:
            return "ignored"
        if event.rescued:
            return "rescued"
    return event.status


def reason(result: Mapping[str, Any]) -> str:
    """Why something failed, as text of a few lines that is safe to print."""
    found = result.get("msg") or result.get("reason") or result.get("censored") or "no reason was given"
    parts = [_clip(str(found))]
    for name in STREAMS:
        text = result.get(name)
        if isinstance(text, str) and text.strip() and text.strip() not in parts[0]:
            parts.append(f"{name}: {_clip(text.strip(), tail=True)}")
            break
    return "\n".join(_cut(safe("\n".join(parts)).split("\n")))


def _clip(text: str, tail: bool = False) -> str:
    """At most some thousand characters: the beginning, or of an output the end, where the error is."""
    if len(text) <= CHARACTERS:
        return text
    note = f"[{len(text) - CHARACTERS} more characters]"
    return f"{note} ...{text[-CHARACTERS:]}" if tail else f"{text[:CHARACTERS]}... {note}"


def _cut(lines: list[str]) -> list[str]:
    kept = [shorten(line, 2 * CHARACTERS, " [cut]") for line in lines[:LINES]]
    return [*kept, f"[{len(lines) - LINES} more lines]"] if len(lines) > LINES else kept


def _bounded(value: Any) -> Any:
    """``value`` with long texts clipped, so that a huge result is not turned into YAML first."""
    if isinstance(value, str):
        return _clip(value)
    if isinstance(value, Mapping):
        return {key: _bounded(item) for key, item in list(value.items())[:500]}
    if isinstance(value, (list, tuple)):
        more = [f"[{len(value) - 100} more]"] if len(value) > 100 else []
        return [_bounded(item) for item in value[:100]] + more
    return value


def _block(style: str, text: str, hosts: Mapping[str, None], alone: bool) -> Iterator[Line]:
    if not alone:
        yield style or "dim", f"    {fold(map(one_line, hosts))}:"
    for line in text.split("\n"):
        yield style, f"      {line}" if not alone else f"    {line}"


def _diff(lines: tuple[str, ...], hosts: Mapping[str, None], alone: bool) -> Iterator[Line]:
    if not alone:
        yield "dim", f"    {fold(map(one_line, hosts))}:"
    for line in lines:
        if line:
            yield line[:1] if line[:1] in "+-@" else "", f"    {safe(line)}"
