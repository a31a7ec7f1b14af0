"""Addresses of hosts."""

from __future__ import annotations

import re

# A plain name may hold ranges, whose colons are in brackets.
_PORT = re.compile(r"^(?:\[(?P<bracketed>[^\[\]]+)\]|(?P<plain>(?:[^:\[]|\[[^\]]*\])+)):(?P<port>\d+)$")
_NAME = re.compile(r"^[\w.\[\]-]+$")
_SIX = re.compile(r"^[0-9a-fA-F:.]+$")


def parse_address(address: str, allow_ranges: bool = False) -> tuple[str | None, int | None]:
    """Host and port of ``host``, ``host:port``, ``[address]:port``. Raises ValueError for what is none of them."""
    port = None
    host = address
    if found := _PORT.match(address):
        host, port = found["bracketed"] or found["plain"], int(found["port"])
    ranged = re.search(r"\[[^\]]*:[^\]]*\]", host) is not None
    if ranged and not allow_ranges:
        raise ValueError("Detected range in host but was asked to ignore ranges")
    bare = re.sub(r"\[[^\]]*\]", "0", host) if ranged else host
    if not _NAME.match(bare) and not (bare.count(":") > 1 and _SIX.match(bare)):
        raise ValueError(f"Not a valid network hostname: {address}")
    return host, port
