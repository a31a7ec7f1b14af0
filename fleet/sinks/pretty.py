"""Results as text below a line of output: JSON as Ansible prints it, or YAML. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any

from fleet.sinks.values import json_text, plain

INDENT = 4
# Shown elsewhere (warnings, exception), or said by the word in front (failed, skipped).
HIDDEN = frozenset({"warnings", "deprecations", "exception", "failed", "skipped"})
# These print what they are asked to print: a message alone, or a variable with what the loop set.
PAYLOAD_ONLY = frozenset({"debug"})
AROUND = frozenset({"changed", "skip_reason", "ansible_loop_var", "ansible_index_var", "ansible_loop"})
# Their results are shown at every verbosity (an action may ask for it with _ansible_verbose_always) ...
ALWAYS = frozenset({"debug"})
# ... and theirs never, because a screen of facts helps nobody.
NEVER = frozenset({"setup", "gather_facts"})


def short(action: str) -> str:
    """``apt`` for ``ansible.builtin.apt``."""
    return action.rpartition(".")[2]


def shown(result: Mapping[str, Any], action: str, verbosity: int, looped: bool = False) -> dict[str, Any]:
    """The part of a result that is printed."""
    found = {key: value for key, value in _public(result).items() if key not in HIDDEN}
    if short(action) in PAYLOAD_ONLY:
        alone = "msg" in found and "results" not in found
        found = {key: value for key, value in found.items() if (key == "msg" if alone else key not in AROUND)}
    if verbosity < 3:
        found.pop("invocation", None)
        found.pop("diff", None)
    items = found.get("results")
    if looped:
        found.pop("results", None)
    elif isinstance(items, list):
        found["results"] = [_public(item) if isinstance(item, Mapping) else item for item in items]
    return found


def _public(result: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in result.items() if not str(key).startswith("_ansible_")}


def wanted(result: Mapping[str, Any], action: str, verbosity: int) -> bool:
    """Whether a fine result is printed at all."""
    if result.get("_ansible_verbose_override") or short(action) in NEVER:
        return False
    return verbosity > 0 or always(result, action)


def always(result: Mapping[str, Any], action: str) -> bool:
    """Whether a result is printed even without ``-v``, and then over several lines."""
    untold = bool(result.get("failed")) and "results" not in result
    early = untold or str(result.get("msg", "")).startswith(("Task failed", "The `loop` value"))
    unfinished = "censored" in result or (early and "failed_when_result" not in result)
    return bool(result.get("_ansible_verbose_always")) or (short(action) in ALWAYS and not unfinished)


def as_json(result: Mapping[str, Any], wide: bool) -> str:
    """One line, or with ``wide`` several."""
    return json_text(result, indent=INDENT if wide else None)


def as_yaml(result: Mapping[str, Any], faithful: bool = False) -> str:
    """YAML below a line: begins with a newline. Lists of lines that repeat a text are left out, unless it is
    to be ``faithful``."""
    found = dict(result)
    for name in ("stdout", "stderr"):
        if not faithful and name in found and f"{name}_lines" in found:
            found[f"{name}_lines"] = "<omitted>"
    return "\n" + "\n".join(yaml_lines(found, faithful))


def yaml_lines(value: Any, faithful: bool = False) -> list[str]:
    """``value`` as indented lines of YAML, keys sorted, texts of several lines as blocks: made easy to read,
    or ``faithful`` to every blank and tab."""
    import yaml

    text = yaml.dump(
        plain(value),
        Dumper=_dumper(faithful),
        indent=None if faithful else INDENT,
        allow_unicode=True,
        default_flow_style=False,
        sort_keys=True,
    )
    return [" " * INDENT + line if line else line for line in text.rstrip("\n").split("\n")]


@cache
def _dumper(faithful: bool) -> Any:
    import yaml

    class Dumper(yaml.SafeDumper):
        """YAML for reading: no aliases, blocks for texts of several lines."""

        def ignore_aliases(self, data: Any) -> bool:
            """Write everything out."""
            return True

    def text(dumper: yaml.SafeDumper, data: str) -> yaml.ScalarNode:
        if "\n" not in data:
            return dumper.represent_scalar("tag:yaml.org,2002:str", data)
        if faithful:
            return dumper.represent_scalar("tag:yaml.org,2002:str", data, style="|")
        # A block cannot hold tabs and blanks at the end of a line; for reading they do not matter.
        lines = [line.rstrip() for line in data.expandtabs().rstrip().split("\n")]
        return dumper.represent_scalar("tag:yaml.org,2002:str", "\n".join(lines), style="|")

    Dumper.add_representer(str, text)
    return Dumper
