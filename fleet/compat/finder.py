"""Finds ``ansible.*`` in this folder and ``ansible_collections.*`` below the folders of collections, for plugins."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from types import ModuleType

HOME = Path(__file__).parent / "ansible"


class Finder(MetaPathFinder):
    """Answers for the two top names only; what lies below them Python finds by their ``__path__``."""

    def __init__(self) -> None:
        self.collections: list[str] = []

    def find_spec(
        self, fullname: str, path: Sequence[str] | None = None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        """The specification of a top package, else None."""
        if fullname == "ansible":
            return spec_from_file_location("ansible", HOME / "__init__.py", submodule_search_locations=[str(HOME)])
        if fullname == "ansible_collections":
            spec = ModuleSpec(fullname, None, is_package=True)
            spec.submodule_search_locations = [*self.collections]
            return spec
        return None


_FINDER = Finder()


def install(collections: Sequence[str] = ()) -> None:
    """Provide both packages from now on. ``collections``: the folders ``ansible_collections`` that exist."""
    if _FINDER not in sys.meta_path:
        # Before an installed ansible-core: plugins are to meet what runs them.
        sys.meta_path.insert(0, _FINDER)
    new = [folder for folder in collections if folder not in _FINDER.collections]
    _FINDER.collections += new
    if new and (loaded := sys.modules.get("ansible_collections")) is not None:
        loaded.__path__ = [*loaded.__path__, *new]
