"""What writers that are killed leave beside a file, and who takes it away."""

import os
import signal
import subprocess
import sys

import pytest

from fleet.remote import files, temporary
from fleet.remote.host import Failed

WRITER = """
import sys
from fleet.remote import files
def chunks():
    yield b"half" * 100000
    print("begun", flush=True)
    sys.stdin.readline()
    yield b"end"
files.write_atomic(sys.argv[1], chunks(), name=sys.argv[2] or None)
"""


@pytest.fixture
def writer(tmp_path):
    """Start a process that is in the middle of writing ``path``."""
    begun = []

    def start(path, name=""):
        argv = [sys.executable, "-c", WRITER, str(path), name]
        begun.append(subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE))
        assert begun[-1].stdout.readline() == b"begun\n"
        return begun[-1]

    yield start
    for child in begun:
        child.kill()
        child.communicate()


@pytest.mark.parametrize("first", ["", "part.conf"])
@pytest.mark.parametrize("second", [None, "part.conf"])
def test_what_a_killed_writer_left_goes_with_the_next_write(tmp_path, writer, first, second):
    path = tmp_path / "file"
    path.write_text("old")
    child = writer(path, first)
    child.send_signal(signal.SIGKILL)
    child.wait()
    assert path.read_text() == "old" and len(os.listdir(tmp_path)) == 2
    files.write_atomic(str(tmp_path / "other"), b"other")
    assert len(os.listdir(tmp_path)) == 3, "of another file"
    files.write_atomic(str(path), b"new", name=second)
    assert sorted(os.listdir(tmp_path)) == ["file", "other"] and path.read_text() == "new"


@pytest.mark.parametrize("name", ["", "part.conf"])
def test_a_living_writer_is_left_alone(tmp_path, writer, name):
    path = tmp_path / "file"
    child = writer(path, name)
    files.write_atomic(str(path), b"between")
    assert path.read_text() == "between" and len(os.listdir(tmp_path)) == 2
    child.communicate(b"\n")
    assert child.returncode == 0 and path.read_text() == "half" * 100000 + "end" and os.listdir(tmp_path) == ["file"]


def test_what_a_killed_writer_left_of_a_backup_goes_too(tmp_path, monkeypatch):
    path = tmp_path / "file"
    path.write_text("old")
    monkeypatch.setattr(temporary.Place, "clear", lambda place: os.close(place.handle))
    monkeypatch.setattr(files, "_rename", lambda *_: None)
    with pytest.raises(FileNotFoundError):
        files.backup(str(path))
    assert len(os.listdir(tmp_path)) == 2
    monkeypatch.undo()
    files.write_atomic(str(path), b"new")
    assert os.listdir(tmp_path) == ["file"]


def test_another_folder_holds_one_name_for_each_target(tmp_path):
    one, two = (temporary.Place(f"/{name}/file", above=str(tmp_path)) for name in ("a", "b"))
    assert one.path != two.path and {one.path, two.path} == {str(path) for path in tmp_path.iterdir()}
    one.clear()
    two.clear()
    assert os.listdir(tmp_path) == []


def test_what_no_writer_makes_is_left_alone(tmp_path):
    """Whatever lies under the hidden name, the write goes through."""
    path = str(tmp_path / "file")
    hidden = temporary.name_of(path)
    os.symlink("/etc", hidden)
    files.write_atomic(path, b"one")
    assert os.readlink(hidden) == "/etc"
    os.unlink(hidden)
    os.makedirs(hidden + "/folder")
    files.write_atomic(path, b"two", name="part")
    assert os.listdir(hidden) == ["folder"] and len(os.listdir(tmp_path)) == 2


def test_what_is_somebody_elses_is_left_alone(tmp_path, monkeypatch):
    path = str(tmp_path / "file")
    hidden = temporary.name_of(path)
    os.mkdir(hidden)
    monkeypatch.setattr(os, "geteuid", lambda: os.getuid() + 1)
    files.write_atomic(path, b"new", change={})
    assert sorted(os.listdir(tmp_path)) == sorted([os.path.basename(hidden), "file"])


def test_without_locks_nothing_is_taken_for_a_leftover(tmp_path, monkeypatch):
    """A file system that knows no locks (some of the network) cannot tell who is alive."""
    path = str(tmp_path / "file")
    open(temporary.name_of(path), "w").close()

    def flock(*_):
        raise OSError(95, "Operation not supported")

    monkeypatch.setattr(temporary.fcntl, "flock", flock)
    files.write_atomic(path, b"new")
    assert len(os.listdir(tmp_path)) == 2 and (tmp_path / "file").read_text() == "new"


def test_where_there_is_no_folder(tmp_path):
    with pytest.raises(Failed, match="cannot write in .*: No such file or directory"):
        files.write_atomic(str(tmp_path / "none" / "file"), b"", name="part")


def test_a_folder_of_ones_own_goes_with_all_in_it(tmp_path):
    with temporary.folder(str(tmp_path / "file")) as folder:
        assert oct(os.stat(folder).st_mode) == "0o40700" and os.path.dirname(folder) == str(tmp_path)
        open(folder + "/one", "w").close()
        os.symlink("one", folder + "/two")
    assert os.listdir(tmp_path) == []
