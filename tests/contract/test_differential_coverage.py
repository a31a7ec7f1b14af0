"""Every module is compared with ansible-core's: some playbook of tests/differential, or a test there, uses it."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from fleet.playbook import registry
from fleet.source.yaml import load_file

DIFFERENTIAL = Path(__file__).parent.parent / "differential"
OWN = {
    "nftables": "fleet's own; Ansible has none",
    "updates": "fleet's own; Ansible has none",
    "reboot_required": "fleet's own; Ansible has none",
}
"""What cannot be compared, each with the reason."""
IN_PYTHON = re.compile(r"(?:^\s*|- |\{)([a-z_0-9.]+): ", re.MULTILINE)
"""A key of YAML in the text of a test."""


SECTIONS = {"tasks", "pre_tasks", "post_tasks", "handlers", "block", "rescue", "always"}


def tasks(value: Any) -> Iterator[str]:
    """The keys of all tasks in a playbook, or in a file of tasks."""
    for entry in value if isinstance(value, list) else ():
        yield from map(str, entry)
        for section in SECTIONS & entry.keys():
            yield from tasks(entry[section])


def named(value: Any) -> Iterator[str]:
    """The names of all tasks in a playbook."""
    for entry in value if isinstance(value, list) else ():
        if "name" in entry:
            yield str(entry["name"])
        for section in SECTIONS & entry.keys():
            yield from named(entry[section])


def used() -> set[str]:
    """The short names of all modules that are compared."""
    names: set[str] = set()
    for path in (DIFFERENTIAL / "playbooks").rglob("*.yml"):
        names.update(tasks(load_file(path)))
    for path in DIFFERENTIAL.glob("test_*.py"):
        names.update(IN_PYTHON.findall(path.read_text(encoding="utf-8")))
    return {module.name for name in names if (module := registry.resolve(name))}


def test_every_module_is_compared_with_ansible_core():
    missing = registry.known().keys() - used() - OWN.keys()
    assert not missing, f"no playbook in tests/differential/playbooks has a task of: {', '.join(sorted(missing))}"


@pytest.mark.parametrize("name", sorted(OWN))
def test_what_cannot_be_compared_is_no_module_of_ansible(name):
    module = registry.resolve(name)
    assert module and module.full_name == f"fleet.builtin.{name}"


def test_a_difference_that_may_be_is_that_of_one_book():
    """Else a task of the same name elsewhere could differ unseen."""
    known = ast.parse((DIFFERENTIAL / "results.py").read_text(encoding="utf-8"))
    table = next(node.value for node in known.body if isinstance(node, ast.Assign) and node.targets[0].id == "KNOWN")
    books = {path.name: set(named(load_file(path))) for path in (DIFFERENTIAL / "playbooks" / "modules").glob("*.yml")}
    for task in {task for task, _ in ast.literal_eval(table)}:
        holders = sorted(book for book, names in books.items() if task in names)
        assert len(holders) == 1, f"{task!r} is a task of {holders}"
