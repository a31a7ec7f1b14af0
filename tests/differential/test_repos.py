"""What takes from repositories of source: the same checkouts as ansible-core's."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import tools

HERE = Path(__file__).parent
WHO = {f"GIT_{part}_{what}": "a@b" for part in ("AUTHOR", "COMMITTER") for what in ("NAME", "EMAIL")}


def repository(folder):
    """Tags v1 and v2, branches dev and master; the dates are fixed, so that commits are the same everywhere."""
    folder.mkdir()
    env = {**os.environ, **WHO, "GIT_AUTHOR_DATE": "1700000000 +0000", "GIT_COMMITTER_DATE": "1700000000 +0000"}

    def git(*words):
        subprocess.run(["git", *words], cwd=folder, env=env, check=True, capture_output=True)

    def commit(name, text):
        (folder / name).write_text(text)
        git("add", name)
        git("commit", "-q", "-m", text)

    git("init", "-q", "-b", "master")
    commit("a", "one\n")
    git("tag", "v1")
    commit("a", "second\n")
    git("tag", "-a", "v2", "-m", "v2")
    git("checkout", "-q", "-b", "dev")
    commit("b", "third\n")
    git("checkout", "-q", "master")
    return folder


@pytest.mark.skipif(shutil.which("git") is None, reason="there is no git here")
def test_the_same_checkouts(tmp_path, ansible_bin, make_sides, same):
    text = tools.LOCAL.format(python=sys.executable)
    both = make_sides(tmp_path, HERE / "playbooks" / "repos", (text, text), ({}, {}))
    repo = repository(tmp_path / "repo")
    same(both, "git.yml", "-e", f"repo=file://{repo}")
