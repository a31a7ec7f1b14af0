"""Many hosts share one configuration of Fabric, which is not made for that."""

from __future__ import annotations

import sys
from concurrent.futures import ThreadPoolExecutor

from fleet.transport.base import Target
from fleet.transport.ssh import Ssh


def test_connections_are_built_side_by_side(tmp_path):
    known = tmp_path / "known_hosts"
    known.write_text("")
    ssh = Ssh()

    def build(number: int) -> str:
        target = Target(f"h{number}", "127.0.0.1", port=1, known_hosts=(str(known),))
        return str(ssh._client(target, ()).user)

    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    try:
        with ThreadPoolExecutor(max_workers=8) as pool:
            assert all(pool.map(build, range(200)))
    finally:
        sys.setswitchinterval(before)
