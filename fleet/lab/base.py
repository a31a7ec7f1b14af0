"""Build the base trees that hosts are overlays of: once a suite, atomically, one builder at a time.

A tree that exists under its final name is complete. While hosts run on a tree they share its lock,
so it cannot be purged under them.
"""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from fleet.errors import FleetError
from fleet.lab.hosts import ADMIN_ID
from fleet.lab.lock import locked, try_lock
from fleet.lab.run import attempt, environment, run
from fleet.lab.sources import Mirrors, mirrors_from, proxy_conf, proxy_from, sources_list

# Raise it when the recipe changes: trees of another recipe are not used.
RECIPE = 1
PACKAGES = (
    "systemd,systemd-sysv,dbus,openssh-server,python3,python3-apt,sudo,iproute2,nftables,ca-certificates,"
    "procps,iputils-ping,cron,less,locales,gnupg,acl"
)
SSHD = "MaxStartups 100:30:200\nMaxSessions 100\nUseDNS no\n"
NETWORKD = "etc/systemd/system/multi-user.target.wants/systemd-networkd.service"
TIMERS = ("apt-daily.timer", "apt-daily-upgrade.timer")

Say = Callable[[str], None]


def tree_of(cache: Path, suite: str) -> Path:
    """Where the base tree of ``suite`` is, or will be."""
    return cache / f"base-{suite}-v{RECIPE}"


@contextmanager
def ready_tree(cache: Path, suite: str, mirror: str | None, say: Say) -> Iterator[tuple[Path, int]]:
    """Give the base tree of ``suite``, built if need be, and the descriptor of a lock that keeps it.

    Whoever inherits the descriptor keeps the tree from being purged. Raises ``FleetError``.
    """
    tree = tree_of(cache, suite)
    lock = cache / f"{tree.name}.lock"
    while True:
        with locked(lock, shared=True, waiting=lambda: say(f"waiting for {tree} (another lab builds it)")) as held:
            if tree.is_dir():
                yield tree, held
                return
        with locked(lock):
            if not tree.is_dir():
                _build(cache, suite, mirror, say)


def purge(cache: Path, say: Say) -> None:
    """Remove all base trees and what builds left behind, but for trees that hosts run on."""
    for lock in sorted(cache.glob("base-*.lock")):
        held = try_lock(lock)
        if held is None:
            say(f"kept {lock.with_suffix('')}: another lab uses it")
            continue
        for tree in (lock.with_suffix(""), cache / f"tmp-{lock.stem}"):
            if tree.is_dir():
                shutil.rmtree(tree)
                say(f"removed {tree}")
        lock.unlink()
        os.close(held)
    for log in cache.glob("debootstrap-*.log"):
        log.unlink()
    if cache.is_dir() and not any(cache.iterdir()):
        cache.rmdir()


def machine_mirrors(mirror: str | None) -> Mirrors:
    """The mirrors this machine's apt uses; ``mirror`` is one the user chose instead."""
    files = [Path("/etc/apt/sources.list"), *sorted(Path("/etc/apt/sources.list.d").glob("*.*"))]
    texts = [
        path.read_text(errors="replace") for path in files if path.suffix in (".list", ".sources") and path.is_file()
    ]
    found = mirrors_from(texts, proxy_from(attempt(["apt-config", "dump"]).stdout, os.environ))
    return Mirrors(mirror.rstrip("/"), found.security, found.proxy) if mirror else found


def _build(cache: Path, suite: str, mirror: str | None, say: Say) -> None:
    tree = tree_of(cache, suite)
    making = cache / f"tmp-{tree.name}"
    mirrors = machine_mirrors(mirror)
    say(f"building base {suite} from {mirrors.archive} (about a minute, once)")
    shutil.rmtree(making, ignore_errors=True)
    try:
        _debootstrap(making, suite, mirrors, cache / f"debootstrap-{suite}.log")
        _furnish(making, suite, mirrors)
        making.rename(tree)
    except BaseException:
        shutil.rmtree(making, ignore_errors=True)
        raise


def _debootstrap(tree: Path, suite: str, mirrors: Mirrors, log: Path) -> None:
    # In a mount namespace of its own, so that the mounts debootstrap makes in the tree end with it.
    command = ["unshare", "--mount", "debootstrap", "--variant=minbase", "--force-check-gpg"]
    command += [f"--include={PACKAGES}", suite, str(tree), mirrors.archive]
    env = environment() | ({"http_proxy": mirrors.proxy} if mirrors.proxy else {})
    with log.open("w") as out:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, env=env, start_new_session=True
        )
        try:
            code = process.wait()
        except BaseException:
            os.killpg(process.pid, signal.SIGKILL)
            process.wait()
            raise
    if code:
        last = [line for line in log.read_text(errors="replace").splitlines() if line.strip()][-3:]
        raise FleetError(
            f"debootstrap could not build {suite} from {mirrors.archive}: {' | '.join(last)}",
            hint=f"the whole story is in {log}; another mirror is chosen with --mirror",
        )


def _furnish(tree: Path, suite: str, mirrors: Mirrors) -> None:
    """Everything hosts have in common beyond their packages."""
    run(["chroot", str(tree), "useradd", "-m", "-s", "/bin/bash", "-u", str(ADMIN_ID), "admin"])
    for path, content, mode in (
        ("etc/sudoers.d/admin", "admin ALL=(ALL) NOPASSWD: ALL\n", 0o440),
        ("etc/ssh/sshd_config.d/lab.conf", SSHD, 0o644),
        ("etc/apt/sources.list", sources_list(suite, mirrors), 0o644),
        ("etc/apt/apt.conf.d/90lab-proxy", proxy_conf(mirrors), 0o644),
    ):
        if content:
            target = tree / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_text(content)
            target.chmod(mode)
    wanted = tree / NETWORKD
    wanted.parent.mkdir(parents=True, exist_ok=True)
    wanted.unlink(missing_ok=True)
    wanted.symlink_to("/lib/systemd/system/systemd-networkd.service")
    # Each host gets its own of these; two hosts with the same ones would not be two hosts.
    for path in ("etc/machine-id", "var/lib/dbus/machine-id", "etc/resolv.conf", "etc/hostname"):
        (tree / path).unlink(missing_ok=True)
    for timer in TIMERS:
        (tree / "etc/systemd/system/timers.target.wants" / timer).unlink(missing_ok=True)
    for spare in [*tree.glob("etc/ssh/ssh_host_*"), *tree.glob("var/cache/apt/archives/*.deb")]:
        spare.unlink()
