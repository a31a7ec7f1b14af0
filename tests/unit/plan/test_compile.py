"""Plays compiled: roles and imports in place, keywords handed down, tags applied, handlers gathered."""

from __future__ import annotations

import textwrap

import pytest

from fleet.plan.compile import Compiler, NoTasks
from fleet.plan.sources import Places, Sources
from fleet.plan.tree import BlockNode, tasks_of
from fleet.playbook.load import load_playbook
from fleet.source.diagnostics import Diagnostics
from fleet.template.scope import Scope
from fleet.template.templar import Templar

LAST = ("flush_handlers", "flush_handlers")
"""The points behind the tasks, and behind the post_tasks that are none."""


@pytest.fixture
def tree(tmp_path):
    """``tree(**{"tasks/a.yml": TEXT})``: write files beside the playbook."""

    def write(files):
        for name, text in files.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text))

    return write


@pytest.fixture
def compiled(tmp_path):
    """``compiled(PLAY, only=..., skip=...)``: the plan, the compiler and the mistakes of a play's text."""

    def make(text, only=(), skip=(), variables=None):
        path = tmp_path / "site.yml"
        path.write_text("- hosts: all\n" + textwrap.indent(textwrap.dedent(text), "  "))
        templar, problems = Templar(), Diagnostics()

        def render(value, layers):
            return templar.render(value, Scope([variables or {}, *layers], templar))

        book = load_playbook(str(path), problems, render)
        compiler = Compiler(book.plays[0], Sources(Places()), problems, render, frozenset(only), frozenset(skip))
        return compiler.compile(), compiler, problems

    return make


def names(plan):
    return [str(node.task.name or node.task.args.get("_raw_params") or node.action) for node in tasks_of(plan.nodes)]


def node(plan, name):
    (found,) = [task for task in [*tasks_of(plan.nodes), *plan.handlers] if task.task.name == name]
    return found


def test_sections_in_order_with_a_flush_behind_each(compiled, tree):
    tree({"roles/r/tasks/main.yml": "- {name: role, ping: }"})
    plan, _, problems = compiled("""
        post_tasks: [{name: post, ping: }]
        tasks: [{name: task, ping: }]
        roles: [r]
        pre_tasks: [{name: pre, ping: }]
    """)
    assert not problems.found
    assert names(plan) == ["pre", "flush_handlers", "role", "task", "flush_handlers", "post", "flush_handlers"]


def test_keywords_of_play_block_and_task(compiled):
    plan, _, _ = compiled("""
        become: true
        tags: p
        environment: {A: 1}
        tasks:
          - block:
              - {name: t, ping: , when: c2, become: false, tags: [t], environment: {B: 2}}
            when: [c0, c1]
            tags: b
            become_user: bob
    """)
    kw = node(plan, "t").kw
    assert kw["become"] is False and kw["become_user"] == "bob"
    assert kw["when"] == ("c0", "c1", "c2") and kw["tags"] == ("p", "b", "t")
    assert kw["environment"] == ({"A": 1}, {"B": 2})


def test_import_hands_its_keywords_to_each_task(compiled, tree):
    tree({"more.yml": "- {name: a, ping: , when: own}\n- {name: b, ping: }"})
    plan, _, _ = compiled("tasks:\n  - {name: i, import_tasks: more.yml, when: cond, tags: x, vars: {v: 1}}")
    assert names(plan)[:2] == ["a", "b"]
    assert node(plan, "a").kw["when"] == ("cond", "own") and node(plan, "b").kw["tags"] == ("x",)
    assert node(plan, "b").kw["vars"] == ({"v": 1},)


def test_an_import_with_a_templated_name(compiled, tree):
    tree({"debian.yml": "- {name: a, ping: }"})
    assert names(compiled("tasks: [{import_tasks: '{{ os }}.yml'}]", variables={"os": "debian"})[0])[0] == "a"
    assert (
        names(compiled("vars: {os: debian}\ntasks: [{import_tasks: '{{ os }}.yml', vars: {os: debian}}]")[0])[0] == "a"
    )


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("tasks: [{import_tasks: none.yml}]", "none.yml"),
        ("tasks: [{import_tasks: circle.yml}]", "recursive import"),
        ("tasks: [{import_tasks: more.yml, loop: [1]}]", "cannot use loops"),
        ("roles: [nobody]", "nobody"),
        ("roles: [circle]", "depends on itself"),
    ],
)
def test_mistakes_are_collected_with_their_place(compiled, tree, text, says):
    tree({
        "circle.yml": "- import_tasks: circle.yml", "more.yml": "- ping:",
        "roles/circle/meta/main.yml": "dependencies: [circle]", "roles/circle/tasks/main.yml": "- ping:",
    })  # fmt: skip
    _, _, problems = compiled(text)
    (problem,) = problems.found
    assert says in problem.what
    assert problem.at is not None and problem.at.line


def test_tags_leave_tasks_and_empty_blocks_out(compiled):
    text = """
        tasks:
          - {name: a, ping: , tags: x}
          - block: [{name: b, ping: , tags: y}]
          - {name: c, ping: , tags: [never, x]}
          - {name: d, ping: , tags: always}
    """
    assert names(compiled(text)[0]) == ["a", "b", "d", *LAST]
    plan = compiled(text, only={"x"})[0]
    assert names(plan) == ["a", "c", "d", *LAST]
    assert not any(isinstance(item, BlockNode) for item in plan.nodes)
    assert names(compiled(text, skip={"y", "x"})[0]) == ["d", *LAST]


def test_tags_may_be_templates(compiled):
    text = (
        "tasks: [{name: a, ping: , tags: ['{{ t }}']}, {block: [{name: b, ping: , tags: '{{ own }}'}], vars: {own: z}}]"
    )
    assert names(compiled(text, only={"x"}, variables={"t": ["x", "y"]})[0]) == ["a", *LAST]
    assert names(compiled(text, only={"z"}, variables={"t": ["x", "y"]})[0]) == ["b", *LAST]


def test_roles_bring_dependencies_before_them_and_each_use_its_handlers(compiled, tree):
    tree({
        "roles/base/tasks/main.yml": "- {name: base, ping: }", "roles/base/handlers/main.yml": "- {name: hb, ping: }",
        "roles/r/tasks/main.yml": "- {name: r, ping: }", "roles/r/meta/main.yml": "dependencies: [{role: base, x: 1}]",
        "roles/r/handlers/main.yml": "- {name: hr, ping: }",
    })  # fmt: skip
    plan, _, _ = compiled("roles: [r, {role: r, tags: t, when: w}]\nhandlers: [{name: h, ping: }]")
    assert names(plan) == ["base", "r", "base", "r", *LAST]
    assert [handler.task.name for handler in plan.handlers] == ["hb", "hr", "hb", "hr", "h"]
    assert [handler.kw.get("when") for handler in plan.handlers] == [None, None, ("w",), ("w",), None]
    last = tasks_of(plan.nodes)[3]
    assert last.kw["tags"] == ("t",) and last.kw["when"] == ("w",)
    base = tasks_of(plan.nodes)[0].role
    assert base.params == {"x": 1} and [use.role.name for use in base.parents] == ["r"]


def test_role_uses_are_the_same_when_their_parameters_are(compiled, tree):
    tree({"roles/r/tasks/main.yml": "- {name: r, ping: }"})
    plan, _, _ = compiled("roles: [r, {role: r, x: 1}, {role: r, x: 1}, {role: r, x: 2}]")
    uses = [use.identity for use in plan.roles]
    assert uses[1] == uses[2] and len(set(uses)) == 3


def test_role_argument_specs_are_checked_first(compiled, tree):
    tree({
        "roles/r/tasks/main.yml": "- {name: r, ping: }",
        "roles/r/meta/argument_specs.yml": "argument_specs: {main: {short_description: S, options: {x: {type: int}}}}",
    })  # fmt: skip
    assert names(compiled("roles: [r]")[0]) == [
        "Validating arguments against arg spec 'main' - S",
        "r",
        *LAST,
    ]


def test_import_role_with_other_files(compiled, tree):
    tree({
        "roles/r/tasks/main.yml": "- {name: main, ping: }", "roles/r/tasks/other.yml": "- {name: other, ping: }",
        "roles/r/defaults/odd.yml": "d: odd",
    })  # fmt: skip
    plan, _, _ = compiled("tasks: [{import_role: {name: r, tasks_from: other.yml, defaults_from: odd}, when: c}]")
    assert names(plan)[0] == "other"
    assert node(plan, "other").role.role.defaults == {"d": "odd"} and node(plan, "other").kw["when"] == ("c",)


def test_handlers_in_blocks_are_flat_and_keep_tags_out(compiled):
    plan, _, _ = compiled(
        "tasks: [{name: a, ping: , tags: x}]\nhandlers:\n  - block: [{name: h1, ping: }, {name: h2, ping: , tags: y}]\n    become: true",
        only={"x"},
    )
    assert [handler.task.name for handler in plan.handlers] == ["h1", "h2"]
    assert plan.handlers[0].kw["become"] is True


# ---- what hosts include while they run


def test_included_tasks_inherit_the_place_but_not_the_includes_own_keywords(compiled, tree, tmp_path):
    tree({"more.yml": "- {name: inner, ping: }"})
    plan, compiler, _ = compiled("""
        tasks:
          - block:
              - {name: i, include_tasks: {file: more.yml, apply: {tags: applied, become_user: eve}}, when: own, tags: mine, vars: {v: 1}}
            become: true
            when: outer
    """)
    (inner,) = compiler.include_tasks(node(plan, "i"), str(tmp_path / "more.yml"), {"item": 3}).nodes
    assert inner.kw["become"] is True and inner.kw["become_user"] == "eve"
    assert inner.kw["when"] == ("outer",) and inner.kw["tags"] == ("applied",)
    assert inner.include_vars == ({"item": 3}, {"v": 1})


def test_an_include_is_compiled_once_for_all_hosts(compiled, tree, tmp_path):
    tree({"more.yml": "- {name: inner, ping: }"})
    plan, compiler, _ = compiled("tasks: [{name: i, include_tasks: more.yml}]")
    path = str(tmp_path / "more.yml")
    first = compiler.include_tasks(node(plan, "i"), path, {"item": 1})
    assert compiler.include_tasks(node(plan, "i"), path, {"item": 1}) is first
    assert compiler.include_tasks(node(plan, "i"), path, {"item": 2}) is not first


def test_include_role_adds_handlers_and_public_ones_their_variables(compiled, tree):
    tree({"roles/r/tasks/main.yml": "- {name: r, ping: }", "roles/r/handlers/main.yml": "- {name: h, ping: }"})
    plan, compiler, _ = compiled("tasks: [{name: i, include_role: {name: r}}]")
    found = compiler.include_role(node(plan, "i"), {"name": "r"}, {})
    assert [handler.task.name for handler in found.handlers] == ["h"] and plan.handlers == plan.roles == []
    compiler.include_role(node(plan, "i"), {"name": "r", "public": True}, {})
    assert [use.role.name for use in plan.roles] == ["r"] and not plan.handlers


def test_a_dependency_knows_the_use_that_brought_it(compiled, tree):
    tree({"roles/top/meta/main.yml": "dependencies: [low]", "roles/low/tasks/main.yml": "- {name: low, ping: }"})
    plan, compiler, problems = compiled("roles: [top]")
    assert not problems.found
    low, top = sorted(compiler.used, key=lambda use: use.role.name)
    assert low.parents == (top,) and top.parents == ()


@pytest.mark.parametrize(
    ("private", "public", "seen"),
    [(None, None, True), (True, None, False), (True, True, True), (False, False, False)],
)
def test_whether_the_play_sees_a_roles_variables(compiled, tree, private, public, seen):
    tree({"roles/r/vars/main.yml": "a: 1"})
    _, compiler, _ = compiled("tasks: []")
    compiler.private = private
    assert compiler.public({"public": public}, otherwise=True) is seen


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("tasks: [{meta: end_role}]", "from outside of a role"),
        ("handlers: [{name: h, meta: end_role}]", "from a handler"),
    ],
)
def test_end_role_where_it_means_nothing(compiled, text, says):
    _, _, problems = compiled(text)
    assert [item.what for item in problems.errors] == [f"Cannot execute 'end_role' {says}"]


def test_an_import_in_a_dynamic_include_that_is_not_there_is_not_the_playbooks_mistake(compiled, tree, tmp_path):
    tree({"inner.yml": "- import_tasks: nosuch.yml\n"})
    plan, compiler, problems = compiled("tasks: [{include_tasks: inner.yml}]")
    with pytest.raises(NoTasks) as caught:
        compiler.include_tasks(tasks_of(plan.nodes)[0], str(tmp_path / "inner.yml"), {})
    assert (caught.value.name, caught.value.wanted) == ("nosuch.yml", str(tmp_path / "nosuch.yml"))
    assert not problems.found
    _, _, problems = compiled("tasks: [{import_tasks: nosuch.yml}]")
    (problem,) = problems.errors
    assert problem.what == "Could not find or access the task file nosuch.yml" and not problem.late
