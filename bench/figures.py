"""The figures: what each measures, what it is to reach, and what it reached."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import peers
import workloads
from benchlab import BenchLab
from measure import FLEET, Command, Sample, Series, WrongRun, interleaved, once, recap, says

from fleet.lab.hosts import Host

FLOOR = Path(__file__).resolve().parent / "floor.py"
PROXY = Path(__file__).resolve().parent / "slow_proxy.py"
HELP, DELAY = "fleet --help", 100
NOTHING = {"ANSIBLE_CONFIG": str(peers.CONFIG)}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the results. ``met`` is None where nothing could be measured; ``note`` says why."""

    figure: int
    what: str
    goal: str
    reached: str
    met: bool | None
    note: str = ""
    series: tuple[Series, ...] = ()


@dataclass(slots=True)
class Bench:
    """What all figures share. ``few`` and ``many`` are the numbers of hosts."""

    lab: BenchLab
    work: Path
    repeat: int
    few: int
    many: int
    with_peers: bool
    say: Callable[[str], None]
    installed: dict[str, peers.Peer] = field(default_factory=dict)
    converged: int = 0

    def peer(self, name: str) -> peers.Peer:
        """The environment of a peer, installed when first asked for."""
        if not self.with_peers:
            return peers.Peer(self.work, {}, "left out (--no-peers)")
        if name not in self.installed:
            self.installed[name] = peers.install(name, self.say)
        return self.installed[name]

    def hosts(self, count: int) -> list[Host]:
        """``count`` hosts that the baseline finds nothing to do on."""
        hosts = self.lab.hosts(count)
        if self.converged < count:
            inventory = self.lab.inventory(hosts)
            once(fleet_apply(inventory, says("PLAY RECAP"), "fleet converging"), self.work)
            once(fleet_apply(inventory, recap(count, changes=False)), self.work)
            self.converged = count
        return hosts

    def series(self, *commands: Command) -> list[Series]:
        """Each command measured as often as wanted."""
        return interleaved(commands, self.repeat, self.work, self.say)


def fleet_apply(
    inventory: Path, check: Callable[[str], None], name: str = "fleet", *extra: str, site: Path = peers.SITE
) -> Command:
    """fleet with the same settings file as ansible-core."""
    return Command(name, (*FLEET, "apply", "-i", str(inventory), str(site), *extra), check, NOTHING)


def floor(inventory: Path, hosts: int) -> Command:
    """One connection a host and one hand-written script over it."""
    words = (sys.executable, str(FLOOR), str(inventory))
    return Command("floor", words, says(rf"^{hosts} hosts looked at, 0 bad"), {})


def against_peers(bench: Bench) -> Iterator[Row]:
    """1: nothing to do on a few hosts."""
    hosts = bench.hosts(bench.few)
    inventory = bench.lab.inventory(hosts)
    quiet = recap(len(hosts), changes=False)
    commands = [floor(inventory, len(hosts)), fleet_apply(inventory, quiet)]
    ansible, pyinfra = bench.peer("ansible"), bench.peer("pyinfra")
    if not ansible.reason:
        core = peers.ansible(ansible, "ansible-core", inventory, quiet, bench.work, "cp")
        commands += [peers.mitogen(ansible, inventory, len(hosts), bench.work), core]
    if not pyinfra.reason:
        restore = fleet_apply(inventory, says("PLAY RECAP"), "fleet after pyinfra")
        commands.append(peers.pyinfra(pyinfra, bench.lab.settings, hosts, restore, bench.work))
    taken = {series.name: series for series in bench.series(*commands)}
    what = f"converged, {len(hosts)} hosts"
    yield at_most(1, what, taken["fleet"], taken["floor"], 2.0)
    for name, goal, peer in (
        ("pyinfra", 8, pyinfra), ("ansible-core + Mitogen", 20, ansible), ("ansible-core", 60, ansible),
    ):  # fmt: skip
        if peer.reason:
            yield Row(1, f"{what}, against {name}", f">= {goal} x faster", "not measured", None, peer.reason)
        else:
            yield faster(1, what, taken["fleet"], taken[name], goal)


def many_hosts(bench: Bench) -> Iterator[Row]:
    """2: nothing to do on many hosts; of 7: memory."""
    hosts = bench.hosts(bench.many)
    inventory = bench.lab.inventory(hosts)
    below, above = bench.series(floor(inventory, len(hosts)), fleet_apply(inventory, recap(len(hosts), changes=False)))
    yield at_most(2, f"converged, {len(hosts)} hosts", above, below, 2.0)


def unprivileged(bench: Bench) -> Iterator[Row]:
    """3: as a user who becomes root."""
    hosts = bench.hosts(bench.few)
    inventory = bench.lab.inventory(hosts, "admin")
    quiet = recap(len(hosts), changes=False)
    fleet = fleet_apply(inventory, quiet, "fleet", "-e", "bench_become=true")
    below, above = bench.series(floor(inventory, len(hosts)), fleet)
    yield at_most(3, f"converged, {len(hosts)} hosts, unprivileged user and become", above, below, 2.3)


def first_run(bench: Bench) -> Iterator[Row]:
    """4: everything to do, on fresh hosts with equal package caches."""
    hosts = bench.lab.hosts(bench.few)
    inventory = bench.lab.inventory(hosts)
    changed = recap(len(hosts), changes=True)
    what, goal = f"first run, {len(hosts)} fresh hosts, against ansible-core", "<= 0.40 of its time"
    peer = bench.peer("ansible")
    fleet_samples: list[Sample] = []
    core_samples: list[Sample] = []
    bench.converged = 0
    for number in range(bench.repeat):
        bench.lab.fresh(hosts)
        fleet_samples.append(once(fleet_apply(inventory, changed), bench.work))
        once(fleet_apply(inventory, recap(len(hosts), changes=False), "fleet again"), bench.work)
        if not peer.reason:
            bench.lab.fresh(hosts)
            # Sockets of connections to the hosts of the round before would lead nowhere.
            core = peers.ansible(peer, "ansible-core", inventory, changed, bench.work, f"cp{number}")
            core_samples.append(once(core, bench.work))
        latest = [samples[-1].seconds for samples in (fleet_samples, core_samples) if samples]
        bench.say(f"round {number + 1}: " + ", ".join(f"{seconds:.2f} s" for seconds in latest))
    fleet = Series("fleet", tuple(fleet_samples))
    if peer.reason:
        yield Row(4, what, goal, f"{fleet.seconds:.2f} s", None, peer.reason, (fleet,))
        return
    core_series = Series("ansible-core", tuple(core_samples))
    share = fleet.seconds / core_series.seconds
    reached = f"{share:.2f} ({fleet.seconds:.2f} s of {core_series.seconds:.2f} s)"
    yield Row(4, what, goal, reached, share <= 0.4, "", (fleet, core_series))


def round_trips(bench: Bench) -> Iterator[Row]:
    """5: how often a host is asked and waited for."""
    hosts = bench.hosts(bench.few)
    ran = once(
        fleet_apply(bench.lab.inventory(hosts), recap(len(hosts), changes=False), "fleet -vvv", "-vvv"),
        bench.work,
    )
    trips = [int(count) for count in re.findall(r"(\d+) round trips after the bootstrap", ran.output)]
    if len(trips) != len(hosts):
        raise WrongRun(f"{len(trips)} of {len(hosts)} hosts tell their round trips")
    yield Row(5, "round trips a host after the bootstrap", "<= 5", str(max(trips)), max(trips) <= 5)


def far_away(bench: Bench) -> Iterator[Row]:
    """6: a network that is slow, not narrow."""
    hosts = bench.hosts(bench.few)
    with slow_network(hosts) as ports:
        inventory = bench.lab.proxied(hosts, ports)
        (fleet,) = bench.series(fleet_apply(inventory, recap(len(hosts), changes=False)))
    what = f"converged, {len(hosts)} hosts, {DELAY} ms away each way"
    yield in_time(6, what, fleet, 4.0)


def controller(bench: Bench) -> Iterator[Row]:
    """7: memory, the start, and the offline check."""
    for count in dict.fromkeys((bench.few, bench.many)):
        hosts = bench.hosts(count)
        quiet = recap(count, changes=False)
        (fleet,) = bench.series(fleet_apply(bench.lab.inventory(hosts), quiet))
        goal = 70 + count
        reached = f"{fleet.memory:.0f} MB"
        yield Row(7, f"peak memory, {count} hosts", f"<= {goal} MB", reached, fleet.memory <= goal, "", (fleet,))
    (fleet,) = bench.series(Command(HELP, (*FLEET, "--help"), says("apply"), NOTHING))
    yield in_time(7, HELP, fleet, 0.25)
    inventory, playbook = workloads.large(bench.work / "large", hosts=1000, tasks=1000)
    check = Command("fleet check", (*FLEET, "check", "-i", str(inventory), str(playbook)), lambda output: None, NOTHING)
    (fleet,) = bench.series(check)
    yield in_time(7, "fleet check of 1,000 tasks for 1,000 hosts", fleet, 2.0)


def long_loop(bench: Bench) -> Iterator[Row]:
    """8: a thousand small files in one task."""
    hosts = bench.lab.hosts(1)
    inventory, playbook = bench.lab.inventory(hosts), workloads.loop(bench.work, 1000)
    once(fleet_apply(inventory, says("PLAY RECAP"), "fleet converging", site=playbook), bench.work)
    (fleet,) = bench.series(fleet_apply(inventory, recap(1, changes=False), site=playbook))
    yield in_time(8, "1,000 small files in a loop, one host, nothing to do", fleet, 1.5)


FIGURES: dict[int, Callable[[Bench], Iterator[Row]]] = {
    1: against_peers,
    2: many_hosts,
    3: unprivileged,
    4: first_run,
    5: round_trips,
    6: far_away,
    7: controller,
    8: long_loop,
}


def at_most(figure: int, what: str, fleet: Series, below: Series, goal: float) -> Row:
    """fleet's time as a multiple of the floor's."""
    ratio = fleet.seconds / below.seconds
    reached = f"{ratio:.2f} x ({fleet.seconds:.2f} s over {below.seconds:.2f} s)"
    return Row(figure, what, f"<= {goal:.1f} x the floor", reached, ratio <= goal, "", (fleet, below))


def faster(figure: int, what: str, fleet: Series, peer: Series, goal: float) -> Row:
    """How many times as long a peer takes."""
    ratio = peer.seconds / fleet.seconds
    reached = f"{ratio:.0f} x ({peer.seconds:.1f} s over {fleet.seconds:.2f} s)"
    return Row(
        figure,
        f"{what}, against {peer.name}",
        f">= {goal} x faster",
        reached,
        ratio >= goal,
        "",
        (fleet, peer),
    )


def in_time(figure: int, what: str, fleet: Series, goal: float) -> Row:
    """fleet's time alone."""
    return Row(figure, what, f"<= {goal:g} s", f"{fleet.seconds:.2f} s", fleet.seconds <= goal, "", (fleet,))


@contextmanager
def slow_network(hosts: Sequence[Host]) -> Iterator[dict[str, int]]:
    """Loopback ports through which the hosts are far away."""
    words = [sys.executable, str(PROXY), f"--delay={DELAY}", *(f"{host.address}:22" for host in hosts)]
    with subprocess.Popen(words, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as proxy:
        assert proxy.stdout is not None
        ports = [int(word) for word in proxy.stdout.readline().split()]
        try:
            yield {host.name: port for host, port in zip(hosts, ports, strict=True)}
        finally:
            # The end of its stdin ends it; connections that are still open must not delay that.
            proxy.kill()


def raw(rows: Sequence[Row], facts: Mapping[str, str]) -> str:
    """The machine and every sample, as JSON."""
    figures = [
        {
            **{name: getattr(row, name) for name in ("figure", "what", "goal", "reached", "met", "note")},
            "samples": {series.name: [_numbers(sample) for sample in series.samples] for series in row.series},
        }
        for row in rows
    ]
    return json.dumps({"machine": dict(facts), "figures": figures}, indent=1) + "\n"


def _numbers(sample: Sample) -> dict[str, float]:
    return {
        "seconds": round(sample.seconds, 4),
        "cpu_seconds": round(sample.cpu, 3),
        "peak_mb": round(sample.memory, 1),
    }
