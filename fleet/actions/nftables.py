"""nftables on the controller: the content from a template, and the new connection that rules must let in."""

from __future__ import annotations

import uuid
from typing import Any

from fleet.actions.base import Call, Connect, Dialogue, Disconnect, Order, Remote, Result, Sleep
from fleet.actions.reboot import is_local
from fleet.actions.search import given
from fleet.actions.template import render

GRACE = 60.0
"""Seconds beyond ``revert_after`` in which the host must answer again."""


def run(call: Call) -> Order | Dialogue:
    """One ``Remote``, or with ``revert_after`` a dialogue. Raises ActionFailed, TemplateError, Pending."""
    args = given(call.args, "src")
    if call.args.get("src") is not None:
        args["content"] = render(call, {})[1]
    if args.get("revert_after") is None or call.check:
        return Remote("nftables", args)
    return guarded(call, args)


def guarded(call: Call, args: dict[str, Any]) -> Dialogue:
    """Load the rules with the way back armed, come in anew, keep them; only then write them down."""
    name, seconds, start = uuid.uuid4().hex, float(args["revert_after"]), call.now()
    tried = yield Remote("nftables", {**args, "dest": None, "_guard": name})
    # No answer is what rules look like that drop the answer, too.
    if tried.get("failed") and not tried.get("unreachable"):
        return tried
    lost = bool(tried.get("unreachable"))
    if tried.get("changed") or lost:
        problem = yield from proved(call, name, seconds)
        if problem:
            failed: Result = yield from taken_back(call, args, name, start, problem)
            return failed
    if args.get("dest") is None and not lost:
        return tried
    # Also where the answer was lost though the rules let us in: this call tells what came of them.
    written = yield Remote("nftables", args)
    # A way back that could be claimed was armed by a change.
    return merged({"changed": True} if lost else tried, written)


def proved(call: Call, name: str, seconds: float) -> Any:
    """Make a new connection and keep the change over it; gives "" or why that did not happen."""
    if not is_local(call):
        yield Disconnect()
        found = yield Connect(min(20.0, seconds / 2))
        if found.get("failed"):
            return str(found.get("msg", "no new connection"))
    kept = yield Remote("_revert", {"name": name, "phase": "keep"})
    return str(kept.get("msg", "no answer")) if kept.get("failed") else ""


def taken_back(call: Call, args: dict[str, Any], name: str, start: float, problem: str) -> Any:
    """Wait until the host lets us in again and make sure that it has its old rules; gives the failure."""
    said = f"The new rules of table {args.get('family', 'inet')} {args['table']} let no new connection in ({problem})"
    told = "it did not answer"
    while call.now() < start + float(args["revert_after"]) + GRACE:
        yield Disconnect()
        found = yield Connect(10.0)
        if not found.get("failed"):
            back = yield Remote("_revert", {"name": name, "phase": "back"})
            if not back.get("failed"):
                return failure(f"{said}. The host is back at the rules before.", True)
            told = str(back.get("msg", told))
            if not back.get("unreachable"):
                break
        yield Sleep(2.0)
    return failure(f"{said}, and whether the host is back at the rules before is not known: {told}.", False)


def failure(msg: str, reverted: bool) -> Result:
    return {"changed": False, "failed": True, "reverted": reverted, "msg": msg}


def merged(tried: Result, written: Result) -> Result:
    """One result of the two steps: rules, then file."""
    changed = bool(tried.get("changed") or written.get("changed"))
    both = [*tried.get("diff", []), *written.get("diff", [])]
    return {**written, "changed": changed, **({"diff": both} if both else {})}
