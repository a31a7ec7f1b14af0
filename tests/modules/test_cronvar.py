"""cronvar: variables of a crontab, beside jobs and comments that stay."""

import pytest
from run_module import run_module

TEXT = '# comment\nA=1\n B = two words \nC="q"\n* * * * * root X=1 job\n'


@pytest.fixture
def call(tmp_path):
    (tmp_path / "tab").write_text(TEXT)

    def run(name="A", check=False, **args):
        return run_module("cronvar", {"name": name, "cron_file": str(tmp_path / "tab"), **args}, check=check, diff=True)

    return run


SET = [
    ({"name": "A", "value": "1"}, TEXT),
    ({"name": "A", "value": "2"}, TEXT.replace("A=1", "A=2")),
    ({"name": "B", "value": "two words"}, TEXT),
    ({"name": "B", "value": "three more words"}, TEXT.replace(" B = two words ", "B=three more words")),
    ({"name": "C", "value": "q"}, TEXT.replace('"q"', "q")),
    ({"name": "C", "value": '"q"'}, TEXT),
    ({"name": "D", "value": "new"}, "D=new\n" + TEXT),
    ({"name": "D", "value": ""}, 'D=""\n' + TEXT),
    ({"name": "D", "value": ' "b"'}, "D=' \"b\"'\n" + TEXT),
    ({"name": "D", "value": "x", "insertafter": "A"}, TEXT.replace("A=1\n", "A=1\nD=x\n")),
    ({"name": "D", "value": "x", "insertbefore": "B"}, TEXT.replace(" B", "D=x\n B")),
    ({"name": "A", "value": "1", "insertafter": "B"}, TEXT),
    ({"name": "B", "state": "absent"}, TEXT.replace(" B = two words \n", "")),
    ({"name": "X", "state": "absent"}, TEXT),
]


@pytest.mark.parametrize(("args", "text"), SET)
def test_what_is_written(call, tmp_path, args, text):
    looked = call(**args, check=True)
    assert looked["changed"] == (text != TEXT) and (tmp_path / "tab").read_text() == TEXT
    told = call(**args)
    assert told["changed"] == looked["changed"] and (tmp_path / "tab").read_text() == text
    assert told["vars"] == looked["vars"] and ("D" in told["vars"]) == ("D=" in text)
    assert not call(**args)["changed"]
    if told["changed"]:
        assert told["diff"]["before"] == TEXT and told["diff"]["after"] == text


def test_a_new_file_and_a_backup(call, tmp_path):
    told = call(cron_file=str(tmp_path / "new"), value="x")
    assert told["vars"] == ["A"] and (tmp_path / "new").read_text() == "A=x\n"
    copy = call(value="2", backup=True)["backup_file"]
    with open(copy) as kept:
        assert kept.read() == TEXT


BAD = [
    ({}, "You must specify 'value'"),
    ({"value": "x", "insertafter": "a", "insertbefore": "b"}, "parameters are mutually exclusive"),
    ({"name": "N", "value": "x", "insertafter": "none"}, "Variable named 'none' not found."),
    ({"value": "x", "cron_file": "/no/such/tab"}, "Parent directory '/no/such' does not exist"),
    ({"name": "A B", "value": "x"}, "no name of a variable"),
    ({"value": "x\n* * * * * root evil"}, "must not contain a line end"),
    ({"value": "x", "state": "here"}, "value of state must be one of"),
]


@pytest.mark.parametrize(("args", "message"), BAD)
def test_bad_calls(call, tmp_path, args, message):
    told = call(**args)
    assert told["failed"] and message in told["msg"] and (tmp_path / "tab").read_text() == TEXT
