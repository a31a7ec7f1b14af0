"""What ``--list-hosts``, ``--list-tasks`` and ``--list-tags`` print: the text ansible-playbook prints. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby
from typing import TYPE_CHECKING

from fleet.plan.compile import Context
from fleet.plan.startat import shown_name
from fleet.plan.tree import Node, TaskNode

if TYPE_CHECKING:
    from fleet.engine.prepare import Prepared


def listing(plays: Sequence[Prepared], hosts: bool, tasks: bool, tags: bool) -> str:
    """The plays, playbook by playbook; with their hosts, the tasks the tags select, all tags of those."""
    lines: list[str] = []
    for path, group in groupby(plays, key=lambda prepared: prepared.playbook):
        lines += ["", f"playbook: {path}"]
        for number, prepared in enumerate(group, 1):
            lines += ["", *_play(number, prepared, hosts, tasks, tags)]
    return "".join(f"{line}\n" for line in lines)


def _play(number: int, prepared: Prepared, hosts: bool, tasks: bool, tags: bool) -> Iterator[str]:
    play, render = prepared.play, prepared.compiler.render
    pattern = render(play.hosts, ())
    patterns = [str(item) for item in pattern] if isinstance(pattern, list) else [str(pattern)]
    own = dict.fromkeys(prepared.compiler.tags(prepared.plan.kw, Context(prepared.plan.kw)))
    name = str(render(play.name, ()))
    yield f"  play #{number} ({','.join(patterns)}): {name}\tTAGS: [{','.join(own)}]"
    if hosts:
        yield f"    pattern: {patterns}"
        yield f"    hosts ({len(prepared.hosts)}):"
        yield from (f"      {host}" for host in prepared.hosts)
    if not (tasks or tags):
        return
    if tasks:
        yield "    tasks:"
    # Ansible counts a play's own tags even where no task is selected.
    found = set(own)
    for node in _listed(prepared.plan.nodes):
        its = sorted(set(prepared.compiler.tags(node.kw, Context(node.kw, node.role))))
        found.update(its)
        if tasks:
            yield f"      {_label(node)}\tTAGS: [{', '.join(its)}]"
    if tags:
        yield f"      TASK TAGS: [{', '.join(sorted(found))}]"


def _listed(nodes: Iterable[Node]) -> Iterator[TaskNode]:
    """The tasks that are shown: neither what rescues or ends blocks, nor what nobody wrote."""
    for node in nodes:
        if not isinstance(node, TaskNode):
            yield from _listed(node.block)
        elif not (node.implicit and node.action in ("meta", "gather_facts")):
            yield node


def _label(node: TaskNode) -> str:
    """``role : name``; a task without a name is its module, without the role."""
    return shown_name(node) if node.task.name else node.task.action
