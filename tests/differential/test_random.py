"""Random plays, as in the property tests of the engine, run by both tools: on one host, and on two or three.

``FLEET_TEST_SEED`` is the first play, ``FLEET_TEST_PLAYS`` how many there are (12).

Four things are left out, where ansible-core does what nobody can have meant (``settled``, docs/compatibility.md):

- ``ignore_errors`` with a template beside ``any_errors_fatal``: a template counts as true before it
  is rendered, so the failure is the end of its own host alone, although nothing ignores it.
- ``max_fail_percentage`` beside ``force_handlers``: a host counts as failed only when its handlers have run, so the
  others are not stopped.
- A handler that fails in a flush that something goes on after (a rescue; an always section where handlers are
  forced): the next flush starts behind that handler, and passes over what was notified before it.
- ``run_once`` in a block with a rescue: where it fails, hosts that were in an always section by then do not run it,
  and the others leave the play without a word.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest
import yaml

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "engine"))

from random_plays import SCRIPT, Author, write_files

FIRST = int(os.environ.get("FLEET_TEST_SEED", "1000"))
PLAYS = int(os.environ.get("FLEET_TEST_PLAYS", "12"))
BUNCH = 6
LAST = "- hosts: all\n  gather_facts: false\n  tasks:\n" + "".join(
    f"    - {{command: none, when: false, register: r{number}}}\n" for number in range(1, 5)
)
"""A name that nothing registers is a mistake for fleet before anything runs."""


def settled(text: str) -> str:
    """The play without what ansible-core does otherwise by mistake."""
    [play] = yaml.safe_load(text)
    if "max_fail_percentage" in play:
        play.pop("force_handlers", None)
    fatal = "any_errors_fatal" in text
    can_fail = any(
        " fail " in handler["command"] or ".stdout !=" in str(handler.get("when")) for handler in play["handlers"]
    )
    for section in ("pre_tasks", "tasks"):
        settle(play.get(section) or (), fatal, can_fail, "force_handlers" in play)
    return yaml.safe_dump([play], sort_keys=False, width=1000)


def settle(nodes: Sequence[dict], fatal: bool, can_fail: bool, forced: bool, goes_on: bool = False) -> None:
    """``goes_on``: a failure here is not the end."""
    for node in nodes:
        if fatal and "{{" in str(node.get("ignore_errors")):
            node["ignore_errors"] = True
        if goes_on:
            node.pop("run_once", None)
        if can_fail and goes_on and node.get("meta") == "flush_handlers":
            node["meta"] = "noop"
        kept = goes_on or (forced and "always" in node)
        settle(node.get("block", ()), fatal, can_fail, forced, kept or "rescue" in node)
        settle(node.get("rescue", ()), fatal, can_fail, forced, kept)
        settle(node.get("always", ()), fatal, can_fail, forced, goes_on)


@pytest.mark.parametrize("first", range(FIRST, FIRST + PLAYS, BUNCH))
def test_random_plays_tell_the_same_story(flow, same, first):
    for side in flow:
        tool = side.folder.parent / "do"
        tool.write_text(SCRIPT)
        tool.chmod(0o755)
        write_files(side.folder)
    for seed in range(first, min(first + BUNCH, FIRST + PLAYS)):
        hosts = ("a", "b", "c")[: 1 + seed % 3]
        author = Author(seed, size=10, hosts=len(hosts))
        text = author.play()
        if author.free:
            continue  # whose line comes when is nobody's promise
        text = settled(text)
        for side in flow:
            (side.folder / "random.yml").write_text(text + LAST)
        try:
            same(flow, "random.yml", "-e", "DO={{ place }}/do", "--limit", ",".join(hosts))
        except pytest.fail.Exception as error:
            pytest.fail(f"seed {seed}\n{text}\n{error}", pytrace=False)
