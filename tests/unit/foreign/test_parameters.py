"""What an argument specification does to arguments, on fleet's own ansible.module_utils."""

import pytest

from fleet.compat import finder
from fleet.plugins.modules import imports, interpreter_of, style_of

finder.install()


def applied(spec, given, **rules):
    from ansible.module_utils.common import parameters

    return parameters.apply(spec, given, rules)


@pytest.mark.parametrize(
    "spec, given, expected",
    [
        ({"a": {"type": "int"}}, {"a": "3"}, {"a": 3}),
        ({"a": {"type": "bool"}}, {"a": "yes"}, {"a": True}),
        ({"a": {"type": "list", "elements": "int"}}, {"a": "1,2"}, {"a": [1, 2]}),
        ({"a": {"type": "dict"}}, {"a": "x=1, y=2"}, {"a": {"x": "1", "y": "2"}}),
        ({"a": {"default": "d"}, "b": {}}, {}, {"a": "d", "b": None}),
        ({"a": {"aliases": ["z"]}}, {"z": "v"}, {"a": "v", "z": "v"}),
        ({"a": {"choices": ["yes", "no"]}}, {"a": "True"}, {"a": "yes"}),
        ({"a": {"type": "bytes"}}, {"a": "1K"}, {"a": 1024}),
        (
            {"a": {"type": "list", "elements": "dict", "options": {"x": {"type": "int", "default": 5}}}},
            {"a": [{}]},
            {"a": [{"x": 5}]},
        ),
        ({"a": {"type": "dict", "apply_defaults": True, "options": {"x": {"default": "y"}}}}, {}, {"a": {"x": "y"}}),
    ],
)
def test_arguments_are_converted(spec, given, expected):
    assert applied(spec, given).params == expected


@pytest.mark.parametrize(
    "spec, given, rules, said",
    [
        ({"a": {"required": True}}, {}, {}, "missing required arguments: a"),
        ({"a": {}}, {"b": 1}, {}, "Unsupported parameters for (module) module: b. Supported parameters include: a."),
        (
            {"a": {"required": True, "default": 1}},
            {},
            {},
            "internal error: required and default are mutually exclusive",
        ),
        ({"a": {"choices": "xy"}}, {"a": "x"}, {}, "internal error: choices for argument a are not iterable: xy"),
        (
            {"a": {"type": "dict", "options": {}}},
            {"a": 5},
            {},
            "Value '5' in the sub parameter field 'a' must be a dict",
        ),
        ({"a": {"type": "int"}, "b": {}}, {"a": "x", "z": 1}, {}, "unable to convert to int: \"'x'\" cannot be"),
        (
            {"o": {"type": "dict", "options": {"a": {}}}},
            {"o": {"x": 1, "y": 2}},
            {},
            "Unsupported parameters for (module) module: o.x, o.y. Supported parameters include: a.",
        ),
        ({"a": {"type": "int"}}, {"a": "x"}, {}, "argument 'a' is of type str and we were unable to convert to int"),
        ({"a": {"choices": ["x"]}}, {"a": "y"}, {}, "value of a must be one of: x, got: y"),
        ({"a": {}, "b": {}}, {"a": "1", "b": "2"}, {"mutually_exclusive": [["a", "b"]]}, "mutually exclusive: a|b"),
        ({"a": {}, "b": {}}, {"a": "1"}, {"required_together": [["a", "b"]]}, "required together: a, b"),
        ({"a": {}, "b": {}}, {}, {"required_one_of": [["a", "b"]]}, "one of the following is required: a, b"),
        ({"a": {}, "b": {}}, {"a": "x"}, {"required_if": [["a", "x", ["b"]]]}, "a is x but all of the following"),
        ({"a": {}, "b": {}}, {"a": "x"}, {"required_by": {"a": ["b"]}}, "missing parameter(s) required by 'a': b"),
    ],
)
def test_mistakes_are_named(spec, given, rules, said):
    assert said in str(applied(spec, given, **rules).errors[0])


def test_notes_say_where_an_old_name_stands():
    old = [{"name": "x", "version": "3.0", "collection_name": "a.b"}]
    options = {"a": {"aliases": ["x"], "deprecated_aliases": old}, "r": {"removed_in_version": "4"}}
    spec = {"o": {"type": "list", "elements": "dict", "options": options}, "db_password": {}}
    found = applied(spec, {"o": [{"x": "1", "a": "2", "r": "3"}]})
    assert [note["msg"].split(" is ")[0] for note in found.deprecations] == ["Param 'o[\"r\"]'", "Alias 'o[0].x'"]
    assert found.warnings == [
        "Module did not set no_log for db_password",
        "Both option o[0].a and its alias o[0].x are set.",
    ]


@pytest.mark.parametrize(
    "text, bits, size",
    [("10MB", False, 10 << 20), ("10Kilobyte", False, 10240), ("10Mb", True, 10 << 20), ("10 kb", False, None),
     ("10mB", False, None), ("1e3", False, None), (" 5", False, None)],
)  # fmt: skip
def test_sizes_are_read_as_ansible_reads_them(text, bits, size):
    from ansible.module_utils.common.text.formatters import human_to_bytes

    if size is None:
        with pytest.raises(ValueError, match="human_to_bytes"):
            human_to_bytes(text, isbits=bits)
    else:
        assert human_to_bytes(text, isbits=bits) == size


def test_names_of_six_are_those_of_today():
    from ansible.module_utils.six.moves import filterfalse, http_cookies  # noqa: F401
    from ansible.module_utils.six.moves.html_parser import HTMLParser
    from ansible.module_utils.six.moves.urllib_parse import quote

    assert HTMLParser.__module__ == "html.parser" and quote("a b") == "a%20b"


def test_secrets_are_masked_wherever_they_stand():
    from ansible.module_utils.common.parameters import remove_values

    secrets = applied({"p": {"no_log": True}}, {"p": "hunter2"}).secrets
    masked = remove_values({"a": "hunter2", "b": ["say hunter2 now"], "n": 3}, secrets)
    assert masked == {"a": "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER", "b": ["say ******** now"], "n": 3}


@pytest.mark.parametrize(
    "data, style, interpreter",
    [
        (b"#!/usr/bin/env python3\nfrom ansible.module_utils.basic import *\n", "python", ("python",)),
        (b"#!/usr/bin/python\n# WANT_JSON\n", "json", ("python",)),
        (b"#!/bin/bash\n", "old", ("/bin/bash",)),
        (b"#!/usr/bin/perl -w\n# <<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>\n", "inside", ("/usr/bin/perl", "-w")),
        (b"\x7fELF\0\0", "binary", ()),
    ],
)
def test_how_a_module_is_called_stands_in_it(data, style, interpreter):
    assert (style_of(data), interpreter_of(data)) == (style, interpreter)


def test_relative_imports_of_collections_are_followed():
    source = "from ..module_utils.x import y\nfrom . import z\nimport ansible.module_utils.basic\nimport os\n"
    assert set(imports(source, "ansible_collections.a.b.plugins.modules.m", False)) == {
        "ansible_collections.a.b.plugins.module_utils.x.y",
        "ansible_collections.a.b.plugins.modules.z",
        "ansible.module_utils.basic",
    }
