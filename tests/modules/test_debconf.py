"""debconf: answers read from the database, and when they are to change."""

import pytest

from fleet.modules import debconf
from fleet.remote.host import Failed

NOW = {"answers": {"a/q": "passwd, group"}, "secrets": {}, "seen": {}}


def wanted(value, vtype="multiselect"):
    args = {"name": "a", "question": "a/q", "vtype": vtype, "value": value, "unseen": False}
    return debconf.want(args, NOW)["answers"]["a/q"]


@pytest.mark.parametrize(
    ("value", "answer"),
    [
        (["group", "passwd"], "passwd, group"),
        (["group"], "group"),
        ("group, passwd", "group, passwd"),
        ("passwd, group", "passwd, group"),
    ],
)
def test_the_order_counts_in_a_text_only(value, answer):
    assert wanted(value) == answer


def test_a_list_is_of_texts_and_for_multiselect():
    with pytest.raises(Failed, match="Invalid value provided"):
        wanted(["group", 1])
    with pytest.raises(Failed, match="only vtype multiselect"):
        wanted(["group"], "string")


def test_the_database():
    text = "Name: a/q\nTemplate: a/q\nValue: x\nOwners: a, b\nFlags: seen\n\nName: c/q\nValue: y\nOwners: c\n"
    assert debconf.parse_database(text, "b") == ({"a/q": "x"}, {"a/q": True})
