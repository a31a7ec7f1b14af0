"""The documentation that a module of somebody else carries in its file: DOCUMENTATION, EXAMPLES and RETURN.

Source: https://docs.ansible.com/ansible/latest/dev_guide/developing_modules_documenting.html
"""

from __future__ import annotations

import ast
import glob
import os
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import yaml

from fleet.cli.moduledocs import ModuleDoc
from fleet.errors import OptionsError
from fleet.plugins import routing
from fleet.remote.spec import Arg, Spec

PARTS = ("DOCUMENTATION", "EXAMPLES", "RETURN")
_MARKUP = re.compile(r"\b(?:[BCIMOPUVE]|RV)\(([^()]*(?:\([^()]*\)[^()]*)*)\)")
_LINK = re.compile(r"\b[LR]\(([^,()]*),\s*([^()]*)\)")


def find(name: str, folder: str = ".") -> tuple[str | None, tuple[str, ...]]:
    """The file of the module ``name``, and the folders of collections.

    It may be the playbook's ``folder``'s, a role's there, the settings' folders', a collection's.
    """
    from fleet.cli.settings import read
    from fleet.plugins.modules import Modules

    settings = read(os.environ, folder)
    places = routing.roots([os.path.join(folder, "collections"), *settings["COLLECTIONS_PATH"]])
    found = Modules(settings["DEFAULT_MODULE_PATH"])
    for place in (folder, *sorted(glob.glob(os.path.join(glob.escape(folder), "roles", "*")))):
        found.beside(place)
    found.at(places)
    try:
        return found.find(name), places
    except routing.Gone as error:
        raise OptionsError(str(error)) from None


def describe(name: str, path: str, places: Sequence[str] = ()) -> ModuleDoc:
    """What the file says of itself. Raises OptionsError for one that cannot be read."""
    parts = _parts(path)
    written = _yaml(parts.get("DOCUMENTATION", ""), path)
    rest = _text(written.get("description"))
    options = dict(written.get("options") or {})
    named = written.get("extends_documentation_fragment") or ()
    for fragment in map(str, [named] if isinstance(named, str) else named):
        text = _fragment(fragment, places)
        if text is None:
            rest += f"\n\nMore arguments are those of the fragment {fragment}."
        for key, value in ((_yaml(text or "", fragment).get("options")) or {}).items():
            options.setdefault(key, value)
    returns = {
        str(key): _text((value or {}).get("description")) for key, value in _yaml(parts.get("RETURN", ""), path).items()
    }
    title = _text(written.get("short_description")) or "It carries no documentation."
    spec = Spec(_args(options), returns=returns)
    return ModuleDoc(name, path, title, rest.strip(), spec, parts.get("EXAMPLES", "").strip("\n"))


def _fragment(name: str, places: Sequence[str]) -> str | None:
    """The text of ``namespace.collection.file`` or ``namespace.collection.file.part``; None where it is not there."""
    words = name.split(".")
    home = routing.folder(".".join(words[:2]), places) if len(words) > 2 else None
    if home is None:
        return None
    try:
        tree = ast.parse(Path(home, "plugins", "doc_fragments", words[2] + ".py").read_bytes())
    except (OSError, SyntaxError, ValueError):
        return None
    wanted = words[3].upper() if len(words) > 3 else "DOCUMENTATION"
    bodies = [node.body for node in tree.body if isinstance(node, ast.ClassDef)]
    return next((text for body in bodies for key, text in _texts(body) if key == wanted), None)


def _parts(path: str) -> dict[str, str]:
    """The texts that a Python file assigns to the names of PARTS; a YAML file beside it comes first."""
    source = Path(path)
    for beside in (source.with_suffix(".yml"), source.with_suffix(".yaml")):
        if beside.is_file() and beside != source:
            written = _yaml(beside.read_text("utf-8"), str(beside))
            return {
                name: part if isinstance(part, str) else yaml.safe_dump(part, sort_keys=False)
                for name, part in written.items()
                if name in PARTS
            }
    try:
        tree = ast.parse(source.read_bytes())
    except (OSError, SyntaxError, ValueError):
        return {}
    return {name: text for name, text in _texts(tree.body) if name in PARTS}


def _texts(body: Sequence[ast.stmt]) -> Iterator[tuple[str, str]]:
    """The names that are given a text."""
    for node in body:
        if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant) and isinstance(node.value.value, str):
            yield from ((target.id, node.value.value) for target in node.targets if isinstance(target, ast.Name))


def _yaml(text: str, path: str) -> Mapping[str, Any]:
    try:
        found = yaml.safe_load(text)
    except yaml.YAMLError as error:
        raise OptionsError(f"the documentation in {path} cannot be read: {error}") from None
    return found if isinstance(found, dict) else {}


def _args(options: Any) -> dict[str, Arg]:
    made = {}
    for name, said in (options or {}).items() if isinstance(options, dict) else ():
        said = said if isinstance(said, dict) else {}
        choices = said.get("choices") or ()
        made[str(name)] = Arg(
            str(said.get("type") or "str"),
            said.get("default"),
            bool(said.get("required")),
            tuple(choices),
            tuple(said.get("aliases") or ()),
            said.get("elements"),
            _args(said.get("suboptions")) or None,
            help=_text(said.get("description")),
        )
    return made


def _text(value: Any) -> str:
    """Paragraphs without Ansible's markup: ``C(x)`` and the like are code, ``L(text,address)`` is a link."""
    paragraphs = value if isinstance(value, list) else [value] if value else []
    plain = " ".join(" ".join(str(each).split()) for each in paragraphs)
    return _MARKUP.sub(r"`\1`", _LINK.sub(r"\1 (\2)", plain))
