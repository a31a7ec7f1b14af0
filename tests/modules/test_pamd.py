"""pamd: rules changed, added and removed; every other line as it was."""

import pytest
from run_module import run_module

from fleet.modules import pamd as module
from fleet.remote import pamrules

TEXT = """\
#%PAM-1.0
auth	[success=1  default=ignore]	pam_unix.so nullok_secure [a b=c] # why
auth   required pam_deny.so
@include common-account
-session optional pam_systemd.so
session required pam_env.so \\
    readenv=1
not a rule
"""
UNIX = {"type": "auth", "control": "[success=1 default=ignore]", "module_path": "pam_unix.so"}
DENY = {"type": "auth", "control": "required", "module_path": "pam_deny.so"}
NEW = {"new_type": "auth", "new_control": "optional", "new_module_path": "pam_x.so"}


def edit(text, **args):
    given = module.SPEC.complete(module.SPEC.normalize({"name": "sshd", **args}, "pamd"))
    content, count = module.edit(text.encode(), given)
    return content.decode(), count


LINES = TEXT.splitlines(True)
ENV = {"type": "session", "control": "required", "module_path": "pam_env.so"}
CASES = [
    ({**DENY, "new_control": "sufficient"}, 2, "auth       sufficient pam_deny.so\n"),
    (
        {**UNIX, "new_module_path": "pam_u.so", "new_control": "[success=2 default=ignore]"},
        1,
        "auth       [success=2 default=ignore] pam_u.so nullok_secure [a b=c] # why\n",
    ),
    (
        {**UNIX, "module_arguments": "[x y]  z"},
        1,
        "auth       [success=1 default=ignore] pam_unix.so [x y] z # why\n",
    ),
    (
        {**UNIX, "module_arguments": "nullok_secure", "state": "args_absent"},
        1,
        "auth       [success=1 default=ignore] pam_unix.so [a b=c] # why\n",
    ),
    ({**DENY, "module_arguments": ["a=1", "b"], "state": "args_present"}, 2, "auth       required pam_deny.so b a=1\n"),
    ({**DENY, **NEW, "state": "before"}, 2, "auth       optional pam_x.so\n" + LINES[2]),
    ({**DENY, **NEW, "state": "after"}, 2, LINES[2] + "auth       optional pam_x.so\n"),
    ({**DENY, "state": "absent"}, 2, ""),
]


@pytest.mark.parametrize(("args", "line", "after"), CASES)
def test_one_rule_changes_and_no_other_line(args, line, after):
    wanted = "".join([*LINES[:line], after, *LINES[line + 1 :]])
    assert edit(TEXT, **args) == (wanted, 1)
    if args.get("state") not in ("absent",) and not ("new_control" in args and "state" not in args):
        assert edit(wanted, **args) == (wanted, 0)


def test_the_value_of_an_argument_is_changed_where_it_stands():
    text, count = edit("auth required a.so x=1 y x=2\n", **{**DENY, "module_path": "a.so"}, module_arguments="x=9",
                       state="args_present")  # fmt: skip
    assert (text, count) == ("auth       required a.so x=9 y x=9\n", 1)


def test_a_rule_on_two_lines():
    text, count = edit(TEXT, **ENV, module_arguments="readenv=1", state="args_present")
    assert (text, count) == (TEXT, 0)
    text, count = edit(TEXT, **ENV, module_arguments="readenv=0", state="args_present")
    assert text.splitlines()[5:] == ["session    required pam_env.so readenv=0", "not a rule"]


def test_all_rules_that_fit_and_a_last_line_without_end():
    twice = "session required a.so\nsession required a.so"
    args = {"type": "session", "control": "required", "module_path": "a.so", **NEW, "state": "after"}
    text, count = edit(twice, **args)
    assert (text.count("pam_x.so"), count) == (2, 2)
    assert text.splitlines()[2] == "session required a.so"
    assert edit(text, **args) == (text, 0)


def test_empty_arguments_are_taken_away():
    assert edit("auth required pam_deny.so a b\n", **DENY, module_arguments="") == (
        "auth       required pam_deny.so\n",
        1,
    )


def test_a_comment_that_ends_in_a_backslash_is_one_line():
    assert [rule is None for rule, _ in pamrules.parse("# note \\\nauth required a.so\n")] == [True, False]


def test_on_a_file_with_backup_check_and_diff(tmp_path):
    (tmp_path / "sshd").write_text(TEXT)
    args = {**DENY, "name": "sshd", "path": str(tmp_path), "new_control": "sufficient", "backup": True}
    told = run_module("pamd", args, check=True, diff=True)
    assert told["changed"] and told["change_count"] == 1 and "sufficient" in told["diff"]["after"]
    assert (tmp_path / "sshd").read_text() == TEXT and len(list(tmp_path.iterdir())) == 1
    told = run_module("pamd", args)
    assert told["changed"] and open(told["backupdest"]).read() == TEXT
    again = run_module("pamd", args)
    assert (again["changed"], again["change_count"], again["backupdest"]) == (False, 0, "")


BAD = [
    ({"state": "args_present"}, "state is args_present but all of the following are missing: module_arguments"),
    ({"state": "before"}, "of the following are missing: new_control, new_type, new_module_path"),
    ({}, "Unable to open/read PAM module file"),
]


@pytest.mark.parametrize(("args", "message"), BAD)
def test_bad_calls(args, message, tmp_path):
    told = run_module("pamd", {**DENY, "name": "none", "path": str(tmp_path), **args})
    assert told["failed"] and message in told["msg"]
