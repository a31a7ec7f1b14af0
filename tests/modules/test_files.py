"""remote/files.py: modes, attributes, and writes that leave either the old file or the new."""

import os
import stat

import pytest

from fleet.remote import files
from fleet.remote.host import Failed, Host


@pytest.fixture(autouse=True)
def _usual_umask():
    before = os.umask(0o022)
    yield
    os.umask(before)


MODES = [
    ("0644", 0, False, 0o644),
    ("755", 0, False, 0o755),
    (420, 0, False, 0o644),
    ("1777", 0, True, 0o1777),
    ("u=rwX,g=rX,o=", 0o644, False, 0o640),
    ("u=rwX,g=rX,o=", 0o700, True, 0o750),
    ("+x", 0o644, False, 0o755),
    ("a+X", 0o644, False, 0o644),
    ("a+X", 0o744, False, 0o755),
    ("g=u", 0o640, False, 0o660),
    ("u+s,g-x", 0o755, False, 0o4745),
    ("u=rwx,g+s,o+t", 0o644, False, 0o3744),
    ("g+s,o-rx", 0o755, True, 0o2750),
    ("=rw", 0o700, False, 0o644),
]


@pytest.mark.parametrize(("mode", "current", "directory", "bits"), MODES)
def test_modes(mode, current, directory, bits):
    assert oct(files.parse_mode(mode, current, directory)) == oct(bits)


@pytest.mark.parametrize("mode", ["rwx", "0888", "99999", "u~x", "", 70000])
def test_bad_modes(mode):
    with pytest.raises(Failed, match="mode must be in octal or symbolic form"):
        files.parse_mode(mode, 0o644)


def test_secret_is_never_readable_on_the_way(tmp_path):
    (tmp_path / "x").write_text("old")
    seen = []

    def look(temporary):
        seen.append(stat.S_IMODE(os.stat(temporary).st_mode))

    for name in ("x", "new"):
        files.write_atomic(str(tmp_path / name), b"secret", check=look, change={"mode": 0o600})
    assert seen == [0o600, 0o600]


def test_a_write_that_fails_half_way_leaves_the_old_file_and_no_other(tmp_path):
    (tmp_path / "x").write_text("old")

    def chunks():
        yield b"new"
        raise OSError(5, "lost")

    with pytest.raises(Failed, match="cannot write .*lost"):
        files.write_atomic(str(tmp_path / "x"), chunks())
    assert (tmp_path / "x").read_text() == "old" and os.listdir(tmp_path) == ["x"]


def test_mode_of_the_replaced_file_is_kept_and_a_link_replaced_on_demand(tmp_path):
    (tmp_path / "x").write_text("old")
    os.chmod(tmp_path / "x", 0o604)
    (tmp_path / "l").symlink_to("x")
    files.write_atomic(str(tmp_path / "l"), b"new")
    assert (tmp_path / "x").read_text() == "new" and stat.S_IMODE(os.stat(tmp_path / "x").st_mode) == 0o604
    files.write_atomic(str(tmp_path / "l"), b"own", follow=False)
    assert not (tmp_path / "l").is_symlink() and (tmp_path / "x").read_text() == "new"
    assert stat.S_IMODE(os.stat(tmp_path / "l").st_mode) == 0o644


def test_backup_is_as_closed_as_the_file(tmp_path):
    (tmp_path / "x").write_text("secret")
    os.chmod(tmp_path / "x", 0o600)
    name = files.backup(str(tmp_path / "x"))
    assert stat.S_IMODE(os.stat(name).st_mode) == 0o600 and name.endswith("~")
    assert files.backup(str(tmp_path / "none")) == ""


def test_new_owner_does_not_inherit_setuid(tmp_path):
    if os.geteuid() != 0:
        pytest.skip("needs root")
    (tmp_path / "x").write_text("")
    os.chmod(tmp_path / "x", 0o4755)
    files.set_attributes(str(tmp_path / "x"), {"uid": 65534})
    assert stat.S_IMODE(os.stat(tmp_path / "x").st_mode) == 0o755


def test_validator_puts_the_name_in_after_splitting(tmp_path):
    path = str(tmp_path / "a b")
    (tmp_path / "a b").write_text("x")
    files.validator(Host(), "test -f %s")(path)
    files.validator(Host(), "sh -c 'exit $(( 7 %% 7 ))' %s")(path)
    with pytest.raises(Failed, match="failed to validate") as caught:
        files.validator(Host(), "grep -q no %s")(path)
    assert caught.value.result["exit_status"] == 1
    with pytest.raises(Failed, match="validate must contain %s: true"):
        files.validator(Host(), "true")
