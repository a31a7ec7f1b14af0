"""Bad playbook files: every mistake is collected with its place, nothing is a traceback."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from fleet.errors import InputError
from fleet.playbook.load import load_playbook
from fleet.playbook.model import Block, Playbook, Task
from fleet.source.diagnostics import Diagnostics


def load(path: Path, text: str | bytes) -> tuple[Playbook, list[str]]:
    """Write ``text`` to ``path`` and load it; give the playbook and its mistakes."""
    if isinstance(text, str):
        text = textwrap.dedent(text).encode()
    path.write_bytes(text)
    problems = Diagnostics()
    book = load_playbook(str(path), problems, lambda value, _layers: value)
    return book, [f"{item.at.line}:{item.at.column}: {item.what}" for item in problems.errors if item.at]


@pytest.fixture
def site(tmp_path: Path) -> Path:
    return tmp_path / "site.yml"


REFUSED = [
    ("", "the playbook is empty"),
    ("# nothing\n---\n", "the playbook is empty"),
    ("hosts: all\n", "A playbook must be a list of plays, got a mapping instead"),
    ("hello", "A playbook must be a list of plays"),
    ("42", "A playbook must be a list of plays"),
    ("- hosts: all\n\ttasks: []\n", "YAML syntax error"),
    ("- hosts: all\n  name: a: b\n", "mapping values are not allowed"),
    ("- hosts: [all\n", "YAML syntax error"),
    ("- hosts: all\n---\n- hosts: all\n", "more than one YAML document"),
    (b"- hosts: \xff\xfe\n", "not UTF-8 text"),
    (b"- hosts: a\x00b\n", "YAML"),
    ("- hosts: !python/object:os.system all\n", "unknown YAML tag"),
    ("- {{ x }}: 1\n", "a mapping or list cannot be a key"),
    ("- hosts: *nowhere\n", "undefined alias"),
]


@pytest.mark.parametrize(("text", "what"), REFUSED, ids=[repr(text) for text, _ in REFUSED])
def test_files_that_cannot_be_read(site, text, what):
    with pytest.raises(InputError) as caught:
        load(site, text)
    assert what in caught.value.what
    assert caught.value.at is not None
    assert caught.value.at.path == str(site)


def test_a_tab_is_explained(site):
    with pytest.raises(InputError) as caught:
        load(site, "- hosts: all\n\ttasks: []\n")
    assert caught.value.hint == "YAML is indented with spaces, not tabs"


def test_an_unquoted_template_is_explained(site):
    with pytest.raises(InputError) as caught:
        load(site, "- hosts: {{ target }}\n")
    assert caught.value.hint == 'a value that starts with {{ must be quoted: key: "{{ name }}"'


PLAYS = [
    (
        "- hosts: all\n  tasks: 5\n",
        "2:3: A malformed block was encountered while loading tasks: 5 should be a list or None",
    ),
    (
        "- hosts: all\n  roles: r\n",
        "2:10: A malformed role declaration was encountered. A list of roles is needed here, not 'r'",
    ),
    ("- hosts: all\n  roles: [5]\n", "2:11: a role must be a name or a mapping with 'role'"),
    ("- hosts: all\n  roles: [{rol: x}]\n", "2:11: a role needs a name"),
    ("- hosts: {a: b}\n", "1:3: Hosts list must be a sequence or string"),
    ("- hosts: all\n  vars: [a]\n", "2:3: 'vars' must be a mapping, not ['a']"),
    ("- hosts: all\n  become: perhaps\n", "2:3: 'become' must be a boolean, not 'perhaps'"),
    ("- hosts: all\n  when: true\n", "2:3: 'when' is not a valid attribute for a Play"),
    ("- hosts: all\n  user: a\n  remote_user: b\n", "2:3: both 'user' and 'remote_user' are set for this play."),
    ("- 5\n", "1:3: a play must be a mapping"),
    ("- hosts: all\n  tasks:\n  - block: []\n    loop: [1]\n", "4:5: 'loop' is not a valid attribute for a Block"),
    (
        "- hosts: all\n  tasks:\n  - block: []\n    with_items: [1]\n",
        "4:5: 'with_items' is not a valid attribute for a Block",
    ),
    ("- hosts: all\n  tasks:\n  - name: [a]\n    ping:\n", "3:5: 'name' must be text, not ['a']"),
    ("- hosts: all\n  tasks:\n  - with_items:\n    ping:\n", "3:5: you must specify a value when using with_items"),
    ("- hosts: all\n  tasks:\n  - action:\n", "3:5: 'action' needs a module"),
    ("- hosts: all\n  tasks:\n  - local_action: {a: b}\n", "3:5: 'local_action' needs 'module'"),
    ("- import_playbook: nosuch.yml\n", None),
    ("- import_playbook: [a]\n", "1:3: import_playbook needs the name of a file"),
    ("- import_playbook: site.yml\n", None),
]


@pytest.mark.parametrize(("text", "expected"), PLAYS, ids=[text for text, _ in PLAYS])
def test_plays_with_a_mistake(site, text, expected):
    _, mistakes = load(site, text)
    if expected is None:
        assert len(mistakes) == 1
        assert mistakes[0].startswith("1:3: ")
    else:
        assert mistakes == [expected]


def test_what_is_null_is_absent(site):
    book, mistakes = load(
        site,
        """
        - hosts: all
          vars:
          pre_tasks:
          roles:
          handlers:
          tasks:
            -
            - ping:
              when:
              loop:
              register:
              vars:
        """,
    )
    assert mistakes == []
    (task,) = book.plays[0].tasks
    assert isinstance(task, Task)
    assert task.loop is None


def test_unicode(site):
    book, mistakes = load(
        site, "- name: Größe 日本\n  hosts: all\n  tasks:\n  - name: é\n    debug: msg='ü {{ \"日\" }}'\n"
    )
    assert mistakes == []
    assert book.plays[0].name == "Größe 日本"
    task = book.plays[0].tasks[0]
    assert isinstance(task, Task)
    assert task.args == {"msg": 'ü {{ "日" }}'}


def test_deep_nesting(site):
    depth = 60
    lines = ["- hosts: all", "  tasks:"]
    for level in range(depth):
        lines.append("  " * (level + 1) + "- block:")
    lines.append("  " * (depth + 1) + "- ping:")
    book, mistakes = load(site, "\n".join(lines) + "\n")
    assert mistakes == []
    node = book.plays[0].tasks[0]
    for _ in range(depth - 1):
        assert isinstance(node, Block)
        node = node.block[0]
    assert isinstance(node, Block)


def test_nesting_without_end_is_no_traceback(site):
    with pytest.raises(InputError):
        load(site, "- hosts: " + "[" * 5000 + "]" * 5000)


def test_import_circles_and_what_an_import_adds(tmp_path):
    (tmp_path / "b.yml").write_text("- hosts: db\n  vars: {y: 1}\n  tasks: [{ping: }]\n- import_playbook: a.yml\n")
    book, mistakes = load(
        tmp_path / "a.yml", "- import_playbook: b.yml\n  tags: [t]\n  when: x\n  vars: {x: true}\n  becom: 1\n"
    )
    assert [line.split(": /")[0] for line in mistakes] == [
        "5:3: 'becom' is not a valid attribute for an import_playbook",
        "4:3: recursive import_playbook",
    ]
    (play,) = book.plays
    assert play.keywords["tags"] == ["t"]
    assert play.keywords["when"] == ["x"]
    assert play.keywords["vars"] == {"y": 1, "x": True}


def test_mistakes_before_and_behind_do_not_hide_each_other(site):
    _, mistakes = load(
        site,
        """
        - hosts: all
          tasks:
            - becom: x
              ping:
            - name: nothing
            - debug: {msg: x}
              loop: [1]
              with_items: [2]
          handlers:
            - ping: x=1
              lisen: y
        """,
    )
    assert mistakes == [
        "4:7: 'becom' is not a valid attribute for a Task",
        "6:7: no module/action detected in task",
        "9:7: more than one loop: loop, with_items",
        "12:7: 'lisen' is not a valid attribute for a Task",
    ]


def test_a_duplicate_key_is_a_warning(site):
    problems = Diagnostics()
    site.write_text("- hosts: all\n  tasks:\n  - ping:\n    register: a\n    register: b\n")
    book = load_playbook(str(site), problems, lambda value, _layers: value)
    assert problems.errors == []
    assert [(item.at.line, item.what) for item in problems.warnings if item.at] == [
        (5, "Found duplicate mapping key 'register'.")
    ]
    assert book.plays[0].tasks[0].keywords["register"] == "b"  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("handler", "what"),
    [
        ("include_role: {name: x}", "Using 'include_role' as a handler is not supported."),
        ("meta: flush_handlers", "flush_handlers cannot be used as a handler"),
        ("block: [{block: [{debug: }]}]", "Using a block as a handler is not supported."),
    ],
)
def test_what_no_handler_can_be(tmp_path, handler, what):
    book = tmp_path / "play.yml"
    book.write_text(f"- hosts: all\n  handlers:\n    - {handler}\n")
    problems = Diagnostics()
    load_playbook(str(book), problems, lambda value, _layers: value)
    assert [item.what for item in problems.errors] == [what]


@pytest.mark.parametrize(
    ("task", "what"),
    [
        ("import_tasks: {file: x.yml, aply: {}}", "Invalid options for import_tasks: aply"),
        ("include_tasks:", "No file specified for ansible.builtin.include_tasks"),
        ("include_role: {name: r, vars_from: [x]}", "Expected a string for vars_from but got <class 'list'> instead"),
    ],
)
def test_includes_that_make_no_sense(tmp_path, task, what):
    book = tmp_path / "play.yml"
    book.write_text(f"- hosts: all\n  tasks:\n    - {task}\n")
    problems = Diagnostics()
    load_playbook(str(book), problems, lambda value, _layers: value)
    assert [item.what for item in problems.errors] == [what]


def test_arguments_with_a_reserved_prefix_are_refused_with_ansibles_exit_code(site: Path) -> None:
    book = "- hosts: all\n  tasks:\n    - set_fact:\n        _ansible_x: 1\n"
    _, found = load(site, book)
    (line,) = found
    assert line == (
        "4:9: Invalid parameter specified beginning with keyword '_ansible_' for action 'set_fact': '_ansible_x'. "
        "The prefix '_ansible_' is reserved for internal use only."
    )
    problems = Diagnostics()
    load_playbook(str(site), problems, lambda value, _layers: value)
    with pytest.raises(InputError) as caught:
        problems.stop()
    assert caught.value.code == 1
