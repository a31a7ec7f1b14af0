"""The plain output against text frozen from runs of ansible-core 2.19.14 (paths, times and hosts kept)."""

from __future__ import annotations

import io
import json
from pathlib import Path
from typing import Any

import pytest
from sink_events import Run, printed

from fleet.errors import Location
from fleet.events import (
    HostActivity,
    HostLeft,
    HostStats,
    NoHosts,
    Noted,
    Notified,
    PlaybookStarted,
    PlayStarted,
    Polled,
    Retrying,
    RunEnded,
    RunStarted,
    Warned,
)
from fleet.sinks.plain import Plain, PlainOptions
from fleet.sinks.secrets import CENSORED

RC1 = {
    "changed": True,
    "cmd": ["false"],
    "msg": "non-zero return code",
    "rc": 1,
    "stderr": "",
    "stderr_lines": [],
    "stdout": "",
    "stdout_lines": [],
    "failed": True,
}
RC1_JSON = (
    '{"changed": true, "cmd": ["false"], "msg": "non-zero return code", "rc": 1, '
    '"stderr": "", "stderr_lines": [], "stdout": "", "stdout_lines": []}'
)
HI = {"changed": True, "cmd": ["echo", "hi"], "rc": 0, "stdout": "hi", "stdout_lines": ["hi"]}


def body(run: Run, **options: Any) -> str:
    """What is printed between the play's banner and the recap."""
    out, _ = printed(run.ended(), **options)
    head, _, rest = out.partition("*\n")
    assert head.startswith("\nPLAY [First play] ****")
    return rest.partition("\nPLAY RECAP")[0]


def test_a_small_run() -> None:
    run = Run()
    run.all(run.task("plain command"))
    run.all(run.task("dbg msg", "debug"), "ok", {"msg": "hello", "changed": False})
    run.all(run.task("skipped"), "skipped", {"changed": False, "skip_reason": "Conditional result was False"})
    run.all(run.task("my handler", kind="handler"))
    out, err = printed(run.ended())
    assert err == ""
    assert (
        out
        == """
PLAY [First play] **************************************************************

TASK [plain command] ***********************************************************
changed: [a1]
changed: [bb22]

TASK [dbg msg] *****************************************************************
ok: [a1] => {
    "msg": "hello"
}
ok: [bb22] => {
    "msg": "hello"
}

TASK [skipped] *****************************************************************
skipping: [a1]
skipping: [bb22]

RUNNING HANDLER [my handler] ***************************************************
changed: [a1]
changed: [bb22]

PLAY RECAP *********************************************************************
a1                         : ok=3    changed=2    unreachable=0    failed=0    skipped=1    rescued=0    ignored=0   
bb22                       : ok=3    changed=2    unreachable=0    failed=0    skipped=1    rescued=0    ignored=0   

"""
    )


@pytest.mark.parametrize(
    ("title", "banner"),
    [
        (
            "mixed 2 a very long play name to see what happens with the stars when it is longer than the width",
            "PLAY [mixed 2 a very long play name to see what happens with the stars when it is longer than"
            + " the width] ***",
        ),
        (
            "日本語のタスク",
            "PLAY [日本語のタスク] **********************************************************",
        ),
    ],
)
def test_banner_width(title: str, banner: str) -> None:
    out, _ = printed([PlayStarted(1, title, ("a1",))])
    assert out == f"\n{banner}\n"


def test_loops() -> None:
    run = Run(["a1"])
    task = run.task("loop dict skip")
    run.item("a1", task, {"k": 1}, "skipped", {"changed": False})
    run.item("a1", task, {"k": 2})
    run.done("a1", task, "changed", {"results": []}, looped=True)
    empty = run.task("loop all skip")
    run.item("a1", empty, 1, "skipped")
    run.done("a1", empty, "skipped", {"msg": "All items skipped", "changed": False, "results": []}, looped=True)
    debug = run.task("dbg loop", "ansible.builtin.debug")
    run.item("a1", debug, 1, "ok", {"msg": "m1", "item": 1, "ansible_loop_var": "item", "changed": False})
    run.done("a1", debug, "ok", looped=True)
    secret = run.task("nolog loop", no_log=True)
    run.item("a1", secret, "(censored due to no_log)", "changed", {"censored": CENSORED, "changed": True})
    run.done("a1", secret, "changed", looped=True)
    assert (
        body(run)
        == """
TASK [loop dict skip] **********************************************************
skipping: [a1] => (item={'k': 1}) 
changed: [a1] => (item={'k': 2})

TASK [loop all skip] ***********************************************************
skipping: [a1] => (item=1) 
skipping: [a1]

TASK [dbg loop] ****************************************************************
ok: [a1] => (item=1) => {
    "msg": "m1"
}

TASK [nolog loop] **************************************************************
changed: [a1] => (item=(censored due to no_log))
"""
    )


@pytest.fixture
def playbook(tmp_path: Path) -> Path:
    path = tmp_path / "a.yml"
    lines = [f"# line {number}" for number in range(1, 9)]
    lines += ["- tasks:", "    - command: echo", "    - name: ign", "      command: 'false'"]
    path.write_text("\n".join(lines) + "\n")
    return path


def test_failures_are_explained_once(playbook: Path) -> None:
    run = Run()
    task = run.task("ign", at=Location(str(playbook), 11, 7))
    run.all(task, "failed", RC1, ignored=True)
    assert body(run) == (
        f"""
TASK [ign] *********************************************************************
[ERROR]: Task failed: Module failed: non-zero return code
Origin: {playbook}:11:7

 9 - tasks:
10     - command: echo
11     - name: ign
         ^ column 7

fatal: [a1]: FAILED! => {RC1_JSON}
...ignoring
fatal: [bb22]: FAILED! => {RC1_JSON}
...ignoring
"""
    )


def test_what_is_left_out_of_results() -> None:
    run = Run(["a1"])
    empty = {"changed": False, "results": [], "skipped_reason": "No items in the list", "skipped": True}
    run.done("a1", run.task("empty loop"), "skipped", empty)
    run.done("a1", run.task("d", "debug"), "failed", {"msg": "1", "failed_when_result": True, "failed": True})
    text = body(run, verbosity=1)
    assert 'skipping: [a1] => {"changed": false, "skipped_reason": "No items in the list"}\n' in text
    assert 'FAILED! => {\n    "msg": "1"\n}\n' in text


def test_failed_items(playbook: Path) -> None:
    run = Run(["a1"])
    task = run.task("loop fail", at=Location(str(playbook), 11, 7))
    run.item("a1", task, "false", "failed", RC1)
    run.item("a1", task, "true")
    run.done("a1", task, "failed", {"results": []}, looped=True, ignored=True)
    text = body(run)
    assert text.endswith(f"\nfailed: [a1] (item=false) => {RC1_JSON}\nchanged: [a1] => (item=true)\n...ignoring\n")
    assert "fatal" not in text


@pytest.mark.parametrize(
    ("action", "msg", "said"),
    [
        ("fail", "boom", "Task failed: Action failed: boom"),
        ("ansible.builtin.assert", "Assertion failed", "Task failed: Action failed: Assertion failed"),
        ("apt", "no such package", "Task failed: Module failed: no such package"),
        ("debug", "Task failed: 'nope' is undefined", "Task failed: 'nope' is undefined"),
        ("apt", None, "Task failed: Module failed: Unknown error."),
        ("fail", {"a": 1}, "Task failed: Action failed: {'a': 1}"),
    ],
)
def test_wording_of_failures(action: str, msg: Any, said: str) -> None:
    run = Run(["a1"])
    run.done("a1", run.task("t", action), "failed", {"msg": msg})
    assert f"\n[ERROR]: {said}\nfatal: [a1]: FAILED! => {{" in body(run)


def test_a_failed_assert_takes_several_lines() -> None:
    run = Run(["a1"])
    result = {
        "assertion": "1 == 2",
        "changed": False,
        "evaluated_to": False,
        "msg": "Assertion failed",
        "failed": True,
        "_ansible_verbose_always": True,
    }
    run.done("a1", run.task("assert", "assert"), "failed", result, ignored=True)
    assert body(run).endswith(
        """
fatal: [a1]: FAILED! => {
    "assertion": "1 == 2",
    "changed": false,
    "evaluated_to": false,
    "msg": "Assertion failed"
}
...ignoring
"""
    )


def test_a_debug_that_could_not_run_is_one_line() -> None:
    run = Run(["a1"])
    result = {"failed": True, "msg": "parameters are mutually exclusive: msg|var"}
    run.done("a1", run.task("debug", "debug"), "failed", result)
    assert body(run).endswith('fatal: [a1]: FAILED! => {"msg": "parameters are mutually exclusive: msg|var"}\n')


def test_unreachable() -> None:
    run = Run(["dead1"])
    result = {
        "changed": False,
        "msg": "Task failed: Failed to connect to the host via ssh: x",
        "unreachable": True,
    }
    run.done("dead1", run.task("pinger", "ping"), "unreachable", result)
    assert body(run).endswith(
        """
[ERROR]: Task failed: Failed to connect to the host via ssh: x
fatal: [dead1]: UNREACHABLE! => {"changed": false, "msg": "Task failed: Failed to connect to the host via ssh: x", "unreachable": true}
"""
    )


def test_delegation_and_retries() -> None:
    run = Run(["a1"])
    task = run.task("retry vv")
    run.events.append(Retrying("a1", task, 2, RC1, delegated="localhost"))
    run.done("a1", task, "failed", {**RC1, "attempts": 2}, delegated="localhost", ignored=True)
    skipped = run.task("deleg skip")
    run.done("a1", skipped, "skipped", delegated="h009")
    text = body(run)
    assert "\nFAILED - RETRYING: [a1 -> localhost]: retry vv (2 retries left).\n" in text
    assert '\nfatal: [a1 -> localhost]: FAILED! => {"attempts": 2, "changed": true' in text
    assert "\nskipping: [a1]\n" in text


def test_retries_show_their_result_when_very_verbose() -> None:
    run = Run(["a1"])
    run.events.append(Retrying("a1", run.task("r"), 1, {"rc": 1}))
    assert '(1 retries left).Result was: {\n    "rc": 1\n}\n' in body(run, verbosity=3)


def test_includes_share_a_line() -> None:
    run = Run()
    task = run.task("incl loop", "include_tasks", kind="include")
    for host in run.hosts:
        run.item(host, task, "x", "ok", {"include": "inc.yml"})
        run.include(host, task, "/p/inc.yml", "x")
        run.include(host, task, "/p/inc.yml", "y")
        run.done(host, task, "ok")
    run.all(run.task("In the included"))
    assert body(run).startswith(
        """
TASK [incl loop] ***************************************************************
included: /p/inc.yml for a1, bb22 => (item=x)
included: /p/inc.yml for a1, bb22 => (item=y)

TASK [In the included] *"""
    )


def test_verbosity_shows_results() -> None:
    run = Run(["a1"])
    at = Location("/p/a.yml", 8, 7)
    run.done(
        "a1",
        run.task("plain command", at=at),
        "changed",
        {**HI, "invocation": {"module_args": {}}, "diff": {}},
    )
    run.done("a1", run.task("setup", "setup"), "ok", {"ansible_facts": {"a": 1}})
    loop = run.task("loop dict skip")
    run.item("a1", loop, {"k": 1}, "skipped", {"changed": False, "skip_reason": "Conditional result was False"})
    one = '{"changed": true, "cmd": ["echo", "hi"], "rc": 0, "stdout": "hi", "stdout_lines": ["hi"]}'
    text = body(run, verbosity=1)
    assert f"\nchanged: [a1] => {one}\n" in text
    assert "\nok: [a1]\n" in text
    assert 'skipping: [a1] => (item={\'k\': 1})  => {"changed": false, "skip_reason":' in text
    assert "task path" not in text
    assert "*\ntask path: /p/a.yml:8\nchanged: [a1] => {" in body(run, verbosity=2)
    deep = body(run, verbosity=3)
    assert '\nchanged: [a1] => {\n    "changed": true,\n    "cmd": [\n        "echo",' in deep
    assert '\n    "invocation": {\n        "module_args": {}\n    }' in deep


def test_handler_notifications_and_notes() -> None:
    run = Run(["a1"])
    run.events.append(Notified("a1", run.task("notif"), ("my handler",)))
    run.events.append(Noted("using python3", 2, "a1"))
    assert "Notification" not in body(run, verbosity=1)
    text = body(run, verbosity=2)
    assert "\nNotification for handler my handler has been saved.\n" in text
    assert "<a1> using python3\n" in text


def test_yaml_results() -> None:
    run = Run(["a1"])
    run.done("a1", run.task("r"), "failed", {**RC1, "stdout": "a\nb\n"}, ignored=True)
    message = {
        "a": "x\ny\n",
        "b": [1, {"c": 2}],
        "e": "",
        "el": [],
        "n": None,
        "s": "yes",
        "t": True,
        "multi": "t\tab\nb ",
    }
    run.done("a1", run.task("d", "debug"), "ok", {"msg": message})
    text = body(run, result_format="yaml")
    assert (
        """
fatal: [a1]: FAILED! => 
    changed: true
    cmd:
    - 'false'
    msg: non-zero return code
    rc: 1
    stderr: ''
    stderr_lines: <omitted>
    stdout: |-
        a
        b
    stdout_lines: <omitted>
...ignoring
"""
        in text
    )
    assert text.endswith(
        """
ok: [a1] => 
    msg:
        a: |-
            x
            y
        b:
        - 1
        -   c: 2
        e: ''
        el: []
        multi: |-
            t       ab
            b
        n: null
        s: 'yes'
        t: true
"""
    )


def test_hidden_results_take_their_banner_along() -> None:
    run = Run()
    run.all(run.task("all skip"), "skipped")
    some = run.task("one skip")
    run.done("a1", some, "changed")
    run.done("bb22", some, "skipped")
    run.all(run.task("fine"), "ok")
    no_skips = body(run, display_skipped_hosts=False)
    assert "all skip" not in no_skips
    assert "skipping" not in no_skips
    assert "\nTASK [fine] *" in no_skips
    no_ok = body(run, display_ok_hosts=False)
    assert "[fine]" not in no_ok
    assert "\nskipping: [bb22]\n" in no_ok


def test_failures_on_stderr_and_their_path() -> None:
    run = Run(["a1"])
    run.done("a1", run.task("ign", at=Location("/gone/d.yml", 42, 7)), "failed", RC1, ignored=True)
    out, err = printed(run.ended(), display_failed_stderr=True, show_task_path_on_failure=True)
    assert err == (
        "[ERROR]: Task failed: Module failed: non-zero return code\nOrigin: /gone/d.yml:42:7\n\n"
        f"task path: /gone/d.yml:42\nfatal: [a1]: FAILED! => {RC1_JSON}\n"
    )
    assert "*\n...ignoring\n" in out


def test_plays_without_hosts_and_the_end() -> None:
    lost, limit = NoHosts("lost", remaining=True), NoHosts("loc", remaining=True, limit=True)
    out, _ = printed([NoHosts("nosuch"), lost, limit, PlayStarted(1, "a1", ())])
    assert out == (
        f"\nPLAY [nosuch] {'*' * 66}\nskipping: no hosts matched\n\nNO MORE HOSTS LEFT {'*' * 61}\n\nPLAY [a1] {'*' * 70}\n"
    )


def test_check_mode_markers_and_playbook_banner() -> None:
    run = Run(["a1"])
    run.events = [PlayStarted(1, "First play", ("a1",), check=True)]
    run.all(run.task("copy new", check=True))
    run.all(run.task("for real"))
    events = [RunStarted(("/p/e.yml",), True, False, 5, 2), PlaybookStarted("/p/e.yml"), *run.ended()]
    out, _ = printed(events, check_mode_markers=True, verbosity=2)
    assert out.startswith(f"\nDRY RUN {'*' * 72}\n\nPLAYBOOK: e.yml {'*' * 64}\n\nPLAY [First play] [CHECK MODE] ***")
    assert "\nTASK [copy new] [CHECK MODE] ***" in out
    assert "\nTASK [for real] ***" in out
    assert "CHECK MODE" not in printed(events)[0]
    assert out.endswith(f"   \n\n\nDRY RUN {'*' * 72}\n")


def test_custom_stats() -> None:
    ended = RunEnded({}, 0, 1.0, custom={"a1": {"a": 1, "b": "x"}, "_run": {"a": 2, "b": "xx"}})
    out, _ = printed([ended], show_custom_stats=True)
    assert out.partition("CUSTOM STATS: ")[2].lstrip("*") == (
        '\n\ta1: { "a": 1, "b": "x"}\n\n\tRUN: { "a": 2, "b": "xx"}\n\n'
    )
    assert "CUSTOM" not in printed([ended])[0]


def test_warnings_go_to_stderr_once() -> None:
    _, err = printed([Warned("odd"), Warned("odd"), Warned("old thing", deprecation=True)])
    assert err == "[WARNING]: odd\n[DEPRECATION WARNING]: old thing\n"


def test_diffs_stand_before_their_result() -> None:
    run = Run(["a1"])
    diff = {"before": {"mode": "0644", "path": "/x"}, "after": {"mode": "0600", "path": "/x"}}
    run.done("a1", run.task("mode", "file"), "changed", {"changed": True, "diff": diff})
    assert (
        body(run)
        == """
TASK [mode] ********************************************************************
--- before
+++ after
@@ -1,4 +1,4 @@
 {
-    "mode": "0644",
+    "mode": "0600",
     "path": "/x"
 }

changed: [a1]
"""
    )
    assert """
--- before
+++ after
@@ -1,3 +1,3 @@
-    mode: '0644'
+    mode: '0600'
     path: /x
 

changed: [a1]
""" in body(run, result_format="yaml")


def test_hostile_text_never_reaches_the_terminal() -> None:
    run = Run(["a1"])
    result = {"msg": "\x1b[31mred \udcff \x9b \u202e", "diff": {"before": "", "after": "\x1b]0;x\x07\n"}}
    run.done("a1", run.task("na\x1bme"), "changed", result)
    run.item("a1", run.task("loop"), "\x1b[2J\r", "failed", result)
    text = body(run, verbosity=1)
    assert not any(char in text for char in "\x1b\x9b\r\x07\u202e\udcff")
    assert '"msg": "\\u001b[31mred \\\\xff \\u009b \\u202e"' in text
    text.encode()


def test_an_ascii_terminal_gets_ascii() -> None:
    raw = io.BytesIO()
    out = io.TextIOWrapper(raw, encoding="ascii")
    sink = Plain(PlainOptions(), out, out)
    sink.feed(PlayStarted(1, "grüße", ("a1",)))
    assert b"PLAY [gr\\xfc\\xdfe] ***" in raw.getvalue()


def test_colour() -> None:
    run = Run(["a1"])
    run.all(run.task("uname"), "ok")
    assert "\n\x1b[0;32mok: [a1]\x1b[0m\n" in body(run, color=True)


def test_a_banner_is_printed_when_its_task_starts() -> None:
    run = Run()
    first = run.task("slow")
    out = io.StringIO()
    sink = Plain(PlainOptions(), out, out)
    for event in [*run.events, HostActivity("a1", "running", 0.0, first)]:
        sink.feed(event)
    assert out.getvalue().endswith(f"\nTASK [slow] {'*' * 68}\n")


def test_what_waits_is_printed_when_the_run_breaks_off() -> None:
    run = Run()
    run.task("first")
    second = run.task("second")
    run.done("a1", run.task("zeroth", key=(0,)))
    run.done("a1", second)
    out, _ = printed([*run.events, HostLeft("a1", 1, "interrupted")])
    assert "\nTASK [second] *" in out


def test_recap_lists_hosts_by_name() -> None:
    stats = {"b": HostStats(ok=1), "a-long-name-of-a-host-in-the-fleet": HostStats(failed=1)}
    out, _ = printed([RunEnded(stats, 2, 1.0)])
    lines = out.splitlines()[2:4]
    assert lines[0].startswith("a-long-name-of-a-host-in-the-fleet : ok=0    changed=0 ")
    assert lines[1].startswith("b                          : ok=1 ")


@pytest.mark.parametrize(
    ("result", "status", "shown"),
    [
        ({"msg": "m", "item": 1, "ansible_loop_var": "item", "failed_when_result": False}, "ok", {"msg": "m"}),
        ({"foo": "bar", "item": 1, "ansible_loop_var": "item"}, "ok", {"foo": "bar", "item": 1}),
        (
            {"foo": 1, "x": 2, "i": 0, "ansible_loop_var": "x", "ansible_index_var": "i"},
            "ok",
            {"foo": 1, "i": 0, "x": 2},
        ),
        ({"foo": 1, "failed_when_result": False}, "ok", {"failed_when_result": False, "foo": 1}),
        ({"item": 1}, "ok", {"item": 1}),
    ],
)
def test_debug_shows_a_message_alone_or_a_variable_with_what_the_loop_set(
    result: dict[str, Any], status: Any, shown: dict[str, Any]
) -> None:
    run = Run(["a1"])
    run.done("a1", run.task("d", "debug"), status, {**result, "changed": False})
    assert body(run).endswith(f"ok: [a1] => {json.dumps(shown, indent=4)}\n")


def test_a_skipped_debug_shows_its_condition_and_item() -> None:
    run = Run(["a1"])
    debug = run.task("d", "debug")
    skipped = {"item": 2, "ansible_loop_var": "item", "false_condition": "item == 1", "skip_reason": "no"}
    run.item("a1", debug, 2, "skipped", {**skipped, "changed": False})
    run.done("a1", debug, "ok", looped=True)
    assert '(item=2)  => {"false_condition": "item == 1", "item": 2}\n' in body(run, verbosity=1)


def test_a_quiet_assert_is_shown_as_any_other_result() -> None:
    run = Run(["a1"])
    run.done("a1", run.task("a", "assert"), "ok", {"changed": False, "msg": "All assertions passed"})
    assert body(run).endswith("\nok: [a1]\n")
    assert body(run, verbosity=1).endswith('ok: [a1] => {"changed": false, "msg": "All assertions passed"}\n')


@pytest.mark.parametrize(
    ("result", "said"),
    [
        ({"msg": "Task failed: Action failed: Unknown error."}, "Task failed: Action failed: Unknown error."),
        ({"msg": "", "rc": 0}, "Task failed: Action failed."),
        ({"msg": "no space"}, "Task failed: Action failed: no space"),
    ],
)
def test_what_failed_when_calls_a_failure_is_no_failure_of_the_module(result: dict[str, Any], said: str) -> None:
    run = Run(["a1"])
    run.done("a1", run.task("c", "command"), "failed", {**result, "failed": True, "failed_when_result": True})
    assert f"[ERROR]: {said}\n" in body(run)


def test_results_of_a_free_strategy_come_as_they_come() -> None:
    run = Run()
    run.events = [PlayStarted(1, "First play", ("a1", "bb22"), free=True)]
    first, second = run.task("one"), run.task("two")
    run.done("a1", first)
    run.done("a1", second)
    run.done("bb22", first)
    run.done("bb22", second)
    lines = [line.partition(" *")[0] for line in body(run).split("\n") if line]
    assert lines == [
        "TASK [one]", "changed: [a1]", "TASK [two]", "changed: [a1]",
        "TASK [one]", "changed: [bb22]", "TASK [two]", "changed: [bb22]",
    ]  # fmt: skip


def test_results_over_several_lines_always_or_never() -> None:
    run = Run(["a1"])
    run.done("a1", run.task("c"), "changed", HI)
    run.done("a1", run.task("d", "debug"), "ok", {"msg": "m", "changed": False})
    never = body(run, verbosity=3, format_pretty=False)
    assert 'ok: [a1] => {"msg": "m"}' in never and 'changed: [a1] => {"changed": true,' in never
    assert 'changed: [a1] => {\n    "changed": true,\n' in body(run, verbosity=1, format_pretty=True)


def test_yaml_that_is_true_to_every_blank() -> None:
    run = Run(["a1"])
    result = {"stdout": "a\nb", "stdout_lines": ["a", "b"], "tabs": "a\tb\nc ", "list": [1, {"x": "y"}]}
    run.done("a1", run.task("c"), "changed", result)
    assert (
        body(run, verbosity=1, result_format="yaml", format_pretty=False).partition("changed: ")[2]
        == """[a1] => 
    list:
    - 1
    - x: y
    stdout: |-
      a
      b
    stdout_lines:
    - a
    - b
    tabs: "a\\tb\\nc "
"""
    )


def test_which_settings_count_is_the_first_line_with_v() -> None:
    events = [RunStarted(("/p/e.yml",), False, False, 5, 1), RunEnded({}, 0, 1.0)]
    assert printed(events, verbosity=1, heading="Using a.cfg as config file")[0].startswith(
        "Using a.cfg as config file\n"
    )
    assert "Using" not in printed(events, heading="Using a.cfg as config file")[0]


def test_how_a_job_that_was_waited_for_came_out() -> None:
    run = Run(["a1"])
    job = {"ansible_job_id": "j1.2", "started": True, "finished": True}
    run.done("a1", run.task("fine"), "changed", job)
    run.done("a1", run.task("bad"), "failed", {**job, "msg": "no", "failed": True}, ignored=True)
    late = {"msg": "too late - 1s", "async_result": {**job, "finished": False}, "failed": True}
    run.done("a1", run.task("late"), "failed", late, ignored=True)
    run.done("a1", run.task("not waited for"), "changed", {**job, "finished": False})
    run.done("a1", run.task("asked", "async_status"), "changed", job)
    looped = run.task("looped")
    run.item("a1", looped, 1, "changed", job)
    run.done("a1", looped, "changed", {"results": [job]}, looped=True)
    waits = run.task("waits")
    run.events.append(Polled("a1", waits, "j9"))
    run.done("a1", waits, "skipped", {**job, "skip_reason": "no"})
    out = body(run)
    asked = "jid=j9 started=True finished=False"
    assert f"TASK [waits] {'*' * 67}\nASYNC POLL on a1: {asked}\nASYNC OK on a1: jid=j1.2\nskipping: [a1]\n" in out
    assert "\nASYNC OK on a1: jid=j1.2\nchanged: [a1]\n" in out
    assert "\nASYNC FAILED on a1: jid=j1.2\n[ERROR]: Task failed: Module failed: no\n" in out
    assert "\nASYNC FAILED on a1: jid=j1.2\n[ERROR]: Task failed: Action failed: too late - 1s\n" in out
    assert "\nASYNC OK on a1: jid=j1.2\nchanged: [a1] => (item=1)\n" in out
    assert out.count("ASYNC") == 6
