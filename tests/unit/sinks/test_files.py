"""The sinks that write for programs and for keeping: JSON lines, JUnit, the log."""

from __future__ import annotations

import io
import json
import os
import stat
from collections.abc import Iterable
from dataclasses import fields
from pathlib import Path
from typing import get_args
from xml.etree import ElementTree

import pytest
from sink_events import Run

from fleet.errors import Location, OptionsError
from fleet.events import Event, HostLeft, RunStarted, Warned
from fleet.sinks import SINKS, sink_class
from fleet.sinks.base import Sink
from fleet.sinks.jsonl import JsonLines, kind, schema
from fleet.sinks.junit import JUnit
from fleet.sinks.logfile import LogFile
from fleet.sinks.plain import PlainOptions


def feed(sink: Sink, events: Iterable[Event]) -> None:
    for event in events:
        sink.feed(event)
    sink.close()


def sample() -> Run:
    run = Run(["a1"])
    at = Location("/p/a.yml", 3, 5)
    run.done("a1", run.task("rôle : install", "apt", at=at), "changed", {"changed": True}, seconds=1.5)
    run.done("a1", run.task("skip"), "skipped", {"skip_reason": "Conditional result was False"})
    run.done("a1", run.task("ign"), "failed", {"msg": "never mind"}, ignored=True)
    loop = run.task("loop")
    run.item("a1", loop, "x", "failed", {"msg": "bad item \x1b[31m\x00\udcff"})
    run.done("a1", loop, "failed", {"msg": "One or more items failed", "results": [1]}, looped=True)
    return run


def test_names_lead_to_classes() -> None:
    for name in SINKS:
        assert callable(sink_class(name).feed)


def test_each_line_is_an_object() -> None:
    out = io.StringIO()
    feed(JsonLines(out), [RunStarted(("a.yml",), False, True, 5, 0), *sample().ended(2)])
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line["event"] for line in lines][:3] == ["run_started", "play_started", "task_result"]
    assert lines[0]["version"] == 1
    done = lines[2]
    assert done["status"] == "changed"
    assert done["task"]["at"] == {"path": "/p/a.yml", "line": 3, "column": 5}
    assert done["task"]["key"] == [1]
    assert lines[-1]["stats"]["a1"]["failed"] == 1
    assert "rôle" in out.getvalue()
    assert lines[5]["result"]["msg"] == "bad item \x1b[31m\x00\\xff"


def test_json_survives_any_value(tmp_path: Path) -> None:
    run = Run(["a1"])
    odd = {
        "nan": float("nan"),
        "set": {2, 1},
        "bytes": b"\xff",
        3: "int key",
        (1, 2): 4,
        "path": Path("/x"),
        "nl": "\u2028",
    }
    run.done("a1", run.task("odd"), "ok", odd)
    path = tmp_path / "run.jsonl"
    feed(JsonLines(path), run.events)
    result = json.loads(path.read_text().split("\n")[1])["result"]
    assert result == {
        "nan": "nan",
        "set": [1, 2],
        "bytes": "\\xff",
        "3": "int key",
        "(1, 2)": 4,
        "path": "/x",
        "nl": "\u2028",
    }
    assert stat.S_IMODE(path.stat().st_mode) == 0o600


def test_json_on_an_ascii_stream() -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    JsonLines(out).feed(Warned("grün 😀"))
    assert json.loads(raw.getvalue())["message"] == "grün 😀"


def test_the_schema_names_every_event_and_field() -> None:
    text = schema()
    for cls in get_args(Event):
        part = text.partition(f"### `{kind(cls)}`")[2].partition("###")[0]
        assert part
        assert all(f"`{field.name}`" in part for field in fields(cls))


def test_junit_report(tmp_path: Path) -> None:
    path = tmp_path / "report.xml"
    feed(JUnit(path), sample().ended(2))
    root = ElementTree.parse(path).getroot()
    suite = root.find("testsuite")
    assert suite is not None
    assert (suite.get("name"), suite.get("tests"), suite.get("failures"), suite.get("skipped")) == (
        "First play",
        "4",
        "1",
        "1",
    )
    cases = list(suite)
    assert [case.get("name") for case in cases] == ["rôle : install", "skip", "ign", "loop"]
    assert cases[0].get("classname") == "a1"
    assert cases[0].get("time") == "1.500"
    assert cases[1][0].tag == "skipped"
    assert (cases[2][0].tag, cases[2][0].text) == ("system-out", "failed, ignored: never mind")
    failure = cases[3][0]
    assert (failure.tag, failure.get("message")) == ("failure", "One or more items failed")
    assert failure.text is not None
    assert failure.text.startswith("(item=x) bad item \\x1b[31m\\x00\\xff\n")
    assert os.listdir(tmp_path) == ["report.xml"]


def test_junit_limits_output_and_is_written_when_broken_off(tmp_path: Path) -> None:
    run = Run(["a1", "b2"])
    run.done("a1", run.task("big"), "unreachable", {"msg": "x" * 1_000_000})
    path = tmp_path / "report.xml"
    feed(JUnit(path), [*run.events, HostLeft("b2", 1, "interrupted")])
    assert path.stat().st_size < 50_000
    root = ElementTree.parse(path).getroot()
    assert root.get("errors") == "2"


def test_junit_without_a_folder_is_an_error_at_once(tmp_path: Path) -> None:
    with pytest.raises(OptionsError, match="its folder does not exist"):
        JUnit(tmp_path / "none" / "report.xml")


def test_log(tmp_path: Path) -> None:
    path = tmp_path / "fleet.log"
    run = Run(["a1"])
    run.done(
        "a1",
        run.task("crash"),
        "failed",
        {"msg": "boom\n2026 forged", "exception": "Traceback:\n  File x\nE: y"},
    )
    for _ in range(2):
        feed(
            LogFile(path, PlainOptions(color=True), clock=lambda: 1795518037.231),
            [*run.ended(2), Warned("odd")],
        )
    lines = path.read_text().splitlines()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert len(lines) % 2 == 0
    assert lines[: len(lines) // 2] == lines[len(lines) // 2 :]
    heads = {line.partition("|")[0].rpartition(" ")[0] for line in lines}
    assert len(heads) == 1
    head = heads.pop()
    assert ",231 p=" in head
    assert head.endswith(" n=fleet")
    texts = [line.removeprefix(head + " ") for line in lines]
    assert "INFO| TASK [crash] *" in texts[1]
    assert "ERROR| [ERROR]: Task failed: Module failed: boom" in texts
    assert "ERROR| 2026 forged" in texts
    assert "ERROR|   File x" in texts
    assert "WARNING| [WARNING]: odd" in texts
    assert "\x1b" not in "".join(lines)
