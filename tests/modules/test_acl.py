"""acl: entries set and removed as setfacl does, without setfacl."""

import os

import pytest
from run_module import run_module

from fleet.modules import acl as module
from fleet.remote import posixacl as acls
from fleet.remote.host import Failed

MODE_640 = {("user", None): 6, ("group", None): 4, ("other", None): 0}
DAEMON = ("user", 1)


def test_encoding_is_the_kernels():
    acl = {**MODE_640, DAEMON: 6, ("mask", None): 6}
    recorded = bytes.fromhex(
        "02000000 01000600ffffffff 0200060001000000 04000400ffffffff 10000600ffffffff 20000000ffffffff"
    )
    assert acls.encode(acl) == recorded
    assert acls.decode(recorded) == acl


MASKS = [
    # permissions of the new entry, whether the mask is computed, what setfacl made of it
    (6, True, 6),
    (1, True, 5),
    # setfacl -n: a mask that must be there is the group's entry.
    (6, False, 4),
]


@pytest.mark.parametrize(("bits", "recalculate", "mask"), MASKS)
def test_mask_of_a_first_entry(bits, recalculate, mask):
    acl = acls.with_entry(MODE_640, DAEMON, bits, recalculate)
    assert acl == {**MODE_640, DAEMON: bits, ("mask", None): mask}


def test_a_mask_stays_where_it_is_without_recalculation():
    acl = {**MODE_640, DAEMON: 6, ("mask", None): 4}
    assert acls.with_entry(acl, ("group", 2), 7, False)[("mask", None)] == 4


def test_entries_a_mask_limits_say_so():
    acl = {**MODE_640, DAEMON: 7, ("mask", None): 4}
    assert acls.lines(acl)[1].partition("\t")[2] == "#effective:r--"
    assert acls.lines(MODE_640, "default:") == ["default:user::rw-", "default:group::r--", "default:other::---"]


X = [("rX", MODE_640, False, 4), ("rX", MODE_640, True, 5), ("X", {**MODE_640, DAEMON: 1}, False, 1)]


@pytest.mark.parametrize(("permissions", "acl", "directory", "bits"), [*X, ("7", {}, False, 7), ("r-x", {}, False, 5)])
def test_permissions(permissions, acl, directory, bits):
    assert acls.bits_of(permissions, acl, directory) == bits


@pytest.mark.parametrize("permissions", ["", None, "rq", "8", "rw;x"])
def test_bad_permissions(permissions):
    with pytest.raises(Failed, match="a combination of r, w, x, X and - is wanted"):
        acls.bits_of(permissions, {}, False)


def test_what_every_file_has_cannot_be_removed():
    with pytest.raises(Failed, match="cannot be removed"):
        acls.without_entry(MODE_640, ("group", None), True)
    with pytest.raises(Failed, match="while there are named"):
        acls.without_entry({**MODE_640, DAEMON: 4, ("mask", None): 4}, ("mask", None), True)


BAD = [
    ({"entry": "user:x:r"}, "'entry' MUST NOT be set when 'state=query'."),
    ({"state": "present", "permissions": "r"}, "'etype' MUST be set when 'state=present'."),
    ({"state": "present", "entry": "user:x"}, "'entry' MUST have 3 or 4 sections divided by ':' when 'state=present'."),
    ({"state": "absent", "entry": "user"}, "'entry' MUST have 2 or 3 sections divided by ':' when 'state=absent'."),
    (
        {"state": "present", "entry": "u:x:r", "etype": "user"},
        "'entry' MUST NOT be set when 'entity', 'etype' or 'permissions' are set.",
    ),
    ({"state": "absent", "etype": "other"}, "'entity' MUST be set when 'state=absent'."),
    (
        {"state": "absent", "etype": "user", "entity": "x", "permissions": "r"},
        "'permissions' MUST NOT be set when 'state=absent'.",
    ),
    ({"recursive": True}, "'recursive' MUST NOT be set when 'state=query'."),
    ({"state": "present", "etype": "user", "entity": "no such", "permissions": "r"}, "the user no such is not known"),
    ({"use_nfsv4_acls": True}, "NFSv4 ACLs are not supported"),
    ({"path": "/no/such"}, "Path not found or not accessible."),
]


@pytest.mark.parametrize(("args", "message"), BAD)
def test_contradictory_arguments(args, message, tmp_path):
    told = run_module("acl", {"path": str(tmp_path), **args})
    assert told["failed"] and message in told["msg"]


@pytest.fixture
def tree(tmp_path):
    (tmp_path / "sub").mkdir(mode=0o750)
    file = tmp_path / "sub" / "file"
    file.write_text("x")
    file.chmod(0o640)
    try:
        acls.write(str(file), {**MODE_640, DAEMON: 4, ("mask", None): 4})
        acls.write(str(file), MODE_640)
    except Failed as failure:
        pytest.skip(str(failure))
    return tmp_path / "sub"


def grant(path, **args):
    return run_module("acl", {"path": str(path), "etype": "user", "entity": "1", "state": "present", **args}, diff=True)


def test_present_twice_and_absent(tree):
    told = grant(tree / "file", permissions="rw")
    assert told["changed"] and told["msg"] == "user:1:rw is present"
    assert told["acl"][1].startswith("user:") and told["acl"][1].endswith(":rw-")
    assert told["acl"][1] in told["diff"]["after"] and told["acl"][1] not in told["diff"]["before"]
    assert os.stat(tree / "file").st_mode & 0o777 == 0o660
    assert not grant(tree / "file", permissions="rw")["changed"]
    gone = run_module("acl", {"path": str(tree / "file"), "entry": "user:1", "state": "absent"})
    assert gone["changed"] and len(gone["acl"]) == 4
    again = run_module("acl", {"path": str(tree / "file"), "entry": "user:1", "state": "absent"})
    assert not again["changed"]


def test_check_mode_shows_and_leaves(tree):
    args = {"path": str(tree / "file"), "entry": "u:1:r", "state": "present"}
    assert run_module("acl", args, check=True)["acl"] == run_module("acl", args)["acl"]
    told = run_module("acl", {**args, "entry": "u:2:r"}, check=True)
    assert told["changed"] and run_module("acl", {"path": args["path"]})["acl"] != told["acl"]


def test_default_of_a_folder_starts_with_the_folders_entries(tree):
    told = grant(tree, permissions="rX", default=True)
    assert [line.rpartition(":")[2] for line in told["acl"]] == ["rwx", "r-x", "r-x", "r-x", "---"]
    (tree / "new").write_text("")
    assert len(module.posixacl.read(str(tree / "new"))[0]) == 5
    refused = grant(tree / "file", permissions="r", default=True)
    assert refused["msg"] == f"{tree}/file: Only directories can have default ACLs"


def test_a_tree_without_what_links_lead_to(tree, tmp_path):
    outside = tmp_path / "outside"
    outside.write_text("")
    (tree / "link").symlink_to(outside)
    before = acls.read(str(outside))
    told = grant(tree, permissions="rX", recursive=True)
    assert told["changed"] and told["acl"].count("") == 1
    assert acls.read(str(outside)) == before
    assert acls.read(str(tree))[0][DAEMON] == 5
    assert acls.read(str(tree / "file"))[0][DAEMON] == 4
    assert not grant(tree, permissions="rX", recursive=True)["changed"]


def test_a_link_that_is_not_followed_is_left_alone(tree, tmp_path):
    link = tmp_path / "link"
    link.symlink_to(tree / "file")
    assert not grant(link, permissions="r", follow=False)["changed"]
    assert grant(link, permissions="r")["changed"]
