"""Batches of serial and the order of hosts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.engine.waves import batches, ordered
from fleet.errors import InputError
from fleet.template.plain import OMIT

TEN = tuple(f"h{number}" for number in range(10))


@pytest.mark.parametrize(
    ("serial", "sizes"),
    [
        (None, [10]), (0, [10]), (1, [1] * 10), (3, [3, 3, 3, 1]), (99, [10]), ("30%", [3, 3, 3, 1]), ("25%", [2] * 5),
        ("1%", [1] * 10), ("100%", [10]), ([1, 3], [1, 3, 3, 3]), ([1, "20%", "100%"], [1, 2, 7]), ([], [10]), (["5"], [5, 5]),
        ([1, 0], [1, 9]), (-1, [10]), (OMIT, [10]),
    ],
)  # fmt: skip
def test_batch_sizes(serial, sizes):
    assert [len(batch) for batch in batches(TEN, serial)] == sizes


def test_no_hosts_no_batches():
    assert batches((), 3) == []


@pytest.mark.parametrize("serial", ["many", "x%", [1, "?"]])
def test_nonsense_is_named(serial):
    with pytest.raises(InputError, match="serial must be a number or a percentage"):
        batches(TEN, serial)


sizes = st.one_of(st.integers(-2, 30), st.integers(0, 200).map("{}%".format))


@given(st.integers(0, 40), st.one_of(st.none(), sizes, st.lists(sizes, max_size=4)))
def test_every_host_is_in_exactly_one_batch_in_order(count, serial):
    hosts = [f"h{number}" for number in range(count)]
    made = batches(hosts, serial)
    assert [host for batch in made for host in batch] == hosts
    assert all(made)


def test_orders():
    hosts = ["b", "c", "a"]
    assert ordered(hosts, None) == ordered(hosts, "inventory") == hosts
    assert ordered(hosts, "reverse_inventory") == ["a", "c", "b"]
    assert ordered(hosts, "sorted") == ["a", "b", "c"]
    assert ordered(hosts, "reverse_sorted") == ["c", "b", "a"]
    assert sorted(ordered(hosts, "shuffle")) == ["a", "b", "c"]
    with pytest.raises(InputError, match="Invalid 'order'") as caught:
        ordered(hosts, "random")
    assert "shuffle" in caught.value.hint
