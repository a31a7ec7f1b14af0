"""What reads the controller's files."""

from __future__ import annotations


class DataLoader:
    """A name for type checks; plugins are handed the loader of the run."""
