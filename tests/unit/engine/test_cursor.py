"""The cursor: steps along the tree, keys that grow, and where failures lead."""

from __future__ import annotations

from fleet.engine import cursor as at
from fleet.plan.tree import BlockNode, TaskNode
from fleet.playbook.model import Task
from fleet.source.nodes import Map


def task(name):
    return TaskNode(Task(name, "command", Map(), {}, None), "command", {})


def block(*tasks, rescue=(), always=()):
    return BlockNode({}, tasks, tuple(rescue), tuple(always))


def names(nodes):
    """Every task from the start of a play to its end, with keys, when nothing fails."""
    cursor, found = at.start(tuple(nodes)), []
    while cursor:
        node = at.current(cursor)
        if node is None:
            cursor = at.leave(cursor).cursor
        elif isinstance(node, BlockNode):
            cursor = at.enter(cursor, node)
        else:
            found.append((node.task.name, at.key_of(cursor)))
            cursor = at.step(cursor)
    return found


TREE = (
    task("a"),
    block(task("b"), block(task("c")), task("d"), rescue=[task("r")], always=[task("z")]),
    task("e"),
)


def test_a_walk_visits_everything_but_rescue_sections():
    assert [name for name, _ in names(TREE)] == ["a", "b", "c", "d", "z", "e"]


def test_keys_grow_along_the_walk():
    keys = [key for _, key in names(TREE)]
    assert keys == sorted(set(keys))


def test_keys_of_rescue_lie_between_block_and_always():
    inside = at.enter(at.step(at.start(TREE)), TREE[1])
    rescue = at.fail(inside).cursor
    always = at.leave(rescue).cursor
    assert at.key_of(inside) < at.key_of(rescue) < at.key_of(always) < at.key_of(at.step(at.step(at.start(TREE))))


def test_a_failure_goes_to_the_nearest_rescue():
    inner = block(task("x"))
    tree = (block(inner, rescue=[task("r")], always=[task("z")]),)
    cursor = at.enter(at.enter(at.start(tree), tree[0]), inner)
    fallen = at.fail(cursor)
    assert fallen.rescued and at.current(fallen.cursor).task.name == "r"
    assert at.will_rescue(cursor) and not at.will_rescue(fallen.cursor)


def test_a_failure_in_rescue_goes_to_always_and_then_out():
    tree = (block(task("x"), rescue=[task("r")], always=[task("z")]), task("after"))
    rescue = at.fail(at.enter(at.start(tree), tree[0])).cursor
    fallen = at.fail(rescue)
    assert not fallen.rescued and at.current(fallen.cursor).task.name == "z"
    left = at.leave(at.step(fallen.cursor))
    assert left.failing and at.fail(left.cursor) == at.Fallen((), False)


def test_a_failure_in_always_leaves():
    tree = (block(task("x"), always=[task("z")]),)
    always = at.leave(at.step(at.enter(at.start(tree), tree[0]))).cursor
    assert at.current(always).task.name == "z"
    assert at.fail(always) == at.Fallen((), False)


def test_always_on_the_way_out_may_end_in_an_outer_rescue():
    inner = block(task("x"), always=[task("z")])
    tree = (block(inner, rescue=[task("r")]),)
    cursor = at.enter(at.enter(at.start(tree), tree[0]), inner)
    assert at.will_rescue(cursor)
    always = at.fail(cursor).cursor
    left = at.leave(at.step(always))
    assert left.failing
    assert at.current(at.fail(left.cursor).cursor).task.name == "r"


def test_a_pushed_list_stands_where_the_include_stands():
    tree = (task("include"), task("after"))
    start = at.start(tree)
    inside = at.push(start, (task("i"),), "include")
    assert at.key_of(start) < at.key_of(inside) < at.key_of(at.step(start))
    left = at.leave(at.step(inside))
    assert at.current(left.cursor).task.name == "after" and not left.failing


def test_cursors_never_change():
    start = at.start(TREE)
    at.step(start)
    at.enter(at.step(start), TREE[1])
    assert at.key_of(start) == (0, 0) and at.current(start).task.name == "a"
