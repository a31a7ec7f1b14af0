"""Ctrl-C: once lets what runs end and starts nothing new, twice ends everything at once."""

import signal
import time

import pytest

pytestmark = pytest.mark.e2e
TASKS = """
    - name: First
      command: sh -c 'touch /root/began; sleep 2; echo whole >/root/done'
    - name: Second
      command: touch /root/after
    - name: Third
      command: touch /root/after
"""


@pytest.fixture
def begun(site):
    """A run that is in its first task on both hosts."""
    process = site.start(TASKS)
    for host in (site.sick, site.well):
        end = time.monotonic() + 15
        while host.run("test -e /root/began", check=False).returncode:
            assert time.monotonic() < end
            time.sleep(0.1)
    yield process
    for host in (site.sick, site.well):
        host.run("rm -f /root/began /root/done /root/after")


def test_once(site, begun):
    begun.send_signal(signal.SIGINT)
    ran = site.end(begun)
    assert ran.code == 99, ran.text
    for name, host in (("sick", site.sick), ("well", site.well)):
        assert host.run("cat /root/done; ls /root").stdout.split() == ["whole", "began", "done"]
        assert ran.recap(name) == dict(ran.recap(name), ok=1, changed=1, failed=0)
    assert "interrupted" in ran.text.lower() and "Second" in ran.text, ran.text


def test_twice(site, begun):
    began = time.monotonic()
    begun.send_signal(signal.SIGINT)
    time.sleep(0.3)
    begun.send_signal(signal.SIGINT)
    ran = site.end(begun)
    assert ran.code == 99 and time.monotonic() - began < 1.6, ran.text
    time.sleep(0.3)
    for host in (site.sick, site.well):
        assert not host.run("pgrep -af 'python3 -B -[E]|sleep 2$'; true").stdout
        assert host.run("ls /root").stdout.split() == ["began"]
