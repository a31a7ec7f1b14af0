"""What the tests of faults at run time share: two hosts, a home of one's own, and a run with all it said.

Every run asserts what holds for all of them: no traceback on the screen, and no temporary file left behind.
"""

from __future__ import annotations

import json
import os
import re
import signal
import subprocess
import sys
import time
from dataclasses import dataclass, field
from pathlib import Path

import pytest

FOLDERS = "/root /etc /home /var/tmp /mnt"
LEFT = f"find {FOLDERS} -xdev \\( -name '.fleet*' -o -name '.ansible*' -o -name '*.fleet-tmp' \\) 2>/dev/null; true"
RUNNERS = "pgrep -af 'python3 -B -E' | grep -v pgrep; true"


@dataclass
class Ran:
    """One run of fleet that ended."""

    code: int
    out: str
    err: str
    seconds: float
    memory: int = 0
    """Peak of the controller's resident memory in MB."""

    @property
    def text(self) -> str:
        return self.out + self.err

    def recap(self, host: str) -> dict[str, int]:
        """The host's line of the recap."""
        lines = re.findall(rf"^{host} +: (ok=.*)$", self.out, re.MULTILINE)
        assert lines, self.text
        return {name: int(count) for name, count in re.findall(r"(\w+)=(\d+)", lines[-1])}

    def fatal(self, host: str) -> str:
        """The one line that says why the host failed or could not be reached."""
        lines = re.findall(rf"^(?:fatal|failed): \[{host}\].*$", self.out, re.MULTILINE)
        assert len(lines) == 1, self.text
        return lines[0]


@dataclass
class Site:
    """A folder to run in, an inventory, and a home that is nobody else's."""

    folder: Path
    key: Path
    known_hosts: Path
    sick: object
    well: object
    env: dict[str, str] = field(default_factory=dict)
    started: list[subprocess.Popen] = field(default_factory=list)

    def line(self, name: str, address: str, **more: object) -> str:
        """One inventory line; ``None`` takes a variable away."""
        args = f"-o UserKnownHostsFile={self.known_hosts} -o StrictHostKeyChecking=yes"
        values = {
            "ansible_host": address, "ansible_user": "root", "ansible_ssh_private_key_file": self.key,
            "ansible_ssh_common_args": args, "ansible_python_interpreter": "/usr/bin/python3", **more,
        }  # fmt: skip
        words = [f'{key}="{value}"' for key, value in values.items() if value is not None]
        return f"{name} " + " ".join(words)

    def inventory(self, *lines: str, **sick: object) -> Path:
        """An inventory of ``lines``, or of the two hosts, ``sick`` with variables of its own."""
        if not lines:
            lines = (self.line("sick", self.sick.address, **sick), self.line("well", self.well.address))
        path = self.folder / "hosts.ini"
        path.write_text("\n".join(lines) + "\n")
        return path

    def book(self, text: str) -> Path:
        path = self.folder / "book.yml"
        path.write_text(text)
        return path

    def start(self, text: str, *options: object, inventory: Path | None = None) -> subprocess.Popen:
        """Start a run of tasks (or of whole plays) and do not wait."""
        if not text.lstrip().startswith("- hosts:"):
            text = f"- hosts: all\n  gather_facts: false\n  tasks:\n{text}"
        inventory = inventory or self.inventory()
        argv = [sys.executable, "-m", "fleet", "apply", "-i", inventory, self.book(text), *options]
        process = subprocess.Popen(
            list(map(str, argv)), env=self.environ(), stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.PIPE, encoding="utf-8", errors="surrogateescape", start_new_session=True,
            # Started in the background of a script, all of this would ignore Ctrl-C.
            preexec_fn=lambda: signal.signal(signal.SIGINT, signal.SIG_DFL),
        )  # fmt: skip
        self.started.append(process)
        return process

    def environ(self) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(("ANSIBLE", "FLEET", "SSH"))}
        path = os.pathsep.join(filter(None, [os.getcwd(), kept.get("PYTHONPATH", "")]))
        return {**kept, "HOME": str(self.folder), "PYTHONPATH": path, **self.env}

    def end(self, process: subprocess.Popen, traceback: bool = False, timeout: float = 90) -> Ran:
        """Wait for the end of a run that was started."""
        began = time.monotonic()
        try:
            out, err = process.communicate(timeout=timeout)
        except subprocess.TimeoutExpired:
            process.kill()
            out, err = process.communicate()
            raise AssertionError(f"no end within {timeout} s\n{out}{err}") from None
        ran = Ran(process.returncode, out, err, time.monotonic() - began)
        assert traceback or "Traceback" not in ran.text, ran.text
        return ran

    def run(self, text: str, *options: object, inventory: Path | None = None, timeout: float = 90) -> Ran:
        """Run tasks (or whole plays) on both hosts."""
        ran = self.end(self.start(text, *options, inventory=inventory), timeout=timeout)
        for host in (self.sick, self.well):
            left = host.run(LEFT).stdout
            assert not left, f"{host.name}: {left}"
        return ran


@pytest.fixture(scope="session")
def pair(lab):
    """Two hosts with the accounts these tests log in as; ``sick`` is the one that things happen to."""
    sick, well = lab.hosts(2)
    for host in (sick, well):
        host.run(PEOPLE)
    return sick, well


PEOPLE = """
set -e
id pw >/dev/null 2>&1 && exit 0
for name in pw plain asks; do useradd -m -s /bin/bash $name; mkdir -p /home/$name/.ssh
  [ $name = pw ] || cp /root/.ssh/authorized_keys /home/$name/.ssh/; chown -R $name /home/$name/.ssh; done
echo 'pw:Login-Secret-11
asks:Sudo-Secret-22
root:Root-Secret-33' | chpasswd
echo 'asks ALL=(ALL) ALL' >/etc/sudoers.d/asks
printf 'PasswordAuthentication yes\\n' >/etc/ssh/sshd_config.d/00-faults.conf
systemctl reload ssh
"""


@pytest.fixture
def site(lab, pair, tmp_path):
    """A place to run in. Whatever was started is ended with the test."""
    known = tmp_path / "known_hosts"
    known.write_text(Path(lab.known_hosts).read_text())
    made = Site(tmp_path, Path(lab.key), known, *pair)
    yield made
    for process in made.started:
        if process.poll() is None:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()


def events(text: str) -> list[dict]:
    """The events of a jsonl output."""
    return [json.loads(line) for line in text.splitlines()]
