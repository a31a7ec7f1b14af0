"""What tools do to database servers: the same results and the same content of the servers as ansible-core's collections."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import oracle
import pytest
from hosts import INVENTORY, NAME

HERE = Path(__file__).parent
SERVERS = {
    "mysql": ("/usr/bin/mariadb-dump", "mariadb-server python3-pymysql bzip2 xz-utils zstd"),
    "postgresql": ("/usr/bin/psql", "postgresql postgresql-contrib python3-psycopg2 bzip2 xz-utils acl"),
    "rabbitmq": ("/usr/sbin/rabbitmqctl", "rabbitmq-server python3-requests"),
}
"""Where a server's program is, and the packages; the drivers are for ansible-core alone."""
SECRETS = ("kQ7secret", "kQ7third", "wrongpass", "pa'ss\\\\w%s", "*EE0D72C1085C46C5278932678FBE2C6A782821B4")
HIDDEN = {f"'password': \"{SECRETS[3]}\"": "'password': '********'", **dict.fromkeys(SECRETS, "********")}
"""Passwords the books use. fleet hides them wherever they show, ansible-core in what a module returns."""
BOOKS = tuple(
    (path.stem, path.stem.partition("_")[0]) for path in sorted((HERE / "playbooks" / "databases").glob("*.yml"))
)

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def machines(lab, ansible_collections_bin):
    return lab.hosts(2)


@pytest.fixture
def pair(request, machines, lab, tmp_path, make_sides) -> Iterator[tuple]:
    """The two tools, each with a host of its own that has the server and is called the same."""
    server = request.getfixturevalue("server")
    program, packages = SERVERS[server]
    for host in machines:
        install = f"apt-get -qq update && DEBIAN_FRONTEND=noninteractive apt-get -qq install {packages}"
        host.run(f"test -e {program} || ({install})", timeout=500)
    texts = [INVENTORY.format(address=host.address, key=lab.key, known_hosts=lab.known_hosts) for host in machines]
    own = [{host.address: "ADDRESS", host.name: NAME, **HIDDEN} for host in machines]
    return make_sides(tmp_path, HERE / "playbooks" / "databases", tuple(texts), tuple(own), oracle.WHOLE)


@pytest.mark.parametrize(("name", "server"), BOOKS)
def test_the_same_servers(pair, same, name, server):
    """A first run on an empty server, a check run, a second run; -v shows all that modules return."""
    same(pair, f"{name}.yml", "-v")
    same(pair, f"{name}.yml", "-v", "--check", "--skip-tags", "empty")
    same(pair, f"{name}.yml", "-v", "--skip-tags", "empty")
    same(pair, f"{name}.yml", "-v", "--tags", "empty")
    same(pair, f"{name}.yml", "-v", "--check", "--skip-tags", "empty")
