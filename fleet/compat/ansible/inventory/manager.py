"""Where plugins also look for the class of an inventory."""

from .data import InventoryData

__all__ = ["InventoryData"]
