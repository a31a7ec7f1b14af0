"""``async``: the job of a module call, and how it is waited for."""

from __future__ import annotations

import pytest

STARTED = {"changed": True, "started": True, "finished": False, "ansible_job_id": "j1.1", "results_file": "/x"}
DONE = {**STARTED, "finished": True, "rc": 0, "stdout": "done"}


def looks(game):
    return [step for send in game.sends for step in send.steps if step["module"] == "async_status"]


def test_a_job_is_waited_for_until_it_ends(play):
    game = play(
        """
        - command: one
          async: 30
          poll: 10
          register: job
        - command: "{{ job.stdout }}"
    """,
        script={"one": STARTED, "async_status": [STARTED, DONE]},
    ).finish()
    first = game.sends[0].steps[0]
    assert first["job"]["seconds"] == 30 and "folder" not in first["job"] and "timeout" not in first
    assert [step["args"] for step in looks(game)] == [{"jid": first["job"]["id"], "_wait": 10, "_erase": True}] * 2
    assert game.ran[-1] == "done"
    polls = [event for event in game.events if type(event).__name__ == "Polled"]
    assert [(event.host, event.task.name, event.job) for event in polls] == [("h1", "command", first["job"]["id"])]


def test_a_job_that_was_waited_for_too_long(play):
    game = play(
        """
        - command: one
          async: 5
          poll: 3
          ignore_errors: true
    """,
        script={"one": STARTED, "async_status": {**STARTED, "_ansible_seconds": 1}},
    ).finish()
    assert [step["args"]["_wait"] for step in looks(game)] == [3, 3]
    result = game.results[0].result
    assert result["msg"] == "async task did not complete within the requested time - 5s"
    assert result["async_result"] == STARTED and "ansible_job_id" not in result and result["failed"]


def test_a_job_that_cannot_begin_is_not_asked_for(play):
    game = play("- {command: fail one, async: 5, poll: 1, ignore_errors: true}").finish()
    assert game.ran == ["fail one"] and game.results[0].result["msg"] == "non-zero return code"


def test_nobody_waits_for_a_job_without_poll_also_in_check_mode(play):
    game = play(
        """
        - command: one
          async: 5
          poll: 0
          check_mode: true
        - command: two
        """,
        script={"one": STARTED},
    ).finish()
    step = game.sends[0].steps[0]
    assert step["job"]["seconds"] == 5 and step["check"] and game.ran == ["one", "two"]


def test_the_folder_of_jobs_is_a_variable(play):
    game = play(
        """
        - vars: {ansible_async_dir: "{{ '~' }}/jobs"}
          block:
          - {command: one, async: 5, poll: 0}
          - {command: two, async: 5, poll: 2}
          - async_status: {jid: j7.7}
        """,
        script={"one": STARTED, "two": STARTED, "async_status": DONE},
    ).finish()
    folders = [step["job"]["folder"] for send in game.sends for step in send.steps if "job" in step]
    assert folders == ["~/jobs"] * 2
    assert [step["args"]["_async_dir"] for step in looks(game)] == ["~/jobs"] * 2
    assert looks(game)[-1]["args"]["jid"] == "j7.7"


@pytest.mark.parametrize("module", ["copy", "debug"])
def test_work_of_the_controller_is_no_job(play, module):
    game = play(f"- {module}: {{{'dest: /x, content: y' if module == 'copy' else 'msg: x'}}}\n  async: 5").finish()
    assert game.results[0].result["msg"] == f"This action ({module}) does not support async."


def test_items_are_jobs_one_after_the_other(play):
    game = play(
        """
        - command: "{{ item }}"
          async: 5
          poll: 5
          loop: [one, two]
        """,
        script={"one": STARTED, "two": STARTED, "async_status": DONE},
    ).finish()
    assert game.ran == ["one", "async_status", "two", "async_status"]
