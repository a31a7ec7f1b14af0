"""``ipaddr`` with all its queries, and its shorter forms ``ipv4``, ``ipv6`` and ``ipwrap``."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fleet.template.filters.addresses import Address, inside, parse, parse_network, show, show_network
from fleet.template.filters.guard import is_list, refuse

Query = Callable[[Address], Any]


def _usable(address: Address) -> tuple[int, int] | None:
    if not address.with_prefix:
        refuse(f"{address.written!r} is not a network address")
    return address.usable


def _first_usable(address: Address) -> str | None:
    found = _usable(address)
    return address.at(found[0]) if found else None


def _last_usable(address: Address) -> str | None:
    found = _usable(address)
    return address.at(found[1]) if found else None


def _range_usable(address: Address) -> str | None:
    found = _usable(address)
    return f"{address.at(found[0])}-{address.at(found[1])}" if found else None


def usable_neighbour(address: Address, offset: int) -> str | None:
    """The usable address ``offset`` further, none outside of the network."""
    found = address.usable
    wanted = int(address.ip) + offset
    return address.at(wanted) if found and found[0] <= wanted <= found[1] else None


def _next_usable(address: Address) -> str | None:
    _usable(address)
    return usable_neighbour(address, 1)


def _previous_usable(address: Address) -> str | None:
    _usable(address)
    return usable_neighbour(address, -1)


def _peer(address: Address) -> str:
    _usable(address)
    if address.size == 2:
        return address.at(int(address.ip) ^ 1)
    if address.size != 4:
        refuse(f"{address.written!r} is not a point-to-point network")
    place = int(address.ip) & 3
    if place in (0, 3):
        refuse(f"{address.written!r} is the {'broadcast' if place else 'network'} address and has no peer")
    return address.at(int(address.ip) ^ 3)


def _address(address: Address) -> str | None:
    is_host = not address.is_network or address.size == 2 or address.ip.version == 6
    return show(address.ip) if is_host else None


def _is_host(address: Address) -> bool:
    return not address.is_network or address.size == 2


def _host(address: Address) -> str | None:
    return address.cidr() if _is_host(address) else None


def _in_network(address: Address) -> bool:
    """A host that says which network it is in."""
    return address.with_prefix and address.size > 1 and _is_host(address)


def _int(address: Address) -> int | str:
    number = int(address.ip)
    return f"{number}/{address.prefix}" if address.with_prefix else number


def _size_usable(address: Address) -> int:
    found = address.usable
    return found[1] - found[0] + 1 if found else 0


def _six_to_four(address: Address) -> str | bool:
    if address.ip.version == 6:
        return address.as_given() if f"{int(address.ip):032x}".startswith("2002") else False
    if address.is_network or address.ip.is_multicast:
        return False
    digits = f"{int(address.ip):08x}"
    return f"2002:{digits[:4]}:{digits[4:]}::1/48"


def _as_ipv4(address: Address) -> str | bool:
    if address.ip.version == 4:
        return address.as_given()
    mapped = getattr(address.ip, "ipv4_mapped", None)
    return f"{mapped}/{address.prefix - 96}" if mapped is not None else False


def _as_ipv6(address: Address) -> str:
    if address.ip.version == 6:
        return address.as_given()
    return f"::ffff:{address.ip}/{address.prefix + 96}"


def wrapped(address: Address) -> str:
    """The address as it stands in a URL: IPv6 in brackets."""
    if address.ip.version == 4:
        return address.as_given()
    return f"[{show(address.ip)}]" + (f"/{address.prefix}" if address.with_prefix else "")


def _mask(name: str) -> Query:
    return lambda address: str(getattr(address.network, name))


def _network_with(name: str) -> Query:
    return lambda address: f"{show(address.network.network_address)} {getattr(address.network, name)}"


def _host_with(name: str) -> Query:
    return lambda address: f"{show(address.ip)} {getattr(address.network, name)}" if _in_network(address) else None


def _when(condition: Callable[[Address], bool]) -> Query:
    return lambda address: address.written if condition(address) else None


def _broadcast(address: Address) -> str | None:
    return show(address.network.broadcast_address) if address.size > 2 else None


def _network(address: Address) -> str:
    return show(address.network.network_address)


def _subnet(address: Address) -> str:
    return show_network(address.network)


def _host_or_false(address: Address) -> str | bool:
    return _host(address) or False


def _is_public(address: Address) -> bool:
    return address.ip.is_global and not address.ip.is_multicast


def _is_private(address: Address) -> bool:
    return address.ip.is_private and not address.ip.is_multicast


QUERIES: dict[str, Query] = {
    "": Address.as_given,
    "6to4": _six_to_four,
    "address": _address,
    "address/prefix": _host_or_false,
    "bool": lambda address: True,
    "broadcast": _broadcast,
    "cidr": Address.cidr,
    "first_usable": _first_usable,
    "gateway": _host_or_false,
    "gw": _host_or_false,
    "host": _host,
    "host/prefix": _host_or_false,
    "hostmask": _mask("hostmask"),
    "hostnet": _host_or_false,
    "int": _int,
    "ip": _address,
    "ip/prefix": lambda address: address.cidr() if _in_network(address) else None,
    "ip_netmask": _host_with("netmask"),
    "ip_wildcard": _host_with("hostmask"),
    "ipv4": _as_ipv4,
    "ipv6": _as_ipv6,
    "last_usable": _last_usable,
    "link-local": _when(lambda address: address.ip.is_link_local),
    "lo": _when(lambda address: address.ip.is_loopback),
    "loopback": _when(lambda address: address.ip.is_loopback),
    "multicast": _when(lambda address: address.ip.is_multicast),
    "net": lambda address: address.cidr() if address.is_network else None,
    "netmask": _mask("netmask"),
    "network": _network,
    "network/prefix": _subnet,
    "network_id": _network,
    "network_netmask": _network_with("netmask"),
    "network_wildcard": _network_with("hostmask"),
    "next_usable": _next_usable,
    "peer": _peer,
    "prefix": lambda address: address.prefix,
    "previous_usable": _previous_usable,
    "private": _when(_is_private),
    "public": _when(_is_public),
    "range_usable": _range_usable,
    "revdns": lambda address: address.ip.reverse_pointer + ".",
    "router": _host_or_false,
    "size": lambda address: address.size,
    "size_usable": _size_usable,
    "subnet": _subnet,
    "type": lambda address: "network" if address.is_network else "address",
    "unicast": _when(lambda address: not address.ip.is_multicast),
    "v4": _as_ipv4,
    "v6": _as_ipv6,
    "version": lambda address: address.ip.version,
    "wildcard": _mask("hostmask"),
    "wrap": wrapped,
}


def ipaddr(value: Any, query: Any = "", version: int | None = None) -> Any:
    """What ``query`` asks about an address: a word, the index of a host, or a network it should lie in.

    False for what is no address, none for one the query does not fit; a list is filtered by that.
    """
    if is_list(value):
        answers = (ipaddr(item, query, version) for item in value if isinstance(item, str | int))
        return [answer for answer in answers if answer]
    if not isinstance(value, str | int):
        refuse(f"needs an address or a list of them, not {type(value).__name__}")
    address = parse(value)
    if address is None or (version and address.ip.version != version):
        return False
    asked = query if isinstance(query, int) else str(query)
    if asked in QUERIES:
        return QUERIES[str(asked)](address)
    return _ask_for_host_or_network(address, asked)


def _ask_for_host_or_network(address: Address, query: int | str) -> Any:
    try:
        index = int(query)
    except ValueError:
        network = parse_network(query)
        if network is None:
            refuse(f"unknown query {query!r}, use a network, a number or one of {', '.join(sorted(QUERIES)[1:])}")
        return address.written if inside(_within(address), network) else None
    if address.size == 1:
        return address.as_given()
    if not -address.size <= index < address.size:
        return False
    place = index if index >= 0 else address.size + index
    return f"{address.at(int(address.network.network_address) + place)}/{address.prefix}"


def _within(address: Address) -> Any:
    return address.network if address.is_network else type(address.network)(address.ip)


def ipv4(value: Any, query: Any = "") -> Any:
    """``ipaddr`` for IPv4 only."""
    return ipaddr(value, query, 4)


def ipv6(value: Any, query: Any = "") -> Any:
    """``ipaddr`` for IPv6 only."""
    return ipaddr(value, query, 6)


def ipwrap(value: Any, query: Any = "") -> Any:
    """IPv6 addresses in brackets; everything else, names included, as it is."""
    if is_list(value):
        return [ipwrap(item, query) for item in value]
    address = parse(value) if isinstance(value, str | int) else None
    return wrapped(address) if address is not None else value


FILTERS: dict[str, Callable[..., Any]] = {"ipaddr": ipaddr, "ipv4": ipv4, "ipv6": ipv6, "ipwrap": ipwrap}
