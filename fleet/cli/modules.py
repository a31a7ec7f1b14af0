"""``fleet modules``: which modules there are, and how each is used."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Annotated

import typer

from fleet.cli import complete
from fleet.errors import OptionsError

if TYPE_CHECKING:
    from fleet.cli.moduledocs import ModuleDoc

EPILOG = """
Examples:

  fleet modules                      all modules

  fleet modules apt                  arguments, results and examples of one

  fleet modules acme.web.site        the same of a collection's, or one in library/ or a role

  fleet modules --markdown docs/modules
"""
SETTINGS = {"epilog": EPILOG}
Name = Annotated[
    str | None, typer.Argument(metavar="[NAME]", help="A module, such as apt.", autocompletion=complete.modules)
]
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON.")]
Folder = Annotated[
    str | None, typer.Option("--markdown", metavar="DIR", help="Write NAME.md for every module, and an index, to DIR.")
]


def modules(name: Name = None, as_json: AsJson = False, folder: Folder = None) -> None:
    """List the modules, or show how one is used."""
    from fleet.cli import moduledocs as docs
    from fleet.playbook import registry
    from fleet.sinks.values import json_text

    if folder is not None:
        sys.stdout.write(f"{docs.write(folder)} files written to {folder}\n")
        return
    if name is None:
        found = {each: docs.title(each) for each in registry.known()}
        sys.stdout.write(json_text(found, indent=4) + "\n" if as_json else docs.as_list(found))
        return
    doc = _describe(name)
    sys.stdout.write(json_text(docs.as_data(doc), indent=4, sort=False) + "\n" if as_json else docs.as_text(doc))


def _describe(name: str) -> ModuleDoc:
    """The documentation of one of fleet's modules, or of one that is found here. Raises OptionsError."""
    from fleet.cli import foreigndocs, moduledocs
    from fleet.playbook import registry
    from fleet.source.diagnostics import suggest

    module = registry.resolve(name)
    if module is not None:
        return moduledocs.describe(module.name)
    path, places = foreigndocs.find(name)
    if path is None:
        full = [each.full_name for each in registry.known().values()]
        hint = suggest(name, [*registry.known(), *full]) or "see fleet modules for all there are"
        raise OptionsError(f"there is no module {name!r}", hint=hint)
    return foreigndocs.describe(name, path, places)
