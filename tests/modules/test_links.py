"""Planted links, by the kernel's rule of fs.protected_symlinks, as root who may make everybody's links."""

import os

import pytest

from fleet.remote import files, links
from fleet.remote.host import Failed

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="makes links of other users")
MALLORY = 4242


@pytest.fixture
def place(tmp_path):
    """A sticky folder for everybody, and a file of ours that others want changed."""
    (tmp_path / "ours").write_text("ours\n")
    folder = tmp_path / "open"
    folder.mkdir()
    folder.chmod(0o1777)
    return folder


def plant(link, target, owner=MALLORY):
    os.symlink(target, link)
    os.lchown(link, owner, owner)
    return str(link)


@pytest.mark.parametrize("target", ["../ours", "other"])
def test_a_planted_link_is_refused(place, target):
    os.symlink("../ours", place / "other")
    with pytest.raises(Failed, match="user 4242 planted in a folder where everybody may write"):
        links.resolved(plant(place / "link", target))


def test_a_planted_folder_on_the_way(place):
    plant(place / "way", "..")
    with pytest.raises(Failed, match="/open/way is a link"):
        links.resolved(str(place / "way" / "ours"))


def test_a_link_that_leads_to_a_planted_one(place, tmp_path):
    plant(place / "link", "../ours")
    os.symlink(place / "link", tmp_path / "mine")
    with pytest.raises(Failed, match="/open/link is a link"):
        links.resolved(str(tmp_path / "mine"))


def test_links_that_may_be_followed(place, tmp_path):
    """One's own, one of the folder's owner, and any in a folder that is not everybody's."""
    ours = str(tmp_path / "ours")
    assert links.resolved(plant(place / "mine", "../ours", os.geteuid())) == ours
    assert links.resolved(plant(tmp_path / "theirs", "ours")) == ours
    os.chown(place, MALLORY, MALLORY)
    assert links.resolved(plant(place / "owner", "../ours")) == ours
    assert links.resolved(str(place / "missing")) == str(place / "missing")


def test_a_ring_of_links_ends(place):
    os.symlink("b", place / "a")
    os.symlink("a", place / "b")
    links.resolved(str(place / "a"))


@pytest.mark.parametrize("way", [
    lambda path: files.write_atomic(path, b"evil"),
    lambda path: files.set_attributes(path, {"mode": 0o666}),
    files.read_bytes,
])  # fmt: skip
def test_no_file_function_follows_it(place, tmp_path, way):
    link = plant(place / "link", "../ours")
    before = (tmp_path / "ours").stat()
    with pytest.raises(Failed, match="planted"):
        way(link)
    assert (tmp_path / "ours").read_text() == "ours\n" and (tmp_path / "ours").stat().st_mode == before.st_mode
