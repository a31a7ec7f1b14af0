"""Which names variables may have."""

import pytest

from fleet.source.names import RULE, advice, is_name


@pytest.mark.parametrize("name", ["a", "_a1", "null", "class", "omit", "in", "ansible_user"])
def test_names(name):
    assert is_name(name)


@pytest.mark.parametrize(
    "name", ["", "1a", "a-b", "a b", "größe", "a\n", "none", "None", "true", "False", "not", 1, None]
)
def test_what_is_no_name(name):
    assert not is_name(name)


def test_a_better_name_is_told():
    assert advice("a-b") == "write 'a_b'" and advice("1a") == RULE == advice("none")
