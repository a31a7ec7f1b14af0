"""synchronize: options and filters of rsync, lines as its --itemize-changes, trees made equal and nothing outside them."""

import os

import pytest
from run_module import run_module

from fleet.modules import synchronize as module
from fleet.remote import rsyncrules as rules
from fleet.remote import synctree, syncwrite
from fleet.remote.host import Failed

FITS = [
    ("*.log", "sub/deep/d.log", False, True),
    ("*.log", "sub.log/c", False, False),
    ("/sub/", "sub", True, True),
    ("/sub/", "sub", False, False),
    ("/c", "sub/c", False, False),
    ("sub/c", "x/sub/c", False, True),
    ("sub/c", "xsub/c", False, False),
    ("/sub/*", "sub/deep/d", False, False),
    ("/sub/**", "sub/deep/d", False, True),
    (".git/***", ".git", True, True),
    (".git/***", ".git/x/y", False, True),
    ("[ab]?", "a1", False, True),
    ("[!ab]", "a", False, False),
    ("a.b", "axb", False, False),
]


@pytest.mark.parametrize(("pattern", "name", "folder", "fits"), FITS)
def test_patterns(pattern, name, folder, fits):
    assert rules.fits(pattern, "", name, folder) is fits


def test_the_first_rule_that_fits_counts_and_rules_of_folders_stay_there():
    found = rules.options(["--include=a", "--exclude", "*", "-f", "P keep"])["rules"]
    assert [rule[0] for rule in found] == ["+", "-", "P"]
    assert not rules.excluded(found, "x/a", False) and rules.excluded(found, "x/b", False)
    assert rules.excluded(found, "keep", False, "P")
    inner = rules.lines("# note\n- *.o\n\n", base="src")
    assert rules.excluded(inner, "src/x.o", False) and not rules.excluded(inner, "other/x.o", False)


def test_options_come_to_settings():
    found = module.settings({"rsync_opts": ["-rlc", "--no-perms", "--delete-excluded", "--chmod=F644", "--timeout=3"]})
    assert (found["perms"], found["checksum"], found["delete"], found["chmod"]) == (False, True, True, "F644")
    assert found["times"] and module.settings({"archive": False, "times": True})["recursive"] is False


@pytest.mark.parametrize(
    ("args", "message"),
    [
        ({"rsync_opts": ["--wat"]}, "--wat is not supported by synchronize"),
        ({"rsync_opts": ["--exclude"]}, "--exclude needs a value"),
        ({"rsync_opts": ["--filter=dir-merge x"]}, "filter rule"),
        ({"delete": True, "recursive": False}, "delete needs recursive"),
    ],
)
def test_bad_options(args, message):
    with pytest.raises(Failed, match=message):
        module.settings(args)


@pytest.fixture
def place(tmp_path):
    for name in ("src/a", "src/b.log", "src/sub/c", "src/.git/x"):
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)
        path.chmod(0o640)
    (tmp_path / "src" / "empty").mkdir()
    (tmp_path / "src" / "l").symlink_to("a")
    return tmp_path


def sync(place, src="src/", dest="out", check=False, **args):
    args = {"src": f"{place}/{src}", "dest": f"{place}/{dest}", "_stage": "here", **args}
    return run_module("synchronize", args, check=check)


def names(folder):
    return sorted(str(path.relative_to(folder)) for path in folder.rglob("*"))


NEW = [
    "cd+++++++++ ./",
    ">f+++++++++ a",
    ">f+++++++++ b.log",
    "cL+++++++++ l -> a",
    "cd+++++++++ empty/",
    "cd+++++++++ sub/",
    ">f+++++++++ sub/c",
]


def test_a_tree_comes_whole_once(place):
    told = sync(place, rsync_opts=["--exclude=.git"], check=True)
    assert told["stdout_lines"] == NEW and not (place / "out").exists()
    told = sync(place, rsync_opts=["--exclude=.git"])
    assert (told["changed"], told["rc"], told["stdout_lines"]) == (True, 0, NEW)
    assert names(place / "out") == ["a", "b.log", "empty", "l", "sub", "sub/c"]
    assert os.stat(place / "out/a").st_mtime_ns == os.stat(place / "src/a").st_mtime_ns
    assert sync(place, rsync_opts=["--exclude=.git"]) == {"changed": False, "rc": 0, "msg": "", "stdout_lines": []}


def test_what_differs_is_said_as_rsync_says_it(place):
    sync(place)
    (place / "out/extra").write_text("")
    (place / "src/a").write_text("longer than before")
    os.utime(place / "src/a", (1, 1))
    (place / "src/b.log").chmod(0o600)
    (place / "src/sub/c").write_text("src/sub/C")
    os.utime(place / "src/sub/c", (2, 2))
    for path in ("src", "src/sub"):
        info = os.stat(place / path)
        os.utime(place / path.replace("src", "out", 1), ns=(info.st_mtime_ns, info.st_mtime_ns))
    told = sync(place, delete=True)
    assert told["stdout_lines"] == [
        ">f.st...... a",
        ".f...p..... b.log",
        ">f..t...... sub/c",
        "*deleting   extra",
    ]
    assert not sync(place, delete=True)["changed"], "the times of folders are right, too"


def test_deleting_spares_what_is_excluded(place):
    sync(place)
    (place / "out/gone").mkdir()
    (place / "out/gone/k.log").write_text("")
    (place / "out/other").mkdir()
    args = {"delete": True, "rsync_opts": ["--exclude=*.log"]}
    assert [line for line in sync(place, **args)["stdout_lines"] if "del" in line] == ["*deleting   other/"]
    assert "b.log" in names(place / "out")
    told = sync(place, delete=True, rsync_opts=["--exclude=*.log", "--delete-excluded"])
    assert "*deleting   b.log" in told["stdout_lines"] and not (place / "out/gone").exists()


def test_one_file_to_a_name_and_into_a_folder(place):
    sync(place, src="src/a", dest="one")
    assert (place / "one").read_text() == "src/a"
    (place / "folder").mkdir()
    sync(place, src="src/a", dest="folder")
    sync(place, src="src", dest="under")
    assert (place / "folder/a").exists() and (place / "under/src/sub/c").exists()


def test_filter_files_in_the_source_count(place):
    (place / "src/sub/.rsync-filter").write_text("- c\n")
    sync(place)
    assert "sub/c" not in names(place / "out") and "a" in names(place / "out")


def test_modes_of_chmod_and_unchanged_content_by_checksum(place):
    sync(place, rsync_opts=["--chmod=D750,F600"])
    assert {os.stat(place / "out" / name).st_mode & 0o777 for name in ("a", "sub/c")} == {0o600}
    assert os.stat(place / "out/sub").st_mode & 0o777 == 0o750
    os.utime(place / "src/a", (1, 1))
    told = sync(place, checksum=True, rsync_opts=["--chmod=D750,F600"])
    assert told["stdout_lines"] == [".f..t...... a"]
    told = sync(place, times=False, perms=False)
    assert not told["changed"], "without times the content is compared"


def test_unchanged_files_are_linked_to_another_copy(place):
    sync(place, dest="first")
    sync(place, dest="second", link_dest=[f"{place}/first"])
    assert os.stat(place / "first/sub/c").st_ino == os.stat(place / "second/sub/c").st_ino


def test_another_kind_is_replaced_and_a_full_folder_only_with_delete(place):
    (place / "out/l").mkdir(parents=True)
    (place / "out/a").mkdir()
    (place / "out/a/full").write_text("")
    assert "Directory not empty" in sync(place)["msg"]
    assert sync(place, delete=True)["changed"] and (place / "out/a").is_file() and (place / "out/l").is_symlink()


def test_a_planted_link_is_not_followed(place, tmp_path):
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "c").write_text("safe")
    (place / "out").mkdir()
    (place / "out/sub").symlink_to(outside)
    (place / "out/a").symlink_to(outside / "c")
    sync(place)
    assert (outside / "c").read_text() == "safe" and names(outside) == ["c"]
    assert (place / "out/sub/c").read_text() == "src/sub/c" and not (place / "out/sub").is_symlink()


EVIL = [
    [["../x", "f"]],
    [["/x", "f"]],
    [["a//x", "f"]],
    [["l", "L"], ["l/x", "f"]],
    [["d", "d"], ["d", "f"]],
    [["d/x", "f"]],
]


@pytest.mark.parametrize("entries", EVIL)
def test_names_of_another_machine_stay_inside(entries):
    with pytest.raises(Failed, match="leads out of the transfer"):
        syncwrite.checked([[*entry, 0, "", "", 0, 0, None] for entry in entries])


BAD = [
    ({"src": "none"}, 'link_stat "PLACE/none" failed: No such file or directory (2)', 23),
    ({"dest": "no/such/out"}, 'mkdir "PLACE/no/such/out" failed: No such file or directory (2)', 11),
]


@pytest.mark.parametrize("check", [True, False])
@pytest.mark.parametrize(
    ("src", "dest", "message"),
    [
        ("src/", "out/", "cannot stat destination"),
        ("src/", "out", "destination must be a directory"),
        ("src/a", "out/", "cannot stat destination"),
        ("empty", "out", "cannot overwrite non-directory with a directory"),
    ],
)
def test_a_file_as_destination_never_becomes_a_folder(place, src, dest, message, check):
    (place / "out").write_text("mine")
    (place / "empty").mkdir()
    told = sync(place, src, dest, check)
    assert told["failed"] and told["rc"] == 3 and message in told["msg"] and f"{place}/out" in told["msg"]
    assert (place / "out").read_text() == "mine"


@pytest.mark.parametrize(("args", "message", "code"), BAD)
def test_bad_calls(place, args, message, code):
    told = sync(place, **args)
    assert told["failed"] and message.replace("PLACE", str(place)) in told["msg"] and told["rc"] == code


def test_what_is_listed(place):
    os.mkfifo(place / "src/pipe")
    every = synctree.listing(f"{place}/src", module.settings({}))
    names = ["src", "src/a", "src/b.log", "src/l", "src/pipe", "src/.git", "src/.git/x", "src/empty"]
    assert [entry[0] for entry in every][:8] == names
    plain = synctree.listing(f"{place}/src", module.settings({"archive": False, "recursive": True}))
    assert {entry[1] for entry in plain} == {"d", "f"}
    assert synctree.listing(f"{place}/src", module.settings({"archive": False})) == []
    pruned = synctree.listing(f"{place}/src/", module.settings({"rsync_opts": ["-m"]}))
    assert "empty" not in [entry[0] for entry in pruned]
