"""Loading: what is trusted, what is wrong and exactly where, which files are read and when."""

from __future__ import annotations

import os
import time
from pathlib import Path

import pytest

from fleet.errors import InputError, Location
from fleet.inventory.load import InventoryOptions, load
from fleet.inventory.model import Inventory
from fleet.source.diagnostics import Diagnostics
from fleet.source.nodes import Trusted


def read(
    folder: Path, name: str, text: str | bytes, options: InventoryOptions | None = None
) -> tuple[Inventory, Diagnostics]:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(text if isinstance(text, bytes) else text.encode())
    if name.endswith(".sh"):
        path.chmod(0o755)
    problems = Diagnostics()
    return load([str(path)], options=options, problems=problems), problems


BAD_INI = [
    ("[web]\nh1\n[nope:vars]\na=1\n", 3, 2, "group 'nope' of section [nope:vars] is not defined"),
    ("[web:children]\nwep\n[wep2]\n", 2, 1, "child group 'wep' is not defined"),
    ("[a:children]\nb\n[b:children]\n  a\n", 4, 3, "group 'a' cannot be a child of 'b'"),
    ("[all:children]\nall\n", 2, 1, "that is the group itself"),
    ("[web\nh1\n", 1, 1, "no closing bracket"),
    ("[web:foo]\nh1\n", 1, 5, "unknown kind 'foo'"),
    ("[web name]\nh1\n", 1, 1, "bad section header [web name]"),
    ("[web:children]\na b\n", 2, 1, "bad child group 'a b'"),
    ("[web]\n  h[5:1]\n", 2, 3, "range [5:1] is empty"),
    ("h[a:3]\n", 1, 1, "must run between two numbers or two letters"),
    ("h[1-3]\n", 1, 1, "[1-3] is not a range"),
    ("h[1:]\n", 1, 1, "[1:] is not a range"),
    ("h[1:9:0]\n", 1, 1, "step of range"),
    ("h[01:100]\n", 1, 1, "equally long"),
    ("h[1:3\n", 1, 1, "bracket without its partner"),
    ("h1\nh2:\n", 2, 1, "ends in ':'"),
    ("h1 a=1 foo\n", 1, 8, "expected key=value behind the host, got 'foo'"),
    ("h1 a = 1\n", 1, 4, "got 'a'"),
    ('h1 a="x\n', 1, 6, "no closing quotation"),
    ("[web]\n[web:vars]\n  foo\n", 3, 3, "expected key=value, got 'foo'"),
]
BAD_YAML = [
    ("web:\n  hosts: [h1]\n", 2, 10, "'hosts' of group 'web' must be a mapping, not a list"),
    ("web:\n  vars: 3\n", 2, 3, "'vars' of group 'web' must be a mapping, not a number"),
    ("web:\n  hosts:\n    h1: foo\n", 3, 5, "the variables of host 'h1' must be a mapping"),
    ("- web\n", 1, 1, "must be a mapping of groups, not a list"),
    ("all: 3\n", 1, 1, "group 'all' must be a mapping"),
    ("all:\n  hosts:\n    1: {}\n", 3, 5, "a host name must be text, not 1"),
    ("a:\n  children:\n    b:\n      children:\n        a:\n", 5, 9, "group 'a' cannot be a child of 'b'"),
    ("all:\n  hosts:\n    'h[1-2]':\n", 3, 5, "[1-2] is not a range"),
    ("plugin: amazon.aws.aws_ec2\n", 1, 1, "specifies unknown plugin 'amazon.aws.aws_ec2'"),
]


@pytest.mark.parametrize(
    ("name", "text", "line", "column", "what"),
    [("hosts", *row) for row in BAD_INI] + [("hosts.yml", *row) for row in BAD_YAML],
)
def test_mistake_is_shown_where_it_stands(
    tmp_path: Path, name: str, text: str, line: int, column: int, what: str
) -> None:
    _, problems = read(tmp_path, name, text)
    assert len(problems.errors) == 1
    error = problems.errors[0]
    assert what in error.what
    assert error.at == Location(str(tmp_path / name), line, column)


def test_all_mistakes_of_a_file_are_collected_and_the_rest_is_kept(tmp_path: Path) -> None:
    inventory, problems = read(tmp_path, "hosts", "h[1-2]\ngood\n[web\nlost\n[db]\nd1 x\nd2\n")
    assert [error.at.line for error in problems.errors if error.at] == [1, 3, 6]
    assert list(inventory.hosts) == ["good", "d2"]


@pytest.mark.parametrize(
    ("name", "text", "hint"),
    [
        ("hosts.yml", "web:\n  host:\n    h1:\n", "did you mean 'hosts'?"),
        ("hosts.yml", "h1:\n  ansible_host: x\n", "variables go below vars:"),
        ("hosts", "h1\na=1\n", "[group:vars] section"),
        ("hosts", "h1:http\n", "port number"),
        ("hosts", "web\n[web]\nh1\n", "rename one of them"),
    ],
)
def test_odd_input_is_a_warning_with_a_hint(tmp_path: Path, name: str, text: str, hint: str) -> None:
    _, problems = read(tmp_path, name, text)
    assert not problems.errors
    assert len(problems.warnings) == 1
    assert hint in problems.warnings[0].hint


def test_values_of_files_are_trusted_and_know_their_place(tmp_path: Path) -> None:
    inventory, _ = read(tmp_path, "hosts", "h1 a=1  b=\"{{ x }}\"\n[g]\n[g:vars]\n  c = ['{{ y }}']\n")
    value = inventory.hosts["h1"].vars["b"]
    assert isinstance(value, Trusted) and value == "{{ x }}"
    assert value.at == Location(str(tmp_path / "hosts"), 1, 11)
    inner = inventory.groups["g"].vars["c"][0]
    assert isinstance(inner, Trusted) and inner.at == Location(str(tmp_path / "hosts"), 4, 7)


def test_script_values_are_trusted_unless_the_option_says_no(tmp_path: Path) -> None:
    text = '#!/bin/sh\necho \'{"_meta": {"hostvars": {"h": {"a": "{{ b }}"}}}, "g": ["h"]}\'\n'
    trusting, _ = read(tmp_path, "s.sh", text)
    wary, _ = read(tmp_path, "s.sh", text, InventoryOptions(trust_scripts=False))
    assert type(trusting.merged_vars("h")["a"]) is Trusted
    assert type(wary.merged_vars("h")["a"]) is str


@pytest.mark.parametrize(
    ("text", "what"),
    [
        ("#!/bin/sh\necho sorry >&2; exit 3\n", "returned non-zero exit code 3"),
        ("#!/does/not/exist\n", "Failed to execute inventory script command"),
        ("#!/bin/sh\necho nothing\n", "could not be parsed as JSON"),
        ("#!/bin/sh\necho '[]'\n", "Value is 'list' instead of 'dict'"),
        ("#!/bin/sh\necho '{\"g\": 3}'\n", "Value contains 'g.hosts' which is 'int' instead of 'list'"),
        ('#!/bin/sh\necho \'{"g": {"hosts": "h"}}\'\n', "Value contains 'g.hosts' which is 'str' instead of 'list'"),
        ("#!/bin/sh\nsleep 9\n", "took longer than 0.2 seconds"),
    ],
)
def test_bad_script(tmp_path: Path, text: str, what: str) -> None:
    _, problems = read(tmp_path, "s.sh", text, InventoryOptions(script_timeout=0.2))
    assert [what in error.what for error in problems.errors] == [True]
    if "sorry" in text:
        assert problems.errors[0].hint == "sorry"


def test_executable_text_file_is_no_script(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text("[web]\nw1\n")
    (tmp_path / "hosts").chmod(0o755)
    assert list(load([str(tmp_path / "hosts")], problems=Diagnostics()).hosts) == ["w1"]


def test_file_that_cannot_be_understood(tmp_path: Path) -> None:
    _, problems = read(tmp_path, "hosts", b"h1 a=\xe9\n")
    assert problems.errors[0].what == "not UTF-8 text (byte 5)"
    assert "does not exist" in missing(tmp_path / "nope").errors[0].what
    assert missing(tmp_path / "host").errors[0].hint == f"did you mean '{tmp_path / 'hosts'}'?"


def missing(path: Path, options: InventoryOptions | None = None) -> Diagnostics:
    problems = Diagnostics()
    load([str(path)], options=options, problems=problems)
    return problems


def test_unparsed_can_be_a_warning_as_in_ansible(tmp_path: Path) -> None:
    problems = missing(tmp_path / "nope", InventoryOptions(unparsed="warn"))
    assert not problems.errors
    assert [item.what.split()[0] for item in problems.warnings] == ["Unable", "inventory"]


def test_empty_sources_are_fine(tmp_path: Path) -> None:
    for text in ("", "\n# nothing\n", "---\n"):
        inventory, problems = read(tmp_path, "hosts", text)
        assert not inventory.hosts and not problems.found
    assert list(load([], problems=Diagnostics()).groups) == ["all", "ungrouped"]


def test_byte_order_mark_is_no_part_of_a_name(tmp_path: Path) -> None:
    inventory, _ = read(tmp_path, "hosts", "\ufeffh1\n")
    assert list(inventory.hosts) == ["h1"]


def test_folder_skips_what_ansible_skips(tmp_path: Path) -> None:
    skipped = ["c.cfg", "d.orig", "e.bak", "f~", "g.retry", "h.pyc", "i.pyo", ".hidden", "k.txt", "n.rpm"]
    for name in [*skipped, "a", "b.csv", "c.py", "d.ini"]:
        (tmp_path / name).write_text("host-" + name.replace("~", "") + "\n")
    for folder in ("group_vars", "host_vars"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "x").write_text("not-a-host\n")
    inventory = load([str(tmp_path)], problems=Diagnostics())
    assert list(inventory.hosts) == ["host-a", "host-b.csv", "host-c.py", "host-d.ini"]
    assert inventory.hosts["host-a"].folder == str(tmp_path)


def test_vault_file_needs_a_password_and_is_opened_with_one(tmp_path: Path) -> None:
    (tmp_path / "group_vars").mkdir()
    secret = tmp_path / "group_vars" / "all.yml"
    secret.write_text("$ANSIBLE_VAULT;1.1;AES256\n3133\n")
    closed, _ = read(tmp_path, "hosts", "h1\n")
    with pytest.raises(InputError, match="encrypted with Ansible Vault") as caught:
        closed.merged_vars("h1")
    assert caught.value.at == Location(str(secret))
    seen = []

    def decrypt(data: bytes, path: str) -> bytes:
        seen.append((data[:14], path))
        return b"secret: '{{ 1 }}'\n"

    opened, _ = read(tmp_path, "hosts", "h1\n", InventoryOptions(decrypt=decrypt))
    assert opened.merged_vars("h1") == {"secret": "{{ 1 }}"}
    assert seen == [(b"$ANSIBLE_VAULT", str(secret))]


def test_read_all_collects_the_mistakes_of_variable_files(tmp_path: Path) -> None:
    inventory, problems = read(tmp_path, "hosts", "[web]\nx\n[web:vars]\nansible_group_priority=high\n")
    for name, text in (("group_vars/web.yml", "- a\n"), ("host_vars/x.yml", "a: b: c\n")):
        (tmp_path / name).parent.mkdir()
        (tmp_path / name).write_text(text)
    (tmp_path / "host_vars" / "stranger.yml").write_text("- never read\n")
    inventory.read_all(problems)
    assert [(error.at.path, error.at.line, error.at.column) for error in problems.errors if error.at] == [
        (str(tmp_path / "group_vars/web.yml"), 1, 1),
        (str(tmp_path / "host_vars/x.yml"), 1, 5),
        (str(tmp_path / "hosts"), 4, 24),
    ]


def test_variable_files_are_read_when_needed_and_once(tmp_path: Path) -> None:
    (tmp_path / "host_vars").mkdir()
    for name in ("a", "b"):
        (tmp_path / "host_vars" / name).write_text("x: 1\n")
    inventory, _ = read(tmp_path, "hosts", "a\nb\n")
    assert inventory.merged_vars("a") == {"x": 1}
    (tmp_path / "host_vars" / "a").write_text("x: 2\n")
    (tmp_path / "host_vars" / "b").write_text("x: 2\n")
    inventory.add_host("a", (), {"y": 1})
    assert inventory.merged_vars("a") == {"x": 1, "y": 1}
    assert inventory.merged_vars("b") == {"x": 2}


def test_hosts_and_groups_added_at_run_time() -> None:
    inventory = load(["a,b,"], problems=Diagnostics())
    assert inventory.groups_of("a") == ("ungrouped",)
    inventory.add_host("new", ("fresh", "made"), {"x": 1})
    inventory.add_to_group("a", "fresh")
    inventory.settle(["new", "a"])
    assert inventory.groups_of("new") == ("fresh", "made")
    assert inventory.groups_of("a") == ("fresh",)
    assert inventory.merged_vars("new") == {"x": 1}
    assert inventory.groups_map() == {
        "all": ["b", "new", "a"],
        "ungrouped": ["b"],
        "fresh": ["new", "a"],
        "made": ["new"],
    }


def test_implicit_localhost_has_variables_but_is_in_no_group(tmp_path: Path) -> None:
    inventory, _ = read(tmp_path, "hosts", "h1\n[all:vars]\nx=1\n")
    assert inventory.merged_vars("localhost")["ansible_connection"] == "local"
    assert inventory.merged_vars("localhost")["x"] == 1
    assert inventory.groups_of("localhost") == ()
    assert "localhost" not in inventory.hosts and inventory.host("127.0.0.1").implicit
    listed, _ = read(tmp_path, "hosts", "127.0.0.1 a=1\n")
    assert listed.host("localhost").name == "127.0.0.1"
    assert "ansible_connection" not in listed.merged_vars("localhost")


def test_unknown_host_gets_a_suggestion() -> None:
    inventory = load(["web1,web2,"], problems=Diagnostics())
    with pytest.raises(InputError, match="did you mean 'web1'"):
        inventory.merged_vars("wbe1")


@pytest.mark.skipif(os.geteuid() == 0, reason="root reads everything")
def test_unreadable_file(tmp_path: Path) -> None:
    (tmp_path / "hosts").write_text("h1\n")
    (tmp_path / "hosts").chmod(0)
    assert "cannot read" in missing(tmp_path / "hosts").errors[0].what


def test_a_thousand_hosts_load_quickly(tmp_path: Path) -> None:
    lines = [f"h{i:04} ansible_host=10.0.{i >> 8}.{i & 255} rack={i % 40} role=web" for i in range(1000)]
    start = time.perf_counter()
    inventory, _ = read(tmp_path, "hosts", "[web]\n" + "\n".join(lines))
    assert len(inventory.members("web")) == 1000
    # 15 ms on an idle machine; the bound only notices something quadratic.
    assert time.perf_counter() - start < 1.0
