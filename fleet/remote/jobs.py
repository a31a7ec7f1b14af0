"""Jobs that go on without a connection (``async``): started here, asked for by async_status.

A job is a process of its own session; its result is a JSON file in ``~/.ansible_async``, named by the job.
Source: https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_async.html
"""

import json
import os
import signal
import time

FOLDER = "~/.ansible_async"


def path_of(job, folder=None):
    """The file with the result of ``job``: in ``folder``, in ``ANSIBLE_ASYNC_DIR`` of the task's environment, or in
    the usual place."""
    return os.path.join(os.path.expanduser(folder or os.environ.get("ANSIBLE_ASYNC_DIR") or FOLDER), job)


def begin(wanted, run):
    """Start ``run()`` (gives a result) as the job ``id`` of ``wanted``, ended after so many ``seconds``, its result
    kept in ``folder``. Gives the task's result."""
    job, seconds = wanted["id"], wanted["seconds"]
    path = path_of(job, wanted.get("folder"))
    started = {"started": True, "finished": False, "ansible_job_id": job, "results_file": path}
    try:
        os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
        store(path, started)
    except OSError as error:
        return {"failed": True, "changed": False,
                "msg": "cannot keep jobs in %s: %s" % (os.path.dirname(path), error.strerror)}
    child = os.fork()
    if child:
        os.waitpid(child, 0)
        return dict(started, changed=True)
    try:
        os.setsid()
        if os.fork() == 0:
            _work(path, job, seconds, run)
    finally:
        os._exit(0)


def _work(path, job, seconds, run):
    watcher = os.fork()
    if watcher == 0:
        os.setpgid(0, 0)
        result = run()
        result.setdefault("changed", False)
        store(path, dict(result, ansible_job_id=job, started=True, finished=True))
        os._exit(0)
    deadline = time.time() + seconds
    while True:
        if os.waitpid(watcher, os.WNOHANG)[0]:
            return
        if time.time() > deadline:
            os.killpg(watcher, signal.SIGKILL)
            os.waitpid(watcher, 0)
            store(path, {"ansible_job_id": job, "started": True, "finished": True, "failed": True, "changed": False,
                         "msg": "Timeout exceeded", "child_pid": watcher})
            return
        time.sleep(0.1)


def store(path, result):
    """Write a job's result so that a reader sees all of it or the one before."""
    temporary = path + ".tmp"
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as sink:
        json.dump(result, sink)
    os.rename(temporary, path)


def look(path, seconds=0):
    """What the job with this file came to, or None when there is none; waits up to ``seconds`` for its end."""
    deadline, wait = time.time() + seconds, 0.005
    while True:
        try:
            with open(path) as source:
                result = json.load(source)
        except (OSError, ValueError):
            return None
        left = deadline - time.time()
        if result.get("finished") or left <= 0:
            return result
        time.sleep(min(wait, left))
        wait = min(wait * 1.5, 0.2)
