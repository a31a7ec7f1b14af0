"""What every module promises: a described specification, examples that fit it, and code that can travel."""

from __future__ import annotations

import ast
import glob
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from fleet.playbook import registry
from fleet.playbook.arguments import merge
from fleet.remote.spec import Spec

PACKAGE = Path(__file__).parents[2] / "fleet"
TRAVELLING = sorted(path for part in ("modules", "facts", "remote") for path in (PACKAGE / part).glob("*.py"))
MODULES = [name for name, module in registry.known().items() if not module.engine]


def holder(name: str):
    module = registry.known()[name]
    found = [registry.load_action(name)] if module.action else []
    found += [registry.load_remote(name)] if module.remote else []
    return next((item for item in found if hasattr(item, "EXAMPLES")), None)


@pytest.mark.parametrize("name", MODULES)
def test_arguments_are_explained(name: str) -> None:
    spec = registry.spec(name)
    assert isinstance(spec, Spec)
    bare = [argument for argument, arg in spec.args.items() if not arg.help.strip()]
    assert bare == []


@pytest.mark.parametrize("name", MODULES)
def test_examples_fit_the_specification(name: str) -> None:
    found = holder(name)
    assert found is not None, f"{name} has no EXAMPLES"
    tasks = [task for task in yaml.safe_load(found.EXAMPLES) if any(registry.resolve(key) for key in task)]
    ours = 0
    for task in tasks:
        for key in task:
            module = registry.resolve(str(key))
            if module is None or module.name != name:
                continue
            args = merge(task[key], task.get("args"), name, None)
            literal = {arg: value for arg, value in args.items() if "{{" not in str(value)}
            registry.spec(name).normalize(args, name, literal=lambda value, ok=literal: "{{" not in str(value))
            ours += 1
    assert ours, f"no example of {name} calls it"


@pytest.mark.parametrize("path", TRAVELLING, ids=lambda path: f"{path.parent.name}/{path.stem}")
def test_travelling_code_imports_only_what_travels(path: Path) -> None:
    tree = ast.parse(path.read_text(encoding="utf-8"))
    foreign = []
    for node in ast.walk(tree):
        names = []
        if isinstance(node, ast.Import):
            names = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom):
            names = [node.module or ""]
        for name in names:
            top = name.partition(".")[0]
            if top == "fleet":
                allowed = ("fleet.remote", "fleet.modules", "fleet.facts")
                if not name.startswith(allowed):
                    foreign.append(name)
            elif top not in sys.stdlib_module_names and top not in REMOVED:
                foreign.append(name)
    assert foreign == []


REMOVED = ("crypt", "imp")
"""Gone from newer standard libraries; imported under a guard."""


def old_python() -> str | None:
    """A Python 3.6, where this machine has one."""
    chosen = os.environ.get("FLEET_TEST_PYTHON36") or shutil.which("python3.6")
    found = [chosen] if chosen else []
    found += glob.glob(os.path.expanduser("~/.pyenv/versions/3.6.*/bin/python"))
    for path in found:
        if path and subprocess.run([path, "-c", ""], capture_output=True).returncode == 0:
            return path
    return None


def test_travelling_code_is_imported_by_python_3_6(tmp_path: Path) -> None:
    python = old_python()
    if python is None:
        pytest.skip("there is no Python 3.6 on this machine (FLEET_TEST_PYTHON36 may name one)")
    root = tmp_path / "fleet"
    root.mkdir()
    (root / "__init__.py").write_text("")
    for part in ("modules", "facts", "remote"):
        shutil.copytree(PACKAGE / part, root / part, ignore=shutil.ignore_patterns("__pycache__"))
    names = [f"fleet.{path.parent.name}.{path.stem}" for path in TRAVELLING if path.stem != "__init__"]
    names.remove("fleet.remote.bootstrap")
    script = "import importlib\nfor name in %r: importlib.import_module(name)\nprint('all', %d)" % (names, len(names))
    ran = subprocess.run([python, "-c", script], cwd=tmp_path, capture_output=True, text=True)
    assert ran.stdout == f"all {len(names)}\n", ran.stderr
