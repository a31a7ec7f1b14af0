"""Where what is told goes: the sinks of a run, and warnings before it."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, Any

from fleet.cli import settings as config
from fleet.errors import OptionsError
from fleet.source.diagnostics import Diagnostic, Diagnostics, show

if TYPE_CHECKING:
    from fleet.cli.session import Session
    from fleet.sinks.base import Sink

FORMATS = ("terminal", "plain", "jsonl")


def duplicates(problems: Diagnostics, policy: str) -> None:
    """Keys that stand twice in a mapping: warned about now, a mistake, or passed over."""
    from fleet.source.yaml import DUPLICATE

    mine = [item for item in problems.found if item.warning and item.what.startswith(DUPLICATE)]
    if policy == "error":
        problems.found[:] = [replace(item, warning=False, hint="") if item in mine else item for item in problems.found]
    else:
        problems.found[:] = [item for item in problems.found if item not in mine]
    if policy == "warn":
        for item in dict.fromkeys(mine):
            sys.stderr.write(f"[WARNING]: {item.what}\nOrigin: {item.at}\n\n{item.hint}\n")


def show_warnings(warnings: Iterable[Diagnostic]) -> None:
    for warning in warnings:
        sys.stderr.write(f"[WARNING]: {show(replace(warning, warning=False))}\n")


def sinks(session: Session, more: Sequence[Sink] = ()) -> Sink:
    """What shows the run, and ``more``."""
    from fleet.sinks import sink_class
    from fleet.sinks.fanout import Fanout

    given, settings = session.given, session.settings
    shape = given.format or ("terminal" if sys.stdout.isatty() else "plain")
    if shape not in FORMATS:
        raise OptionsError(f"--format {shape!r} is not known", hint=f"use one of: {', '.join(FORMATS)}")
    made: list[Any] = [*more]
    if shape == "plain":
        made.append(sink_class("plain")(plain_options(session)))
    elif shape == "terminal":
        made.append(sink_class("terminal")())
    else:
        made.append(sink_class("jsonl")())
    if given.junit:
        made.append(sink_class("junit")(given.junit))
    if given.log or settings["LOG_PATH"]:
        loud = settings["LOG_VERBOSITY"]
        options = replace(plain_options(session), **({} if loud is None else {"verbosity": loud}))
        made.append(sink_class("log")(given.log or settings["LOG_PATH"], options))
    return Fanout(made, session.secrets)


def plain_options(session: Session) -> Any:
    from fleet.sinks.plain import PlainOptions

    settings = session.settings
    return PlainOptions(
        verbosity=session.options.verbosity,
        notes=5 if settings["DEBUG"] else session.options.verbosity,
        color=bool(settings["FORCE_COLOR"] or (sys.stdout.isatty() and not settings["NOCOLOR"])),
        result_format=settings["RESULT_FORMAT"],
        format_pretty=settings["FORMAT_PRETTY"],
        display_skipped_hosts=settings["DISPLAY_SKIPPED_HOSTS"],
        display_ok_hosts=settings["DISPLAY_OK_HOSTS"],
        display_failed_stderr=settings["DISPLAY_FAILED_STDERR"],
        display_args_to_stdout=settings["DISPLAY_ARGS_TO_STDOUT"],
        check_mode_markers=settings["CHECK_MODE_MARKERS"],
        show_task_path_on_failure=settings["SHOW_TASK_PATH_ON_FAILURE"],
        show_custom_stats=settings["SHOW_CUSTOM_STATS"],
        heading=heading(settings),
    )


def heading(settings: config.Settings) -> str:
    """Which settings count, as the first line with ``-v`` says it."""
    return f"Using {settings.config} as config file" if settings.config else "No config file found; using defaults"
