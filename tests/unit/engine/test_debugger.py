"""The task debugger: when it opens, what its commands do, and where a task goes on from there."""

from __future__ import annotations

import io

import pytest
from engine_kit import FAILED

from fleet.engine.control import Control
from fleet.engine.instructions import Debug
from fleet.errors import FleetError


def talk(game, *lines):
    """Let the run come to a debugger and say ``lines``; give what it answered."""
    game.advance()
    while not isinstance(game.run.waiting, Debug):
        assert not game.ended, "nobody asked"
        game.feed().advance()
    session = game.run.waiting.session
    said = [session.command(line) for line in lines]
    if session.decision:
        game.run.debugged()
    return said


def never_asks(game):
    """Run to the end; a debugger would leave the game waiting."""
    game.advance()
    while not game.ended:
        assert not isinstance(game.run.waiting, Debug)
        game.feed().advance()
    return game


@pytest.mark.parametrize(
    ("task", "asks"),
    [
        ("command: fail\n  debugger: on_failed", True),
        ("command: fail\n  debugger: always", True),
        ("command: one\n  debugger: always", True),
        ("command: one\n  debugger: on_failed", False),
        ("command: fail\n  debugger: never", False),
        ("command: fail", False),
        ("command: one\n  when: false\n  debugger: on_skipped", True),
        ("command: one\n  when: false\n  debugger: on_failed", False),
        ("command: fail\n  debugger: on_failed\n  ignore_errors: true", False),
        ("command: fail\n  debugger: always\n  ignore_errors: true", True),
        ("command: fail\n  debugger: on_unreachable", False),
    ],
)
def test_when_it_opens(play, task, asks):
    game = play("- " + task)
    if asks:
        assert talk(game, "c") == [""]
        assert game.finish().results
    else:
        never_asks(game)


def test_a_lost_host_opens_it(play):
    game = play("- command: one\n  debugger: on_unreachable").advance()
    game.run.lost("no route to host")
    talk(game, "c")
    assert game.finish().left == ["unreachable"]


def test_a_setting_opens_it_for_every_failure(play):
    game = play("- command: fail", debugger=True)
    game.play.debugger = True
    talk(game, "c")
    assert game.finish().left == ["failed"]


def test_redo_with_a_changed_argument(play):
    game = play("""
        - block:
            - command: fail
              register: r
            - command: "two {{ r.stdout }}"
          debugger: on_failed
        - command: three
    """)
    talk(game, 'task.args["_raw_params"] = "{{ 1 + 1 }} and one"', "r")
    game.finish()
    assert game.ran == ["fail", "2 and one", "two 2 and one", "three"]
    assert game.recap == {"ok": 3, "changed": 3}


def test_redo_with_a_changed_variable_after_update_task(play):
    text = """
        - command: "{{ word }}"
          vars: {word: fail}
          debugger: on_failed
        - command: "{{ word | default('gone') }}"
    """
    game = play(text)
    talk(game, 'task_vars["word"] = "fine"', "r")
    talk(game, 'task_vars["word"] = "fine"', "u", "redo")
    assert game.finish().ran == ["fail", "fail", "fine", "gone"]


def test_redo_is_not_dropped_by_the_runner(play):
    game = play("- command: one\n  debugger: on_failed\n- command: two", script={"one": [FAILED, {"changed": True}]})
    talk(game, "r")
    assert game.finish().ran == ["one", "one", "two"]


def test_continue_goes_where_the_failure_leads(play):
    game = play("""
        - block:
            - command: fail
              debugger: always
          rescue:
            - command: "{{ ansible_failed_result.rc }}"
    """)
    talk(game, "continue")
    assert game.finish().ran == ["fail", "1"]
    assert game.recap == {"ok": 1, "changed": 1, "rescued": 1}


def test_quit_ends_the_run(play):
    game = play("- command: fail\n  debugger: always\n  ignore_errors: true\n- command: two")
    talk(game, "q")
    game.advance()
    assert game.ended == "interrupted" and game.ran == ["fail"]


def test_what_can_be_looked_at(play):
    game = play("""
        vars: {a: 1, b: "{{ a + 1 }}", c: "{{ nope }}"}
        tasks:
          - name: look
            command: "fail {{ a }}"
            debugger: on_failed
    """)
    said = talk(
        game, "p task", "p task.args", "p task_vars['b']", "p result._result['rc']", "p result['msg']", "p host.name",
        "pp task.name", "p task.debugger", "print 'c' in task_vars", "", "p task_vars",
    )  # fmt: skip
    assert said[:-1] == [
        "TASK: look", "{'_raw_params': 'fail {{ a }}'}", "2", "1", "'non-zero return code'", "'h1'",
        "'look'", "'on_failed'", "True", "",
    ]  # fmt: skip
    assert "'c': \"<< 'nope' is undefined >>\"" in said[-1]
    assert game.run.waiting.session.prompt == "[h1] TASK: look (debug)> "
    assert game.run.waiting.session.intro == "failed: non-zero return code"


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("p nope", "***NameError: name 'nope' is not defined"),
        ("p 1/0", "***ZeroDivisionError"),
        ("p (", "***SyntaxError"),
        ("bogus(", "***SyntaxError"),
        ("task_vars['x'", "***SyntaxError"),
        ("p task_vars['c']", "***UndefinedVariable: 'nope' is undefined"),
        ("p task.bogus", "***AttributeError: the task has no 'bogus'"),
        ("del task_vars['a']", "***KeyError"),
    ],
)
def test_a_mistake_is_answered_and_the_talk_goes_on(play, line, said):
    game = play('vars: {a: 1, c: "{{ nope }}"}\ntasks:\n- command: fail\n  debugger: on_failed')
    assert talk(game, line)[0].startswith(said)
    assert game.run.waiting.session.decision == ""


def test_a_censored_result_stays_censored(play):
    game = play("- command: fail hush\n  no_log: true\n  debugger: on_failed")
    (said,) = talk(game, "p result")
    assert "censored" in said and "stdout" not in said


def test_a_word_that_is_none_of_the_keywords_is_a_mistake(play):
    from fleet.plan.check import check
    from fleet.source.diagnostics import Diagnostics

    game = play("- command: one\n  debugger: on_fail")
    problems = Diagnostics()
    plan = type("Compiled", (), {"plan": game.play.plan, "compiler": game.run.compiler, "hosts": ["h1"]})
    check([plan], game.world.templar, problems, game.world.inventory)
    with pytest.raises(FleetError, match="'debugger' cannot be 'on_fail'"):
        problems.stop()


@pytest.mark.parametrize(("typed", "decision"), [("p host\nr\nq\n", "redo"), ("p host\n", "quit"), ("", "quit")])
def test_lines_are_read_until_there_is_a_decision(play, monkeypatch, capsys, typed, decision):
    game = play("- command: fail hunter2\n  debugger: always")
    talk(game)
    control = Control(1)
    control.mask = lambda text: text.replace("h1", "**")
    monkeypatch.setattr("sys.stdin", io.StringIO(typed))
    control.converse(game.run.waiting.session)
    assert game.run.waiting.session.decision == decision
    shown = capsys.readouterr().err
    assert shown.startswith("failed: non-zero return code\n[**] TASK: command (debug)> ")
    assert ("'**'\n" in shown) is ("p host" in typed)
