"""Every filter by every name it can be called by: ``FILTERS``.

A file holds the functions of one subject and a table name -> function; ``HOMES`` says which
collection's names they are. A short name means the collection that stands first.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jinja2.filters import FILTERS as JINJA

from fleet.template.filters import (
    chance,
    data,
    dates,
    formats,
    general,
    hashes,
    ipaddr,
    math,
    network,
    passwords,
    paths,
    protomatter,
    regex,
    sets,
    structures,
    text,
    urls,
    vault,
    yaml_json,
)
from fleet.template.filters.guard import assemble, guard

NETWORK = (ipaddr.FILTERS, network.FILTERS)

HOMES: tuple[tuple[str, tuple[Mapping[str, Callable[..., Any]], ...]], ...] = (
    (
        "ansible.builtin",
        (
            data.FILTERS,
            text.FILTERS,
            regex.FILTERS,
            sets.FILTERS,
            yaml_json.FILTERS,
            paths.FILTERS,
            hashes.FILTERS,
            passwords.FILTERS,
            math.FILTERS,
            chance.FILTERS,
            dates.FILTERS,
            urls.FILTERS,
            vault.FILTERS,
        ),
    ),
    ("ansible.utils", NETWORK),
    # Where these lived before ansible.utils had them.
    ("ansible.netcommon", NETWORK),
    ("community.general", (general.FILTERS, formats.FILTERS, yaml_json.YAML)),
    # After community.general, whose keep_keys and its like have the short names.
    ("ansible.utils", (structures.FILTERS,)),
)

FILTERS: dict[str, Callable[..., Any]] = assemble("filter", HOMES, JINJA)
# Under their full names only.
FILTERS.update(
    {f"{protomatter.PREFIX}.{name}": guard("filter", name, made) for name, made in protomatter.FILTERS.items()}
)
