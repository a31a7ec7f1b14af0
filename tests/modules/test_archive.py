"""archive: members, names and states as documented; unchanged content is not packed again."""

import bz2
import gzip
import lzma
import os
import tarfile
import zipfile

import pytest
from run_module import run_module

OPEN = {"gz": gzip.open, "bz2": bz2.open, "xz": lzma.open}


@pytest.fixture
def place(tmp_path):
    for name in ("src/a", "src/b.log", "src/sub/c", "other/o", "one"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
    (tmp_path / "src" / "empty").mkdir()
    (tmp_path / "src" / "l").symlink_to("a")
    return tmp_path


def call(check=False, **args):
    return run_module("archive", args, check=check)


def names(path):
    if zipfile.is_zipfile(path):
        with zipfile.ZipFile(path) as archive:
            return sorted(archive.namelist())
    with tarfile.open(path) as archive:
        return sorted(archive.getnames())


@pytest.mark.parametrize("form", ["gz", "bz2", "xz"])
def test_a_single_file_is_compressed(place, form):
    told = call(path=str(place / "one"), format=form, mode="0600")
    assert (told["changed"], told["dest"], told["dest_state"]) == (True, f"{place}/one.{form}", "compress")
    assert OPEN[form](told["dest"]).read() == b"one" and os.stat(told["dest"]).st_mode & 0o777 == 0o600
    assert told["archived"] == [f"{place}/one"] and told["arcroot"] == f"{place}/"
    before = os.stat(told["dest"]).st_ino
    os.utime(place / "one", (1, 1))
    assert not call(path=str(place / "one"), format=form, mode="0600")["changed"]
    (place / "one").write_text("two")
    assert call(True, path=str(place / "one"), format=form)["changed"]
    assert os.stat(told["dest"]).st_ino == before
    assert call(path=str(place / "one"), format=form)["changed"] and OPEN[form](told["dest"]).read() == b"two"


@pytest.mark.parametrize("form", ["gz", "bz2", "xz", "tar", "zip"])
def test_a_folder_twice_and_after_changes(place, form):
    args = {"path": str(place / "src"), "dest": str(place / "out"), "format": form}
    told = call(**args)
    slash = "/" if form == "zip" else ""
    wanted = ["src/a", "src/b.log", f"src/empty{slash}", "src/l", f"src/sub{slash}", "src/sub/c"]
    assert (told["changed"], told["dest_state"], names(args["dest"])) == (True, "archive", sorted(wanted))
    assert (f"{place}/src/sub" in told["archived"]) == (form != "zip")
    assert not call(**args)["changed"]
    changes = [
        lambda: (place / "src" / "a").write_text("A"),
        lambda: (place / "src" / "new").write_text(""),
        lambda: (place / "src" / "b.log").unlink(),
        lambda: (place / "src" / "sub" / "c").chmod(0o600),
    ]
    for change in changes:
        change()
        assert call(**args)["changed"] and not call(**args)["changed"]


def test_patterns_exclusions_and_what_is_missing(place):
    told = call(
        path=[f"{place}/src/*", f"{place}/none"],
        dest=f"{place}/g.tgz",
        exclude_path=[f"{place}/src/*.log"],
        exclusion_patterns=["src/sub/?"],
    )
    assert (told["dest_state"], told["missing"]) == ("incomplete", [f"{place}/none"])
    assert told["expanded_exclude_paths"] == [f"{place}/src/b.log"] and len(told["expanded_paths"]) == 6
    assert names(told["dest"]) == ["src/a", "src/l"]


def test_names_start_inside_a_folder_with_a_slash(place):
    told = call(path=f"{place}/src/", dest=f"{place}/s.tgz")
    assert told["arcroot"] == f"{place}/src/" and names(told["dest"]) == ["a", "b.log", "empty", "l", "sub", "sub/c"]


def test_the_archive_is_no_member_of_itself(place):
    args = {"path": f"{place}/src", "dest": f"{place}/src/in.tgz"}
    assert call(**args)["changed"] and not call(**args)["changed"]
    assert "src/in.tgz" not in names(args["dest"])


def test_sources_are_removed_when_they_are_packed(place):
    args = {"path": [f"{place}/src", f"{place}/other/o"], "dest": f"{place}/rm.tgz", "remove": True}
    assert call(True, **args)["changed"] and (place / "src").exists()
    assert call(**args)["changed"]
    assert not (place / "src").exists() and list((place / "other").iterdir()) == []
    told = call(**args)
    assert (told["changed"], told["dest_state"], told["missing"]) == (False, "archive", sorted(args["path"]))
    assert "src/sub/c" in names(args["dest"])


def test_what_was_left_out_is_not_removed(place):
    call(path=f"{place}/src/", dest=f"{place}/s.tgz", exclusion_patterns=["*.log"], remove=True)
    assert [path.name for path in (place / "src").rglob("*")] == ["b.log"]


def test_a_link_to_a_folder_is_removed_not_followed(place):
    (place / "link").symlink_to("src")
    call(path=f"{place}/link", dest=f"{place}/l.tar", format="tar", remove=True, force_archive=True)
    assert not (place / "link").is_symlink() and (place / "src" / "a").exists()


BAD = [
    ({"path": "src"}, 'Error, must specify "dest" when archiving multiple files or trees'),
    ({"path": ["src/*"]}, 'Error, must specify "dest" when archiving multiple files or trees'),
    ({"path": "nix*", "dest": "x"}, "Error, no source paths were found"),
    ({"path": "one", "dest": "no/x"}, "Unable to write to compressed file: No such file or directory"),
    ({"path": "one", "dest": "other"}, "Is a directory"),
    ({"path": "src", "dest": "src/x", "remove": True}, "can not be contained in source paths when remove=true"),
]


@pytest.mark.parametrize(("args", "message"), BAD)
def test_bad_calls_write_nothing(args, message, place):
    def full(value):
        return [full(item) for item in value] if isinstance(value, list) else f"{place}/{value}"

    before = sorted(place.rglob("*"))
    told = call(**{key: value if value is True else full(value) for key, value in args.items()})
    assert told["failed"] and message in told["msg"] and sorted(place.rglob("*")) == before


def test_a_broken_archive_is_replaced(place):
    (place / "s.tgz").write_bytes(b"\x1f\x8bno")
    assert call(path=f"{place}/src", dest=f"{place}/s.tgz")["changed"] and "src/a" in names(place / "s.tgz")


def test_nothing_there_is_no_change(place):
    told = call(path=f"{place}/nix", dest=f"{place}/nix.tgz")
    assert (told["changed"], told["dest_state"], told["archived"]) == (False, "absent", [])
