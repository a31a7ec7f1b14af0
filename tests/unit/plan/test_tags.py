"""Which tasks --tags and --skip-tags select."""

from __future__ import annotations

import pytest

from fleet.plan.tags import selected

# A task's tags; then what is given as --tags / --skip-tags, and whether it runs.
TABLE = [
    ("", "", "", True),
    ("a", "", "", True),
    ("a", "a", "", True),
    ("a b", "b", "", True),
    ("a", "b", "", False),
    ("", "a", "", False),
    ("", "untagged", "", True),
    ("a", "untagged", "", False),
    ("a", "tagged", "", True),
    ("", "tagged", "", False),
    ("a", "all", "", True),
    ("", "all", "", True),
    ("always", "a", "", True),
    ("always", "", "always", False),
    ("always a", "", "a", False),
    ("always", "untagged", "", True),
    ("never", "", "", False),
    ("never", "all", "", False),
    ("never", "never", "", True),
    ("never a", "a", "", True),
    ("never a", "", "", False),
    ("never a", "tagged", "", False),
    ("a", "", "a", False),
    ("a b", "a", "b", False),
    ("", "", "untagged", False),
    ("a", "", "untagged", True),
    ("a", "", "tagged", False),
    ("", "", "tagged", True),
    ("a", "", "all", False),
    ("", "", "all", False),
    ("always", "", "all", True),
    ("always", "", "all always", False),
]


@pytest.mark.parametrize(("tags", "only", "skip", "runs"), TABLE)
def test_selected(tags, only, skip, runs):
    assert selected(tags.split(), frozenset(only.split()), frozenset(skip.split())) is runs
