"""The base of plugins: options that come from the call, variables, the environment and defaults."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ..errors import AnsibleError, AnsibleRequiredOptionError
from .options import documented, option_value


class AnsiblePlugin:
    """A plugin with documented options (``DOCUMENTATION`` of its file, and the fragments that it names)."""

    allow_extras = False

    def __init__(self) -> None:
        self._options: dict[str, Any] = {}
        self._origins: dict[str, str] = {}
        self._documented: dict[str, Any] | None = None

    @property
    def _load_name(self) -> str:
        return str(getattr(self, "_original_path", type(self).__module__).rpartition(".")[2])

    def options_documented(self) -> dict[str, Any]:
        """The options of the plugin's documentation by name."""
        if self._documented is None:
            self._documented = documented(type(self).__module__)
        return self._documented

    def set_options(
        self, task_keys: Any = None, var_options: Mapping[str, Any] | None = None, direct: Any = None
    ) -> None:
        """Give every documented option its value: ``direct``, then variables, environment, default."""
        given = dict(direct or {})
        for name, entry in self.options_documented().items():
            self._options[name], self._origins[name] = option_value(name, entry, given, var_options or {})
            if entry.get("required") and self._options[name] is None and not name.startswith("_"):
                raise AnsibleRequiredOptionError(f"Required option {name!r} was not provided to the plugin.")
        self._options.update({name: value for name, value in given.items() if name not in self._options})

    def set_option(self, option: str, value: Any) -> None:
        """Give one option a value."""
        self._options[option] = value
        self._origins[option] = "Direct"

    def get_option(self, option: str, hostvars: Mapping[str, Any] | None = None) -> Any:
        """The value of an option; ``KeyError`` when the plugin has none of that name."""
        if option not in self._options:
            entries = self.options_documented()
            if option not in entries:
                raise KeyError(f"Requested option {option} was not defined in configuration")
            self._options[option], self._origins[option] = option_value(option, entries[option], {}, hostvars or {})
        return self._options[option]

    def get_option_and_origin(self, option: str, hostvars: Mapping[str, Any] | None = None) -> tuple[Any, Any]:
        """The value of an option, and where it came from."""
        value = self.get_option(option, hostvars)
        return value, self._origins.get(option)

    def get_options(self, hostvars: Mapping[str, Any] | None = None) -> dict[str, Any]:
        """The values of all options."""
        for name in self.options_documented():
            self.get_option(name, hostvars)
        return self._options

    def has_option(self, option: str) -> bool:
        """True for an option with a value or documentation."""
        return option in self._options or option in self.options_documented()


class AnsibleJinja2Plugin(AnsiblePlugin):
    """The base of what wraps one filter or test."""


__all__ = ["AnsibleError", "AnsibleJinja2Plugin", "AnsiblePlugin"]
