"""The file-like modules' declarations: examples are valid, every argument and return key is explained."""

import importlib

import pytest
import yaml

NAMES = [
    "file",
    "copy",
    "lineinfile",
    "blockinfile",
    "replace",
    "stat",
    "slurp",
    "fetch",
    "tempfile",
    "find",
    "assemble",
    "ini_file",
]
HOLDERS = [f"fleet.modules.{name}" for name in NAMES] + ["fleet.actions.template"]


@pytest.mark.parametrize("name", HOLDERS)
def test_examples_and_help(name):
    module = importlib.import_module(name)
    short = name.rpartition(".")[2]
    for task in yaml.safe_load(module.EXAMPLES):
        assert list(task) == [short]
        module.SPEC.normalize(task[short], short)
    for argument, declared in module.SPEC.args.items():
        assert declared.help, f"{short}: {argument} has no help"
    assert all(module.SPEC.returns.values())
    assert module.__doc__.splitlines()[0].endswith(".")
