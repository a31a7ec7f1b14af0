"""The tools fleet is compared with: installed from PyPI into throw-away environments, and their command lines."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from measure import Check, Command, recap, says

from fleet.lab.hosts import Host
from fleet.lab.settings import Settings

BASELINE = Path(__file__).resolve().parent / "baseline"
SITE = BASELINE / "site.yml"
CONFIG = BASELINE / "ansible.cfg"
# The newest Python first: ansible-core's newest releases ask for one of the newest.
PYTHONS = ("python3.14", "python3.13", "python3.12", "python3.11")
ENVIRONMENTS = {"ansible": ("ansible-core", "mitogen"), "pyinfra": ("pyinfra",)}


@dataclass(frozen=True, slots=True)
class Peer:
    """An installed environment of a peer, or the ``reason`` why there is none."""

    folder: Path
    versions: dict[str, str]
    reason: str = ""

    def tool(self, name: str) -> str:
        """The full path of one of its programs."""
        return str(self.folder / "bin" / name)


def install(name: str, say: Callable[[str], None]) -> Peer:
    """Make the environment ``name``, or take the one that an earlier run left in the cache."""
    folder = cache() / name
    python = folder / "bin" / "python"
    done = folder / "installed"
    chosen = newest_python()
    if not done.exists() or done.read_text() != chosen:
        say(f"installing {' and '.join(ENVIRONMENTS[name])} into {folder}")
        shutil.rmtree(folder, ignore_errors=True)
        quiet = ("--quiet", "--disable-pip-version-check", "--root-user-action=ignore")
        for words in (
            [chosen, "-m", "venv", str(folder)],
            [str(python), "-m", "pip", "install", *quiet, *ENVIRONMENTS[name]],
        ):
            ran = subprocess.run(words, capture_output=True, text=True)
            if ran.returncode:
                said = (ran.stderr or ran.stdout).strip().splitlines()
                return Peer(folder, {}, f"could not be installed: {said[-1] if said else words}")
        done.write_text(chosen)
    return Peer(folder, {**versions(python, ENVIRONMENTS[name]), "python": python_version(str(python))})


def cache() -> Path:
    """Where environments are kept, outside of the checkout."""
    home = os.environ.get("XDG_CACHE_HOME") or str(Path.home() / ".cache")
    return Path(home) / "fleet" / "bench"


def newest_python() -> str:
    """The newest Python here that can make environments, also one that pyenv keeps and did not put forward."""
    kept = Path(os.environ.get("PYENV_ROOT") or Path.home() / ".pyenv") / "versions"
    for name in PYTHONS:
        version = name.removeprefix("python")
        found = [shutil.which(name), *sorted(map(str, kept.glob(f"{version}.*/bin/{name}")), reverse=True)]
        for path in found:
            # A shim of pyenv may be there without the version being chosen.
            if path and subprocess.run([path, "-c", "import venv, ensurepip"], capture_output=True).returncode == 0:
                return path
    return sys.executable


def versions(python: Path, packages: Sequence[str]) -> dict[str, str]:
    """The installed versions of ``packages``."""
    program = "import sys, importlib.metadata as m\nfor name in sys.argv[1:]: print(m.version(name))"
    ran = subprocess.run([str(python), "-c", program, *packages], capture_output=True, text=True, check=True)
    return dict(zip(packages, ran.stdout.split(), strict=True))


def python_version(python: str) -> str:
    ran = subprocess.run([python, "-c", "import platform; print(platform.python_version())"],
                         capture_output=True, text=True, check=True)  # fmt: skip
    return ran.stdout.strip()


def ansible(peer: Peer, name: str, inventory: Path, check: Check, work: Path, controls: str) -> Command:
    """ansible-core with the baseline's settings: pipelining, 50 forks. ``controls`` names its SSH sockets' folder."""
    folder = work / controls
    folder.mkdir(exist_ok=True)
    env = {
        "ANSIBLE_CONFIG": str(CONFIG),
        "ANSIBLE_HOME": str(work / "ansible"),
        "ANSIBLE_SSH_CONTROL_PATH_DIR": str(folder),
        "PATH": f"{peer.folder}/bin:{os.environ['PATH']}",
    }
    return Command(name, (peer.tool("ansible-playbook"), "-i", str(inventory), str(SITE)), check, env)


def mitogen(peer: Peer, inventory: Path, hosts: int, work: Path) -> Command:
    """ansible-core with Mitogen's strategy."""
    program = "import ansible_mitogen; print(ansible_mitogen.__path__[0])"
    ran = subprocess.run([peer.tool("python"), "-c", program], capture_output=True, text=True, check=True)
    plain = ansible(peer, "ansible-core + Mitogen", inventory, recap(hosts, changes=False), work, "cp")
    env = {
        **plain.env,
        "ANSIBLE_STRATEGY_PLUGINS": f"{ran.stdout.strip()}/plugins/strategy",
        "ANSIBLE_STRATEGY": "mitogen_linear",
    }
    return Command(plain.name, plain.words, plain.check, env)


def pyinfra(peer: Peer, settings: Settings, hosts: Sequence[Host], restore: Command, work: Path) -> Command:
    """pyinfra's deploy of the same baseline. Its files differ a little: it converges first, ``restore`` undoes that."""
    inventory = work / "pyinfra_inventory.py"
    data = {
        "ssh_user": "root",
        "ssh_key": str(settings.key),
        "ssh_known_hosts_file": str(settings.known_hosts),
        "ssh_strict_host_key_checking": "yes",
    }
    rows = [(host.name, {"ssh_hostname": str(host.address), **data}) for host in hosts]
    inventory.write_text(f"lab = {rows!r}\n")
    words = (peer.tool("pyinfra"), "-y", str(inventory), str(BASELINE / "pyinfra_deploy.py"))
    env = {"PATH": f"{peer.folder}/bin:{os.environ['PATH']}"}
    first = Command("pyinfra converging", words, says("Results"), env)
    # Operations in all, with a change, failed, without a change.
    unchanged = says(r"Grand total\s+(\d+)\s+-\s+-\s+\1\b")
    return Command("pyinfra", words, unchanged, env, before=(first,), after=(restore,))
