"""Order: who waits for whom, with real threads."""

from __future__ import annotations

import threading

import pytest

from fleet.engine.instructions import Await
from fleet.engine.order import Order

PATIENCE = 5.0


class Waiter(threading.Thread):
    """A host that waits; ``release`` is None as long as it does."""

    def __init__(self, order: Order, host: str, key: tuple[int, ...], kind: str, limit: int = 0) -> None:
        super().__init__(daemon=True)
        self.release = None
        self._go = lambda: order.wait(host, Await(key, kind, limit=limit))
        self.start()

    def run(self) -> None:
        self.release = self._go()

    def over(self):
        self.join(PATIENCE)
        assert not self.is_alive(), "still waits"
        return self.release

    def waits(self) -> bool:
        self.join(0.05)
        return self.is_alive()


@pytest.fixture
def order():
    made = Order(("a", "b", "c"))
    yield made
    made.stop()


def test_all_come_together(order):
    first, second = Waiter(order, "a", (0, 3), "order"), Waiter(order, "b", (0, 3), "order")
    assert first.waits() and second.waits()
    third = Waiter(order, "c", (0, 3), "order")
    assert not any(waiter.over().abort for waiter in (first, second, third))


def test_one_who_has_passed_counts(order):
    waiter = Waiter(order, "a", (0, 3), "order")
    order.passed("b", (0, 4))
    order.passed("c", (0, 2))
    assert waiter.waits()
    order.passed("c", (0, 5))
    waiter.over()


def test_one_who_left_counts(order):
    waiter = Waiter(order, "a", (0, 3), "order")
    order.leave("b")
    assert waiter.waits()
    order.leave("c")
    waiter.over()


def test_one_who_waits_further_on_counts(order):
    ahead = Waiter(order, "b", (0, 9), "order")
    order.leave("c")
    Waiter(order, "a", (0, 3), "order").over()
    assert ahead.waits()
    Waiter(order, "a", (0, 9), "order").over()
    ahead.over()


def test_exactly_one_leads_and_the_others_get_its_outcome(order):
    waiters = {host: Waiter(order, host, (0, 1), "once") for host in "cba"}
    leads = {host: waiter.over().leads for host, waiter in waiters.items()}
    assert sum(leads.values()) == 1
    leader = next(host for host in leads if leads[host])
    followers = [Waiter(order, host, (0, 1), "shared") for host in "abc" if host != leader]
    assert all(follower.waits() for follower in followers)
    order.publish((0, 1), "outcome")
    assert [follower.over().shared for follower in followers] == ["outcome", "outcome"]


def test_the_first_in_the_batch_leads_when_all_are_there():
    order = Order(("a", "b"))
    later = Waiter(order, "b", (0, 1), "once")
    assert later.waits()
    assert Waiter(order, "a", (0, 1), "once").over().leads
    assert not later.over().leads


def test_followers_of_a_lost_leader_are_not_left_waiting(order):
    order.leave("c")
    later = Waiter(order, "b", (0, 1), "once")
    assert Waiter(order, "a", (0, 1), "once").over().leads
    assert not later.over().leads
    follower = Waiter(order, "b", (0, 1), "shared")
    assert follower.waits()
    order.leave("a")
    assert follower.over().shared is None


def test_the_fate_of_one_is_the_fate_of_all(order):
    waiters = [Waiter(order, host, (0, 1), "fate") for host in "ab"]
    assert waiters[0].waits()
    order.doom("c", (0, 1))
    order.leave("c")
    assert [waiter.over().abort for waiter in waiters] == [True, True]


def test_nobody_failed(order):
    waiters = [Waiter(order, host, (0, 1), "fate") for host in "abc"]
    assert [waiter.over().abort for waiter in waiters] == [False] * 3


def test_max_fail_percentage_counts_hosts_of_the_batch():
    order = Order(("a", "b", "c", "d"), max_fail_percentage=25)
    order.doom("a", (0, 1))
    order.doom("a", (0, 2))
    order.leave("a")
    waiters = [Waiter(order, host, (0, 2), "fate") for host in "bcd"]
    assert [waiter.over().abort for waiter in waiters] == [False] * 3, "one host counts once"
    order.doom("b", (0, 3))
    order.leave("b")
    waiters = [Waiter(order, host, (0, 3), "fate") for host in "cd"]
    assert [waiter.over().abort for waiter in waiters] == [True] * 2


def test_stop_ends_every_wait(order):
    waiters = [Waiter(order, host, (0, 1), kind) for host, kind in (("a", "order"), ("b", "fate"))]
    assert all(waiter.waits() for waiter in waiters)
    order.stop()
    assert all(waiter.over().abort for waiter in waiters)


def test_many_hosts_in_step_end_up_together():
    """Every host waits at every key; nobody is ever a key ahead of anybody."""
    hosts = tuple(f"h{number}" for number in range(8))
    order, places, worst = Order(hosts), dict.fromkeys(hosts, 0), []

    def work(host):
        for key in range(1, 30):
            order.wait(host, Await((0, key), "order"))
            worst.append(key - min(places.values()))
            places[host] = key
            order.passed(host, (0, key))
        order.leave(host)

    threads = [threading.Thread(target=work, args=(host,), daemon=True) for host in hosts]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE * 2)
    assert not any(thread.is_alive() for thread in threads)
    assert max(worst) <= 1


def test_as_many_slots_as_a_throttle_says(order):
    key = (0, 3)
    assert not Waiter(order, "a", key, "slot", 2).over().abort
    Waiter(order, "b", key, "slot", 2).over()
    third = Waiter(order, "c", key, "slot", 2)
    assert third.waits()
    order.passed("a", (0, 2))
    assert third.waits()
    order.passed("a", key)
    third.over()


def test_a_host_that_leaves_frees_its_slot(order):
    Waiter(order, "a", (0, 3), "slot", 1).over()
    waiter = Waiter(order, "b", (0, 3), "slot", 1)
    assert waiter.waits()
    order.leave("a")
    waiter.over()


def test_slots_are_counted_for_each_task(order):
    Waiter(order, "a", (0, 3), "slot", 1).over()
    Waiter(order, "b", (0, 4), "slot", 1).over()


@pytest.mark.parametrize(
    ("vars_", "waits"),
    [
        ("{seen: \"{{ hostvars['h2'].x }}\"}", True),
        ("{seen: '{{ through }}', through: '{{ hostvars }}'}", True),
        ("{seen: 1, other: '{{ hostvars }}'}", False),
    ],
)
@pytest.mark.parametrize("where", ["block", "role", "play"])
def test_hosts_meet_where_a_task_reads_a_variable_that_looks_across(tmp_path, vars_, waits, where):
    from engine_kit import Game

    tasks = tmp_path / "roles" / "ra" / "tasks"
    tasks.mkdir(parents=True)
    (tasks / "main.yml").write_text("- command: one {{ seen }}\n")
    text = {
        "block": f"tasks:\n  - block:\n      - command: one {{{{ seen }}}}\n    vars: {vars_}",
        "role": f"tasks:\n  - import_role: {{name: ra}}\n    vars: {vars_}",
        "play": f"vars: {vars_}\ntasks:\n  - command: one {{{{ seen }}}}",
    }[where]
    game = Game(tmp_path, text, hosts="h1,h2").advance()
    assert [wish.kind for wish in game.awaited] == (["order"] if waits else [])


def test_nobody_goes_on_while_another_reads(order):
    arrived = [Waiter(order, host, (0, 3), "order") for host in "abc"]
    for waiter in arrived:
        waiter.over()
    first = Waiter(order, "a", (0, 3), "read")
    assert first.waits(), "b and c have been let go and have not read yet"
    second = Waiter(order, "b", (0, 3), "read")
    assert first.waits() and second.waits()
    order.passed("c", (0, 3))
    assert not any(waiter.over().abort for waiter in (first, second))


def test_who_still_stands_before_the_task_has_not_read(order):
    order.leave("c")
    behind = Waiter(order, "b", (0, 2), "order")
    reads = Waiter(order, "a", (0, 3), "read")
    assert reads.waits()
    behind.over()
    Waiter(order, "b", (0, 4), "order").join(0.05)
    reads.over()


def test_none_goes_on_before_all_have_a_result(order):
    first = Waiter(order, "a", (0, 3), "passed")
    order.passed("c", (0, 5))
    assert first.waits()
    order.passed("b", (0, 3))
    first.over()


def test_who_waits_for_the_results_of_all_has_its_own(order):
    first, second = Waiter(order, "a", (0, 3), "passed"), Waiter(order, "b", (0, 3), "passed")
    assert first.waits() and second.waits()
    third = Waiter(order, "c", (0, 4), "order")
    first.over(), second.over()
    assert third.waits()
