"""unarchive: what is unpacked, what is left alone, and archives that want to write elsewhere."""

import base64
import io
import os
import shutil
import stat
import tarfile
import zipfile

import pytest
from httpserver import serving
from run_module import run_module

FILES = {"top/a": (b"one\n", 0o644), "top/sub/b": (b"two\n", 0o600), "top/run": (b"#!\n", 0o755)}


def tar(path, mode="w:gz"):
    with tarfile.open(path, mode) as made:
        for name in ("top", "top/sub"):
            entry = tarfile.TarInfo(name)
            entry.type, entry.mode, entry.mtime = tarfile.DIRTYPE, 0o755, 1_700_000_000
            entry.uid, entry.gid = os.geteuid(), os.getegid()
            made.addfile(entry)
        for name, (data, bits) in FILES.items():
            entry = tarfile.TarInfo(name)
            entry.size, entry.mode, entry.mtime = len(data), bits, 1_700_000_000
            entry.uid, entry.gid = os.geteuid(), os.getegid()
            made.addfile(entry, io.BytesIO(data))
    return path


def zipped(path):
    with zipfile.ZipFile(path, "w") as made:
        made.writestr(zipfile.ZipInfo("top/"), b"")
        for name, (data, bits) in FILES.items():
            entry = zipfile.ZipInfo(name, (2023, 1, 2, 3, 4, 6))
            entry.create_system, entry.external_attr = 3, (stat.S_IFREG | bits) << 16
            made.writestr(entry, data)
        entry = zipfile.ZipInfo("top/link")
        entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        made.writestr(entry, b"a")
    return path


KINDS = {"a.tar": "w", "a.tgz": "w:gz", "a.tar.bz2": "w:bz2", "a.tar.xz": "w:xz", "a.zip": None}


@pytest.fixture(params=KINDS)
def archive(request, tmp_path):
    if shutil.which("tar") is None and request.param != "a.zip":
        pytest.skip("there is no tar here")
    path = tmp_path / request.param
    return zipped(path) if KINDS[request.param] is None else tar(path, KINDS[request.param])


@pytest.fixture
def dest(tmp_path):
    folder = tmp_path / "dest"
    folder.mkdir()
    return folder


def unpack(src, dest, check=False, diff=False, **more):
    args = {"src": str(src), "dest": str(dest), "remote_src": True, **more}
    return run_module("unarchive", args, check=check, diff=diff)


def test_all_of_it_once(archive, dest):
    looked = unpack(archive, dest, check=True, diff=True)
    assert looked["changed"] and os.listdir(dest) == [] and "top/a: " in looked["diff"]["prepared"]
    first = unpack(archive, dest, list_files=True)
    assert first["changed"] and {"top/a", "top/sub/b", "top/run"} <= set(first["files"])
    for name, (data, bits) in FILES.items():
        assert (dest / name).read_bytes() == data and stat.S_IMODE((dest / name).stat().st_mode) == bits
    assert first["state"] == "directory" and first["dest"] == str(dest)
    kind = "ZipArchive" if archive.name == "a.zip" else "TgzArchive" if archive.name == "a.tgz" else "TarArchive"
    assert first["handler"] == kind
    again = unpack(archive, dest)
    assert not again["changed"] and "extract_results" not in again
    assert not unpack(archive, dest, check=True)["changed"]


def test_what_was_changed_is_repaired(archive, dest):
    unpack(archive, dest)
    (dest / "top" / "a").write_bytes(b"ONE\n")
    (dest / "top" / "sub" / "b").unlink()
    os.chmod(dest / "top" / "run", 0o700)
    assert unpack(archive, dest)["changed"]
    assert all((dest / name).read_bytes() == data for name, (data, _) in FILES.items())
    assert stat.S_IMODE((dest / "top" / "run").stat().st_mode) == 0o755


def test_newer_files_are_kept(archive, dest):
    unpack(archive, dest)
    (dest / "top" / "a").write_bytes(b"mine\n")
    assert not unpack(archive, dest, keep_newer=True)["changed"] and (dest / "top" / "a").read_bytes() == b"mine\n"
    (dest / "top" / "sub" / "b").unlink()
    assert unpack(archive, dest, keep_newer=True)["changed"] and (dest / "top" / "a").read_bytes() == b"mine\n"


def test_parts_of_it(archive, dest, tmp_path):
    other = tmp_path / "other"
    other.mkdir()
    assert unpack(archive, dest, include=["top/sub/b"])["changed"]
    assert sorted(path.name for path in dest.rglob("*") if path.is_file()) == ["b"]
    assert not unpack(archive, dest, include=["top/sub/b"])["changed"]
    assert "does not hold none" in unpack(archive, dest, include=["none"])["msg"]
    result = unpack(archive, other, exclude=["top/sub"], list_files=True)
    assert not (other / "top" / "sub").exists() and "top/sub/b" not in result["files"]
    assert not unpack(archive, other, exclude=["top/sub"])["changed"]


def test_a_mode_of_ones_own(archive, dest):
    assert unpack(archive, dest, mode="u=rwX,go=")["changed"]
    assert stat.S_IMODE((dest / "top" / "a").stat().st_mode) == 0o600
    assert stat.S_IMODE((dest / "top").stat().st_mode) == 0o700
    assert not unpack(archive, dest, mode="u=rwX,go=")["changed"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root gives files away")
def test_an_owner_of_ones_own(archive, dest):
    assert unpack(archive, dest, owner="daemon", group="daemon")["changed"]
    assert (dest / "top" / "sub" / "b").stat().st_uid == (dest / "top").lstat().st_gid == 1
    assert not unpack(archive, dest, owner="daemon", group="daemon")["changed"]


def test_options_for_tar(tmp_path, dest):
    path = tar(tmp_path / "a.tgz")
    assert unpack(path, dest, extra_opts=["--strip-components=1"])["changed"]
    assert (dest / "a").read_bytes() == b"one\n" and not (dest / "top").exists()
    again = unpack(path, dest, extra_opts=["--strip-components=1"], list_files=True)
    assert not again["changed"] and "sub/b" in again["files"] and "/" not in again["files"]
    (dest / "flat").mkdir()
    assert unpack(zipped(tmp_path / "a.zip"), dest / "flat", extra_opts=["-j"])["changed"]
    assert (dest / "flat" / "b").exists() and not (dest / "flat" / "top").exists()
    assert "extra_opts" in unpack(tmp_path / "a.zip", dest, extra_opts=["-P", "x"])["msg"]


def test_a_link_in_a_zip(tmp_path, dest):
    unpack(zipped(tmp_path / "a.zip"), dest)
    assert os.readlink(dest / "top" / "link") == "a"


@pytest.mark.parametrize("name", ["../evil", "/tmp/evil", "a/../../evil", "out/evil"])
def test_a_zip_that_wants_to_write_elsewhere(tmp_path, dest, name):
    path = tmp_path / "a.zip"
    with zipfile.ZipFile(path, "w") as made:
        entry = zipfile.ZipInfo("out")
        entry.create_system, entry.external_attr = 3, (stat.S_IFLNK | 0o777) << 16
        made.writestr(entry, str(tmp_path))
        made.writestr(name, b"bad")
    for _ in range(2):
        result = unpack(path, dest)
        assert result.get("failed") and not (tmp_path / "evil").exists() and not os.path.exists("/tmp/evil")
    os.symlink(tmp_path, dest / "planted")
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("planted/evil", b"bad")
    assert "outside of" in unpack(path, dest)["msg"] and not (tmp_path / "evil").exists()


def test_a_tar_that_wants_to_write_elsewhere(tmp_path, dest):
    path = tmp_path / "a.tar"
    with tarfile.open(path, "w") as made:
        for name, kind, target in (("out", tarfile.SYMTYPE, str(tmp_path)), ("out/evil", tarfile.REGTYPE, ""),
                                   ("../evil", tarfile.REGTYPE, "")):  # fmt: skip
            entry = tarfile.TarInfo(name)
            entry.type, entry.linkname, entry.size = kind, target, 3 * (kind == tarfile.REGTYPE)
            made.addfile(entry, io.BytesIO(b"bad"))
    unpack(path, dest)
    assert not (tmp_path / "evil").exists()


def test_mistakes(tmp_path, dest):
    (tmp_path / "empty.tgz").touch()
    (tmp_path / "no.tgz").write_text("text")
    assert "the file is 0 bytes" in unpack(tmp_path / "empty.tgz", dest)["msg"]
    assert unpack(tmp_path / "no.tgz", dest)["msg"].startswith('Failed to find handler for "')
    (tmp_path / "cut.zip").write_bytes(b"PK\x03\x04 and no more")
    assert "cannot read the archive" in unpack(tmp_path / "cut.zip", dest)["msg"]
    cut = tar(tmp_path / "cut.tgz").read_bytes()[:100]
    (tmp_path / "cut.tgz").write_bytes(cut)
    assert unpack(tmp_path / "cut.tgz", dest)["failed"]
    assert unpack(tmp_path / "none", dest)["msg"] == f"Source '{tmp_path / 'none'}' does not exist"
    good = tar(tmp_path / "a.tgz")
    assert "must be an existing dir" in unpack(good, tmp_path / "nowhere")["msg"]
    assert "mutually exclusive" in unpack(good, dest, include=["a"], exclude=["b"])["msg"]
    skipped = unpack(good, dest, creates=str(dest))
    assert skipped["skipped"] and skipped["msg"] == f"skipped, since {dest} exists"
    assert os.listdir(dest) == []


def test_from_the_controller_and_from_the_net(tmp_path, dest):
    data = tar(tmp_path / "a.tgz").read_bytes()
    content = {"sha1": "", "size": len(data), "data": base64.b64encode(data).decode()}
    before = set(os.listdir("/tmp"))
    assert unpack("a.tgz", dest, _content=content, _name="a.tgz")["changed"]
    with serving() as web:
        url = web.put("/x/a.tgz", data)
        assert not unpack(url, dest)["changed"]
        assert "404" in unpack(web.url("/none.tgz"), dest)["msg"]
    assert not [name for name in set(os.listdir("/tmp")) - before if name.startswith(".fleet-")]
