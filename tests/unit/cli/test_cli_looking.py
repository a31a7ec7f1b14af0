"""``fleet ping`` and ``fleet facts`` over the local connection."""

from __future__ import annotations

import json
import re

from .conftest import Fleet


def test_ping_tells_versions_times_and_reasons(fleet: Fleet) -> None:
    ran = fleet("ping", "-i", "local.ini")
    assert ran.code == 4
    lines = ran.out.splitlines()
    assert re.fullmatch(r"l1  ok  Python 3\.\d+\.\d+ +\d+ ms", lines[0])
    assert lines[1].startswith("l2  ok  ")
    assert lines[2] == "un  unreachable  cannot connect to 127.0.0.1:1: Connection refused"
    assert lines[3] == "2 of 3 hosts ok"
    assert fleet("ping", "-i", "local.ini", "g").code == 0


def test_ping_sorts_a_thousand_hosts_as_people_count(fleet: Fleet, tmp_path: object) -> None:
    path = f"{tmp_path}/inventory"
    with open(path, "w") as file:
        file.write("[x]\nn[1:1000] ansible_host=127.0.0.1 ansible_port=1\n")
    ran = fleet("ping", "-i", path)
    assert ran.code == 4
    names = [line.split()[0] for line in ran.out.splitlines()]
    assert names[:-1] == [f"n{number}" for number in range(1, 1001)]


def test_ping_nobody(fleet: Fleet) -> None:
    ran = fleet("ping", "-i", "local.ini", "l:&bad")
    assert ran.code == 1 and "leaves us with no hosts" in ran.err


def test_facts_are_one_json_object_of_hosts(fleet: Fleet) -> None:
    found = json.loads(fleet("facts", "-i", "local.ini", "g", "--subset", "!all,!min,distribution").out)
    assert list(found) == ["l1", "l2"]
    assert found["l1"]["os_family"] and "ansible_os_family" not in found["l1"]
    whole = json.loads(fleet("facts", "-i", "local.ini", "l1").out)["l1"]
    assert whole["default_ipv4"] is not None and whole["kernel"]


def test_facts_with_a_filter_are_a_table(fleet: Fleet) -> None:
    ran = fleet("facts", "-i", "local.ini", "--filter", "kernel*", "--filter", "ansible_system")
    lines = ran.out.splitlines()
    assert lines[0].split() == ["host", "kernel", "kernel_version", "system"]
    assert lines[1].split()[0] == "l1" and lines[1].endswith("Linux") and lines[2].startswith("l2  ")
    assert ran.code == 4 and "un: unreachable: cannot connect" in ran.err


def test_facts_that_fill_no_table_are_lines(fleet: Fleet) -> None:
    ran = fleet("facts", "-i", "local.ini", "l1", "--filter", "python")
    assert ran.out.startswith('l1  python  {"executable":')
    assert json.loads(fleet("facts", "-i", "local.ini", "l1", "--filter", "system", "--json").out) == {
        "l1": {"system": "Linux"}
    }


def test_a_wrong_subset_is_the_hosts_failure(fleet: Fleet) -> None:
    ran = fleet("facts", "-i", "local.ini", "l1", "--subset", "nosuch")
    assert ran.code == 2 and "Bad subset 'nosuch'" in ran.err
