"""The inventory plugin ``generator``: a host for every combination of the entries of some lists."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import TYPE_CHECKING, Any

from fleet.errors import InputError, Location
from fleet.inventory.varfiles import kind
from fleet.inventory.yamlfile import place
from fleet.source.nodes import location_of
from fleet.template.errors import TemplateError
from fleet.template.scope import Scope

if TYPE_CHECKING:
    from fleet.inventory.sources import Job


def generate(data: Mapping[str, Any], job: Job) -> None:
    """Add the hosts and groups that the file ``data`` describes. Raises ``InputError`` when it is wrong."""
    layers, hosts = data.get("layers"), data.get("hosts")
    for key, value in (("layers", layers), ("hosts", hosts)):
        if not isinstance(value, dict):
            what = f"{key!r} must be a mapping, not {kind(value)}" if key in data else f"{key!r} is missing"
            raise InputError(what, at=place(data, key, job.path))
    assert isinstance(layers, dict) and isinstance(hosts, dict)
    if "name" not in hosts:
        raise InputError("'hosts' has no 'name'", at=place(data, "hosts", job.path))
    maker = _Maker(job)
    lists = [value if isinstance(value, list) else [value] for value in layers.values()]
    extra = job.options.extra_vars if data.get("use_extra_vars", job.options.use_extra_vars) else {}
    for chosen in product(*lists):
        scope = Scope((extra, dict(zip(layers, chosen, strict=True))), maker.templar)
        host = str(maker.text(hosts["name"], scope))
        job.inventory.add_host(host, (), source=job.path, at=location_of(hosts["name"]))
        maker.vars(job.inventory.hosts[host].vars, hosts, scope)
        maker.parents(host, hosts.get("parents") or [], scope, of_host=True)


class _Maker:
    def __init__(self, job: Job) -> None:
        self.job = job
        self.templar = job.options.templar()

    def text(self, template: Any, scope: Scope) -> Any:
        try:
            return self.templar.render(template, scope)
        except TemplateError as error:
            at = error.at or Location(self.job.path)
            raise InputError(f"Could not render a name: {error.what}", at=at, hint=error.hint) from None

    def parents(self, child: str, parents: Any, scope: Scope, *, of_host: bool = False) -> None:
        inventory = self.job.inventory
        for parent in parents:
            at = location_of(parent) or Location(self.job.path)
            if not isinstance(parent, dict) or not parent.get("name"):
                what = f"Element {child} has a parent with no name."
                raise InputError(what, at=at, hint="write 'name:' below it")
            group = inventory.add_group(str(self.text(parent["name"], scope)), at)
            self.vars(group.vars, parent, scope)
            if of_host:
                inventory.add_to_group(child, group.name)
            else:
                inventory.add_child(group.name, child, at)
            self.parents(group.name, parent.get("parents") or [], scope)

    def vars(self, held: dict[str, Any], element: Mapping[str, Any], scope: Scope) -> None:
        values = element.get("vars") or {}
        if not isinstance(values, dict):
            at = location_of(values) or Location(self.job.path)
            raise InputError(f"'vars' must be a mapping, not {kind(values)}", at=at)
        self.job.inventory.set_vars(held, {key: self.known(value, scope) for key, value in values.items()})

    def known(self, value: Any, scope: Scope) -> Any:
        """``value`` rendered, or as it stands where it needs variables that only a play has."""
        try:
            return self.templar.render(value, scope)
        except TemplateError:
            return value
