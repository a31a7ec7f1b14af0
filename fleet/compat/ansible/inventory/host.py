"""One host."""

from __future__ import annotations


class Host:
    """A name for type checks; the inventory hands out its own."""
