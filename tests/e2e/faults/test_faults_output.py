"""Results that are huge, no text, or a crash: bounded memory, one clear line."""

import hashlib
import os
import resource

import pytest

pytestmark = pytest.mark.e2e


def peak(site, *run, **more):
    """The run, and the controller's peak of resident memory in MB (of the largest child so far)."""
    ran = site.run(*run, **more)
    return ran, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024


def test_crash(site):
    log = site.folder / "log"
    ran = site.run(
        "    - ping:\n        data: \"{{ 'crash' if inventory_hostname == 'sick' else 'pong' }}\"\n    - command: id\n",
        "--log",
        log,
    )
    assert ran.code == 2 and ran.recap("well")["ok"] == 2 and ran.recap("sick")["failed"] == 1, ran.text
    assert "boom" in ran.fatal("sick") and "Traceback" in log.read_text()


def test_100_mb_of_output(site):
    tasks = """
    - shell: head -c 100000000 /dev/zero | tr '\\0' x
      register: big
    - debug: msg="{{ big.stdout | length > 1000000 and big.stdout | length < 20000000 }} {{ 'left out' in big.stdout }}"
"""
    ran, memory = peak(site, tasks)
    assert ran.code == 0 and ran.out.count('"True True"') == 2, ran.out[-2000:] + ran.err
    assert "bytes from the middle are left out" in ran.text
    assert memory < 450


def test_output_that_is_no_text(site):
    tasks = """
    - shell: printf 'a\\377b\\303('
      register: odd
    - copy: {content: "{{ odd.stdout }}", dest: /root/after}
    - debug: var=odd.stdout
"""
    log = site.folder / "log"
    ran = site.run(tasks, "-v", "--log", log)
    assert ran.code == 0, ran.text
    assert site.sick.run("od -An -tx1 /root/after; rm /root/after").stdout.split() == ["61", "ff", "62", "c3", "28"]
    assert site.run(tasks, "-v", "--format", "jsonl").code == 0
    for host in (site.sick, site.well):
        host.run("rm -f /root/after")


def test_100_mb_both_ways(site):
    data = os.urandom(1 << 20) * 100
    (site.folder / "big").write_bytes(data)
    here = hashlib.sha1(data).hexdigest()
    tasks = """
    - copy: {src: big, dest: /root/big}
      register: sent
    - fetch: {src: /root/big, dest: got, flat: false}
      register: fetched
    - assert: {that: sent.checksum == fetched.checksum}
    - file: {path: /root/big, state: absent}
"""
    line = site.line("sick", site.sick.address)
    ran, memory = peak(site, tasks, inventory=site.inventory(line))
    assert ran.code == 0, ran.text
    assert hashlib.sha1((site.folder / "got/sick/root/big").read_bytes()).hexdigest() == here
    assert memory < 450
