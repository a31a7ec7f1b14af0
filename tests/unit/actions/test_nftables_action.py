"""nftables on the controller: what is sent when, and what a cut connection ends in."""

import pytest

from fleet.actions import nftables
from fleet.actions.base import Connect, Disconnect, Remote, Sleep

ARGS = {"table": "edge", "content": "chain a { }", "dest": "/etc/edge.nft", "revert_after": 20}


class Rules:
    """A host that answers the first call with ``tried`` and takes no connection before second ``opens``."""

    def __init__(self, tried=None, opens=0, keep=None, back=None):
        self.now, self.opens, self.orders = 0.0, opens, []
        self.tried = tried or {"changed": True, "rules": "new", "diff": [{"before": "1", "after": "2"}]}
        self.keep, self.back = keep or {}, back or {}

    def clock(self):
        return self.now

    def answer(self, order):
        self.orders.append(order)
        if isinstance(order, Sleep):
            self.now += order.seconds
        elif isinstance(order, Connect):
            self.now += 0.1 if self.now >= self.opens else order.timeout
            return {"failed": self.now < self.opens, "msg": "timed out"}
        elif isinstance(order, Remote) and order.module == "_revert":
            return getattr(self, order.args["phase"])
        elif isinstance(order, Remote) and "_guard" in order.args:
            return self.tried
        elif isinstance(order, Remote):
            if order.args.get("dest") is None:
                return {"changed": False, "rules": "new"}
            return {"changed": True, "rules": "new", "dest": "/etc/edge.nft", "diff": [{"before": "3", "after": "4"}]}
        return {}

    def run(self, dialogue):
        answer = None
        try:
            while True:
                answer = self.answer(dialogue.send(answer))
        except StopIteration as end:
            return end.value

    def sent(self):
        return [(order.module, order.args.get("phase")) for order in self.orders if isinstance(order, Remote)]


@pytest.fixture
def call(make_call):
    def run(world, args=ARGS, **more):
        return world.run(nftables.run(make_call("nftables", dict(args), now=world.clock, **more)))

    return run


def test_without_a_way_back_it_is_one_step(make_call):
    order = nftables.run(make_call("nftables", {"table": "edge", "content": "x"}))
    assert order == Remote("nftables", {"table": "edge", "content": "x"})


def test_in_check_mode_it_is_one_step(make_call):
    assert isinstance(nftables.run(make_call("nftables", dict(ARGS), check=True)), Remote)


def test_src_is_rendered_here(make_call, tmp_path):
    (tmp_path / "edge.j2").write_text("tcp dport {{ port }} accept\n")
    order = nftables.run(make_call("nftables", {"table": "edge", "src": "edge.j2"}, {"port": 22}))
    assert order.args == {"table": "edge", "content": "tcp dport 22 accept\n"}


def test_rules_are_kept_over_a_new_connection_and_only_then_written(call):
    world = Rules()
    result = call(world)
    assert world.sent() == [("nftables", None), ("_revert", "keep"), ("nftables", None)]
    first, last = world.orders[0].args, world.orders[-1].args
    assert (first["dest"], last["dest"]) == (None, "/etc/edge.nft") and "_guard" not in last
    kinds = [type(order) for order in world.orders]
    assert kinds.index(Disconnect) < kinds.index(Connect) < kinds.index(Remote, 1)
    assert result["changed"] and [part["after"] for part in result["diff"]] == ["2", "4"]


def test_rules_that_are_in_force_need_no_new_connection(call):
    world = Rules({"changed": False, "rules": "old"})
    call(world)
    assert world.sent() == [("nftables", None), ("nftables", None)]
    assert Connect not in map(type, world.orders)


def test_rules_that_nft_refuses_fail_at_once(call):
    world = Rules({"failed": True, "msg": "syntax error"})
    assert call(world)["msg"] == "syntax error" and len(world.orders) == 1


@pytest.mark.parametrize("tried", [None, {"failed": True, "unreachable": True, "msg": "lost"}])
def test_rules_that_cut_the_connection_are_taken_back_and_not_written(call, tried):
    world = Rules(tried, opens=20)
    result = call(world)
    assert result["failed"] and result["reverted"] and not result["changed"]
    assert "let no new connection in (timed out). The host is back at the rules before." in result["msg"]
    assert world.sent() == [("nftables", None), ("_revert", "back")]


def test_a_confirmation_that_comes_too_late_is_a_failure(call):
    result = call(Rules(keep={"failed": True, "msg": "the host has taken the change back already"}))
    assert result["failed"] and "taken the change back already" in result["msg"]


def test_a_host_that_stays_away_is_told_as_such(call):
    world = Rules(opens=10_000)
    result = call(world)
    assert result["failed"] and not result["reverted"] and "not known: it did not answer" in result["msg"]
    assert world.now < 20 + nftables.GRACE + 15


def test_a_lost_answer_of_rules_that_let_us_in_is_asked_for_again(call):
    world = Rules({"failed": True, "unreachable": True})
    args = {name: value for name, value in ARGS.items() if name != "dest"}
    assert call(world, args)["changed"] and world.sent()[-1] == ("nftables", None)
