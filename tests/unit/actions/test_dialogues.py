"""reboot, wait_for_connection, script: the orders they give, against a simulated host and clock."""

import pytest

from fleet.actions import reboot, script, wait_for_connection
from fleet.actions.base import ActionFailed, Connect, Disconnect, Remote, Sleep


class World:
    """A host that goes away for some attempts and comes back with another boot id."""

    def __init__(self, away=3, reboots=True, tests_fail=0, problem="", unreachable=False):
        self.now, self.boot, self.away = 0.0, "one", away
        self.reboots, self.tests_fail = reboots, tests_fail
        self.problem, self.unreachable = problem, unreachable
        self.orders = []

    def clock(self):
        return self.now

    def answer(self, order):
        self.orders.append(order)
        if isinstance(order, Sleep):
            self.now += order.seconds
        elif isinstance(order, Connect):
            self.now += 0.1
            self.away -= 1
            return {"failed": self.away >= 0, "msg": "refused"}
        elif isinstance(order, Remote):
            return getattr(self, "do_" + order.args.get("_phase", order.module))(order.args)
        return {}

    def do_boot(self, args):
        return {"boot": self.boot, "problem": self.problem if args.get("_report") else ""}

    def do_go(self, args):
        if self.reboots:
            self.boot = "two"
        return {"failed": True, "unreachable": True} if self.unreachable else {"changed": True, "report": "/run/r"}

    def do_test(self, args):
        self.tests_fail -= 1
        return {"rc": 1 if self.tests_fail >= 0 else 0}

    def do_ping(self, args):
        return {"ping": "pong"}

    def run(self, dialogue):
        answer = None
        try:
            while True:
                answer = self.answer(dialogue.send(answer))
        except StopIteration as end:
            return end.value


def run_reboot(make_call, world, **args):
    return world.run(reboot.run(make_call("reboot", args, now=world.clock)))


@pytest.mark.parametrize("unreachable", [False, True])
def test_reboot_waits_for_another_boot_id(make_call, unreachable):
    world = World(away=3, unreachable=unreachable)
    told = run_reboot(make_call, world, post_reboot_delay=7)
    assert told["changed"] and told["rebooted"] and "failed" not in told
    kinds = [type(order).__name__ for order in world.orders]
    assert kinds[:5] == ["Remote", "Remote", "Disconnect", "Sleep", "Connect"]
    assert Sleep(7.0) in world.orders and told["elapsed"] == int(world.now)


def test_reboot_that_never_happens(make_call):
    world = World(away=0, reboots=False)
    told = run_reboot(make_call, world, reboot_timeout=30)
    assert told["failed"] and told["rebooted"] is False and told["changed"] is False
    assert told["msg"] == "Timed out waiting for last boot time check (timeout=30)"
    assert world.now >= 30


def test_reboot_command_that_fails_is_told_at_once(make_call):
    world = World(away=0, reboots=False, problem="exit code 1: no")
    told = run_reboot(make_call, world)
    assert told["msg"] == "Reboot command failed: exit code 1: no" and world.now < 5


def test_test_command_is_tried_again(make_call):
    assert "failed" not in run_reboot(make_call, World(tests_fail=2))
    told = run_reboot(make_call, World(tests_fail=1000), reboot_timeout=12)
    assert told["failed"] and told["rebooted"]
    assert told["msg"] == "Timed out waiting for post-reboot test command (timeout=12)"


def test_reboot_in_check_mode_and_of_the_controller(make_call):
    world = World()
    assert world.run(reboot.run(make_call("reboot", {}, check=True))) == {
        "changed": True,
        "elapsed": 0,
        "rebooted": True,
    }
    told = world.run(reboot.run(make_call("reboot", {}, {"ansible_connection": "local"})))
    assert told["failed"] and told["msg"] == "Running reboot with local connection would reboot the control node."
    assert world.orders == []


def test_wait_for_connection(make_call):
    world = World(away=2)
    told = world.run(wait_for_connection.run(make_call("wait_for_connection", {"delay": 5}, now=world.clock)))
    assert told == {"changed": False, "elapsed": 7}
    assert world.orders[0] == Sleep(5.0) and isinstance(world.orders[1], Disconnect)
    world = World(away=1000)
    told = world.run(wait_for_connection.run(make_call("wait_for_connection", {"timeout": 9}, now=world.clock)))
    assert told["failed"] and told["msg"] == "timed out waiting for ping module test: refused" and told["elapsed"] < 10


def test_script_offers_what_it_finds(make_call, tmp_path):
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "s.sh").write_text("#!/bin/sh\n")
    order = script.run(make_call("script", {"_raw_params": "s.sh 'a b' c"}))
    assert isinstance(order, Remote) and order.module == "script"
    assert order.args["_name"] == "s.sh" and order.args["_words"] == "'a b' c"
    assert order.args["_content"]["text"] == "#!/bin/sh\n" and order.contents == ()
    (tmp_path / "big").write_bytes(b"#!/bin/sh\n" + b"#" * 100000)
    large = script.run(make_call("script", {"cmd": "big"}))
    assert large.contents[0].sha1 == large.args["_content"]["sha1"] and "text" not in large.args["_content"]


@pytest.mark.parametrize(
    "args, msg",
    [
        ({"cmd": "nope.sh"}, "Could not find or access 'nope.sh'"),
        ({"cmd": "s.sh", "chdir": "tmp"}, "absolute path"),
        ({"chdir": "/tmp"}, "one of the following is required"),
        ({"cmd": "'a"}, "cannot split"),
    ],
)
def test_script_that_cannot_be(make_call, args, msg):
    with pytest.raises(ActionFailed, match=msg):
        script.run(make_call("script", args))
