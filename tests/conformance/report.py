"""Results of a run of the suite, for people: a summary on the screen, a table in Markdown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from outcome import Outcome, same_calls
from source import VERSION
from target import Target, reasons


def summary(chosen: Sequence[Target], found: Mapping[str, Mapping[str, Outcome]]) -> str:
    """What passed, how many commands ended as expected, and how long it took."""
    lines = []
    for tool, outcomes in found.items():
        passed = sum(outcome.status == "pass" for outcome in outcomes.values())
        pairs = [same_calls(outcomes[target.name], target) for target in chosen if target.name in outcomes]
        same, all_ = sum(pair[0] for pair in pairs), sum(pair[1] for pair in pairs)
        seconds = sum(outcome.seconds for outcome in outcomes.values())
        share = f", {same} of {all_} commands ({same / all_:.1%}) end with Ansible's exit code" if all_ else ""
        lines.append(f"{tool}: {passed} of {len(outcomes)} targets pass{share}; {seconds:.0f} s")
    if len(found) == 2:
        times = [sum(outcome.seconds for outcome in outcomes.values()) for outcomes in found.values()]
        lines.append(f"time: {times[0] / times[1]:.2f} of Ansible's")
    return "\n".join(lines)


def write_system(path: Path, chosen: Sequence[Target], found: Mapping[str, Mapping[str, Outcome]], told: str) -> None:
    """Write the table of targets that change the system: what real Ansible came to on an equal host is the measure.

    Where it was not run again, what is on record counts."""
    why = reasons()
    mine = found["fleet"]
    theirs = {target.name: target.oracle.status for target in chosen if target.oracle}
    theirs.update({name: outcome.status for name, outcome in found.get("ansible", {}).items()})
    able = {name for name, status in theirs.items() if status == "pass"}
    whole = {name for name in able if mine[name].status == "pass"}
    share = f" ({len(whole) / len(able):.0%})" if able else ""
    lines = [
        "# Conformance on hosts that are changed",
        "",
        f"ansible-core {VERSION}'s integration targets that change users, packages, services and the like, each on a",
        "fresh Debian host of its own. Made by `make conformance-system`; do not edit. Where Ansible was not run again",
        "beside fleet (`--oracle`) what it came to on such a host before counts (tests/conformance/targets.json).",
        "",
        f"- of {len(able)} targets that pass with Ansible there, {len(whole)}{share} pass whole with fleet",
        *(f"- {line}" for line in told.splitlines()),
        "",
        "| target | Ansible | fleet | reason |",
        "|---|---|---|---|",
    ]
    for target in sorted(chosen, key=lambda each: (each.name not in able, each.name in whole, each.name)):
        own, other = mine[target.name].status, theirs.get(target.name, "not run")
        reason = "" if own == "pass" else why.get(target.name, "not yet looked into")
        lines.append(f"| {target.name} | {other} | {own} | {reason} |")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")


def write(path: Path, chosen: Sequence[Target], found: Mapping[str, Mapping[str, Outcome]], told: str) -> None:
    """Write the table: each target, and for each that does not pass whole the reason. ``told`` is the summary."""
    why, mine = reasons(), found["fleet"]
    lines = [
        "# Conformance",
        "",
        f"ansible-core {VERSION}'s own integration targets, run by fleet. Made by `make conformance`; do not edit.",
        "",
        *(f"- {line}" for line in told.splitlines()),
        "",
        "| target | result | commands | reason |",
        "|---|---|---|---|",
    ]
    for target in sorted(chosen, key=lambda each: (mine[each.name].status == "pass", each.name)):
        outcome = mine[target.name]
        same, all_ = same_calls(outcome, target)
        reason = "" if outcome.status == "pass" else why.get(target.name, "not yet looked into")
        lines.append(f"| {target.name} | {outcome.status} | {f'{same}/{all_}' if all_ else ''} | {reason} |")
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
