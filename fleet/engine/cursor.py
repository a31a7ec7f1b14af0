"""A host's place in the tree of blocks: an immutable stack of frames, and how it moves on. Pure.

Because a cursor never changes, every step that was sent ahead keeps the cursor it was sent from, and
a failure simply continues from there.
"""

from __future__ import annotations

from typing import NamedTuple

from fleet.events import Key
from fleet.plan.tree import BlockNode, Node, TaskNode

SECTIONS = {"play": 0, "block": 0, "rescue": 1, "always": 2, "include": 0, "handlers": 0, "forced": 1}


class Frame(NamedTuple):
    """One level: a list of nodes, the place in it, and what the list is.

    ``block`` is the node whose section it is. ``failing``: an always section that runs on the way out.
    """

    nodes: tuple[Node, ...]
    place: int
    section: str
    block: BlockNode | None = None
    failing: bool = False


Cursor = tuple[Frame, ...]


def start(nodes: tuple[Node, ...]) -> Cursor:
    """Before the first node of a play."""
    return (Frame(nodes, 0, "play"),)


def key_of(cursor: Cursor) -> Key:
    """A key that grows as the cursor moves on."""
    key: list[int] = []
    for frame in cursor:
        key += (SECTIONS[frame.section], frame.place)
    return tuple(key)


def rescue_end(cursor: Cursor) -> Key:
    """The key of the end of the rescue section beside the block section that the cursor is in."""
    frame = cursor[-1]
    assert frame.block is not None
    return (*key_of(cursor[:-1]), SECTIONS["rescue"], len(frame.block.rescue))


def current(cursor: Cursor) -> Node | None:
    """The node at the cursor, None when the innermost list is at its end."""
    frame = cursor[-1]
    return frame.nodes[frame.place] if frame.place < len(frame.nodes) else None


def step(cursor: Cursor) -> Cursor:
    """Past the current node."""
    frame = cursor[-1]
    return (*cursor[:-1], frame._replace(place=frame.place + 1))


def enter(cursor: Cursor, block: BlockNode) -> Cursor:
    """Into a block's first section. The outer frame keeps pointing at the block."""
    return (*cursor, Frame(block.block, 0, "block", block))


def push(cursor: Cursor, nodes: tuple[Node, ...], section: str) -> Cursor:
    """Into a list that stands where the current node is (an include, handlers)."""
    return (*cursor, Frame(nodes, 0, section))


class Left(NamedTuple):
    """What leaving the innermost list comes to: the new cursor, the block that was left, and whether a
    failure goes on outwards."""

    cursor: Cursor
    block: BlockNode | None
    failing: bool


def leave(cursor: Cursor) -> Left:
    """From the end of the innermost list: into the always section, or out and past the block."""
    frame = cursor[-1]
    block = frame.block
    if block is not None and frame.section in ("block", "rescue") and block.always:
        return Left((*cursor[:-1], Frame(block.always, 0, "always", block)), None, False)
    outer = cursor[:-1]
    if frame.failing:
        return Left(outer, block, True)
    return Left(step(outer) if outer else (), block, False)


class Fallen(NamedTuple):
    """Where a failure leads: the cursor to go on with (() when the host is out) and whether it was rescued."""

    cursor: Cursor
    rescued: bool


def fail(cursor: Cursor) -> Fallen:
    """From a failed task outwards: to the nearest rescue section, or always section, or out."""
    while cursor:
        frame = cursor[-1]
        block = frame.block
        if block is not None:
            if frame.section == "block" and block.rescue:
                return Fallen((*cursor[:-1], Frame(block.rescue, 0, "rescue", block)), True)
            if frame.section in ("block", "rescue") and block.always:
                return Fallen((*cursor[:-1], Frame(block.always, 0, "always", block, True)), False)
        cursor = cursor[:-1]
    return Fallen((), False)


def will_rescue(cursor: Cursor) -> bool:
    """True when a failure here ends in a rescue section, at once or after always sections."""
    return any(frame.section == "block" and frame.block and frame.block.rescue for frame in cursor)


def in_role(node: Node) -> bool:
    return isinstance(node, TaskNode) and node.role is not None
