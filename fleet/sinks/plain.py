"""Output line for line as ansible-playbook prints it: for logs, pipes, and tools that read such output."""

from __future__ import annotations

import os
import sys
from collections.abc import Callable
from typing import Any, Literal, TextIO

from fleet.events import (
    Event,
    HostActivity,
    Included,
    ItemResult,
    NoHosts,
    Noted,
    Notified,
    PlaybookStarted,
    PlayStarted,
    Polled,
    Retrying,
    RunEnded,
    RunStarted,
    TaskRef,
    TaskResult,
    Warned,
)
from fleet.record import record
from fleet.sinks import diffs, failures, pretty
from fleet.sinks.order import Identity, Order, identity
from fleet.sinks.recap import custom_lines, recap_lines
from fleet.sinks.values import columns, safe

COLOURS = {
    "ok": "0;32",
    "changed": "0;33",
    "skipped": "0;36",
    "failed": "0;31",
    "unreachable": "1;31",
    "warning": "1;35",
    "deprecation": "0;35",
    "detail": "0;34",
    "+": "0;32",
    "-": "0;31",
    "@": "0;36",
}
WORDS = {"ok": "ok", "changed": "changed", "skipped": "skipping"}


@record
class PlainOptions:
    """How the plain output looks. The names are those of ansible.cfg's settings where there is one.

    ``width`` is the column in which banners end, 79 or the terminal's width less one, whichever is more.
    ``heading`` is the first line with ``-v``: which settings count.
    ``format_pretty``: results over several lines always, or never; None: as the verbosity and the task say.
    """

    verbosity: int = 0
    width: int = 79
    color: bool = False
    notes: int = 0
    """Up to which level details are told, where that is more than the verbosity."""
    result_format: Literal["json", "yaml"] = "json"
    format_pretty: bool | None = None
    display_skipped_hosts: bool = True
    display_ok_hosts: bool = True
    display_failed_stderr: bool = False
    display_args_to_stdout: bool = False
    check_mode_markers: bool = False
    show_task_path_on_failure: bool = False
    show_custom_stats: bool = False
    heading: str = ""


DEFAULTS = PlainOptions()


class Plain:
    """A sink that prints to ``out``, and warnings to ``err``."""

    def __init__(self, options: PlainOptions = DEFAULTS, out: TextIO | None = None, err: TextIO | None = None) -> None:
        self._options = options
        # Events come masked; the lines of the user's files that explain one do not.
        self.mask: Callable[[str], str] = str
        self._out = out if out is not None else sys.stdout
        self._err = err if err is not None else sys.stderr
        self._order = Order(free=True)
        self._banner: Identity | None = None
        self._said: set[int] = set()
        self._dry = False
        # With hidden results a banner is printed only when something follows it.
        self._lazy = not (options.display_skipped_hosts and options.display_ok_hosts)

    def feed(self, event: Event) -> None:
        """Print what can be printed now, in the order of tasks."""
        self._print(self._order.feed(event))

    def tick(self, now: float) -> None:
        """Nothing here depends on time."""

    def close(self) -> None:
        """Print what still waits."""
        self._print(self._order.flush())

    def _print(self, events: list[Event]) -> None:
        at = 0
        while at < len(events):
            event = events[at]
            if isinstance(event, Included):
                at = self._included(events, at)
                continue
            self._one(event)
            at += 1
        if events:
            self._out.flush()

    def _one(self, event: Event) -> None:
        match event:
            case TaskResult():
                self._result(event)
            case ItemResult():
                self._item(event)
            case HostActivity():
                if event.task is not None and not self._lazy and event.task.kind != "include":
                    self._title(event.task)
            case Retrying():
                self._retrying(event)
            case Polled():
                self._title(event.task)
                self._line(f"ASYNC POLL on {event.host}: jid={event.job} started=True finished=False", "detail")
            case Notified():
                if self._options.verbosity >= 2:
                    self._title(event.task)
                    for name in event.handlers:
                        self._line(f"Notification for handler {name} has been saved.", "detail")
            case Warned():
                self._warned(event)
            case Noted():
                if max(self._options.notes, self._options.verbosity) >= event.level:
                    text = f"<{event.host}> {event.message}" if event.host else event.message
                    self._line(text, "detail" if event.level else "")
            case _:
                self._frame(event)

    # The frame: plays, banners, the recap.

    def _frame(self, event: Event) -> None:
        match event:
            case RunStarted():
                if self._options.verbosity and self._options.heading:
                    self._line(self._options.heading)
                self._dry = event.check and self._options.check_mode_markers
                if self._dry:
                    self._stars("DRY RUN")
            case PlaybookStarted():
                if self._options.verbosity >= 2:
                    self._stars(f"PLAYBOOK: {os.path.basename(event.path)}")
                    if event.plays:
                        self._line(f"{event.plays} plays in {event.path}")
            case PlayStarted():
                self._play(event.name, event.check)
            case NoHosts():
                # Ansible says so only of a play that its own limit ended, whoever else failed.
                if event.limit:
                    self._stars("NO MORE HOSTS LEFT")
                elif not event.remaining:
                    self._play(event.name, self._dry)
                    self._line("skipping: no hosts matched", "skipped")
            case RunEnded():
                self._recap(event)

    def _play(self, name: str, check: bool = False) -> None:
        self._banner = None
        self._stars(f"PLAY [{name.strip()}]{self._marker(check)}" if name.strip() else "PLAY")

    def _marker(self, check: bool) -> str:
        return " [CHECK MODE]" if check and self._options.check_mode_markers else ""

    def _title(self, task: TaskRef) -> None:
        """The banner of ``task``, unless it is the last one printed."""
        mark = identity(task)
        if mark == self._banner:
            return
        self._banner = mark
        args = ""
        if self._options.display_args_to_stdout and task.args and not task.no_log:
            args = " " + ", ".join(f"{key}={value}" for key, value in task.args.items())
        kind = "RUNNING HANDLER" if task.kind == "handler" else "TASK"
        self._stars(f"{kind} [{task.name.strip()}{args}]{self._marker(task.check)}")
        if self._options.verbosity >= 2:
            self._path(task)

    def _path(self, task: TaskRef, failed: bool = False) -> None:
        if task.at is not None:
            text = f"task path: {task.at.path}:{task.at.line}"
            self._line(text, "failed" if failed else "detail", failed and self._options.display_failed_stderr)

    def _stars(self, text: str) -> None:
        text = safe(text).replace("\n", " ")
        self._line(f"\n{text} " + "*" * max(3, self._options.width - columns(text)))

    def _recap(self, event: RunEnded) -> None:
        self._stars("PLAY RECAP")
        for line in recap_lines(event.stats, self._options.color):
            self._write(line + "\n", self._out)
        self._line("")
        if self._options.show_custom_stats and event.custom:
            self._stars("CUSTOM STATS:")
            for line in custom_lines(event.custom):
                self._line(line)
            self._line("")
        if self._dry:
            self._stars("DRY RUN")

    # Results.

    def _result(self, event: TaskResult) -> None:
        task = event.task
        if event.status in ("failed", "unreachable"):
            self._failed(event)
            return
        skipped = event.status == "skipped"
        if (event.looped and not skipped) or self._hidden(event.status):
            return
        if task.kind == "include" and not skipped:
            return
        self._title(task)
        self._job(event)
        self._diff(event)
        self._line(f"{WORDS[event.status]}: {_host(event)}{self._details(event)}", event.status)

    def _item(self, event: ItemResult) -> None:
        fine = event.status in ("ok", "changed")
        if self._hidden(event.status) or (fine and event.task.kind == "include"):
            return
        label = f"(item={event.label})"
        if event.status in ("failed", "unreachable"):
            self._title(event.task)
            self._job(event)
            self._explain(event)
            text = f"failed: {_host(event)} {label} => {self._dump(event)}"
            self._line(text, "failed", self._options.display_failed_stderr)
            return
        self._title(event.task)
        self._job(event)
        self._diff(event)
        # Skipped items end in a blank, as Ansible's do.
        end = " " if event.status == "skipped" else ""
        self._line(f"{WORDS[event.status]}: {_host(event)} => {label}{end}{self._details(event)}", event.status)

    def _failed(self, event: TaskResult) -> None:
        to_err, payload = (
            self._options.display_failed_stderr,
            pretty.short(event.task.action) in pretty.PAYLOAD_ONLY,
        )
        self._title(event.task)
        # The items said it all.
        if not event.looped or event.status == "unreachable" or payload:
            if not event.looped:
                self._job(event)
                self._explain(event)
            if self._options.show_task_path_on_failure and self._options.verbosity < 2:
                self._path(event.task, failed=True)
            word = "UNREACHABLE!" if event.status == "unreachable" else "FAILED!"
            self._line(f"fatal: {_host(event)}: {word} => {self._dump(event)}", event.status, to_err)
        if event.ignored:
            self._line("...ignoring", "skipped")

    def _job(self, event: TaskResult | ItemResult) -> None:
        """How a task with ``async`` that was waited for came out."""
        late = event.result.get("async_result")
        state = late if isinstance(late, dict) else event.result
        waited = state is late or state.get("finished") is True
        if waited and "ansible_job_id" in state and pretty.short(event.task.action) != "async_status":
            word = "FAILED" if event.status in ("failed", "unreachable") else "OK"
            self._line(f"ASYNC {word} on {event.host}: jid={state['ansible_job_id']}", "detail")

    def _explain(self, event: TaskResult | ItemResult) -> None:
        text = self.mask(failures.explain(event.task, event.result, event.status == "unreachable"))
        # Hosts that fail alike are explained once.
        if self._first_time(text):
            to_err = self._options.display_failed_stderr or failures.unfound(event.task, event.result)
            self._line(text, "failed", to_err)

    def _first_time(self, text: str) -> bool:
        # The hash stands for the text: a failure's message may be megabytes long.
        mark = hash(text)
        new = mark not in self._said
        self._said.add(mark)
        return new

    def _hidden(self, status: str) -> bool:
        options = self._options
        return (status == "skipped" and not options.display_skipped_hosts) or (
            status == "ok" and not options.display_ok_hosts
        )

    def _details(self, event: TaskResult | ItemResult) -> str:
        """`` => {...}`` if this result is to be shown in full."""
        action = event.task.action
        if event.status == "skipped":
            detailed = self._options.verbosity > 0
        else:
            detailed = pretty.wanted(event.result, action, self._options.verbosity)
        return f" => {self._dump(event)}" if detailed else ""

    def _dump(self, event: TaskResult | ItemResult) -> str:
        action, verbosity = event.task.action, self._options.verbosity
        looped = isinstance(event, TaskResult) and event.looped and event.status != "unreachable"
        # An empty loop is skipped without an item, but has its list of results all the same.
        looped = looped or event.status == "skipped"
        found = pretty.shown(event.result, action, verbosity, looped)
        choice = self._options.format_pretty
        if self._options.result_format == "yaml":
            return pretty.as_yaml(found, faithful=choice is False)
        wide = event.status != "skipped" and not looped and pretty.always(event.result, action)
        return pretty.as_json(found, wide=wide or verbosity >= 3 if choice is None else choice)

    def _diff(self, event: TaskResult | ItemResult) -> None:
        if "diff" in event.result and event.status == "changed":
            for line in diffs.render(event.result, self._options.result_format == "yaml"):
                self._line(line, line[:1])

    def _retrying(self, event: Retrying) -> None:
        self._title(event.task)
        text = f"FAILED - RETRYING: {_host(event)}: {event.task.name} ({event.left} retries left)."
        if self._options.verbosity >= 3:
            found = pretty.shown(event.result, event.task.action, self._options.verbosity)
            text += f"Result was: {pretty.as_json(found, wide=True)}"
        self._line(text, "detail")

    def _included(self, events: list[Event], at: int) -> int:
        """Print one line for the includes from ``at`` on that are alike; give back the index behind them."""
        first, hosts = events[at], []
        assert isinstance(first, Included)
        while at < len(events):
            event = events[at]
            if not isinstance(event, Included) or (event.path, event.label) != (first.path, first.label):
                break
            if identity(event.task) != identity(first.task):
                break
            hosts.append(event.host)
            at += 1
        self._title(first.task)
        label = "" if first.label is None else f" => (item={first.label})"
        self._line(f"included: {first.path} for {', '.join(hosts)}{label}", "skipped")
        return at

    def _warned(self, event: Warned) -> None:
        kind = "deprecation" if event.deprecation else "warning"
        head = "[DEPRECATION WARNING]" if event.deprecation else "[WARNING]"
        text = f"{head}: {event.message}" + (f"\n{self.mask(failures.origin(event.at))}" if event.at else "")
        if self._first_time(text):
            self._line(text, kind, to_err=True)
            self._err.flush()

    def _line(self, text: str, colour: str = "", to_err: bool = False) -> None:
        text = safe(text)
        code = COLOURS.get(colour) if self._options.color else None
        if code:
            text = "\n".join(f"\x1b[{code}m{line}\x1b[0m" for line in text.split("\n"))
        self._write(text + "\n", self._err if to_err else self._out)

    def _write(self, text: str, stream: TextIO) -> None:
        try:
            stream.write(text)
        except UnicodeEncodeError:
            encoding = getattr(stream, "encoding", None) or "ascii"
            stream.write(text.encode(encoding, "backslashreplace").decode(encoding))


def _host(event: TaskResult | ItemResult | Retrying) -> str:
    status: Any = getattr(event, "status", "")
    if event.delegated and status != "skipped":
        return f"[{event.host} -> {event.delegated}]"
    return f"[{event.host}]"
