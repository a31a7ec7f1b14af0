"""Disks, volumes and what lies on them: the same results and the same hosts after a first, a second and a check run."""

from __future__ import annotations

import base64
import shutil
import subprocess
from pathlib import Path

import oracle
import pytest
from hosts import INVENTORY

HERE = Path(__file__).parent
BOOKS = ("filesystem", "capabilities", "patch", "at", "parted", "zfs", "mount_facts")
ON_DISKS = ("lvm",)

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def machines(lab, ansible_collections_bin):
    return lab.hosts(2)


@pytest.fixture
def pair(machines, lab, tmp_path, make_sides):
    """The two tools, each with a host of its own."""
    texts = [INVENTORY.format(address=host.address, key=lab.key, known_hosts=lab.known_hosts) for host in machines]
    own = [{host.address: "ADDRESS", host.name: "web1"} for host in machines]
    return make_sides(tmp_path, HERE / "playbooks" / "storage", tuple(texts), tuple(own), oracle.WHOLE)


@pytest.mark.parametrize("name", BOOKS)
def test_the_same_storage(pair, same, name):
    same(pair, "prepare.yml")
    same(pair, f"{name}.yml", "-v")
    same(pair, f"{name}.yml", "-v")
    same(pair, f"{name}.yml", "-v", "--check")


DISKS = """\
for disk in b c d e; do rm -f /dev/sd$disk; done
rm -f /etc/ld.so.preload; mkdir -p /etc/lvm
echo SHARED | base64 -d > /usr/local/lib/files_as_disks.new
mv /usr/local/lib/files_as_disks.new /usr/local/lib/files_as_disks.so
mount -o remount,size=64M /dev
for disk in b c d; do truncate -s 200M /dev/sd$disk; done
truncate -s 100M /dev/sde
sed -i 's/^\\(\\s*\\)# activation = 1$/\\1activation = 0/' /etc/lvm/lvm.conf
echo /usr/local/lib/files_as_disks.so > /etc/ld.so.preload
/usr/bin/test -b /dev/sdb
"""


@pytest.fixture
def disks(pair, same, machines, tmp_path):
    """Four files on each host that every program there takes for disks."""
    if not shutil.which("cc"):
        pytest.skip("no C compiler for what makes files look like disks")
    library = tmp_path / "files_as_disks.so"
    source = HERE / "files_as_disks.c"
    subprocess.run(["cc", "-O2", "-shared", "-fPIC", "-o", str(library), str(source), "-ldl"], check=True)
    shared = base64.b64encode(library.read_bytes()).decode()
    same(pair, "prepare.yml")
    for host in machines:
        host.run(DISKS.replace("SHARED", shared))
    yield
    for host in machines:
        host.run("rm -f /etc/ld.so.preload /dev/sd[b-e]")


@pytest.mark.parametrize("name", ON_DISKS)
def test_the_same_on_disks(disks, pair, same, name):
    same(pair, f"{name}.yml", "-v")
    same(pair, f"{name}.yml", "-v")
    same(pair, f"{name}.yml", "-v", "--check")
