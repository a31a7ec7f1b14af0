"""apt: a lock somebody holds, a mirror that is gone."""

import pytest

pytestmark = pytest.mark.e2e
HOLD = (
    "nohup python3 -c \"import fcntl,time; f=open('/var/lib/dpkg/lock-frontend','w'); "
    "fcntl.lockf(f, fcntl.LOCK_EX); print('held',flush=True); time.sleep(%d)\" holder >/run/held 2>&1 & "
    "until grep -q held /run/held; do sleep 0.1; done"
)


@pytest.fixture
def lock(site):
    yield lambda seconds: site.sick.run(HOLD % seconds)
    site.sick.run("pkill -f '[h]older'; rm -f /run/held; true")


def test_lock_that_stays(site, lock):
    """Says who holds it, after as long as was asked for."""
    lock(30)
    line = site.line("sick", site.sick.address)
    ran = site.run("    - apt: {name: hello, lock_timeout: 2, update_cache: false}\n", inventory=site.inventory(line))
    assert ran.code == 2, ran.text
    assert "lock" in ran.fatal("sick").lower() and "python3" in ran.fatal("sick"), ran.text
    assert 2 <= ran.seconds < 15


def test_mirror_that_is_gone(site):
    site.sick.run(
        "mv /etc/apt/sources.list /root/sources; echo 'deb http://127.0.0.1:9/debian bookworm main' >/etc/apt/sources.list"
    )
    try:
        line = site.line("sick", site.sick.address)
        ran = site.run("    - apt: {update_cache: true, update_cache_retries: 1}\n", inventory=site.inventory(line))
        assert ran.code == 2 and "http://127.0.0.1:9/debian" in ran.fatal("sick"), ran.text
    finally:
        site.sick.run("mv /root/sources /etc/apt/sources.list")
