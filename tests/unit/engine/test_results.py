"""The shape of results."""

from __future__ import annotations

import pytest
from engine_kit import Game

from fleet.engine import results
from fleet.errors import FleetError, Location
from fleet.plan.tree import TaskNode
from fleet.playbook.model import Task
from fleet.source.nodes import Map, trust_all
from fleet.template.errors import TemplateError
from fleet.template.scope import Scope
from fleet.template.templar import Templar

TEMPLAR = Templar()


def judged(result, **kw):
    node = TaskNode(Task("t", "command", Map(), {}, None), "command", trust_all(kw))
    return results.judge(node, result, Scope([{"yes": True}], TEMPLAR), TEMPLAR)


def test_finish_adds_lines_and_drops_what_is_internal():
    made = results.finish({"stdout": "a\nb", "stderr": "", "_ansible_seconds": 1, "_effects": 2})
    assert made == {"changed": False, "stdout": "a\nb", "stdout_lines": ["a", "b"], "stderr": "", "stderr_lines": []}


def test_finish_leaves_lines_that_are_there():
    assert results.finish({"stdout": "x", "stdout_lines": ["y"]})["stdout_lines"] == ["y"]


@pytest.mark.parametrize(
    ("kw", "changed", "failed"),
    [
        ({}, True, False),
        ({"changed_when": False}, False, False),
        ({"changed_when": "r.rc == 1", "register": "r"}, False, False),
        ({"changed_when": ["yes", "r.rc == 0"], "register": "r"}, True, False),
        ({"failed_when": "r.rc == 0", "register": "r"}, True, True),
        ({"failed_when": ["r.rc == 0", "not yes"], "register": "r"}, True, False),
        ({"failed_when": "r is changed", "changed_when": False, "register": "r"}, False, False),
    ],
)
def test_judge(kw, changed, failed):
    made = judged({"changed": True, "rc": 0}, **kw)
    assert (made["changed"], made["failed"]) == (changed, failed)


def test_a_failure_that_is_judged_away():
    made = judged({"changed": False, "failed": True, "exception": "trace"}, failed_when=False)
    assert made["failed"] is False and made["failed_when_result"] is False
    assert "exception" not in made


@pytest.mark.parametrize("keyword", ["changed_when", "failed_when"])
def test_a_condition_that_cannot_be_told_fails_the_task(keyword):
    made = judged({"changed": False}, **{keyword: "nobody == 1"})
    assert made["failed"] and "'nobody' is undefined" in made[f"{keyword}_result"]


@pytest.mark.parametrize("result", [results.skip("x == 1"), {"unreachable": True}, {"skipped": True, "failed": False}])
def test_what_did_not_run_is_not_judged(result):
    assert judged(result, failed_when=True, changed_when=True) == result


OK, CHANGED, SKIPPED, FAILED = {"changed": False}, {"changed": True}, {"skipped": True}, {"failed": True}


@pytest.mark.parametrize(
    ("items", "expected"),
    [
        ([OK, OK], {"changed": False, "skipped": False, "msg": "All items completed"}),
        ([OK, CHANGED, SKIPPED], {"changed": True, "skipped": False, "msg": "All items completed"}),
        ([SKIPPED, SKIPPED], {"changed": False, "skipped": True, "msg": "All items skipped"}),
        ([CHANGED, FAILED], {"changed": True, "failed": True, "skipped": False, "msg": "One or more items failed"}),
        ([{**FAILED, "failed_when_result": False}], {"changed": False, "skipped": False, "msg": "All items completed"}),
    ],
)
def test_a_loop_summed_up(items, expected):
    assert results.summed(items) == {"results": items, **expected}


def test_an_empty_loop():
    assert results.summed([])["skipped"] and results.summed([])["results"] == []


def test_warnings_of_items_are_told_once():
    items = [{"warnings": ["w", "v"]}, {"warnings": ["w"]}]
    assert results.summed(items)["warnings"] == ["w", "v"]


@pytest.mark.parametrize(
    ("result", "status"),
    [
        ({}, "ok"), (CHANGED, "changed"), (SKIPPED, "skipped"), (FAILED, "failed"), ({"unreachable": True, **FAILED}, "unreachable"),
        ({"changed": True, "failed": True}, "failed"), ({"failed": True, "failed_when_result": False}, "ok"),
    ],
)  # fmt: skip
def test_status(result, status):
    assert results.status_of(result) == status


def test_censor_keeps_flags_only():
    made = results.censor(
        {"changed": True, "stdout": "secret", "failed": True, "results": [{"msg": "secret", "skipped": True}]}
    )
    assert "secret" not in str(made)
    assert made["changed"] and made["failed"] and made["results"][0]["skipped"]


def test_errors_become_results():
    made = results.from_error(TemplateError("'x' is undefined", at=Location("p.yml", 3, 4)))
    assert made["failed"] and made["msg"] == "Task failed: 'x' is undefined"
    assert made["_ansible_cause_at"] == ["p.yml", 3, 4]
    assert results.from_error(FleetError("no"))["msg"] == "no"


def test_a_censored_result_still_says_how_often_it_was_tried():
    made = results.censor({"changed": False, "failed": True, "attempts": 2, "stdout": "secret"})
    assert made["attempts"] == 2
    assert "secret" not in str(made)


def test_what_failed_when_calls_a_failure_has_a_message():
    assert judged({"ping": "pong"}, failed_when="yes")["msg"] == "Task failed: Action failed: Unknown error."
    assert judged({"msg": "", "rc": 0}, failed_when="yes")["msg"] == ""
    assert "msg" not in judged({"failed": True}, failed_when="yes")
    assert "msg" not in judged({"ping": "pong"}, failed_when="not yes")


@pytest.mark.parametrize(
    "broken", ["command: one\n  when: nope.x != ''", "command: one {{ nope }}", "command: one {{ nope }}\n  loop: [1]"]
)
def test_what_cannot_be_bound_is_not_judged(tmp_path, broken):
    """``failed_when: false`` is about results; an undefined variable stays a mistake."""
    game = Game(tmp_path, f"- {broken}\n  failed_when: false\n  changed_when: true\n- command: two").finish()
    assert [(event.status, event.result["changed"]) for event in game.results] == [("failed", False)]
    assert game.ran == []
