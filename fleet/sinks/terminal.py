"""The display for people: what is going on now at the bottom, what is done above it, folded over hosts."""

from __future__ import annotations

import sys
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any, TextIO

from fleet.events import (
    Event,
    HostActivity,
    HostLeft,
    HostStats,
    Included,
    ItemResult,
    NoHosts,
    Noted,
    PlayEnded,
    PlayStarted,
    Retrying,
    RunEnded,
    RunStarted,
    TaskResult,
    Warned,
)
from fleet.record import record
from fleet.sinks.folding import TaskFold
from fleet.sinks.hostnames import fold, natural
from fleet.sinks.order import Identity, Order, identity
from fleet.sinks.stats import counters
from fleet.sinks.values import one_line, safe, shorten

REFRESH = 1 / 8
MOST_HOSTS = 6
STYLES = {
    "ok": "green",
    "changed": "yellow",
    "skipped": "dim",
    "failed": "red",
    "unreachable": "bold red",
    "ignored": "magenta",
    "rescued": "magenta",
    "warning": "magenta",
    "play": "bold",
    "dim": "dim",
    "+": "green",
    "-": "red",
    "@": "cyan",
}
MARKS = {
    "ok": "✓",
    "changed": "✎",
    "skipped": "·",
    "failed": "✗",
    "unreachable": "✗",
    "play": "▶",
    "warning": "!",
}
ASCII = {
    "ok": "+",
    "changed": "~",
    "skipped": ".",
    "failed": "x",
    "unreachable": "x",
    "play": ">",
    "warning": "!",
}
TOTALS = ("changed", "failed", "unreachable", "skipped", "rescued", "ignored")


@record
class TerminalOptions:
    """``color`` and ``live`` None: yes on a terminal."""

    verbosity: int = 0
    color: bool | None = None
    live: bool | None = None


DEFAULTS = TerminalOptions()


def color_wanted(environ: Mapping[str, str]) -> bool | None:
    """What the user's environment says about colour; None when nothing."""

    def true(name: str) -> bool:
        return environ.get(name, "").lower() in ("1", "true", "yes", "on", "y", "t")

    if environ.get("NO_COLOR") or true("ANSIBLE_NOCOLOR"):
        return False
    if environ.get("FORCE_COLOR", "0") not in ("", "0") or true("ANSIBLE_FORCE_COLOR"):
        return True
    return False if environ.get("TERM") == "dumb" else None


@dataclass(slots=True)
class _Busy:
    """What a host does, and since when."""

    what: str
    since: float


class Terminal:
    """A sink for a terminal, or for a file (then without the live part)."""

    def __init__(self, options: TerminalOptions = DEFAULTS, out: TextIO | None = None) -> None:
        from rich.console import Console

        out = out if out is not None else sys.stdout
        tty = out.isatty()
        self._options = options
        color = tty if options.color is None else options.color
        self._live_wanted = tty if options.live is None else options.live
        self._console = Console(
            file=out,
            force_terminal=color or self._live_wanted,
            no_color=not color,
            highlight=False,
            markup=False,
            emoji=False,
            legacy_windows=False,
        )
        self._encoding = (getattr(out, "encoding", None) or "utf-8").lower()
        self._marks = MARKS if self._encoding.startswith("utf") else ASCII
        self._live: Any = None
        self._last_refresh = float("-inf")
        self._order = Order()
        self._fold: TaskFold | None = None
        self._mark: Identity | None = None
        self._play: PlayStarted | None = None
        self._said: set[str] = set()
        self._busy: dict[str, _Busy] = {}
        self._left: dict[str, str] = {}
        self._bad: dict[str, str] = {}
        self._started: set[str] = set()
        self._interrupted: dict[str, str] = {}
        self._early: set[str] = set()
        self._now = 0.0
        self._asking = False

    def feed(self, event: Event) -> None:
        """Note what is going on; print what is done, in the order of tasks."""
        if not isinstance(event, HostActivity):
            self._asking = isinstance(event, Noted) and event.asks
        if self._asking:
            self._stop()
        self._note(event)
        for shown in self._order.feed(event):
            self._show(shown)

    def tick(self, now: float) -> None:
        """Draw the live part anew, at most eight times a second."""
        self._now = max(self._now, now)
        if self._asking:
            return
        if now - self._last_refresh >= REFRESH and self._live_wanted and self._play is not None:
            self._last_refresh = now
            self._draw()

    def close(self) -> None:
        """Print what still waits and give the terminal back."""
        for event in self._order.flush():
            self._show(event)
        self._finish_task()
        self._stop()

    # What is going on.

    def _note(self, event: Event) -> None:
        match event:
            case PlayStarted():
                self._busy.clear()
                self._left.clear()
                self._bad.clear()
                self._started.clear()
            case HostActivity():
                self._now = max(self._now, event.clock)
                self._started.add(event.host)
                if event.state == "idle":
                    self._busy.pop(event.host, None)
                else:
                    self._busy[event.host] = _Busy(_doing(event), event.clock)
            case TaskResult() | ItemResult():
                self._now = max(self._now, event.clock)
                self._started.add(event.host)
                if isinstance(event, TaskResult) and counters(event)[:1] in (("failed",), ("unreachable",)):
                    self._bad[event.host] = event.task.name
            case HostLeft():
                busy = self._busy.pop(event.host, None)
                if event.why == "interrupted" and busy is not None:
                    self._interrupted[event.host] = busy.what
                self._left[event.host] = event.why
                if event.why in ("aborted", "interrupted"):
                    self._early.add(event.host)

    def _draw(self) -> None:
        from rich.live import Live
        from rich.text import Text

        if self._live is None:
            self._live = Live(
                console=self._console,
                auto_refresh=False,
                transient=True,
                redirect_stdout=False,
                redirect_stderr=False,
                vertical_overflow="crop",
            )
            self._live.start()
        text = Text("\n".join(self.status_lines()), style=self._style("dim"), no_wrap=True, overflow="crop")
        self._live.update(text, refresh=True)

    def status_lines(self) -> list[str]:
        """The live part: one line on the play, then the hosts that are busy for the longest time."""
        width, height = self._console.size
        play = self._play
        total = len(play.hosts) if play else 0
        parts = [f"{len(self._left)}/{total} hosts done"]
        parts += [f"{len(self._busy)} busy"] if self._busy else []
        parts += [f"{len(self._bad)} failed: {fold(map(one_line, self._bad), 4)}"] if self._bad else []
        lines = [f"{one_line(play.name) if play else ''}: {', '.join(parts)}  {_span(self._now)}"]
        busy = sorted(self._busy.items(), key=lambda item: (item[1].since, natural(item[0])))
        room = max(1, min(MOST_HOSTS, height - 4))
        for host, what in busy[:room]:
            lines.append(f"  {one_line(host)}: {what.what}  {_span(self._now - what.since)}")
        if len(busy) > room:
            lines.append(f"  and {len(busy) - room} more hosts")
        # One column is left free: some terminals wrap when the last one is written.
        return [self._fit(shorten(line, width - 1, "~")) for line in lines]

    def _stop(self) -> None:
        if self._live is not None:
            self._live.stop()
            self._live = None

    # What is done.

    def _show(self, event: Event) -> None:
        match event:
            case TaskResult() | ItemResult() | Included() | Retrying():
                self._take(event)
            case RunStarted():
                if event.check:
                    self._print("warning", "check mode: nothing will be changed")
            case PlayStarted():
                self._finish_task()
                self._play = event
                batch = f", batch {event.batch} of {event.batches}" if event.batches > 1 else ""
                count = f"{len(event.hosts)} host" + ("" if len(event.hosts) == 1 else "s")
                self._print("play", f"{one_line(event.name)} ({count}{batch})")
            case PlayEnded():
                self._finish_task()
            case NoHosts():
                self._finish_task()
                why = "no hosts are left" if event.remaining else "no hosts matched"
                self._print("warning", f"{one_line(event.name)}: {why}")
            case Warned():
                self._warn(event)
            case Noted():
                if self._options.verbosity >= event.level:
                    host = f"{one_line(event.host)}: " if event.host else ""
                    self._print("dim", f"{host}{safe(event.message)}", mark=False)
            case RunEnded():
                self._finish_task()
                self._stop()
                self._end(event)

    def _take(self, event: TaskResult | ItemResult | Included | Retrying) -> None:
        mark = identity(event.task)
        if mark != self._mark:
            self._finish_task()
            self._mark, self._fold = mark, TaskFold(event.task, self._options.verbosity)
        if self._fold is not None:
            self._fold.feed(event)

    def _finish_task(self) -> None:
        done, self._fold, self._mark = self._fold, None, None
        if done is None:
            return
        alone = self._play is not None and len(self._play.hosts) == 1
        for number, (style, text) in enumerate(done.lines(alone)):
            self._print(style, text, mark=number == 0)

    def _warn(self, event: Warned) -> None:
        text = f"{f'{event.at}: ' if event.at else ''}{safe(event.message)}"
        if text not in self._said:
            self._said.add(text)
            self._print("warning", ("deprecated: " if event.deprecation else "") + text)

    def _end(self, event: RunEnded) -> None:
        if event.interrupted:
            self._interruption()
        for text, style in recap(event.stats):
            self._print(style, text, mark=False)
        self._print("play", f"{totals(event.stats, self._early)}, {_span(event.seconds)}", mark=False)

    def _interruption(self) -> None:
        doing: dict[str, list[str]] = defaultdict(list)
        for host, what in {
            **self._interrupted,
            **{host: busy.what for host, busy in self._busy.items()},
        }.items():
            doing[what].append(host)
        self._print("warning", "interrupted")
        for what, hosts in doing.items():
            self._print("warning", f"    in the middle of {what}: {fold(map(one_line, hosts))}", mark=False)
        waiting = [host for host in (self._play.hosts if self._play else ()) if host not in self._started]
        if waiting:
            self._print("warning", f"    not started: {fold(map(one_line, waiting))}", mark=False)

    def _print(self, style: str, text: str, mark: bool = True) -> None:
        from rich.text import Text

        if mark:
            text = f"{self._marks.get(style, ' ')} {text}"
        self._console.print(Text(self._fit(text), style=self._style(style)), soft_wrap=True)

    def _style(self, name: str) -> str:
        return "" if self._console.no_color else STYLES.get(name, "")

    def _fit(self, text: str) -> str:
        """``text`` in signs that the terminal's encoding has."""
        return text.encode(self._encoding, "backslashreplace").decode(self._encoding)


def _doing(event: HostActivity) -> str:
    what = one_line(event.task.name) if event.task is not None and event.state == "running" else event.state
    return f"{what} ({one_line(event.detail)})" if event.detail else what


def _span(seconds: float) -> str:
    whole = int(max(0.0, seconds))
    if whole < 60:
        return f"{whole}s" if whole >= 10 else f"{max(0.0, seconds):.1f}s"
    hours, rest = divmod(whole, 3600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def recap(stats: Mapping[str, HostStats]) -> Iterable[tuple[str, str]]:
    """A line for hosts that ended alike, the worst last; hosts where all was ok are left out."""
    alike: dict[tuple[int, ...], list[str]] = defaultdict(list)
    for host, line in stats.items():
        alike[line.unreachable, line.failed, line.rescued, line.ignored, line.changed].append(host)
    names = ("unreachable", "failed", "rescued", "ignored", "changed")
    for counts, hosts in sorted(alike.items()):
        if any(counts):
            said = ", ".join(f"{count} {name}" for count, name in zip(counts, names, strict=True) if count)
            style = next(name for count, name in zip(counts, names, strict=True) if count)
            yield f"  {fold(map(one_line, hosts))}: {said}", style


def totals(stats: Mapping[str, HostStats], early: Collection[str] = ()) -> str:
    """One line on the whole run. ``early`` hosts had not done all when it ended for all."""
    bad = {host for host, line in stats.items() if line.failed or line.unreachable}
    cut = stats.keys() & (set(early) - bad)
    hosts = f"{len(stats)} host" + ("" if len(stats) == 1 else "s")
    parts = [f"{len(stats) - len(bad) - len(cut)} fine"]
    parts += [f"{count} {what}" for count, what in ((len(bad), "not"), (len(cut), "ended early")) if count]
    counts = [f"{sum(line.ok for line in stats.values())} ok"]
    counts += [f"{count} {name}" for name in TOTALS if (count := sum(getattr(line, name) for line in stats.values()))]
    return f"{hosts}: {', '.join(parts)}; tasks: {', '.join(counts)}"
