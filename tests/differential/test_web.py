"""What asks web servers: the same answers of the tests' own server make the same results."""

from __future__ import annotations

import hashlib
import shutil
import sys
from pathlib import Path

import pytest
import tools
from httpserver import serving

HERE = Path(__file__).parent


def archives(folder: Path) -> None:
    """a.tgz and a.zip with the same files in ``folder``."""
    top = folder / "top"
    (top / "sub").mkdir(parents=True)
    for name, mode in (("a", 0o644), ("run", 0o755), ("sub/b", 0o600)):
        (top / name).write_text(f"{name}\n")
        (top / name).chmod(mode)
    shutil.make_archive(str(folder / "a"), "zip", folder, "top")
    shutil.make_archive(str(folder / "a"), "gztar", folder, "top")
    (folder / "a.tar.gz").rename(folder / "a.tgz")
    shutil.rmtree(top)


@pytest.mark.parametrize("name", ["get_url", "uri", "unarchive"])
def test_the_same_answers(tmp_path, ansible_bin, make_sides, same, name):
    text = tools.LOCAL.format(python=sys.executable)
    both = make_sides(tmp_path, HERE / "playbooks" / "web", (text, text), ({}, {}))
    archives(both[0].folder / "files")
    for name_of in ("a.tgz", "a.zip"):
        shutil.copy2(both[0].folder / "files" / name_of, both[1].folder / "files" / name_of)
    with serving() as web:
        web.put("/a.tgz", (both[0].folder / "files" / "a.tgz").read_bytes())
        web.put("/hello.txt", b"hello\n", "text/plain")
        web.put("/sums", f"{hashlib.sha256(b'hello').hexdigest()}  hello.txt\n".encode())
        same(both, f"{name}.yml", "-e", f"web={web.base}")
