"""Disposable hosts for targets that change the system: a base tree with all the suite wants, fresh for each target.

The hosts are those of ``fleet lab``, in a lab of their own (the variables FLEET_LAB_* as there). Suite, Ansible, the
libraries of fleet and a copy of this checkout lie below /opt/conformance of the host, and ``run.py`` runs there.
"""

from __future__ import annotations

import os
import shlex
import shutil
import subprocess
import sys
import tempfile
import tomllib
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from source import CONSTRAINTS, NAME, NEEDS, VERSION, NotFetched, cache, targets

from fleet.lab import base, lab
from fleet.lab.hosts import Host, ssh_command
from fleet.lab.settings import Settings, settings_from

SUITE = "bookworm"
PYTHON = "3.11"
"""The suite's release of Debian and its Python, for which libraries are fetched."""
CHECKOUT = Path(__file__).resolve().parents[2]
TRAVELS = ("fleet", "tests/conformance", "pyproject.toml")
TOP = "/opt/conformance"
RECIPE = 2
"""Raise it when what hosts are prepared with changes."""
OWN = {"FLEET_LAB_HOME": "/var/lib/fleet-conformance", "FLEET_LAB_BRIDGE": "fleetconf0",
       "FLEET_LAB_NETWORK": "10.79.0.0/16"}  # fmt: skip
PACKAGES = (
    "acl adduser apt-utils bzip2 ca-certificates cron curl dbus debconf-utils dpkg-dev file git gnupg iptables locales "
    "openssh-client openssh-server procps python3-apt python3-debian python3-pip python3-venv rsync sudo unzip "
    "xz-utils zip zstd"
)
# What ansible-test's own images bring: programs, the locale en_US.UTF-8, libraries for both tools.
PREPARE = f"""
set -eu
export DEBIAN_FRONTEND=noninteractive
apt-get -q -y update
apt-get -q -y install {PACKAGES}
sed -i 's/^# *en_US.UTF-8/en_US.UTF-8/' /etc/locale.gen
locale-gen
cd {TOP}
# As ansible-test does it: what the system has of Python is there for both sides of its tests.
python3 -m venv --system-site-packages oracle-{VERSION}
oracle-{VERSION}/bin/pip install -q --no-index --find-links wheels ansible-core=={VERSION} {" ".join(NEEDS)}
python3 -m venv python
python/bin/pip install -q --no-index --find-links wheels {{libraries}} {" ".join(NEEDS)}
rm -rf wheels
apt-get -q clean
"""
# Targets reach their own host over SSH as well, as its root.
ARRANGE = """
set -eu
cd /root/.ssh
[ -e id_rsa ] || ssh-keygen -q -t rsa -b 3072 -N "" -f id_rsa
cat id_rsa.pub >>authorized_keys
"""


class Bench:
    """A lab of prepared hosts; each is as new after ``fresh``."""

    def __init__(self) -> None:
        self.plain = settings_from({**OWN, **os.environ})
        self.settings: Settings = replace(self.plain, cache=cache() / f"lab-v{RECIPE}")
        self.hosts: list[Host] = []

    def up(self, count: int) -> None:
        """Start ``count`` hosts, of a base tree that is made first where it is missing. Raises NotFetched."""
        tree = base.tree_of(self.settings.cache, SUITE)
        if not tree.is_dir():
            self._prepare(tree)
        lab.up(self.settings, lab.Wish(count, SUITE), _say)
        self.hosts = [Host(number, SUITE, self.settings.address(number)) for number in range(1, count + 1)]

    def down(self) -> None:
        lab.down(self.settings, _say)

    def fresh(self, number: int) -> Host:
        """Host ``number`` (from 0) with a new disk, this checkout on it."""
        host = self.hosts[number]
        lab.reset(self.settings, [host.name], lambda text: None)
        self._copy(self.settings, host, CHECKOUT, TRAVELS, f"{TOP}/checkout")
        self.run(self.settings, host, ARRANGE)
        return host

    def target(self, host: Host, name: str, arguments: Sequence[str], seconds: float) -> tuple[str, str]:
        """Run the harness for one target on ``host``: what it wrote as JSON, and the target's log."""
        words = [f"{TOP}/python/bin/python", f"{TOP}/checkout/tests/conformance/run.py", "--disposable",
                 "--only", name, "--out", f"{TOP}/out.json", "--folder", f"{TOP}/run", *arguments]  # fmt: skip
        env = f"FLEET_CONFORMANCE_CACHE={TOP} PYTHONPATH={TOP}/checkout LANG=C.UTF-8"
        command = ssh_command(self.settings, host, "root", ["env", env, shlex.join(words)])
        try:
            subprocess.run(command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, timeout=seconds)
        except subprocess.TimeoutExpired:
            return "", ""
        read = [ssh_command(self.settings, host, "root", [f"cat {path}"]) for path in
                (f"{TOP}/out.json", f"{TOP}/run/*/logs/{name}.log")]  # fmt: skip
        out, log = (subprocess.run(each, capture_output=True, timeout=60).stdout for each in read)
        return out.decode(errors="replace"), log.decode(errors="replace")

    def _prepare(self, tree: Path) -> None:
        """Make the base tree out of a plain host of the lab that was prepared. Raises NotFetched."""
        plain = self.plain
        lab.up(plain, lab.Wish(1, SUITE), _say)
        host = Host(1, SUITE, plain.address(1))
        with tempfile.TemporaryDirectory() as name:
            libraries = _libraries()
            _wheels(Path(name) / "wheels", [*libraries, *NEEDS, f"ansible-core=={VERSION}"])
            self._copy(plain, host, Path(name), ["wheels"], TOP)
        top = targets().parents[2]
        self._copy(
            plain, host, top.parent, [f"{NAME}/{part}" for part in ("test/integration/targets", CONSTRAINTS)], TOP
        )
        _say("preparing the base tree for targets (some minutes, once)")
        self.run(plain, host, PREPARE.replace("{libraries}", shlex.join(libraries)))
        making = tree.with_name(f"tmp-{tree.name}")
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(parents=True)
        words = ssh_command(plain, host, "root", ["tar -C / --one-file-system --numeric-owner --xattrs -cf - ."])
        with subprocess.Popen(words, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE) as sent:
            unpack = ["tar", "-C", str(making), "--numeric-owner", "--xattrs", "-xpf", "-"]
            done = subprocess.run(unpack, stdin=sent.stdout)
        if sent.returncode not in (0, 1) or done.returncode:
            raise NotFetched("the prepared host could not be copied")
        lab.down(plain, _say)
        for path in ("etc/machine-id", "etc/hostname", "etc/resolv.conf", "root/.ssh/authorized_keys"):
            (making / path).unlink(missing_ok=True)
        making.rename(tree)

    def run(self, settings: Settings, host: Host, script: str) -> None:
        """Run a shell script on ``host``. Raises NotFetched with its last words."""
        done = subprocess.run(ssh_command(settings, host, "root", ["sh"]), input=script.encode(), capture_output=True)
        if done.returncode:
            said = (done.stdout + done.stderr).decode(errors="replace").strip()
            raise NotFetched(f"{host.name}: {said[-500:]}")

    def _copy(self, settings: Settings, host: Host, folder: Path, names: Sequence[str], to: str) -> None:
        pack = ["tar", "-C", str(folder), "--exclude=__pycache__", "--owner=0", "--group=0", "-czf", "-", *names]
        unpack = ssh_command(
            settings, host, "root", [f"umask 022; mkdir -p {to} && tar -C {to} --no-same-owner -xzf -"]
        )
        with subprocess.Popen(pack, stdout=subprocess.PIPE) as sent:
            done = subprocess.run(unpack, stdin=sent.stdout, capture_output=True)
        if sent.returncode or done.returncode:
            raise NotFetched(f"{host.name}: {done.stderr.decode(errors='replace').strip()}")


def _libraries() -> list[str]:
    """What this checkout itself depends on."""
    project = tomllib.loads((CHECKOUT / "pyproject.toml").read_text())
    found: list[str] = project["project"]["dependencies"]
    return found


def _wheels(folder: Path, wanted: Sequence[str]) -> None:
    """Fetch wheels for the hosts' Python, whatever the Python of this machine is. Raises NotFetched."""
    words = [sys.executable, "-m", "pip", "download", "--quiet", "--disable-pip-version-check", "--dest", str(folder),
             "--only-binary=:all:", "--python-version", PYTHON, *wanted]  # fmt: skip
    done = subprocess.run(words, capture_output=True, text=True)
    if done.returncode:
        raise NotFetched(f"pip download: {done.stderr.strip()[-300:]}")


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
