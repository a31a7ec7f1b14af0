"""Files, folders and texts on a real host, through the command line: twice the same, content both ways, refusals."""

import hashlib
import os
import subprocess
import sys

import pytest

pytestmark = pytest.mark.e2e

TOP = "/var/tmp/fleet-e2e"


@pytest.fixture
def host(lab):
    host = lab.hosts(1)[0]
    host.run(f"chattr -R -i {TOP} 2>/dev/null; rm -rf {TOP}; mkdir {TOP}")
    yield host
    host.run(f"chattr -R -i {TOP} 2>/dev/null; rm -rf {TOP}")


@pytest.fixture
def play(lab, host, tmp_path):
    """Run tasks on the host; give exit code and output."""

    def run(tasks, *options):
        book = tmp_path / "book.yml"
        book.write_text(f"- hosts: {host.name}\n  gather_facts: false\n  tasks:\n{tasks}")
        argv = [sys.executable, "-m", "fleet", "apply", "-i", str(lab.inventory), str(book), *options]
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", timeout=120)
        return done.returncode, done.stdout

    return run


SETTLED = f"""
    - file: {{path: {TOP}/d, state: directory, mode: "0750"}}
    - template: {{src: t.j2, dest: {TOP}/d/t, mode: "0600"}}
    - copy: {{src: tree, dest: {TOP}/d}}
    - copy: {{src: large, dest: {TOP}/d/large}}
    - file: {{src: t, dest: {TOP}/d/link, state: link}}
    - lineinfile: {{path: {TOP}/ini, line: "a = 1", create: true}}
    - blockinfile: {{path: {TOP}/ini, block: "b = 2"}}
    - community.general.ini_file: {{path: {TOP}/ini, section: s, option: c, value: "3"}}
    - fetch: {{src: {TOP}/d/large, dest: got}}
"""


def test_a_second_run_changes_nothing_and_content_is_whole_both_ways(play, host, tmp_path):
    (tmp_path / "templates").mkdir()
    (tmp_path / "templates" / "t.j2").write_text("I am {{ inventory_hostname }}\n")
    (tmp_path / "files" / "tree" / "sub").mkdir(parents=True)
    (tmp_path / "files" / "tree" / "sub" / "f").write_text("f")
    data = os.urandom(3_000_000)
    (tmp_path / "files" / "large").write_bytes(data)

    code, output = play(SETTLED)
    assert code == 0, output
    assert host.run(f"cat {TOP}/d/link").stdout == f"I am {host.name}\n"
    assert host.run(f"stat -c %a {TOP}/d {TOP}/d/t").stdout.split() == ["750", "600"]
    assert host.run(f"sha1sum < {TOP}/d/large").stdout.split()[0] == hashlib.sha1(data).hexdigest()
    assert host.run(f"cat {TOP}/d/tree/sub/f").stdout == "f"
    assert (tmp_path / "got" / host.name / f"{TOP[1:]}/d/large").read_bytes() == data

    code, output = play(SETTLED)
    assert code == 0 and "changed=0" in output, output


def test_check_mode_writes_nothing(play, host, tmp_path):
    tasks = f"    - copy: {{content: new, dest: {TOP}/x}}\n    - file: {{path: {TOP}/y, state: touch}}\n"
    code, output = play(tasks, "--check", "--diff")
    assert code == 0 and "changed=2" in output and "+new" in output, output
    assert host.run(f"ls -A {TOP}").stdout == ""


def test_a_planted_link_is_replaced_not_followed(play, host):
    host.run(f"echo secret > {TOP}/target; chmod 1777 {TOP}; su nobody -s /bin/sh -c 'ln -s {TOP}/target {TOP}/x'")
    assert play(f"    - copy: {{content: new, dest: {TOP}/x}}\n")[0] == 0
    assert host.run(f"cat {TOP}/target {TOP}/x").stdout == "secret\nnew"


@pytest.mark.parametrize(
    ("prepare", "words"),
    [
        ("echo keep > x; chattr +i x", "is immutable: see chattr -i"),
        ("mkdir f; mount -t tmpfs -o size=16k tmpfs f; echo keep > f/x; ln -s f/x x", "No space left on device"),
    ],
)
def test_what_cannot_be_written_stays_as_it_was(play, host, prepare, words):
    host.run(f"cd {TOP}; {prepare}")
    try:
        code, output = play(f'    - copy: {{content: "{"y" * 40000}", dest: {TOP}/x, follow: true}}\n')
        assert code == 2 and words in output
        assert host.run(f"cat {TOP}/x").stdout == "keep\n"
        assert host.run(f"find {TOP} -name '.fleet-*'").stdout == ""
    finally:
        host.run(f"umount {TOP}/f 2>/dev/null", check=False)
