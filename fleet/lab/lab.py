"""The lab's verbs: up, down, reset, and who is there. Each takes the lab's lock; reading takes none."""

from __future__ import annotations

import time
import uuid
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path

from fleet.errors import FleetError, HostError
from fleet.lab import base, needs, network, nspawn, overlay, state
from fleet.lab.hosts import Host, Identity, machine_name, own_files, resolver_text
from fleet.lab.lock import locked
from fleet.lab.run import run
from fleet.lab.settings import Settings
from fleet.lab.wait import wait_for_login

RESOLVERS = (Path("/etc/resolv.conf"), Path("/run/systemd/resolve/resolv.conf"))
# Stops and starts are short commands and file work; more at once only makes them wait for each other.
AT_ONCE = 8

Say = Callable[[str], None]
Trees = dict[str, tuple[Path, int]]


@dataclass(frozen=True, slots=True)
class Wish:
    """What ``up`` is asked for: ``count`` hosts in all; those to be made are of ``suite``."""

    count: int
    suite: str = "bookworm"
    user: str = "root"
    mirror: str | None = None
    seconds: float = 60.0


def up(settings: Settings, wish: Wish, say: Say) -> list[Host]:
    """Bring the lab up to ``wish.count`` running hosts and give those that were started.

    Hosts that stopped keep their disk and their suite. Raises ``FleetError`` and its kin.
    """
    settings.address(wish.count)
    needs.check(base=not base.tree_of(settings.cache, wish.suite).is_dir())
    with _alone(settings, say):
        state.save(settings, wish.user)
        have = {host.number: host for host in state.hosts(settings)}
        wanted = [
            have.get(number) or Host(number, wish.suite, settings.address(number))
            for number in range(1, wish.count + 1)
        ]
        missing = [host for host in wanted if not running(settings, host)]
        with _trees(settings, {host.suite for host in missing}, wish.mirror, say) as trees:
            network.up(settings)
            _each(missing, lambda host: _start(settings, host, trees))
        state.publish(settings, wish.user)
        _await(settings, missing, wish.seconds, say)
    return missing


def reset(settings: Settings, names: Sequence[str], say: Say, seconds: float = 60.0) -> None:
    """Give hosts a fresh disk and a fresh SSH host key, and start them. Raises ``FleetError``."""
    needs.check(base=False)
    with _alone(settings, say):
        wanted = [state.find(settings, name) for name in dict.fromkeys(names)]
        note = state.saved(settings.home)
        _each(wanted, lambda host: _drop(settings, host))
        try:
            with _trees(settings, {host.suite for host in wanted}, None, say) as trees:
                network.up(settings)
                _each(wanted, lambda host: _start(settings, host, trees))
        finally:
            state.publish(settings, note.user if note else "root")
        _await(settings, wanted, seconds, say)


def down(settings: Settings, say: Say, *, purge: bool = False) -> None:
    """Stop every host and remove all traces of the lab; with ``purge`` also the cached base trees."""
    needs.check(base=False)
    with _alone(settings, say):
        have = state.hosts(settings)
        _each(have, lambda host: _drop(settings, host))
        network.down(settings)
        state.forget(settings)
    names = ", ".join(host.name for host in have)
    say(f"down: {names}" if names else "no lab is up")
    if purge:
        base.purge(settings.cache, say)


def running(settings: Settings, host: Host) -> bool:
    """True while the host is up or on its way up."""
    return nspawn.supervisor(state.folder_of(settings, host.name)) is not None


@contextmanager
def _alone(settings: Settings, say: Say) -> Iterator[None]:
    waiting = f"waiting: another command works on the lab in {settings.home}"
    with locked(settings.home / "lock", waiting=lambda: say(waiting)):
        yield


@contextmanager
def _trees(settings: Settings, suites: set[str], mirror: str | None, say: Say) -> Iterator[Trees]:
    with ExitStack() as held:
        yield {
            suite: held.enter_context(base.ready_tree(settings.cache, suite, mirror, say)) for suite in sorted(suites)
        }


def _start(settings: Settings, host: Host, trees: Trees) -> None:
    tree, lock = trees[host.suite]
    folder = state.folder_of(settings, host.name)
    machine = machine_name(settings.bridge, host.name)
    if folder.path.exists():
        nspawn.stop(folder, machine)
    else:
        _make(settings, host, tree)
    nspawn.start(folder, tree, lock, machine, host.name, settings.bridge)


def _make(settings: Settings, host: Host, tree: Path) -> None:
    """Make the host's folder under another name first, so that half a host never counts as one."""
    final = state.folder_of(settings, host.name)
    making = nspawn.Folder(final.path.with_name(f".{host.name}"))
    overlay.remove(making.path)
    making.upper.mkdir(parents=True)
    # The layer's own folder is the host's root folder, whatever the umask of this process.
    making.upper.chmod(0o755)
    overlay.place(tree, making.upper, own_files(host, _identity(settings, making.path), settings.network))
    (making.path / "suite").write_text(f"{host.suite}\n")
    making.path.rename(final.path)


def _identity(settings: Settings, folder: Path) -> Identity:
    key = folder / "host_key"
    run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "", "-f", str(key)])
    public = key.with_suffix(".pub")
    made = Identity(
        machine_id=uuid.uuid4().hex,
        host_key=key.read_text(),
        host_key_public=public.read_text(),
        authorized_key=settings.key.with_suffix(".pub").read_text(),
        resolver=resolver_text(path.read_text() for path in RESOLVERS if path.is_file()),
    )
    key.unlink()
    public.unlink()
    return made


def _drop(settings: Settings, host: Host) -> None:
    folder = state.folder_of(settings, host.name)
    nspawn.stop(folder, machine_name(settings.bridge, host.name))
    overlay.remove(folder.path)


def _await(settings: Settings, hosts: Sequence[Host], seconds: float, say: Say) -> None:
    begun = time.monotonic()

    def wait(host: Host) -> None:
        wait_for_login(host.name, host.address, state.folder_of(settings, host.name), seconds)
        say(f"{host.name} up: {host.address} {host.suite} ({time.monotonic() - begun:.1f} s)")

    _each(hosts, wait, at_once=max(len(hosts), 1))


def _each(hosts: Sequence[Host], work: Callable[[Host], None], at_once: int = AT_ONCE) -> None:
    """Do ``work`` for all hosts side by side; the first error is raised after all are through."""
    with ThreadPoolExecutor(max_workers=at_once) as pool:
        outcomes = [pool.submit(work, host) for host in hosts]
    errors = [error for error in (outcome.exception() for outcome in outcomes) if error]
    for error in errors:
        if not isinstance(error, FleetError):
            raise error
    if errors:
        kind = HostError if isinstance(errors[0], HostError) else FleetError
        raise kind("\n".join(str(error) for error in errors))
