"""The host's half of copy: placing, comparing, verifying, trees, copies within the host."""

import hashlib
import importlib
import os
import stat

import pytest
from run_module import run_module

from fleet.remote.host import Failed, Host, Unmet
from fleet.remote.state import converge

MODULE = importlib.import_module("fleet.modules.copy")


@pytest.fixture(autouse=True)
def _usual_umask():
    before = os.umask(0o022)
    yield
    os.umask(before)


def given(text):
    data = text.encode("utf-8", "surrogateescape")
    return {"sha1": hashlib.sha1(data).hexdigest(), "size": len(data), "text": text}


def copy(check=False, diff=False, content=None, **args):
    host = Host(check=check, diff=diff, cache={}, content=content)
    return converge(MODULE, host, MODULE.SPEC.complete(MODULE.SPEC.normalize(args, "copy")))


def test_new_file_same_file_other_mode(tmp_path):
    dest = str(tmp_path / "x")
    made = copy(dest=dest, _content=given("hello\n"), mode="0600")
    assert made["changed"] and made["mode"] == "0600" and made["size"] == 6
    assert made["checksum"] == "f572d396fae9206628714fb2ce00f72e94f2258f"
    assert made["md5sum"] == "b1946ac92492d2347c6235b4d2611184"
    assert not copy(dest=dest, _content=given("hello\n"))["changed"]
    assert copy(dest=dest, _content=given("hello\n"), mode="0644")["mode"] == "0644"


def test_nothing_is_asked_for_that_is_there(tmp_path):
    (tmp_path / "x").write_text("same")
    content = dict(given("same"))
    del content["text"]

    def refuse(sha1):
        raise AssertionError(f"asked for {sha1}")

    assert not copy(dest=str(tmp_path / "x"), _content=content, content=refuse)["changed"]


def test_large_content_is_streamed_and_verified(tmp_path):
    data = b"0123456789" * 100000
    content = {"sha1": hashlib.sha1(data).hexdigest(), "size": len(data)}
    made = copy(dest=str(tmp_path / "x"), _content=content, content=lambda sha1: iter([data[:7], data[7:]]))
    assert made["changed"] and (tmp_path / "x").read_bytes() == data


def test_damaged_content_never_gets_in_place(tmp_path):
    (tmp_path / "x").write_text("old")
    content = {"sha1": "0" * 40, "size": 3}
    with pytest.raises(Failed, match="does not match the expected checksum"):
        copy(dest=str(tmp_path / "x"), _content=content, content=lambda sha1: iter([b"abc"]))
    assert (tmp_path / "x").read_text() == "old" and os.listdir(tmp_path) == ["x"]


def test_failed_validation_leaves_the_old_file(tmp_path):
    (tmp_path / "x").write_text("old")
    with pytest.raises(Failed, match="failed to validate"):
        copy(dest=str(tmp_path / "x"), _content=given("new"), validate="grep -q other %s")
    assert (tmp_path / "x").read_text() == "old" and os.listdir(tmp_path) == ["x"]
    assert copy(dest=str(tmp_path / "x"), _content=given("new"), validate="grep -q new %s")["changed"]


def test_a_validator_sees_the_ending_and_content_tells_its_file(tmp_path):
    long = "a." + "b" * 250
    for name, ending in (("x.service", ".source.service"), ("x", ".source"), (long, ".source." + "b" * 31)):
        path = str(tmp_path / name)
        made = copy(dest=path, _content=given("new"), validate="test -f %s")
        folder, file = os.path.split(made["src"])
        assert file == ending and os.path.dirname(folder) == str(tmp_path)
        assert made["changed"] and not os.path.exists(folder)
        assert "src" not in copy(dest=path, _content=given("new"), mode="0600")
    with pytest.raises(Failed, match="failed to validate"):
        copy(dest=str(tmp_path / "y.conf"), _content=given("new"), validate="test ! -f %s")
    assert sorted(os.listdir(tmp_path)) == sorted(["x", "x.service", long])


def test_folder_takes_the_name_of_the_source_but_content_has_none(tmp_path):
    made = copy(dest=str(tmp_path), _content=given("a"), _name="one")
    assert made["dest"] == str(tmp_path / "one")
    made = copy(dest=str(tmp_path / "new") + "/", _content=given("a"), _name="one", directory_mode="0711")
    assert made["dest"] == str(tmp_path / "new" / "one")
    assert stat.S_IMODE(os.stat(tmp_path / "new").st_mode) == 0o711
    with pytest.raises(Failed, match="can not use content with a dir as dest"):
        copy(dest=str(tmp_path), _content=given("a"))


def test_missing_folder_above_is_unmet_and_named(tmp_path):
    with pytest.raises(Unmet, match="Destination directory .*/no does not exist"):
        copy(dest=str(tmp_path / "no" / "x"), _content=given("a"))


def test_link_is_replaced_unless_followed(tmp_path):
    (tmp_path / "y").write_text("old")
    (tmp_path / "x").symlink_to("y")
    followed = copy(dest=str(tmp_path / "x"), _content=given("new"), follow=True)
    assert followed["dest"] == str(tmp_path / "y") and (tmp_path / "y").read_text() == "new"
    copy(dest=str(tmp_path / "x"), _content=given("other"))
    assert not (tmp_path / "x").is_symlink() and (tmp_path / "y").read_text() == "new"


def test_force_off_keeps_what_is_there(tmp_path):
    (tmp_path / "x").write_text("old")
    assert not copy(dest=str(tmp_path / "x"), _content=given("new"), force=False, mode="0600")["changed"]
    assert (tmp_path / "x").read_text() == "old"


def test_backup_keeps_the_old_content(tmp_path):
    (tmp_path / "x").write_text("old")
    made = copy(dest=str(tmp_path / "x"), _content=given("new"), backup=True)
    with open(made["backup_file"]) as kept:
        assert kept.read() == "old"


def test_expected_checksum_is_compared(tmp_path):
    with pytest.raises(Failed) as caught:
        copy(dest=str(tmp_path / "x"), _content=given("new"), checksum="1234")
    assert caught.value.result["expected_checksum"] == "1234" and not (tmp_path / "x").exists()


def test_diffs(tmp_path):
    (tmp_path / "x").write_text("old\n")
    shown = copy(dest=str(tmp_path / "x"), _content=given("new\n"), check=True, diff=True)["diff"]
    header = str(tmp_path / "x")
    assert shown == [{"before_header": header, "before": "old\n", "after_header": header, "after": "new\n"}]
    (tmp_path / "b").write_bytes(b"\0\1")
    shown = copy(dest=str(tmp_path / "b"), _content=given("new\n"), check=True, diff=True)["diff"]
    assert shown[0]["dst_binary"] == 1 and "before" not in shown[0]


TREE = {
    "dirs": [["", None], ["sub", None], ["sub/empty", None]],
    "files": [["f", given("f")["sha1"], 1, 0o750], ["sub/g", given("gg")["sha1"], 2, 0o640]],
    "links": [["l", "f"]],
}
CONTENTS = {given("f")["sha1"]: b"f", given("gg")["sha1"]: b"gg"}


def test_tree_asks_for_each_file_it_needs_only(tmp_path):
    asked = []

    def content(sha1):
        asked.append(sha1)
        return iter([CONTENTS[sha1]])

    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "g").write_text("gg")
    made = copy(dest=str(tmp_path), _tree=TREE, content=content, mode="preserve")
    assert made["changed"] and made["dest"] == str(tmp_path) + "/" and asked == [given("f")["sha1"]]
    assert stat.S_IMODE(os.stat(tmp_path / "f").st_mode) == 0o750
    assert (tmp_path / "sub" / "empty").is_dir() and os.readlink(tmp_path / "l") == "f"
    assert not copy(dest=str(tmp_path), _tree=TREE, content=content, mode="preserve")["changed"]


def test_tree_over_a_file_is_refused(tmp_path):
    (tmp_path / "x").write_text("keep")
    with pytest.raises(Failed, match="it is a file"):
        copy(dest=str(tmp_path / "x"), _tree=TREE)
    assert (tmp_path / "x").read_text() == "keep"


def test_copy_on_the_host_of_a_file(tmp_path):
    (tmp_path / "s").write_text("a")
    os.chmod(tmp_path / "s", 0o751)
    made = copy(src=str(tmp_path / "s"), dest=str(tmp_path / "x"), remote_src=True)
    assert made["changed"] and made["mode"] == "0644"
    assert copy(src=str(tmp_path / "s"), dest=str(tmp_path / "x"), remote_src=True, mode="preserve")["mode"] == "0751"
    with pytest.raises(Unmet, match="Source .* not found"):
        copy(src=str(tmp_path / "none"), dest=str(tmp_path / "x"), remote_src=True)


def test_copy_on_the_host_of_a_folder_keeps_modes(tmp_path):
    source = tmp_path / "s"
    (source / "d").mkdir(parents=True)
    (source / "d" / "f").write_text("a")
    os.chmod(source / "d" / "f", 0o751)
    os.chmod(source / "d", 0o711)
    (source / "l").symlink_to("d/f")
    for src, top in ((str(source), tmp_path / "x" / "s"), (str(source) + "/", tmp_path / "y")):
        dest = str(tmp_path / top.relative_to(tmp_path).parts[0])
        assert copy(src=src, dest=dest, remote_src=True)["changed"]
        assert not copy(src=src, dest=dest, remote_src=True)["changed"]
        assert stat.S_IMODE(os.stat(top / "d").st_mode) == 0o711
        assert stat.S_IMODE(os.stat(top / "d" / "f").st_mode) == 0o751
        assert os.readlink(top / "l") == "d/f"


def test_links_on_the_host_are_followed_where_that_is_asked_for(tmp_path):
    source = tmp_path / "src"
    (source / "sub").mkdir(parents=True)
    (tmp_path / "out").mkdir()
    (source / "sub" / "f").write_text("f")
    (tmp_path / "out" / "o").write_text("o")
    for name, to in (
        ("lf", "sub/f"),
        ("ld", str(tmp_path / "out")),
        ("gone", "nowhere"),
        ("me", "."),
        ("sub/up", ".."),
    ):
        (source / name).symlink_to(to)
    args = {"src": str(source) + "/", "remote_src": True}
    for follow, links in ((True, {"gone", "me", "sub/up"}), (False, {"gone", "me", "sub/up", "lf", "ld"})):
        dest = tmp_path / str(follow)
        for changed in (True, False):
            told = run_module("copy", dict(args, dest=str(dest), local_follow=follow))
            assert told["changed"] is changed
        found = {str(path.relative_to(dest)) for path in dest.rglob("*") if path.is_symlink()}
        assert found == links
        assert all(path.lstat().st_uid == os.getuid() for path in dest.rglob("*"))
        assert (dest / "lf").read_text() == "f" and (dest / "ld" / "o").read_text() == "o"


@pytest.mark.skipif(os.getuid() != 0, reason="only root gives files away")
def test_links_that_are_copied_get_the_owner_too(tmp_path):
    (tmp_path / "src").mkdir()
    (tmp_path / "src" / "gone").symlink_to("nowhere")
    args = {"src": str(tmp_path / "src") + "/", "remote_src": True, "dest": str(tmp_path / "dest")}
    run_module("copy", args)
    for owner in ("1", "2"):
        assert run_module("copy", dict(args, owner=owner, group=owner))["changed"]
        assert not run_module("copy", dict(args, owner=owner, group=owner))["changed"]
        info = (tmp_path / "dest" / "gone").lstat()
        assert (info.st_uid, info.st_gid) == (int(owner), int(owner))
    assert (tmp_path / "src" / "gone").lstat().st_uid == 0


def test_a_device_is_no_file(tmp_path):
    told = run_module("copy", {"src": "/dev/null", "dest": str(tmp_path / "x"), "remote_src": True})
    assert told["failed"] and told["msg"] == "Source /dev/null is not a file" and not (tmp_path / "x").exists()
