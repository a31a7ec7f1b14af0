"""Filters that read and write YAML and JSON."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import date
from typing import Any

from fleet.source.tagged import tagged
from fleet.template.filters.guard import ordinary, refuse, text


def to_json(value: Any, *, sort_keys: bool = False, **options: Any) -> str:
    """``value`` as JSON on one line; ``options`` are those of Python's ``json.dumps``."""
    for ignored in ("vault_to_text", "preprocess_unsafe", "cls", "default"):
        options.pop(ignored, None)
    settled = _text_keys(ordinary(value)) if sort_keys else ordinary(value)
    if "separators" in options:
        options["separators"] = tuple(options["separators"])
    return json.dumps(settled, sort_keys=sort_keys, default=_json_form, **options)


def to_nice_json(value: Any, indent: int = 4, sort_keys: bool = True, **options: Any) -> str:
    """``value`` as JSON with an item a line."""
    options.pop("separators", None)
    return to_json(value, indent=indent, sort_keys=sort_keys, **options)


def _text_keys(value: Any) -> Any:
    """Mixed keys cannot be sorted as they are; JSON writes them as text anyway."""
    if isinstance(value, dict):
        named = {key if isinstance(key, str) else _key_form(key): item for key, item in value.items()}
        return {key: _text_keys(item) for key, item in named.items()}
    return [_text_keys(item) for item in value] if isinstance(value, list | tuple) else value


def _key_form(key: Any) -> Any:
    return json.dumps(key) if isinstance(key, bool | int | float) or key is None else key


def _json_form(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return refuse(f"JSON has no form for {type(value).__name__}")


def from_json(value: Any, profile: str | None = None) -> Any:
    """The value a JSON text stands for; with a ``profile`` of Ansible's, its marks of values count."""
    if not isinstance(value, str | bytes):
        refuse(f"needs JSON text, not {type(value).__name__}; this value needs no conversion")
    made = json.loads(value if isinstance(value, bytes) else str(value))
    return made if profile is None else tagged(made, trusted=False)


def to_yaml(
    value: Any,
    *_: Any,
    default_flow_style: bool | None = None,
    indent: int | None = None,
    sort_keys: bool = True,
    **options: Any,
) -> str:
    """``value`` as YAML; ``options`` are those of PyYAML's ``dump``."""
    import yaml

    for ignored in ("vault_to_text", "preprocess_unsafe"):
        options.pop(ignored, None)
    dumper: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    try:
        written = yaml.dump(
            ordinary(value),
            Dumper=dumper,
            allow_unicode=True,
            default_flow_style=default_flow_style,
            indent=indent,
            sort_keys=sort_keys,
            **options,
        )
    except yaml.YAMLError as problem:
        refuse(f"YAML has no form for this: {problem}")
    # A single word gets an end-of-document line from PyYAML, which no template wants.
    made = str(written)
    return made[:-4] if made.endswith("\n...\n") else made


def to_nice_yaml(value: Any, indent: int = 4, *_: Any, default_flow_style: bool = False, **options: Any) -> str:
    """``value`` as YAML in block style."""
    return to_yaml(value, indent=indent, default_flow_style=default_flow_style, **options)


def from_yaml(value: Any) -> Any:
    """The value a YAML text stands for. What is no text comes back as it is."""
    if not isinstance(value, str):
        return value
    documents = _load_all(text(value))
    if len(documents) > 1:
        refuse("this is more than one YAML document, use from_yaml_all")
    return documents[0] if documents else None


def from_yaml_all(value: Any) -> Any:
    """The values of every document in a YAML text."""
    if value is None:
        return []
    return _load_all(text(value)) if isinstance(value, str) else value


def _load_all(source: str) -> list[Any]:
    import yaml

    loader: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        return list(yaml.load_all(source, Loader=loader))
    except yaml.YAMLError as problem:
        refuse(f"not valid YAML: {' '.join(str(problem).split())}")


YAML: dict[str, Callable[..., Any]] = {"to_yaml": to_yaml, "to_nice_yaml": to_nice_yaml}
FILTERS: dict[str, Callable[..., Any]] = {
    "to_json": to_json,
    "to_nice_json": to_nice_json,
    "from_json": from_json,
    **YAML,
    "from_yaml": from_yaml,
    "from_yaml_all": from_yaml_all,
}
