"""IP addresses as ansible.utils sees them: text with or without a prefix, read leniently."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from fleet.record import record

if TYPE_CHECKING:
    from ipaddress import IPv4Address, IPv4Interface, IPv4Network, IPv6Address, IPv6Interface, IPv6Network

    Ip = IPv4Address | IPv6Address
    Network = IPv4Network | IPv6Network
    Interface = IPv4Interface | IPv6Interface


@record
class Address:
    """An address in its network. ``written`` is the user's text, ``with_prefix`` whether it had a prefix."""

    written: str
    interface: Interface
    with_prefix: bool

    @property
    def ip(self) -> Ip:
        return self.interface.ip

    @property
    def network(self) -> Network:
        return self.interface.network

    @property
    def prefix(self) -> int:
        return self.network.prefixlen

    @property
    def size(self) -> int:
        return self.network.num_addresses

    @property
    def is_network(self) -> bool:
        """True for ``10.0.0.0/8``: more than one address, and it is the first of them."""
        return self.with_prefix and self.size > 1 and self.ip == self.network.network_address

    @property
    def usable(self) -> tuple[int, int] | None:
        """The first and the last address a host can have, as numbers; none in a network of one."""
        first = int(self.network.network_address)
        last = first + self.size - 1
        if self.size == 1:
            return None
        return (first, last) if self.size == 2 else (first + 1, last - 1)

    def at(self, number: int) -> str:
        """The address with this number, of the same version."""
        return show(type(self.ip)(number))

    def cidr(self) -> str:
        return f"{show(self.ip)}/{self.prefix}"

    def as_given(self) -> str:
        return self.cidr() if self.with_prefix else show(self.ip)


def show(ip: Ip) -> str:
    """The address as text; mapped IPv4 addresses keep their dots (as Python writes them from 3.13 on)."""
    mapped = getattr(ip, "ipv4_mapped", None)
    return f"::ffff:{mapped}" if mapped is not None else str(ip)


def show_network(network: Network) -> str:
    """The network as text, addresses as ``show`` writes them."""
    return f"{show(network.network_address)}/{network.prefixlen}"


def parse(value: Any) -> Address | None:
    """``value`` as an address, or none when it is not one. Numbers are addresses too."""
    import ipaddress

    if isinstance(value, bool):
        return None
    written = str(value)
    if "%" in written:
        return None
    try:
        if written.isdecimal():
            return Address(written, ipaddress.ip_interface(int(written)), False)
        return Address(written, ipaddress.ip_interface(written), "/" in written)
    except ValueError:
        return None


def parse_network(value: Any) -> Network | None:
    """The network ``value`` is or lies in, or none."""
    address = parse(value)
    return address.network if address else None


def inside(inner: Network, outer: Network) -> bool:
    """True when every address of ``inner`` is one of ``outer``."""
    return (
        inner.version == outer.version
        and int(outer.network_address) <= int(inner.network_address)
        and int(inner.broadcast_address) <= int(outer.broadcast_address)
    )
