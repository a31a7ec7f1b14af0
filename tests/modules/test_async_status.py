"""async_status and the jobs it asks for, which are real processes."""

import os
import time

import pytest

from fleet.modules import async_status
from fleet.remote import jobs
from fleet.remote.host import Failed, Host


@pytest.fixture
def begin(tmp_path):
    """Start a job in a folder of the test's own; its arguments for async_status."""

    def start(run, seconds=20):
        told = jobs.begin({"id": "j1.2", "seconds": seconds, "folder": str(tmp_path / "deep" / "jobs")}, run)
        path = str(tmp_path / "deep" / "jobs" / "j1.2")
        assert told == {
            "changed": True, "started": True, "finished": False, "ansible_job_id": "j1.2", "results_file": path,
        }  # fmt: skip
        assert os.stat(os.path.dirname(path)).st_mode & 0o777 == 0o700
        return {"jid": "j1.2", "mode": "status", "_async_dir": os.path.dirname(path)}

    return start


def slow():
    time.sleep(0.3)
    return {"rc": 3, "changed": True, "stdout": "out"}


def test_a_job_is_looked_at_and_waited_for(begin):
    args = begin(slow)
    now = async_status.run(Host(), args)
    assert (now["started"], now["finished"], now["changed"], now["stdout"]) == (True, False, False, "")
    started = time.monotonic()
    end = async_status.run(Host(), {**args, "_wait": 10})
    assert time.monotonic() - started < 5
    assert (end["finished"], end["changed"], end["rc"], end["stdout"], end["stderr"]) == (True, True, 3, "out", "")
    assert end["results_file"] == now["results_file"] and os.path.exists(end["results_file"])


def test_what_was_waited_for_leaves_nothing(begin):
    args = begin(slow)
    end = async_status.run(Host(), {**args, "_wait": 10, "_erase": True})
    assert end["finished"] and os.listdir(args["_async_dir"]) == []
    with pytest.raises(Failed, match="could not find job") as error:
        async_status.run(Host(), args)
    assert error.value.result["finished"] is True and error.value.result["ansible_job_id"] == "j1.2"


def test_a_job_beyond_its_time_is_ended(begin):
    args = begin(lambda: time.sleep(60) or {}, seconds=0.2)
    end = async_status.run(Host(), {**args, "_wait": 10})
    assert (end["failed"], end["msg"], end["changed"]) == (True, "Timeout exceeded", False)
    with pytest.raises(ProcessLookupError):
        os.kill(end["child_pid"], 0)


def test_cleanup(begin):
    args = begin(slow)
    told = async_status.run(Host(), {**args, "mode": "cleanup"})
    assert told == {
        "ansible_job_id": "j1.2", "changed": False, "started": False, "finished": False, "stdout": "", "stderr": "",
        "erased": os.path.join(args["_async_dir"], "j1.2"),
    }  # fmt: skip


def test_where_jobs_are_kept(monkeypatch):
    monkeypatch.setenv("HOME", "/home/me")
    monkeypatch.delenv("ANSIBLE_ASYNC_DIR", raising=False)
    assert jobs.path_of("j1") == "/home/me/.ansible_async/j1"
    monkeypatch.setenv("ANSIBLE_ASYNC_DIR", "~/other")
    assert jobs.path_of("j1") == "/home/me/other/j1" and jobs.path_of("j1", "/mine") == "/mine/j1"


def test_a_folder_that_cannot_be(tmp_path):
    (tmp_path / "file").write_text("")
    told = jobs.begin({"id": "j1", "seconds": 1, "folder": str(tmp_path / "file" / "x")}, dict)
    assert told["failed"] and told["msg"].startswith("cannot keep jobs in ")
