"""Every test by every name it can be called by: ``TESTS``. Built like the filters."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jinja2.tests import TESTS as JINJA

from fleet.template.filters import protomatter
from fleet.template.filters.guard import assemble, guard
from fleet.template.tests import files, network, results, values

HOMES: tuple[tuple[str, tuple[Mapping[str, Callable[..., bool]], ...]], ...] = (
    ("ansible.builtin", (results.TESTS, values.TESTS, files.TESTS)),
    ("ansible.utils", (network.TESTS,)),
)

TESTS: dict[str, Callable[..., Any]] = assemble("test", HOMES, dict[str, Any](JINJA))
# Under their full names only.
TESTS.update({f"{protomatter.PREFIX}.{name}": guard("test", name, made) for name, made in protomatter.TESTS.items()})
