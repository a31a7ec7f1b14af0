"""Ansible's names as plugins import them."""

from __future__ import annotations

import sys

import pytest

from fleet.compat import finder


@pytest.fixture(autouse=True)
def ansible():
    meta, before = list(sys.meta_path), set(sys.modules)
    finder.install()
    yield
    sys.meta_path[:] = meta
    for name in set(sys.modules) - before:
        if name.partition(".")[0] == "ansible":
            del sys.modules[name]


def test_text_and_bytes():
    from ansible.module_utils._text import to_native
    from ansible.module_utils.common.text.converters import jsonify, to_bytes, to_text

    assert to_text(b"\xff") == "\udcff" and to_bytes("\udcff") == b"\xff"
    assert to_text(3) == "3" and to_text(3, nonstring="passthru") == 3 and to_native(b"a") == "a"
    with pytest.raises(TypeError):
        to_bytes(3, nonstring="strict")
    assert jsonify({"a": {1}}) == '{"a": [1]}'


def test_versions():
    from ansible.module_utils.compat.version import LooseVersion, StrictVersion

    assert LooseVersion("1.10") > LooseVersion("1.9") and LooseVersion("1.0a") != "1.0"
    assert StrictVersion("1.2a1") < StrictVersion("1.2") < "1.2.1"
    with pytest.raises(ValueError):
        StrictVersion("x")


def test_key_value_texts():
    from ansible.parsing.splitter import parse_kv

    assert parse_kv("a=1 b='two words' c={{ x y }} rest", check_raw=True) == {
        "a": "1",
        "b": "two words",
        "c": "{{ x y }}",
        "_raw_params": "rest",
    }


def test_errors_carry_their_cause():
    from ansible.errors import AnsibleError, AnsibleFileNotFound, AnsibleFilterError, AnsibleFilterTypeError

    cause = ValueError("deep")
    assert str(AnsibleFilterError("shown", orig_exc=cause)) == "shown"
    assert AnsibleFilterError("x", orig_exc=cause).__cause__ is cause
    assert issubclass(AnsibleFilterTypeError, TypeError) and issubclass(AnsibleFilterTypeError, AnsibleError)
    assert "searched in /a:/b" in str(AnsibleFileNotFound(file_name="f", paths=["/a", "/b"]))


def test_merged_mappings():
    from ansible.utils.vars import combine_vars, merge_hash

    old, new = {"a": {"x": 1}, "l": [1, 2]}, {"a": {"y": 2}, "l": [2, 3]}
    assert merge_hash(old, new) == {"a": {"x": 1, "y": 2}, "l": [2, 3]}
    assert merge_hash(old, new, list_merge="append_rp")["l"] == [1, 2, 3]
    assert combine_vars(old, new)["a"] == {"y": 2}


def test_what_is_not_there_is_an_import_error():
    with pytest.raises(ImportError):
        import ansible.executor  # noqa: F401
