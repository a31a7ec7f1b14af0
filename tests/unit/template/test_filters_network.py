"""The filters of ansible.utils, with results the collection gives."""

from __future__ import annotations

from typing import Any

import pytest
from expressions import render
from jinja2.exceptions import TemplateRuntimeError

CASES: list[tuple[str, dict[str, Any], Any]] = [
    ("'::ffff:1.2.3.4' | ansible.utils.ipaddr('ipv4')", {}, "1.2.3.4/32"),
    ("'2002:c0a8::1' | ansible.utils.ipaddr('6to4')", {}, "2002:c0a8::1"),
    ("'10.0.0.2/30' | ansible.utils.ipaddr('peer')", {}, "10.0.0.1"),
    ("'10.0.0.1/31' | ansible.utils.ipaddr('peer')", {}, "10.0.0.0"),
    ("'10.0.0.1/31' | ansible.utils.ipaddr('type')", {}, "address"),
    ("'10.0.0.1/31' | ansible.utils.ipaddr('previous_usable')", {}, "10.0.0.0"),
    ("'192.168.0.254/24' | ansible.utils.ipaddr('next_usable')", {}, None),
    ("'192.168.0.255/24' | ansible.utils.ipaddr('next_usable')", {}, None),
    ("'10.1.2.3/0.0.0.255' | ansible.utils.ipaddr", {}, "10.1.2.3/24"),
    ("'10.1' | ansible.utils.ipaddr", {}, False),
    ("'10' | ansible.utils.ipaddr", {}, "0.0.0.10"),
    ("' 10.0.0.1 ' | ansible.utils.ipaddr", {}, False),
    ("'fe80::1%eth0' | ansible.utils.ipaddr", {}, False),
    ("'2001:DB8::A' | ansible.utils.ipaddr", {}, "2001:db8::a"),
    ("'2001:DB8::A' | ansible.utils.ipv6", {}, "2001:db8::a"),
    ("'2001:DB8::A' | ansible.utils.ipwrap", {}, "[2001:db8::a]"),
    ("'010.0.0.1' | ansible.utils.ipaddr", {}, False),
    ("'192.168.0.0/24' | ansible.utils.ipv4('host')", {}, None),
    ("'10.1.2.3/255.255.255.0' | ansible.utils.ipaddr('public')", {}, None),
    ("'8.8.8.8/24' | ansible.utils.ipaddr('public')", {}, "8.8.8.8/24"),
    ("'10.0.0.5/32' | ansible.utils.ipsubnet(24)", {}, "10.0.0.0/24"),
    ("'192.168.0.0/16' | ansible.utils.network_in_network('192.168.5.1')", {}, True),
    ("'192.168.0.0/16' | ansible.utils.network_in_network('192.168.5.0/24')", {}, True),
    ("'192.168.0.0/24' | ansible.utils.network_in_usable('192.168.0.255')", {}, False),
    ("'192.168.0.0/24' | ansible.utils.network_in_usable('192.168.0.25')", {}, True),
    (
        "'192.168.0.0/30' | ansible.utils.usable_range",
        {},
        {"usable_ips": ["192.168.0.0", "192.168.0.1", "192.168.0.2", "192.168.0.3"], "number_of_ips": 4},
    ),
    ("'10.0.0.0/8' | ansible.utils.nthhost(305)", {}, "10.0.1.49"),
    ("'192.168.1.1' | ansible.utils.ipaddr('192.168.1.1')", {}, "192.168.1.1"),
    ("'192.168.1.1/24' | ansible.utils.ipaddr('192.168.1.0/24')", {}, "192.168.1.1/24"),
    ("['10.0.0.1','10.0.0.2'] | ansible.utils.ipaddr('10.0.0.0/31')", {}, ["10.0.0.1"]),
    ("['10.0.0.1/32', '::1/128', '10.2.0.0/16'] | ansible.utils.ipaddr('prefix')", {}, [32, 128, 16]),
    ("['10.0.0.1/24'] | ansible.utils.ipaddr('network/prefix')", {}, ["10.0.0.0/24"]),
    ("'10.0.0.1/24' | ansible.utils.ipaddr('network/prefix')", {}, "10.0.0.0/24"),
    ("'10.0.0.1/24' | ansible.utils.ipaddr('netmask')", {}, "255.255.255.0"),
    ("'10.0.0.1/24' | ansible.utils.ipv4('network')", {}, "10.0.0.0"),
    ("'2001:db8::/64' | ansible.utils.ipaddr('1') | ansible.utils.ipaddr('address')", {}, "2001:db8::1"),
    ("['10.0.0.1', '2001:db8::1'] | map('ansible.utils.ipwrap') | join(',')", {}, "10.0.0.1,[2001:db8::1]"),
    ("'11-22-33-44-55-66' | ansible.utils.hwaddr", {}, "11-22-33-44-55-66"),
    ("'112233445566' | ansible.utils.hwaddr", {}, "112233445566"),
]

# What ansible-core refuses, too.
REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("'10.0.0.0/30' | ansible.utils.ipaddr('peer')", {}),
    ("'10.0.0.3/30' | ansible.utils.ipaddr('peer')", {}),
    ("'11:22:33:44:55:66' | ansible.utils.hwaddr('bogus')", {}),
]


@pytest.mark.parametrize(("expression", "variables", "expected"), CASES, ids=[case[0] for case in CASES])
def test_result(expression: str, variables: dict[str, Any], expected: Any) -> None:
    result = render(expression, **variables)
    assert result == expected
    assert type(result) is type(expected)


@pytest.mark.parametrize(("expression", "variables"), REFUSED, ids=[case[0] for case in REFUSED])
def test_refused(expression: str, variables: dict[str, Any]) -> None:
    with pytest.raises(TemplateRuntimeError):
        render(expression, **variables)
