"""Which facts a play reads, as far as its text tells. Pure; a wrong guess costs a round trip, never a fact."""

from __future__ import annotations

import os
import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

from fleet.plan.tree import PlanNode, TaskNode, tasks_of
from fleet.remote import facts as remote_facts

_NAMES = re.compile(r"""\bansible_facts(?:\.|\[\s*['"])(?:ansible_)?(\w+)|\bansible_(\w+)""")


def subjects_read(plan: PlanNode, layers: Iterable[Mapping[str, Any]]) -> frozenset[str]:
    """The subjects (remote.facts) whose facts the play's tasks, templates and variables name."""
    texts: list[str] = []
    folders: set[str] = {os.path.join(plan.play.folder, "templates")}
    for node in [*tasks_of(plan.nodes), *plan.handlers]:
        texts.append(_text_of(node))
        if node.role is not None:
            folders.add(os.path.join(node.role.role.path, "templates"))
    for use in plan.roles:
        texts += [repr(use.role.vars), repr(use.role.defaults)]
    texts += [repr(layer) for layer in layers if layer]
    if any("template" in text for text in texts):
        texts += [text for folder in folders for text in _files(folder)]
    found: set[str] = set()
    for text in texts:
        for match in _NAMES.finditer(text):
            name = match.group(1) or match.group(2)
            if name in remote_facts.SUBJECT_OF:
                found.add(remote_facts.SUBJECT_OF[name])
    return frozenset(found)


def _text_of(node: TaskNode) -> str:
    kw = {name: value for name, value in node.task.keywords.items() if name != "name"}
    parts = (node.task.action, dict(node.task.args), kw, node.kw.get("when"), node.task.loop, node.task.name)
    return " ".join(map(repr, parts))


def _files(folder: str) -> list[str]:
    found = []
    for base, _, names in os.walk(folder):
        for name in names[:200]:
            path = Path(base, name)
            try:
                if path.stat().st_size < 1 << 18:
                    found.append(path.read_text(encoding="utf-8", errors="replace"))
            except OSError:
                continue
    return found
