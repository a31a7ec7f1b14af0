"""What depends on the engine alone: the order of tasks, conditions, loops, failures, handlers, templates."""

from __future__ import annotations

import pytest

BOOKS = "blocks handlers loops include deep conditions templates delegation serial strategy ends forced percentage roles variables results".split()


@pytest.mark.parametrize("name", BOOKS)
def test_the_same_story(flow, same, name):
    same(flow, f"{name}.yml")


def test_plugins_and_collections(flow, same):
    same(flow, "plugins/plugins.yml")


@pytest.mark.parametrize("name", ["blocks", "handlers", "include", "results"])
def test_the_same_story_in_check_mode(flow, same, name):
    same(flow, f"{name}.yml", "--check", "--diff")


@pytest.mark.parametrize(
    "args",
    [(), ("--tags", "x"), ("--tags", "x,y"), ("--skip-tags", "x"), ("--tags", "never"), ("--tags", "tagged"),
     ("--tags", "untagged"), ("--skip-tags", "always"), ("--tags", "all", "--skip-tags", "y"), ("--tags", "inner"),
     ("--tags", "role"), ("--start-at-task", "third"), ("--limit", "b:c"), ("--limit", "group:!other"),
     ("--extra-vars", "over=extra"), ("--force-handlers",)],
    ids=" ".join,
)  # fmt: skip
def test_the_same_selection(flow, same, args):
    same(flow, "tags.yml", *args)
