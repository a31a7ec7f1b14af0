"""Restart a host: the controller's half of the dialogue, which outlives the connection."""

from __future__ import annotations

from typing import Any

from fleet.actions.base import Call, Connect, Dialogue, Disconnect, Remote, Result, Sleep
from fleet.modules.reboot import SPEC
from fleet.template.errors import UndefinedVariable

PAUSES = (1.0, 1.0, 1.0, 2.0, 2.0, 3.0, 5.0)
"""Seconds between attempts; the last one repeats."""


def run(call: Call) -> Dialogue:
    """Read the boot id, restart, connect until it differs, then run the test command until it succeeds."""
    if is_local(call):
        msg = "Running reboot with local connection would reboot the control node."
        return {"changed": False, "elapsed": 0, "rebooted": False, "failed": True, "msg": msg}
    if call.check:
        return {"changed": True, "elapsed": 0, "rebooted": True}
    args = SPEC.complete(call.args)
    before = yield step(args, "boot")
    if before.get("failed"):
        return {"changed": False, **before, "rebooted": False}
    start = call.now()
    gone = yield step(args, "go")
    # A lost connection is what a restart looks like; any other failure is one.
    if gone.get("failed") and not gone.get("unreachable"):
        return {"changed": False, "rebooted": False, "elapsed": 0, **gone}
    yield Disconnect()
    report = gone.get("report", "")
    problem = yield from back(call, args, start, str(before["boot"]), report)
    if problem:
        return ended(call, start, False, problem)
    if args["post_reboot_delay"]:
        yield Sleep(float(args["post_reboot_delay"]))
    problem = yield from answering(call, args)
    return ended(call, start, True, problem)


def is_local(call: Call) -> bool:
    """Whether the host is the controller itself."""
    try:
        return str(call.scope["ansible_connection"]) in ("local", "ansible.builtin.local")
    except (KeyError, UndefinedVariable):
        return False


def step(args: dict[str, Any], phase: str, **more: Any) -> Remote:
    """One of the steps that happen on the host; they are real in check mode, which never gets here."""
    return Remote("reboot", {**args, "_phase": phase, **more}, check=False)


def ended(call: Call, start: float, rebooted: bool, problem: str) -> Result:
    result: Result = {"changed": True, "elapsed": int(call.now() - start), "rebooted": rebooted}
    if problem:
        result.update(failed=True, msg=problem, changed=rebooted)
    return result


def waits() -> Any:
    """The pauses between attempts, without end."""
    yield from PAUSES
    while True:
        yield PAUSES[-1]


def back(call: Call, args: dict[str, Any], start: float, boot: str, report: str) -> Any:
    """Connect until the boot id is another; gives "" or why that did not happen."""
    timeout = float(args["reboot_timeout"])
    for pause in waits():
        left = start + timeout - call.now()
        if left <= 0:
            return f"Timed out waiting for last boot time check (timeout={args['reboot_timeout']})"
        yield Sleep(min(pause, left))
        found = yield Connect(float(args["connect_timeout"] or 10))
        if not found.get("failed"):
            now = yield step(args, "boot", _report=report)
            if not now.get("failed") and str(now["boot"]) != boot:
                return ""
            if now.get("problem"):
                return f"Reboot command failed: {now['problem']}"
        yield Disconnect()
    return ""


def answering(call: Call, args: dict[str, Any]) -> Any:
    """Run the test command until it succeeds; gives "" or why it did not."""
    end = call.now() + float(args["reboot_timeout"])
    for pause in waits():
        ran = yield step(args, "test", _timeout=max(1.0, end - call.now()))
        if ran.get("rc") == 0:
            return ""
        if call.now() + pause > end:
            return f"Timed out waiting for post-reboot test command (timeout={args['reboot_timeout']})"
        yield Sleep(pause)
        if ran.get("unreachable"):
            yield Disconnect()
            yield Connect(float(args["connect_timeout"] or 10))
    return ""
