"""All hosts and groups."""

from __future__ import annotations


class InventoryData:
    """A name for type checks; plugins are handed the inventory of the run."""
