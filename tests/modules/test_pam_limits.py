"""pam_limits: one limit changed, every other line as it was."""

import pytest
from run_module import run_module

from fleet.remote import limits

TEXT = "# c\nroot  soft nofile 100\n@g\thard\tnofile\t 200  # why\n#joe soft nofile 1\nno limit\n* - core unlimited\n"


@pytest.fixture
def call(tmp_path):
    (tmp_path / "l").write_text(TEXT)

    def run(domain="root", kind="soft", item="nofile", value="100", check=False, **args):
        given = {"dest": str(tmp_path / "l"), "domain": domain, "limit_type": kind, "limit_item": item, "value": value}
        return run_module("pam_limits", {**given, **args}, check=check, diff=True)

    return run


SET = [
    ({"value": 100}, TEXT),
    ({"value": 90}, TEXT.replace("root  soft nofile 100", "root\tsoft\tnofile\t90")),
    ({"value": 90, "use_max": True}, TEXT),
    ({"value": 110, "use_min": True}, TEXT),
    ({"value": 110, "use_max": True, "comment": "x"}, TEXT.replace("root  soft nofile 100", "root\tsoft\tnofile\t110\t#x")),
    ({"domain": "@g", "kind": "hard", "value": 7}, TEXT.replace("@g\thard\tnofile\t 200  # why", "@g\thard\tnofile\t7\t# why")),
    ({"domain": "joe"}, TEXT + "joe\tsoft\tnofile\t100\n"),
    ({"domain": "*", "kind": "-", "item": "core", "value": 0, "use_max": True}, TEXT),
    ({"domain": "*", "kind": "-", "item": "core", "value": 0, "use_min": True}, TEXT.replace("* - core unlimited", "*\t-\tcore\t0")),
    ({"item": "nice", "value": "-20"}, TEXT + "root\tsoft\tnice\t-20\n"),
]  # fmt: skip


@pytest.mark.parametrize(("args", "text"), SET)
def test_what_is_written(call, tmp_path, args, text):
    looked = call(**args, check=True)
    assert looked["changed"] == (text != TEXT) and (tmp_path / "l").read_text() == TEXT
    told = call(**args)
    assert (told["changed"], told["msg"]) == (looked["changed"], looked["msg"]) and told["msg"] in text
    assert (tmp_path / "l").read_text() == text and not call(**args)["changed"]
    if told["changed"]:
        assert told["diff"] == {"before": TEXT, "after": text}


def test_all_lines_of_the_same_limit(call, tmp_path):
    (tmp_path / "l").write_text("a - as 1\na - as x # was\na - as 3")
    told = call("a", "-", "as", 3, backup=True)
    assert (tmp_path / "l").read_text() == "a\t-\tas\t3\na\t-\tas\t3\t# was\na - as 3" and told["msg"] == "a - as 3"
    with open(told["backup_file"]) as kept:
        assert kept.read() == "a - as 1\na - as x # was\na - as 3"


def test_a_new_file(call, tmp_path):
    assert call(dest=str(tmp_path / "new"))["changed"]
    assert (tmp_path / "new").read_text() == "root\tsoft\tnofile\t100\n" and (
        tmp_path / "new"
    ).stat().st_mode & 0o777 == 0o644


def test_signed_and_other_values():
    for item, value in (("nice", "-21"), ("nice", "20"), ("priority", "unlimited"), ("as", "-2"), ("as", "x")):
        assert limits.mistake(item, value)
    for item, value in (("nice", "-20"), ("priority", "19"), ("as", "-1"), ("as", "infinity"), ("as", "0")):
        assert not limits.mistake(item, value)
    assert (
        limits.choose("nice", "-5", "-10", use_max=True) == "-5"
        and limits.choose("nice", "-5", "-1", use_max=True) == "-1"
    )


BAD = [
    ({"value": "x"}, "Value of 'x' for item 'nofile' is invalid."),
    ({"item": "nice", "value": 30}, "Value of '30' for item 'nice' is invalid."),
    ({"use_max": True, "use_min": True}, "Cannot use use_min and use_max at the same time."),
    ({"domain": "a b"}, "is no domain of a limit"),
    ({"comment": "x\nroot - as 1"}, "must not contain a line end"),
    ({"dest": "/no/such/l"}, "directory /no/such is not writable"),
    ({"dest": "/etc"}, "cannot read /etc"),
    ({"kind": "both"}, "value of limit_type must be one of"),
    ({"use_max": "perhaps"}, "unable to convert to bool"),
]


@pytest.mark.parametrize(("args", "message"), BAD)
def test_bad_calls(call, tmp_path, args, message):
    told = call(**args)
    assert told["failed"] and message in told["msg"] and (tmp_path / "l").read_text() == TEXT
