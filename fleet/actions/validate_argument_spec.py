"""Check values against a specification of arguments; what a role with ``argument_specs`` does first."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from fleet.actions.base import ActionFailed, Call, Done, Order
from fleet.remote.convert import CONVERT
from fleet.remote.spec import Arg, Spec
from fleet.template.plain import plain

SPEC = Spec(
    {
        "argument_spec": Arg("raw", required=True, help="What may be given: names, and of each its type, choices ..."),
        "provided_arguments": Arg("raw", help="What is given; by default the variables of these names."),
        "validate_args_context": Arg("raw", help="Anything that says where this is from; it goes into the result."),
    },
    returns={
        "argument_errors": "What is wrong, a sentence each.",
        "argument_spec_data": "The specification.",
        "validate_args_context": "The argument of this name.",
    },
)
EXAMPLES = """
- name: The settings of the site make sense
  validate_argument_spec:
    argument_spec:
      site_port: {type: int, required: true}
      site_mode: {choices: [live, test]}
"""
KIND = {"int": "an int", "float": "a float", "list": "a list", "dict": "a dict"}


def run(call: Call) -> Order:
    """Known without the host. Raises ActionFailed, TemplateError, Pending."""
    declared = _mapping(call, "argument_spec")
    given = {name: plain(call.scope[name]) for name in declared if name in call.scope}
    given.update(_mapping(call, "provided_arguments"))
    context = {"validate_args_context": call.args.get("validate_args_context") or {}}
    errors = check(declared, given)
    if errors:
        msg = "Validation of arguments failed:\n" + "\n".join(errors)
        raise ActionFailed(msg, changed=False, argument_errors=errors, argument_spec_data=declared, **context)
    return Done({"changed": False, "msg": "The arg spec validation passed", **context})


def _mapping(call: Call, name: str) -> dict[str, Any]:
    value = call.args.get(name)
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise ActionFailed(f"Incorrect type for {name}, expected dict and got {type(plain(value))}")
    return value


def check(declared: Mapping[str, Any], given: Mapping[str, Any]) -> list[str]:
    """What is wrong with the values ``given``, [] when nothing is. Pure."""
    unknown: list[tuple[str, str]] = []
    errors = _level(declared, given, "", unknown)
    if unknown:
        names = ", ".join(sorted(name for name, _ in unknown))
        shown = next((supported for name, supported in unknown if "." not in name), unknown[0][1])
        errors.append(f"{names}. Supported parameters include: {shown}.")
    return errors


def _level(
    declared: Mapping[str, Any], given: Mapping[str, Any], inside: str, unknown: list[tuple[str, str]]
) -> list[str]:
    specs = {name: spec if isinstance(spec, Mapping) else {} for name, spec in declared.items()}
    real = {alias: name for name, spec in specs.items() for alias in spec.get("aliases") or ()}
    values = {real.get(name, name): value for name, value in given.items()}
    unknown += [
        (f"{inside}.{name}" if inside else str(name), _supported(specs)) for name in values if name not in specs
    ]
    where = f" found in {inside.replace('.', ' -> ')}" if inside else ""
    errors = []
    missing = sorted(name for name, spec in specs.items() if spec.get("required") and name not in values)
    if missing:
        errors.append(f"missing required arguments: {', '.join(missing)}{where}")
    present = {name: (spec, values[name]) for name, spec in specs.items() if name in values}
    present = {name: pair for name, pair in present.items() if pair[1] is not None or pair[0].get("required")}
    converted = {}
    for name, (spec, value) in present.items():
        found, wrong = _converted(name, spec, value, inside)
        errors += wrong
        if not wrong:
            converted[name] = found
    for name, value in converted.items():
        errors += _choices(name, specs[name], value, where)
    for name, (spec, value) in present.items():
        if isinstance(spec.get("options"), Mapping):
            errors += _inner(name, spec, converted.get(name, value), inside, unknown)
    return errors


def _inner(name: str, spec: Mapping[str, Any], value: Any, inside: str, unknown: list[tuple[str, str]]) -> list[str]:
    """What is wrong in a dict, or the dicts of a list, that have options of their own."""
    path = f"{inside}.{name}" if inside else name
    errors = []
    for item in value if isinstance(value, list) else [value]:
        if isinstance(item, Mapping):
            errors += _level(spec["options"], item, path, unknown)
            errors += _together(spec, item, path.replace(".", " -> "))
    return errors


def _together(spec: Mapping[str, Any], given: Mapping[str, Any], where: str) -> list[str]:
    """What the options of a dict demand of each other."""
    rules = {name: tuple(spec.get(name) or ()) for name in RULES}
    return [f"{wrong} found in {where}" for name, rule in RULES.items() for wrong in rule(rules[name], given)]


def _exclusive(groups: Any, given: Mapping[str, Any]) -> list[str]:
    groups = [groups] if groups and isinstance(groups[0], str) else groups
    bad = [names for names in groups if sum(name in given for name in names) > 1]
    return [f"parameters are mutually exclusive: {'|'.join(names)}" for names in bad]


def _all_or_none(groups: Any, given: Mapping[str, Any]) -> list[str]:
    bad = [names for names in groups if 0 < sum(name in given for name in names) < len(names)]
    return [f"parameters are required together: {', '.join(names)}" for names in bad]


def _one_of(groups: Any, given: Mapping[str, Any]) -> list[str]:
    bad = [names for names in groups if not any(name in given for name in names)]
    return [f"one of the following is required: {', '.join(names)}" for names in bad]


def _required_if(rules: Any, given: Mapping[str, Any]) -> list[str]:
    errors = []
    for name, value, needed, *some in rules:
        missing = [other for other in needed if other not in given]
        enough = len(missing) < len(needed) if some and some[0] else not missing
        if given.get(name) == value and not enough:
            word = "any" if some and some[0] else "all"
            errors.append(f"{name} is {value} but {word} of the following are missing: {', '.join(missing)}")
    return errors


RULES = {
    "mutually_exclusive": _exclusive,
    "required_together": _all_or_none,
    "required_one_of": _one_of,
    "required_if": _required_if,
}


def _converted(name: str, spec: Mapping[str, Any], value: Any, inside: str) -> tuple[Any, list[str]]:
    """The value as the type it is declared to be, and what is wrong with it."""
    where = f" found in '{inside.replace('.', ' -> ')}'." if inside else ""
    kind = str(spec.get("type") or "str")
    try:
        value = _as(kind, value)
    except (ValueError, TypeError, OverflowError) as error:
        of = f"argument '{name}' is of type {type(value).__name__}{where}"
        return value, [f"{of} and we were unable to convert to {kind}: {error}"]
    elements = spec.get("elements")
    if kind != "list" or not elements:
        return value, []
    made, errors = [], []
    for item in value:
        try:
            made.append(_as(str(elements), item))
        except (ValueError, TypeError, OverflowError) as error:
            of = f"Elements value for option '{name}'{where} is of type {type(item).__name__}"
            errors.append(f"{of} and we were unable to convert to {elements}: {error}")
    return made, errors


def _as(kind: str, value: Any) -> Any:
    """``value`` converted. Raises ValueError, TypeError, OverflowError with the reason."""
    if kind not in CONVERT:
        raise TypeError(f"there is no type '{kind}'")
    try:
        convert: Any = CONVERT[kind]
        return convert(value)
    except (ValueError, TypeError, OverflowError):
        if kind in ("int", "float"):
            raise TypeError(f'"{value!r}" cannot be converted to {KIND[kind]}') from None
        if kind in KIND and not isinstance(value, str):
            raise TypeError(f"{type(value)} cannot be converted to {KIND[kind]}") from None
        raise


def _choices(name: str, spec: Mapping[str, Any], value: Any, where: str) -> list[str]:
    choices = spec.get("choices")
    if not choices or value is None:
        return []
    shown = ", ".join(map(str, choices))
    if isinstance(value, list):
        bad = ", ".join(str(item) for item in value if item not in choices)
        return [f"value of {name} must be one or more of: {shown}. Got no match for: {bad}{where}"] if bad else []
    return [] if value in choices else [f"value of {name} must be one of: {shown}, got: {value}{where}"]


def _supported(specs: Mapping[str, Mapping[str, Any]]) -> str:
    aliases = sorted(str(alias) for spec in specs.values() for alias in spec.get("aliases") or ())
    return ", ".join(sorted(specs)) + (f" ({', '.join(aliases)})" if aliases else "")
