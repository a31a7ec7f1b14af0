"""Jobs that go on without a connection (``async`` with ``poll: 0``): started here, asked for by async_status.

A job is a process of its own session; its result is a JSON file in ``~/.ansible_async``, named by the job.
Source: https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_async.html
"""

import json
import os
import signal
import time

FOLDER = "~/.ansible_async"


def folder():
    """Where results of jobs are kept: ``ANSIBLE_ASYNC_DIR`` of the task's environment, or the usual place."""
    return os.path.expanduser(os.environ.get("ANSIBLE_ASYNC_DIR") or FOLDER)


def path_of(job):
    return os.path.join(folder(), job)


def begin(job, seconds, run):
    """Start ``run()`` (gives a result) as the job called ``job``, ended after ``seconds``. Gives the task's result."""
    path = path_of(job)
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    started = {"started": True, "finished": False, "ansible_job_id": job, "results_file": path}
    store(path, started)
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
            msg = "Job reached maximum time limit of %s seconds." % seconds
            store(path, {"ansible_job_id": job, "started": True, "finished": True, "failed": True, "changed": False,
                         "msg": msg, "child_pid": watcher})
            return
        time.sleep(0.1)


def store(path, result):
    """Write a job's result so that a reader sees all of it or the one before."""
    temporary = path + ".tmp"
    handle = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as sink:
        json.dump(result, sink)
    os.rename(temporary, path)


def look(job):
    """A job's result as it is now, or None when there is no such job."""
    try:
        with open(path_of(job)) as source:
            return json.load(source)
    except (OSError, ValueError):
        return None
