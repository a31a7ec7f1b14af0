"""``async``: the job that a module call becomes, and the talk that waits for it. Pure."""

from __future__ import annotations

import secrets
from dataclasses import replace
from typing import Any

from fleet.actions.base import Dialogue, Polls, Remote

POLL = 15.0
"""Seconds between two looks at a job where the task does not say."""
GRACE = 1.0


def detached(order: Remote, seconds: float, poll: float, folder: str = "") -> Remote | Dialogue:
    """``order`` as a job that goes on without a connection for ``seconds``, waited for unless ``poll`` is 0.

    ``folder`` of the host keeps the results of jobs, "" the usual one.
    """
    name = f"j{secrets.randbelow(10**12)}.{secrets.randbelow(10**5)}"
    begun = replace(order, job={"id": name, "seconds": seconds, **({"folder": folder} if folder else {})})
    return waited(begun, seconds, poll) if poll > 0 else begun


def waited(begin: Remote, seconds: float, poll: float) -> Dialogue:
    """Begin a job and look at it until it has ended; its result, and nothing of it is left on the host."""
    assert begin.job is not None
    job, folder = str(begin.job["id"]), str(begin.job.get("folder", ""))
    state, left = (yield begin), seconds
    while "ansible_job_id" in state and not state.get("finished") and left > 0:
        # The host answers as soon as the job ends, or when the time is up.
        # At the very end it gets the time to say itself that the job took too long.
        wait = poll if poll < left else left + GRACE
        args: dict[str, Any] = {"jid": job, "_wait": wait, "_erase": True, **in_folder(folder)}
        state = yield Remote("async_status", args, check=False)
        left -= poll
        if not state.get("finished"):
            yield Polls(job)
    if state.get("finished") or "ansible_job_id" not in state:
        return state
    return {
        "failed": True,
        "changed": False,
        "msg": f"async task did not complete within the requested time - {seconds:g}s",
        "async_result": {name: value for name, value in state.items() if not name.startswith("_")},
    }


def in_folder(folder: str) -> dict[str, Any]:
    """What async_status is told of where jobs are kept."""
    return {"_async_dir": folder} if folder else {}
