"""What every module says to arguments that do not fit: one sentence that names the argument."""

from __future__ import annotations

import pytest

from fleet.playbook import registry
from fleet.remote.spec import BadArgument, Spec, convert_argument

MODULES = [name for name, module in registry.known().items() if not module.engine]
WRONG = {
    "int": ["three", [3], {"a": 1}, 3.5],
    "float": ["three", [3], {"a": 1}],
    "bool": ["perhaps", [True], {"a": 1}, 7],
    "list": [{"a": 1}],
    "dict": [3, ["a"]],
}
"""Type -> values that cannot be one."""


@pytest.mark.parametrize("name", MODULES)
def test_a_wrong_type_or_choice_is_refused(name: str) -> None:
    refuse(registry.spec(name))


def refuse(spec: Spec) -> None:
    for argument, arg in spec.args.items():
        wrong = WRONG.get(arg.type, []) + (["nothing of that name"] if arg.choices else [])
        for value in wrong:
            with pytest.raises(BadArgument) as caught:
                convert_argument(argument, arg, value)
            assert argument in str(caught.value) and caught.value.name == argument
            assert "\n" not in str(caught.value)
        if arg.options:
            refuse(Spec(arg.options))


@pytest.mark.parametrize("name", [name for name in MODULES if not registry.spec(name).extra])
def test_an_argument_that_does_not_exist_is_refused(name: str) -> None:
    spec = registry.spec(name)
    given = {argument: sample(arg) for argument, arg in spec.args.items() if arg.required}
    given["no_such_argument"] = 1
    with pytest.raises(BadArgument) as caught:
        Spec(spec.args, unknown=spec.unknown).normalize(given, name)
    assert "no_such_argument" in str(caught.value)


@pytest.mark.parametrize(
    "name", [name for name in MODULES if any(a.required for a in registry.spec(name).args.values())]
)
def test_what_is_missing_is_named(name: str) -> None:
    with pytest.raises(BadArgument) as caught:
        registry.spec(name).normalize({}, name)
    missing = [argument for argument, arg in registry.spec(name).args.items() if arg.required]
    assert all(argument in str(caught.value) for argument in missing)


@pytest.mark.parametrize(
    "name", [name for name in MODULES if registry.spec(name).exclusive or registry.spec(name).apart]
)
def test_contradictions_are_refused(name: str) -> None:
    spec = registry.spec(name)
    for names in (*spec.exclusive, *spec.apart):
        given = {argument: sample(arg) for argument, arg in spec.args.items() if arg.required}
        given.update((argument, sample(spec.args[spec.names[argument]])) for argument in names)
        with pytest.raises(BadArgument) as caught:
            Spec(spec.args, exclusive=(names,)).normalize(given, name)
        assert all(argument in str(caught.value) for argument in names)


def sample(arg) -> object:
    """A value that fits."""
    if arg.choices:
        return [arg.choices[0]] if arg.type == "list" else arg.choices[0]
    inner = {name: sample(each) for name, each in (arg.options or {}).items() if each.required}
    element = inner if arg.elements == "dict" else "1"
    return {"int": 1, "float": 1.0, "bool": True, "list": [element], "dict": inner}.get(arg.type, "x")
