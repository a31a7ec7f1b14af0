"""The display for people, drawn on a terminal that is a string."""

from __future__ import annotations

import io
import os
import pty
import select
from collections.abc import Iterable
from typing import Any

import pytest
from sink_events import Run

from fleet.errors import Location
from fleet.events import (
    Event,
    HostActivity,
    HostLeft,
    HostStats,
    NoHosts,
    Noted,
    PlayStarted,
    RunEnded,
    RunStarted,
    Warned,
)
from fleet.sinks.hostnames import fold
from fleet.sinks.terminal import Terminal, TerminalOptions, color_wanted, recap, totals


def drawn(events: Iterable[Event], encoding: str = "utf-8", **options: Any) -> str:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding=encoding)
    sink = Terminal(TerminalOptions(**options), out)
    for event in events:
        sink.feed(event)
    sink.close()
    out.flush()
    return raw.getvalue().decode(encoding)


@pytest.mark.parametrize(
    ("hosts", "text"),
    [
        ([], ""),
        (["db"], "db"),
        (["web3", "web1", "web10", "web2"], "web1 web2 web3 web10"),
        ([f"web{number}" for number in range(1, 21)] + ["db3"], "db3 web[1-20]"),
        ([f"web{number:02}" for number in range(1, 21)], "web[01-20]"),
        ([f"n{number}.example.org" for number in range(8, 12)], "n[8-11].example.org"),
        ([f"10.0.0.{number}" for number in (1, 2, 3, 4, 9)], "10.0.0.[1-4] 10.0.0.9"),
        (["a", "b", "c", "d", "e"], "a b c and 2 more"),
        ([f"a{n}" for n in range(10)] + ["b", "c", "d", "e1", "e2", "e3", "e4"], "a[0-9] b c and 5 more"),
    ],
)
def test_host_names_are_folded(hosts: list[str], text: str) -> None:
    assert fold(hosts, 3 if "more" in text else 12) == text


def test_equal_results_are_folded() -> None:
    run = Run([f"web{number}" for number in range(1, 501)])
    task = run.task("install", at=Location("/p/a.yml", 3, 5))
    diff = {"before": "a\n", "after": "b\n"}
    for number, host in enumerate(run.hosts):
        if number in (2, 6):
            run.done(host, task, "changed", {"changed": True, "diff": diff})
        elif number >= 490:
            run.done(host, task, "failed", {"msg": "no space", "stderr": "disk\nfull"})
        else:
            run.done(host, task, "ok")
    text = drawn(run.ended(2))
    assert text.splitlines() == [
        "▶ First play (500 hosts)",
        "✗ install: 488 ok, 2 changed: web3 web7, 10 failed: web[491-500]",
        "    web3 web7:",
        "    --- before",
        "    +++ after",
        "    @@ -1 +1 @@",
        "    -a",
        "    +b",
        "    web[491-500]:",
        "      no space",
        "      stderr: disk",
        "      full",
        "      at /p/a.yml:3:5",
        "  web3 web7: 1 changed",
        "  web[491-500]: 1 failed",
        "500 hosts: 490 fine, 10 not; tasks: 490 ok, 2 changed, 10 failed, 1.0s",
    ]


def test_one_host_is_not_named_over_and_over() -> None:
    run = Run(["box"])
    run.done("box", run.task("say", "debug"), "ok", {"msg": "two\nlines"})
    run.done("box", run.task("restart", kind="handler"), "changed")
    incl = run.task("incl", "include_tasks", kind="include")
    run.include("box", incl, "/p/inc.yml", "x")
    text = drawn(run.ended())
    assert text.splitlines()[:6] == [
        "▶ First play (1 host)",
        "✓ say: ok",
        "    two",
        "    lines",
        "✎ handler restart: changed",
        "✓ incl: included /p/inc.yml (item=x)",
    ]


def test_items_are_told_apart_when_they_fail() -> None:
    run = Run()
    task = run.task("loop")
    for host in run.hosts:
        run.item(host, task, "x", "failed", {"msg": "bad"})
        run.item(host, task, "y", "ok")
        run.done(host, task, "failed", {"msg": "One or more items failed"}, looped=True, ignored=True)
    text = drawn(run.ended())
    assert "loop: 2 ignored: a1 bb22\n    a1 bb22:\n      (item=x) bad\n" in text
    assert "One or more" not in text


def test_huge_results_are_cut_with_a_note() -> None:
    run = Run(["a1"])
    run.done("a1", run.task("big"), "failed", {"msg": "failed", "stdout": "x" * 100_000_000 + "THE END"})
    run.done("a1", run.task("long", "debug"), "ok", {"msg": "line\n" * 100_000})
    text = drawn(run.ended())
    assert len(text) < 20_000
    assert "THE END" in text
    assert "more characters]" in text
    assert "more lines]" in text


def test_hostile_text_is_made_visible() -> None:
    run = Run(["ev\x1bil", "b"])
    task = run.task("na\x1b[2Jme\n")
    run.all(task, "failed", {"msg": "\x1b]0;title\x07\x9b31m \udcff \u202e"})
    run.events.append(Warned("\x1b[31m"))
    text = drawn(run.ended())
    assert not any(char in text for char in "\x1b\x9b\x07\u202e")
    assert "\\x1b]0;title\\x07\\x9b31m \\xff \\u202e" in text


@pytest.mark.parametrize("encoding", ["ascii", "latin-1"])
def test_terminals_without_utf8(encoding: str) -> None:
    run = Run(["a1"], name="日本")
    run.all(run.task("t"), "failed", {"msg": "→"})
    text = drawn(run.ended(), encoding)
    assert text.startswith("> \\u65e5\\u672c (1 host)\nx t: failed\n    \\u2192\n")


def test_colour_only_where_it_is_wanted() -> None:
    run = Run(["a1"])
    run.all(run.task("t"), "changed")
    assert "\x1b[33m✎ t: changed\x1b[0m" in drawn(run.ended(), color=True)
    assert "\x1b" not in drawn(run.ended())


@pytest.mark.parametrize(
    ("environ", "wanted"),
    [
        ({}, None),
        ({"NO_COLOR": "1", "FORCE_COLOR": "1"}, False),
        ({"NO_COLOR": ""}, None),
        ({"FORCE_COLOR": "1"}, True),
        ({"FORCE_COLOR": "0"}, None),
        ({"ANSIBLE_NOCOLOR": "True"}, False),
        ({"ANSIBLE_FORCE_COLOR": "1"}, True),
        ({"TERM": "dumb"}, False),
    ],
)
def test_what_the_environment_says_on_colour(environ: dict[str, str], wanted: bool | None) -> None:
    assert color_wanted(environ) is wanted


def test_an_interrupted_run_says_what_was_not_done() -> None:
    run = Run(["a1", "b2", "c3", "d4"])
    task = run.task("upgrade")
    events: list[Event] = [
        *run.events,
        HostActivity("a1", "running", 1.0, task),
        HostActivity("b2", "running", 1.0, task),
        HostActivity("c3", "connecting", 1.0),
        HostLeft("a1", 1, "interrupted"),
        RunEnded({}, 99, 3.0, interrupted=True),
    ]
    text = drawn(events)
    assert "! interrupted\n    in the middle of upgrade: a1 b2\n    in the middle of connecting: c3\n" in text
    assert "    not started: d4\n" in text


def test_recap_and_totals() -> None:
    stats = {"a": HostStats(ok=3), "b": HostStats(ok=1, changed=1), "c": HostStats(unreachable=1)}
    assert list(recap(stats)) == [("  b: 1 changed", "changed"), ("  c: 1 unreachable", "unreachable")]
    assert totals(stats) == "3 hosts: 2 fine, 1 not; tasks: 4 ok, 1 changed, 1 unreachable"


def test_hosts_of_a_run_that_ended_early_are_not_fine() -> None:
    run = Run(["a", "b", "c", "d"])
    task = run.task("upgrade")
    for host, status in (("a", "failed"), ("b", "ok"), ("c", "ok"), ("d", "ok")):
        run.done(host, task, status)
    left = [HostLeft(host, 1, why) for host, why in zip("abcd", ("failed", "aborted", "aborted", "done"), strict=True)]
    run.events += left
    assert drawn(run.ended(2)).endswith("4 hosts: 1 fine, 1 not, 2 ended early; tasks: 3 ok, 1 failed, 1.0s\n")


def test_frame() -> None:
    text = drawn([RunStarted((), True, False, 5, 0), NoHosts("p"), PlayStarted(1, "q", ("a", "b"), 1, 2)])
    assert text == "! check mode: nothing will be changed\n! p: no hosts matched\n▶ q (2 hosts, batch 1 of 2)\n"


def test_the_live_part_fits_and_is_redrawn_at_most_eight_times_a_second() -> None:
    run = Run([f"h{number}" for number in range(1000)], name="x" * 300)
    out = io.StringIO()
    sink = Terminal(TerminalOptions(live=True), out)
    sink.feed(run.events[0])
    task = run.task("long " * 100)
    for host in run.hosts:
        sink.feed(HostActivity(host, "running", 1.0, task, "item"))
    draws = 0
    for step in range(100):
        before = out.tell()
        sink.tick(2.0 + step / 100)
        draws += out.tell() > before
    lines = sink.status_lines()
    sink.close()
    assert 1 <= draws <= 9
    assert len(lines) <= 8
    assert all(len(line) < 80 for line in lines)
    assert lines[-1] == "  and 994 more hosts"


def test_nothing_is_drawn_where_the_user_types() -> None:
    out = io.StringIO()
    sink = Terminal(TerminalOptions(live=True), out)
    sink.feed(PlayStarted(1, "p", ("a",)))
    sink.tick(1.0)
    sink.feed(Noted("Sure?:", 0, asks=True))
    asked = out.getvalue()
    sink.feed(HostActivity("a", "waiting", 2.0))
    sink.tick(2.0)
    assert out.getvalue() == asked and asked.endswith("Sure?:\n")
    sink.feed(Noted("on", 0))
    sink.tick(3.0)
    assert "1 busy" in out.getvalue().removeprefix(asked)


def test_on_a_real_pty_the_live_part_leaves_no_trace() -> None:
    ours, theirs = pty.openpty()
    with os.fdopen(theirs, "w", encoding="utf-8") as out:
        sink = Terminal(TerminalOptions(color=False), out)
        run = Run(["a1", "b2"])
        task = run.task("slow")
        for event in (run.events[0], HostActivity("a1", "running", 0.0, task)):
            sink.feed(event)
        sink.tick(1.0)
        run.all(task, "ok")
        for event in run.ended()[1:]:
            sink.feed(event)
        sink.close()
        out.flush()
        seen = b""
        while select.select([ours], [], [], 0.2)[0]:
            seen += os.read(ours, 65536)
    os.close(ours)
    text = seen.decode()
    assert "0/2 hosts done, 1 busy" in text
    # Lines printed above the live part stay; the live part itself is wiped, and the cursor comes back.
    assert "\u2713 slow: 2 ok\r\n" in text
    before, after = text.rsplit("\x1b[?25h", 1)
    wiped = "\r\x1b[1A\x1b[2K"
    assert after.startswith(wiped)
    assert after.replace("\x1b[1A\x1b[2K", "") == "\r2 hosts: 2 fine; tasks: 2 ok, 1.0s\r\n"
