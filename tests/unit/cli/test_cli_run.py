"""``fleet run``: real runs over the local connection, printed as ansible's ad-hoc command prints them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from .conftest import Fleet

LOCAL = ("run", "-i", "local.ini")


@pytest.mark.parametrize(
    ("words", "code", "text"),
    [
        (["-a", "echo hi"], 0, "l1 | CHANGED | rc=0 >>\nhi\n"),
        (["-m", "shell", "-a", "echo out; echo err >&2"], 0, "l1 | CHANGED | rc=0 >>\nouterr\n"),
        (["-m", "shell", "-a", "echo out; exit 3"], 2, "l1 | FAILED | rc=3 >>\noutnon-zero return code\n"),
        (["-m", "ping"], 0, 'l1 | SUCCESS => {\n    "changed": false,\n    "ping": "pong"\n}\n'),
        (["-m", "ping", "-o"], 0, 'l1 | SUCCESS => {"changed": false,"ping": "pong"}\n'),
        (["-m", "shell", "-a", "echo a; echo b >&2; echo c", "-o"], 0,
         "l1 | CHANGED | rc=0 | (stdout) a\\nc (stderr) b\n"),
        (["-a", "echo hi", "-o"], 0, "l1 | CHANGED | rc=0 | (stdout) hi\n"),
        (["-a", "touch /nonexistent/x", "-C"], 0, "l1 | SKIPPED\n"),
        (["-m", "debug", "-a", "msg={{ inventory_hostname }}"], 0, 'l1 | SUCCESS => {\n    "msg": "l1"\n}\n'),
        (["-m", "fail", "-a", "msg=no"], 2, 'l1 | FAILED! => {\n    "changed": false,\n    "msg": "no"\n}\n'),
        (["-a", '{"argv": ["echo", "a  b"]}'], 0, "l1 | CHANGED | rc=0 >>\na  b\n"),
        (["-e", "x=1", "-m", "debug", "-a", "var=x"], 0, 'l1 | SUCCESS => {\n    "x": "1"\n}\n'),
    ],
)  # fmt: skip
def test_output(fleet: Fleet, words: list[str], code: int, text: str) -> None:
    ran = fleet(*LOCAL, "l1", *words)
    assert (ran.out, ran.code) == (text, code)


def test_a_module_of_ones_own(fleet: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for folder in ("library", "given", "set"):
        path = tmp_path / folder / "own.sh"
        path.parent.mkdir()
        path.write_text(f'#!/bin/sh\necho \'{{"changed": false, "from": "{folder}"}}\'\n')
    monkeypatch.setenv("ANSIBLE_LIBRARY", str(tmp_path / "set"))
    given = ("-M", str(tmp_path / "given"))
    for words, folder in (((), "set"), (given, "given"), ((*given, "--playbook-dir", str(tmp_path)), "library")):
        ran = fleet(*LOCAL, "l1", "-m", "own", "-o", *words)
        assert ran.out == f'l1 | SUCCESS => {{"changed": false,"from": "{folder}"}}\n', ran.err


def test_unreachable_hosts_do_not_keep_the_others(fleet: Fleet) -> None:
    ran = fleet(*LOCAL, "un:l1", "-m", "ping", "-o")
    assert ran.code == 4
    assert 'l1 | SUCCESS => {"changed": false,"ping": "pong"}\n' in ran.out
    assert "un | UNREACHABLE!: cannot connect to 127.0.0.1:1: Connection refused\n" in ran.out


def test_a_diff_comes_before_the_result_and_a_tree_holds_it(fleet: Fleet, tmp_path: Path) -> None:
    where = tmp_path / "file"
    ran = fleet(*LOCAL, "l1", "-D", "-m", "copy", "-a", f"content=x dest={where}", "-t", str(tmp_path / "tree"))
    assert ran.out.startswith(f"--- before\n+++ after: {where}\n@@ -0,0 +1 @@\n+x\n")
    assert "l1 | CHANGED => {" in ran.out and where.read_text() == "x"
    assert json.loads((tmp_path / "tree" / "l1").read_text())["dest"] == str(where)


def test_a_host_cannot_write_to_the_terminal(fleet: Fleet) -> None:
    ran = fleet(*LOCAL, "l1", "-m", "shell", "-a", r"printf '\033[2J'")
    assert "\x1b" not in ran.out and r"\x1b[2J" in ran.out


def test_list_hosts_needs_no_arguments(fleet: Fleet) -> None:
    assert fleet(*LOCAL, "all:!bad", "--list-hosts").out == "  hosts (2):\n    l1\n    l2\n"


def test_nobody_there(fleet: Fleet) -> None:
    ran = fleet(*LOCAL, "nomatch", "-m", "ping")
    assert (ran.code, ran.out) == (0, "")
    assert "Could not match supplied host pattern, ignoring: nomatch" in ran.err
    assert "No hosts matched, nothing to do" in ran.err


@pytest.mark.parametrize(
    ("words", "text"),
    [
        (["-m", "pign"], "there is no module 'pign' (did you mean 'ping'?)"),
        ([], "the module command needs arguments"),
        (["-m", "file", "-a", "path=/x bogus=1"], "'bogus'"),
        (["-a", 'echo "x'], "quotes"),
        (["-a", "{bad: [}"], "-a:"),
        (["-m", "ping", "--format", "nosuch"], "--format 'nosuch' is not known"),
    ],
)
def test_mistakes_are_found_before_any_connection(fleet: Fleet, words: list[str], text: str) -> None:
    ran = fleet(*LOCAL, "un", *words)
    assert (ran.code, ran.out) == (5, "")
    assert ran.err.startswith("[ERROR]: ") and text in ran.err and "Traceback" not in ran.err


def test_a_background_job_is_told_of_and_not_waited_for(
    fleet: Fleet, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))  # where jobs leave their results
    ran = fleet(*LOCAL, "l1", "-a", "true", "-B", "5", "-P", "0")
    assert ran.code == 0 and '"ansible_job_id"' in ran.out


def test_other_formats(fleet: Fleet) -> None:
    ran = fleet(*LOCAL, "l1", "-m", "ping", "--format", "plain")
    assert "TASK [ping]" in ran.out and "ok: [l1]" in ran.out


def test_a_module_may_not_take_too_long(fleet: Fleet) -> None:
    ran = fleet(*LOCAL, "l1", "-a", "sleep 5", "--task-timeout", "1")
    assert ran.code == 2 and "Timed out after 1 second(s)." in ran.out


def test_pattern_and_module_may_be_templates_and_foreign_text_is_none(fleet: Fleet) -> None:
    values = '{"m": "debug", "w": "l1", "v": {"t": "{{ 1 }}", "u": {"__ansible_unsafe": "{{ 2 }}"}}}'
    ran = fleet(*LOCAL, "{{ w }}", "-m", "{{ m }}", "-a", "var=v", "-e", values)
    assert json.loads(ran.out.partition("=>")[2]) == {"v": {"t": 1, "u": "{{ 2 }}"}}


def test_a_missing_inventory_leaves_the_implicit_localhost(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    words = ("run", "-i", "/does/not/exist", "localhost", "-m", "ping", "-o")
    ran = fleet(*words)
    assert ran.code == 0 and "localhost | SUCCESS" in ran.out
    assert "No inventory was parsed, only implicit localhost is available" in ran.err
    monkeypatch.setenv("ANSIBLE_INVENTORY_UNPARSED_FAILED", "yes")
    assert fleet(*words).code == 1
    monkeypatch.setenv("ANSIBLE_INVENTORY_ANY_UNPARSED_IS_FAILED", "yes")
    assert "does not exist" in fleet(*words).err


def test_the_oneline_callback_is_an_option_too(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSIBLE_STDOUT_CALLBACK", "oneline")
    assert fleet(*LOCAL, "l1", "-m", "ping").out.count("\n") > 1
    monkeypatch.setenv("ANSIBLE_LOAD_CALLBACK_PLUGINS", "yes")
    assert fleet(*LOCAL, "l1", "-m", "ping").out.count("\n") == 1


def test_version(fleet: Fleet) -> None:
    assert fleet("run", "--version").out.startswith("fleet ")


def test_settings_without_meaning_are_named_at_vv(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANSIBLE_NOCOWS", "1")
    assert "ANSIBLE_NOCOWS" not in fleet(*LOCAL, "l1", "-m", "ping", "-v").err
    assert "settings that mean nothing here: ANSIBLE_NOCOWS" in fleet(*LOCAL, "l1", "-m", "ping", "-vv").err


def test_no_log_for_all_tasks(fleet: Fleet, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "hello" in fleet(*LOCAL, "l1", "-m", "command", "-a", "echo hello").out
    monkeypatch.setenv("ANSIBLE_NO_LOG", "yes")
    assert "hello" not in fleet(*LOCAL, "l1", "-m", "command", "-a", "echo hello").out


def test_plays_for_the_controller_alone_need_no_inventory(fleet: Fleet, tmp_path: Path) -> None:
    book = tmp_path / "site.yml"
    book.write_text("- hosts: localhost\n  gather_facts: false\n  tasks: [{debug: {msg: here}}]\n")
    ran = fleet("apply", "-i", "missing", str(book))
    assert ran.code == 0 and "here" in ran.out and "does not exist" in ran.err
    book.write_text("- hosts: all\n  gather_facts: false\n  tasks: [{debug: {msg: here}}]\n")
    ran = fleet("apply", "-i", "missing", str(book))
    assert ran.code == 4 and "here" not in ran.out and "inventory 'missing' does not exist" in ran.err


def test_a_task_for_a_host_that_cannot_be_reached_runs_nowhere_else(fleet: Fleet, tmp_path: Path) -> None:
    book = tmp_path / "delegated.yml"
    book.write_text(
        "- hosts: l1\n  gather_facts: false\n  tasks:\n    - command: echo first\n"
        "    - command: touch here\n      args: {chdir: " + str(tmp_path) + "}\n      delegate_to: un\n"
    )
    ran = fleet("apply", "-i", "local.ini", str(book))
    assert ran.code == 4
    assert not (tmp_path / "here").exists()


@pytest.mark.parametrize(("apply", "others"), [("{run_once: true}", "set"), ("{tags: [x]}", "unset")])
def test_an_include_done_once_leaves_no_host_waiting(fleet: Fleet, tmp_path: Path, apply: str, others: str) -> None:
    (tmp_path / "inner.yml").write_text("- set_fact: {fruit: set}\n")
    (tmp_path / "two.ini").write_text("a ansible_connection=local\nb ansible_connection=local\n")
    book = tmp_path / "once.yml"
    book.write_text(
        "- hosts: all\n  gather_facts: false\n  vars: {fruit: unset}\n  tasks:\n"
        f"    - include_tasks: {{file: inner.yml, apply: {apply}}}\n      run_once: true\n"
        "    - debug: {msg: '{{ inventory_hostname }} {{ fruit }}'}\n"
    )
    ran = fleet("apply", "-i", str(tmp_path / "two.ini"), str(book))
    assert ran.code == 0
    assert '"a set"' in ran.out and f'"b {others}"' in ran.out
    assert ran.out.count("included: ") == 1


BOTH = """\
- hosts: l1,l2
  gather_facts: false
  {keyword}
  tasks:
    - block:
        - command: "{{{{ (inventory_hostname == 'l2') | ternary('false', 'true') }}}}"
      {rescue}
    - {{name: later, command: "true"}}
- {{hosts: "l1,l2", gather_facts: false, tasks: [{{name: second, command: "true"}}]}}
"""


@pytest.mark.parametrize("keyword", ["any_errors_fatal: true", "max_fail_percentage: 10"])
def test_a_failure_for_all_that_is_rescued_ends_no_run(fleet: Fleet, tmp_path: Path, keyword: str) -> None:
    for rescue, goes_on in (('rescue: [{command: "true"}]', True), ('always: [{command: "true"}]', False)):
        book = tmp_path / "book.yml"
        book.write_text(BOTH.format(keyword=keyword, rescue=rescue))
        ran = fleet("apply", "-i", "local.ini", "--format", "plain", str(book))
        assert [f"TASK [{name}]" in ran.out for name in ("later", "second")] == [goes_on, goes_on], ran.out
        assert (ran.code == 0) == goes_on


def test_one_who_fails_after_a_rescue_has_failed(fleet: Fleet, tmp_path: Path) -> None:
    """The failure of all is over where a rescue ends it: what fails behind it is a failure of its own."""
    book = tmp_path / "book.yml"
    rescue = """rescue: [{command: "true"}]\n      always: [{command: "false"}]"""
    book.write_text(BOTH.format(keyword="any_errors_fatal: true", rescue=rescue))
    ran = fleet("apply", "-i", "local.ini", "--format", "plain", str(book))
    assert ran.code == 2, ran.out
    assert ran.out.count("failed=1") == 2


def test_a_play_sees_the_variables_beside_the_file_it_stands_in(fleet: Fleet, tmp_path: Path) -> None:
    play = (
        '- {hosts: l1, gather_facts: false, tasks: [{debug: {msg: "<{{ a | default(0) }} {{ b | default(0) }}>"}}]}\n'
    )
    files = {
        "top.yml": "- import_playbook: sub/inner.yml\n" + play,
        "sub/inner.yml": play,
        "group_vars/all.yml": "a: top\n",
        "sub/group_vars/all.yml": "a: sub\n",
        "sub/host_vars/l1.yml": "b: sub\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    ran = fleet("apply", "-i", "local.ini", "--format", "plain", str(tmp_path / "top.yml"))
    assert ran.out.index("<sub sub>") < ran.out.index("<top 0>")
    assert fleet("check", "-i", "local.ini", str(tmp_path / "top.yml")).code == 0


def test_handlers_are_forced_on_hosts_that_another_one_ends(fleet: Fleet, tmp_path: Path) -> None:
    book = tmp_path / "book.yml"
    book.write_text("""\
- hosts: l1,l2
  gather_facts: false
  any_errors_fatal: true
  force_handlers: true
  tasks:
    - {command: "true", notify: h}
    - command: "{{ (inventory_hostname == 'l2') | ternary('false', 'true') }}"
    - {name: later, command: "true"}
  handlers: [{name: h, command: "true"}]
""")
    ran = fleet("apply", "-i", "local.ini", "--format", "plain", str(book))
    assert ran.code == 2, ran.out
    assert "TASK [later]" not in ran.out
    assert all(f"changed: [{host}]" in ran.out.partition("HANDLER [h]")[2] for host in ("l1", "l2"))
