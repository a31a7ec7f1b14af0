"""An account that is removed must have no runner of fleet's own in it."""

from __future__ import annotations

from types import SimpleNamespace

import pytest

from fleet.engine.instructions import Reach
from fleet.engine.worker import Worker, removed_users
from fleet.transport.base import Identity, Target


def step(module: str, **args: object) -> dict[str, object]:
    return {"module": module, "args": args}


@pytest.mark.parametrize(
    ("steps", "users"),
    [
        ([step("user", name="bob", state="absent"), step("user", name="eve")], {"bob"}),
        ([step("group", name="bob", state="absent"), step("user", name="bob", state="present")], set()),
        ([], set()),
    ],
)
def test_who_is_removed(steps, users):
    assert removed_users(steps) == users


class FakeLink:
    def __init__(self) -> None:
        self.told: list[object] = []
        self.channel = SimpleNamespace(close=lambda: self.told.append("closed"))

    def tell(self, frame: object) -> None:
        self.told.append(frame)

    def gone(self, seconds: float) -> None:
        self.told.append("awaited")


def test_runners_of_an_account_end_alone():
    worker = Worker.__new__(Worker)
    target = Target("h1", "h1")
    root, bob = (Reach(target, Identity(name, "sudo")) for name in ("root", "bob"))
    kept, ended = FakeLink(), FakeLink()
    worker.links = {root: kept, bob: ended}
    worker.active = kept
    worker.close_links({"bob"})
    assert ended.told == [{"t": "bye"}, "awaited", "closed"] and kept.told == []
    assert worker.active is kept and list(worker.links) == [root]
    worker.close_links()
    assert kept.told and not worker.links and worker.active is None
