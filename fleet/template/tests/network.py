"""The tests of ansible.utils on addresses and networks. A network with host bits set is none."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fleet.template.filters.addresses import inside
from fleet.template.filters.guard import is_list, volatile


def _network(value: Any) -> Any:
    import ipaddress

    if not isinstance(value, str):
        return None
    try:
        return ipaddress.ip_network(str(value))
    except ValueError:
        return None


def _address(value: Any) -> Any:
    import ipaddress

    if not isinstance(value, str):
        return None
    try:
        return ipaddress.ip_address(str(value))
    except ValueError:
        return None


def _is(read: Callable[[Any], Any], what: Callable[[Any], bool] = lambda found: True) -> Callable[..., bool]:
    """A test: the value can be read, and ``what`` is true of it."""

    def test(value: Any) -> bool:
        found = read(value)
        return found is not None and bool(what(found))

    return test


def _of_version(number: int) -> Callable[[Any], bool]:
    return lambda found: bool(found.version == number)


def in_network(value: Any, network: Any) -> bool:
    """The address or network lies in ``network``."""
    inner, outer = _network(value), _network(network)
    return inner is not None and outer is not None and inside(inner, outer)


def supernet_of(value: Any, network: Any) -> bool:
    """``network`` lies in the value."""
    return in_network(network, value)


def in_any_network(value: Any, networks: Any) -> bool:
    """The value lies in at least one of the networks."""
    return any(in_network(value, network) for network in (networks if is_list(networks) else [networks]))


def in_one_network(value: Any, networks: Any) -> bool:
    """The value lies in just one of the networks."""
    return sum(in_network(value, network) for network in networks) == 1


def _mask(value: Any, ones_first: bool) -> bool:
    found = _address(value)
    if found is None or found.version != 4:
        return False
    bits = f"{int(found):032b}"
    return "01" not in bits if ones_first else "10" not in bits


def ipv4_netmask(value: Any) -> bool:
    """``255.255.255.0`` and the like."""
    return _mask(value, ones_first=True)


def ipv4_hostmask(value: Any) -> bool:
    """``0.0.0.255`` and the like."""
    return _mask(value, ones_first=False)


def mac(value: Any) -> bool:
    """A hardware address in one of the usual forms."""
    from fleet.template.filters.network import hwaddr

    return isinstance(value, str) and hwaddr(value, "bool") is True


@volatile
def resolvable(value: Any) -> bool:
    """The name or address can be looked up from the controller."""
    import socket

    try:
        return bool(socket.getaddrinfo(str(value), None))
    except OSError:
        return False


TESTS: dict[str, Callable[..., bool]] = {
    "in_network": in_network,
    "in_any_network": in_any_network,
    "in_one_network": in_one_network,
    "subnet_of": in_network,
    "supernet_of": supernet_of,
    "ip": _is(_network),
    "ipv4": _is(_network, _of_version(4)),
    "ipv6": _is(_network, _of_version(6)),
    "ip_address": _is(_address),
    "ipv4_address": _is(_address, _of_version(4)),
    "ipv6_address": _is(_address, _of_version(6)),
    "ipv4_netmask": ipv4_netmask,
    "ipv4_hostmask": ipv4_hostmask,
    "ipv6_ipv4_mapped": _is(_address, lambda found: getattr(found, "ipv4_mapped", None) is not None),
    "ipv6_sixtofour": _is(_address, lambda found: getattr(found, "sixtofour", None) is not None),
    "ipv6_teredo": _is(_address, lambda found: getattr(found, "teredo", None) is not None),
    "loopback": _is(_address, lambda found: found.is_loopback),
    "multicast": _is(_address, lambda found: found.is_multicast),
    "private": _is(_address, lambda found: found.is_private),
    "public": _is(_address, lambda found: found.is_global),
    "reserved": _is(_address, lambda found: found.is_reserved),
    "unspecified": _is(_address, lambda found: found.is_unspecified),
    "mac": mac,
    "resolvable": resolvable,
}
