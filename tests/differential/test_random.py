"""Random plays, as in the property tests of the engine, run by both tools: on one host, and on two or three.

``FLEET_TEST_SEED`` is the first play, ``FLEET_TEST_PLAYS`` how many there are (12).
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parents[1] / "unit" / "engine"))

from random_plays import SCRIPT, Author, write_files

FIRST = int(os.environ.get("FLEET_TEST_SEED", "1000"))
PLAYS = int(os.environ.get("FLEET_TEST_PLAYS", "12"))
BUNCH = 6
LAST = "- hosts: all\n  gather_facts: false\n  tasks:\n" + "".join(
    f"    - {{command: none, when: false, register: r{number}}}\n" for number in range(1, 5)
)
"""A name that nothing registers is a mistake for fleet before anything runs."""


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
        for side in flow:
            (side.folder / "random.yml").write_text(text + LAST)
        try:
            same(flow, "random.yml", "-e", "DO={{ place }}/do", "--limit", ",".join(hosts))
        except pytest.fail.Exception as error:
            pytest.fail(f"seed {seed}\n{text}\n{error}", pytrace=False)
