"""The base of lookup plugins."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from ...errors import AnsibleFileNotFound
from ...utils.display import Display
from .. import AnsiblePlugin


class LookupBase(AnsiblePlugin):
    """``run(terms, variables, **options)`` gives a list."""

    def __init__(self, loader: Any = None, templar: Any = None, **_more: Any) -> None:
        super().__init__()
        self._loader = loader
        self._templar = templar
        self._display = Display()

    def get_basedir(self, variables: Mapping[str, Any]) -> str:
        """The folder that relative files belong to."""
        if "role_path" in variables:
            return str(variables["role_path"])
        return str(self._loader.get_basedir())

    @staticmethod
    def _flatten(terms: Iterable[Any]) -> list[Any]:
        made: list[Any] = []
        for term in terms:
            if isinstance(term, list | tuple):
                made.extend(term)
            else:
                made.append(term)
        return made

    @staticmethod
    def _combine(first: Iterable[Any], second: Iterable[Any]) -> list[Any]:
        others = list(second)
        return [LookupBase._flatten([one, other]) for one in first for other in others]

    @staticmethod
    def _flatten_hash_to_list(terms: Mapping[Any, Any]) -> list[dict[str, Any]]:
        return [{"key": key, "value": value} for key, value in terms.items()]

    def run(self, terms: Any, variables: Any = None, **kwargs: Any) -> Any:
        """What the lookup finds, a list."""
        raise NotImplementedError

    def find_file_in_search_path(
        self, myvars: Mapping[str, Any], subdir: str, needle: str, ignore_missing: bool = False
    ) -> str | None:
        """The path of a file below ``subdir`` of role and playbook, or None with a warning."""
        places = myvars.get("ansible_search_path") or [self.get_basedir(myvars)]
        try:
            return str(self._loader.path_dwim_relative_stack(places, subdir, needle))
        except AnsibleFileNotFound:
            if not ignore_missing:
                self._display.warning(f"Unable to find '{needle}' in expected paths (use -vvvvv to see paths)")
            return None

    def _deprecate_inline_kv(self) -> None:
        """Nothing: ``key=value`` inside a term is still read."""


__all__ = ["LookupBase"]
