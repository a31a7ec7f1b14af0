"""Arithmetic on addresses and networks, and hardware addresses."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

from fleet.template.filters.addresses import Address, inside, parse, parse_network, show, show_network
from fleet.template.filters.guard import is_list, refuse
from fleet.template.filters.ipaddr import usable_neighbour

# Texts: re compiles and keeps them when they are needed.
HARDWARE = r"[0-9A-Fa-f]{2}([:.-]?)(?:[0-9A-Fa-f]{2}\1){4}[0-9A-Fa-f]{2}$"
HARDWARE_CISCO = r"[0-9A-Fa-f]{1,5}(?:\.[0-9A-Fa-f]{4}){2}$|[0-9A-Fa-f]{6}[:-][0-9A-Fa-f]{6}$"


def _need(value: Any) -> Address:
    address = parse(value)
    if address is None:
        refuse(f"{value!r} is not a valid IP address")
    return address


def ipmath(value: Any, amount: Any) -> str:
    """The address ``amount`` further."""
    address = _need(value)
    return address.at(int(address.ip) + int(amount))


def nthhost(value: Any, query: Any = "") -> Any:
    """The address number ``query`` of a network, counted from 0 or, when negative, from the end."""
    address = parse(value)
    if address is None or query == "":
        return False
    index = int(query)
    if not -address.size <= index < address.size:
        return False
    place = index if index >= 0 else address.size + index
    return address.at(int(address.network.network_address) + place)


def next_nth_usable(value: Any, offset: Any) -> Any:
    """The usable address ``offset`` further in the same network."""
    address = parse(value)
    return False if address is None else usable_neighbour(address, int(offset))


def previous_nth_usable(value: Any, offset: Any) -> Any:
    """The usable address ``offset`` back in the same network."""
    address = parse(value)
    return False if address is None else usable_neighbour(address, -int(offset))


def ipsubnet(value: Any, query: Any = "", index: Any = None) -> Any:
    """Split a network into, or find the network of an address with, the prefix ``query``.

    With a network as ``query``: the rank of the value in it, from 1.
    """
    address = parse(value)
    if address is None:
        return False
    if query == "":
        return show_network(address.network)
    if not str(query).isdecimal():
        return _rank(address, str(query))
    prefix = int(query)
    if address.size == 1:
        widest = address.network.supernet(new_prefix=prefix)
        return show_network(widest) if index is None else _nth_supernet(address, prefix, int(index))
    if prefix < address.prefix:
        if index is not None:
            return False
        refuse(f"{value!r} has no subnets of size {prefix}")
    count = 1 << (prefix - address.prefix)
    if index is None:
        return str(count)
    return _nth_subnet(address, prefix, int(index), count)


def _rank(address: Address, query: str) -> str:
    outer = parse_network(query)
    if outer is None or not inside(address.network, outer):
        refuse(f"{address.network} is not in the network {query}")
    distance = int(address.network.network_address) - int(outer.network_address)
    return str(distance // address.size + 1)


def _nth_supernet(address: Address, prefix: int, index: int) -> str | bool:
    prefixes = range(prefix, address.prefix)
    if not -len(prefixes) <= index < len(prefixes):
        return False
    return show_network(address.network.supernet(new_prefix=prefixes[index]))


def _nth_subnet(address: Address, prefix: int, index: int, count: int) -> str | bool:
    if not -count <= index < count:
        return False
    size = address.size // count
    first = int(address.network.network_address) + (index if index >= 0 else count + index) * size
    return f"{address.at(first)}/{prefix}"


def network_in_network(value: Any, test: Any) -> bool:
    """True when ``test`` lies in the network ``value``."""
    outer, inner = parse_network(value), parse_network(test)
    return outer is not None and inner is not None and inside(inner, outer)


def network_in_usable(value: Any, test: Any) -> bool:
    """True when ``test`` lies among the usable addresses of the network ``value``."""
    outer, inner = parse(value), parse_network(test)
    if outer is None or inner is None or inner.version != outer.ip.version or outer.usable is None:
        return False
    first, last = outer.usable
    return first <= int(inner.network_address) and int(inner.broadcast_address) <= last


def reduce_on_network(value: Any, network: Any) -> list[Any]:
    """Those of the addresses that lie in ``network``."""
    outer = parse_network(network)
    if outer is None:
        refuse(f"{network!r} is not a valid network")
    found = ((item, parse(item)) for item in (value if is_list(value) else [value]))
    return [item for item, address in found if address and inside(address.network, outer)]


def cidr_merge(value: Any, action: str = "merge") -> Any:
    """The fewest networks that hold the same addresses; with ``span``, the one network around all."""
    import ipaddress

    networks = [_need(item).network for item in value]
    if action == "merge":
        fours: list[Any] = [network for network in networks if network.version == 4]
        sixes: list[Any] = [network for network in networks if network.version == 6]
        return [str(found) for same in (fours, sixes) for found in ipaddress.collapse_addresses(same)]
    if action != "span":
        refuse(f"unknown action {action!r}, use merge or span")
    if not networks:
        return None
    around = networks[0]
    while not all(inside(network, around) for network in networks):
        if around.prefixlen == 0:
            refuse("networks of different IP versions have no common network")
        around = around.supernet()
    return str(around)


def ip4_hex(value: Any, delimiter: str = "") -> str:
    """An IPv4 address in hexadecimal digits."""
    address = _need(value)
    if address.ip.version != 4 or address.with_prefix:
        refuse(f"{value!r} is not a plain IPv4 address")
    return delimiter.join(f"{byte:02x}" for byte in address.ip.packed)


def usable_range(value: Any) -> dict[str, Any]:
    """All addresses of a network, and how many there are."""
    address = _need(value)
    if address.size > 1 and not address.is_network:
        refuse(f"{value!r} has host bits set")
    return {"usable_ips": [show(ip) for ip in address.network], "number_of_ips": address.size}


def slaac(value: Any, hardware: str) -> Any:
    """The address a host with this hardware address gives itself in an IPv6 network."""
    address = parse(value)
    if address is None or address.ip.version != 6:
        return False
    digits = _hardware_digits(hardware)
    if digits is None:
        refuse(f"{hardware!r} is not a hardware address")
    own = int(digits[:6] + "fffe" + digits[6:], 16) ^ (1 << 57)
    return address.at(int(address.network.network_address) + own)


def _hardware_digits(value: Any) -> str | None:
    written = str(value)
    if not re.match(HARDWARE, written) and not re.match(HARDWARE_CISCO, written):
        return None
    return re.sub(r"[^0-9a-f]", "", written.lower()).rjust(12, "0")[-12:]


def _grouped(digits: str, size: int, separator: str) -> str:
    return separator.join(digits[start : start + size] for start in range(0, len(digits), size))


HARDWARE_FORMS: dict[str, Callable[[str], Any]] = {
    "bare": lambda digits: digits.upper(),
    "bool": lambda digits: True,
    "int": lambda digits: int(digits, 16),
    "cisco": lambda digits: _grouped(digits, 4, "."),
    "eui48": lambda digits: _grouped(digits, 2, "-").upper(),
    "win": lambda digits: _grouped(digits, 2, "-").upper(),
    "linux": lambda digits: _grouped(digits, 2, ":"),
    "unix": lambda digits: _grouped(digits, 2, ":"),
    "pgsql": lambda digits: _grouped(digits, 6, ":"),
    "postgresql": lambda digits: _grouped(digits, 6, ":"),
    "psql": lambda digits: _grouped(digits, 6, ":"),
}


def hwaddr(value: Any, query: str = "") -> Any:
    """A hardware address in the form ``query`` names; false (no query: none) when it is none."""
    if query and query not in HARDWARE_FORMS:
        refuse(f"unknown form {query!r}, use one of {', '.join(HARDWARE_FORMS)}")
    digits = _hardware_digits(value)
    if digits is not None:
        return HARDWARE_FORMS[query](digits) if query else value
    if query in ("", "bool"):
        return None if not query else False
    return refuse(f"{value!r} is not a hardware address")


FILTERS: dict[str, Callable[..., Any]] = {
    "ipmath": ipmath,
    "nthhost": nthhost,
    "next_nth_usable": next_nth_usable,
    "previous_nth_usable": previous_nth_usable,
    "ipsubnet": ipsubnet,
    "network_in_network": network_in_network,
    "network_in_usable": network_in_usable,
    "reduce_on_network": reduce_on_network,
    "cidr_merge": cidr_merge,
    "ip4_hex": ip4_hex,
    "usable_range": usable_range,
    "slaac": slaac,
    "hwaddr": hwaddr,
    "macaddr": hwaddr,
}
