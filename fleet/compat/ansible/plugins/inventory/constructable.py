"""Variables and groups that follow from the variables of a host."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ...errors import AnsibleError, AnsibleParserError, AnsibleTemplateError
from ...inventory.keyed import bare_names, truthy
from ...utils.vars import combine_vars


class Constructable:
    """``compose``, ``groups`` and ``keyed_groups``. A failing expression says nothing, or with ``strict`` raises."""

    inventory: Any
    templar: Any

    def _compose(self, template: Any, variables: Mapping[str, Any], disable_lookups: Any = None) -> Any:
        """The value of an expression."""
        if not isinstance(template, str):
            raise TypeError(f"Expressions must be <class 'str'>, got {type(template)}.")
        if not hasattr(template, "is_template"):
            raise AnsibleTemplateError("Encountered untrusted template or expression.")
        self.templar.available_variables = variables
        return self.templar.evaluate_expression(template)

    def _holds(self, condition: Any, variables: Mapping[str, Any]) -> bool:
        self.templar.available_variables = variables
        return bool(self.templar.evaluate_conditional(condition))

    def _set_composite_vars(
        self, compose: Mapping[str, Any] | None, variables: Mapping[str, Any], host: str, strict: bool = False
    ) -> None:
        """Set the variables of ``compose`` on a host."""
        for name, expression in (compose or {}).items():
            try:
                value = self._compose(expression, variables)
            except Exception as error:
                if strict:
                    raise AnsibleError(f"Could not set {name} for host {host}: {error}") from error
                continue
            self.inventory.set_variable(host, name, value)

    def _add_host_to_composed_groups(
        self,
        groups: Mapping[str, Any] | None,
        variables: Mapping[str, Any],
        host: str,
        strict: bool = False,
        fetch_hostvars: bool = True,
    ) -> None:
        """Add a host to the groups whose conditions hold."""
        known = self._known(variables, host, fetch_hostvars) if groups else variables
        for written, condition in (groups or {}).items():
            group = self._sanitize_group_name(written)  # type: ignore[attr-defined]
            try:
                holds = self._holds(condition, known)
            except Exception as error:
                if strict:
                    raise AnsibleParserError(f"Could not add host {host} to group {group}: {error}") from error
                continue
            if holds:
                self.inventory.add_host(host, group=self.inventory.add_group(group))

    def _add_host_to_keyed_groups(
        self, keys: Any, variables: Mapping[str, Any], host: str, strict: bool = False, fetch_hostvars: bool = True
    ) -> None:
        """Add a host to the groups that values of it name."""
        known = self._known(variables, host, fetch_hostvars) if keys else variables
        for entry in keys or ():
            if not isinstance(entry, Mapping):
                raise AnsibleParserError(f"Invalid keyed group entry, it must be a dictionary: {entry}")
            if entry.get("default_value") is not None and entry.get("trailing_separator") is not None:
                what = "parameters are mutually exclusive for keyed groups: default_value|trailing_separator"
                raise AnsibleParserError(what)
            self._keyed(entry, known, host, strict)

    def _known(self, variables: Mapping[str, Any], host: str, fetch: bool) -> Mapping[str, Any]:
        found = self.inventory.get_host(host) if fetch else None
        return variables if found is None else dict(combine_vars(variables, found.get_vars()))

    def _keyed(self, entry: Mapping[str, Any], known: Mapping[str, Any], host: str, strict: bool) -> None:
        expression, default = entry.get("key"), entry.get("default_value")
        try:
            value = self._compose(expression, known)
        except Exception as error:
            if strict:
                what = f"Could not generate group for host {host} from {expression} entry: {error}"
                raise AnsibleParserError(what) from error
            return
        if value is None or value == "":
            value = default
        if not value:
            if strict and default is None:
                what = f"No key or key resulted empty for {expression} in host {host}, invalid entry"
                raise AnsibleParserError(what)
            if value != "":
                return
        if not isinstance(value, str | list | tuple | Mapping):
            what = "Invalid group name format, expected a string or a list of them or dictionary, got:"
            raise AnsibleParserError(f"{what} {type(value)}")
        self._join(entry, value, known, host, strict)

    def _join(self, entry: Mapping[str, Any], value: Any, known: Mapping[str, Any], host: str, strict: bool) -> None:
        prefix, separator = str(entry.get("prefix") or ""), str(entry.get("separator", "_"))
        leading = getattr(self, "get_option", lambda _name: True)
        lead = prefix + separator if prefix or truthy(_option(leading)) else ""
        parent = self._parent(entry.get("parent_group"), known, strict)
        for bare in bare_names(value, entry, separator):
            group = self.inventory.add_group(self._sanitize_group_name(lead + bare))  # type: ignore[attr-defined]
            self.inventory.add_host(host, group=group)
            if parent and parent != group:
                self.inventory.add_child(self.inventory.add_group(parent), group)

    def _parent(self, written: Any, known: Mapping[str, Any], strict: bool) -> Any:
        if not written:
            return None
        self.templar.available_variables = known
        try:
            rendered = self.templar.template(written)
        except Exception as error:
            if strict:
                raise AnsibleParserError(f"Could not generate parent group {written}: {error}") from error
            return None
        return self._sanitize_group_name(rendered)  # type: ignore[attr-defined]


def _option(get: Any) -> Any:
    try:
        return get("leading_separator")
    except KeyError:  # the plugin does not document it
        return True
