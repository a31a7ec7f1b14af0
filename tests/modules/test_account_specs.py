"""The declarations of account, system and command modules: examples are valid, everything is explained."""

import importlib

import pytest
import yaml

MODULES = [
    "setup",
    "ping",
    "command",
    "shell",
    "script",
    "user",
    "group",
    "cron",
    "sysctl",
    "authorized_key",
    "hostname",
    "wait_for",
    "reboot",
    "getent",
    "timezone",
    "locale_gen",
    "modprobe",
    "mount",
    "known_hosts",
    "alternatives",
]
ACTIONS = ["debug", "set_fact", "assert_", "fail", "pause", "raw", "wait_for_connection"]
HOLDERS = [f"fleet.modules.{name}" for name in MODULES] + [f"fleet.actions.{name}" for name in ACTIONS]


@pytest.mark.parametrize("name", HOLDERS)
def test_examples_and_help(name):
    module = importlib.import_module(name)
    short = name.rpartition(".")[2].rstrip("_")
    for task in yaml.safe_load(module.EXAMPLES):
        given = task[short]
        if isinstance(given, str):
            given = {module.SPEC.free_form: given}
        module.SPEC.normalize(dict(given or {}, **task.get("args", {})), short)
    for argument, declared in module.SPEC.args.items():
        assert declared.help, f"{short}: {argument} has no help"
    assert all(module.SPEC.returns.values())
    assert module.__doc__.splitlines()[0].endswith(".")
