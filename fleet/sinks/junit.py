"""A JUnit report, written at the end: a test suite for each play, a test case for each host and task."""

from __future__ import annotations

import os
import re
from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from fleet.errors import OptionsError
from fleet.events import Event, HostLeft, ItemResult, PlayStarted, RunEnded, TaskResult
from fleet.sinks.pretty import shown
from fleet.sinks.values import json_text, safe, shorten

LONGEST = 10_000
# Everything but these is forbidden in XML 1.0, escaped or not.
ILLEGAL = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(slots=True)
class _Case:
    host: str
    name: str
    seconds: float
    outcome: str = ""
    message: str = ""
    output: str = ""


@dataclass(slots=True)
class _Suite:
    name: str
    cases: list[_Case] = field(default_factory=list)


class JUnit:
    """Collects results and writes ``path`` when the run ends, or is broken off. Raises OptionsError early
    when the folder of ``path`` is not there; OSError when writing fails."""

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self._path = Path(path)
        if not self._path.absolute().parent.is_dir():
            raise OptionsError(f"cannot write the JUnit report {path}: its folder does not exist")
        self._suites: dict[int, _Suite] = {}
        self._items: dict[tuple[str, int, tuple[int, ...]], list[str]] = defaultdict(list)
        self._written = False

    def feed(self, event: Event) -> None:
        """Note a result."""
        match event:
            case PlayStarted():
                batch = f" ({event.batch}/{event.batches})" if event.batches > 1 else ""
                self._suites[event.play] = _Suite(f"{event.name}{batch}")
            case ItemResult(status="failed" | "unreachable"):
                text = f"(item={event.label}) {_message(event.result)}"
                self._items[event.host, event.task.play, event.task.key].append(shorten(text, LONGEST))
            case TaskResult():
                self._result(event)
            case HostLeft(why="interrupted"):
                suite = self._suites.setdefault(event.play, _Suite(f"play {event.play}"))
                suite.cases.append(_Case(event.host, "interrupted", 0.0, "error", "the run was interrupted"))
            case RunEnded():
                self._write()

    def tick(self, now: float) -> None:
        """Nothing here depends on time."""

    def close(self) -> None:
        """Write what there is if the run never ended properly."""
        self._write()

    def _result(self, event: TaskResult) -> None:
        suite = self._suites.setdefault(event.task.play, _Suite(f"play {event.task.play}"))
        items = self._items.pop((event.host, event.task.play, event.task.key), [])
        case = _Case(event.host, event.task.name, event.seconds)
        text = "\n".join([_message(event.result), *items])
        if event.status == "skipped":
            case.outcome = "skipped"
            reason = event.result.get("skip_reason") or event.result.get("skipped_reason") or ""
            case.message = str(reason)
        elif event.status in ("failed", "unreachable") and not (event.ignored or event.rescued):
            case.outcome = "failure" if event.status == "failed" else "error"
            case.message = _message(event.result)
            case.output = shorten("\n".join([*items, _details(event)]), LONGEST)
        elif event.status in ("failed", "unreachable"):
            case.output = shorten(f"failed, {'ignored' if event.ignored else 'rescued'}: {text}", LONGEST)
        elif event.status == "changed":
            case.output = "changed"
        suite.cases.append(case)

    def _write(self) -> None:
        if self._written:
            return
        self._written = True
        root = ElementTree.Element("testsuites")
        for suite in self._suites.values():
            root.append(_suite(suite))
        _total(root, [case for suite in self._suites.values() for case in suite.cases])
        ElementTree.indent(root)
        _replace(self._path, ElementTree.tostring(root, encoding="utf-8", xml_declaration=True))


def _suite(suite: _Suite) -> ElementTree.Element:
    element = ElementTree.Element("testsuite", name=_legal(suite.name))
    _total(element, suite.cases)
    for case in suite.cases:
        found = ElementTree.SubElement(
            element,
            "testcase",
            classname=_legal(case.host),
            name=_legal(case.name),
            time=f"{case.seconds:.3f}",
        )
        if case.outcome:
            ElementTree.SubElement(found, case.outcome, message=_legal(case.message)).text = (
                _legal(case.output) if case.outcome != "skipped" else None
            )
        elif case.output:
            ElementTree.SubElement(found, "system-out").text = _legal(case.output)
    return element


def _total(element: ElementTree.Element, cases: list[_Case]) -> None:
    element.set("tests", str(len(cases)))
    for outcome, name in (("failure", "failures"), ("error", "errors"), ("skipped", "skipped")):
        element.set(name, str(sum(case.outcome == outcome for case in cases)))
    element.set("time", f"{sum(case.seconds for case in cases):.3f}")


def _message(result: Mapping[str, Any]) -> str:
    return shorten(str(result.get("msg") or result.get("reason") or result.get("censored") or ""), LONGEST)


def _details(event: TaskResult) -> str:
    return json_text(shown(event.result, event.task.action, 0, looped=event.looped), indent=2)


def _legal(text: str) -> str:
    return ILLEGAL.sub("\ufffd", safe(text))


def _replace(path: Path, content: bytes) -> None:
    """Write ``path`` whole or not at all."""
    new = path.with_name(f".{path.name}.{os.getpid()}.new")
    try:
        with open(new, "xb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(new, path)
    except OSError:
        new.unlink(missing_ok=True)
        raise
