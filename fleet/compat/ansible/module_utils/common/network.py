"""Addresses: masks, networks and MAC addresses, in the forms that network modules write."""

import ipaddress
import re

VALID_MASKS = [2**8 - 2**i for i in range(0, 9)]


def is_netmask(val):
    """True for a mask such as 255.255.255.0."""
    parts = str(val).split(".")
    return len(parts) == 4 and all(part.isdigit() and int(part) in VALID_MASKS for part in parts)


def is_masklen(val):
    """True for a number of bits of an IPv4 mask."""
    try:
        return 0 <= int(val) <= 32
    except ValueError:
        return False


def to_netmask(val):
    """24 -> 255.255.255.0. ValueError for what is no number of bits."""
    if not is_masklen(val):
        raise ValueError("invalid value for masklen")
    return str(ipaddress.IPv4Network("0.0.0.0/%d" % int(val)).netmask)


def to_masklen(val):
    """255.255.255.0 -> 24. ValueError for what is no mask."""
    if not is_netmask(val):
        raise ValueError("invalid value for netmask: %s" % val)
    return sum(bin(int(part)).count("1") for part in val.split("."))


def to_bits(val):
    """255.0.0.0 -> 11111111000000000000000000000000."""
    return "".join("{0:08b}".format(int(part)) for part in val.split("."))


def to_subnet(addr, mask, dotted_notation=False):
    """The network of an address: ``10.0.0.0/24``, or ``10.0.0.0 255.255.255.0`` with ``dotted_notation``."""
    bits = int(mask) if _is_bits(mask) else to_masklen(mask)
    netmask = to_netmask(bits)
    network = ".".join(str(int(one) & int(two) & 255) for one, two in zip(addr.split("."), netmask.split(".")))
    return "%s %s" % (network, netmask) if dotted_notation else "%s/%d" % (network, bits)


def _is_bits(mask):
    try:
        return is_masklen(mask)
    except ValueError:
        return False


def to_ipv6_subnet(addr):
    """The first 64 bits of an address, as ``2001:db8::``."""
    return _ipv6_groups(addr, 4)


def to_ipv6_network(addr):
    """The first 48 bits of an address, as ``2001:db8::``."""
    return _ipv6_groups(addr, 3)


def _ipv6_groups(addr, count):
    """The first groups as they are written, up to the first that is left out."""
    groups = addr.split(":")[:count]
    return ":".join(groups[:groups.index("")] if "" in groups else groups) + "::"


def is_mac(mac_address):
    """True for six pairs of hexadecimal digits between colons or hyphens."""
    return bool(re.match(r"[0-9a-f]{2}([-:])[0-9a-f]{2}(\1[0-9a-f]{2}){4}$", mac_address.lower()))
