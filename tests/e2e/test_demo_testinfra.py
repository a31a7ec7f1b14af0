"""playbooks/site.yml brings fresh hosts to the declared state, and a second run finds nothing left to do."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
import testinfra

if TYPE_CHECKING:
    from .conftest import Lab, LabHost

pytestmark = pytest.mark.e2e

REPO = Path(__file__).parents[2]
COUNT = 3
RECAP = re.compile(r"^(\S+)\s+: ok=(\d+)\s+changed=(\d+)\s+unreachable=(\d+)\s+failed=(\d+)", re.MULTILINE)


@dataclass
class Site:
    """The hosts, what both runs of the playbook printed, and how to look at a host."""

    lab: Lab
    hosts: list[LabHost]
    variables: Path
    runs: list[subprocess.CompletedProcess[str]]

    def apply(self, playbook: str, *words: str, **extra: object) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "fleet", "apply", "-i", str(self.lab.inventory)]
        command += ["--limit", ",".join(host.name for host in self.hosts), "-e", f"@{self.variables}"]
        command += ["-e", json.dumps(extra), *words, f"playbooks/{playbook}"]
        return subprocess.run(command, cwd=REPO, capture_output=True, text=True, timeout=600, check=False)

    def look(self, host: LabHost, user: str = "root") -> Any:
        """testinfra's view of a host, through the SSH that the playbook left open."""
        known = f"-o UserKnownHostsFile={self.lab.known_hosts} -o StrictHostKeyChecking=yes"
        return testinfra.get_host(
            f"ssh://{user}@{host.address}", ssh_identity_file=str(self.lab.key), ssh_extra_args=known
        )


def recap(run: subprocess.CompletedProcess[str]) -> dict[str, tuple[int, ...]]:
    """Host -> (ok, changed, unreachable, failed)."""
    return {name: tuple(map(int, numbers)) for name, *numbers in RECAP.findall(run.stdout)}


@pytest.fixture(scope="module")
def site(lab: Lab, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    hosts = lab.hosts(COUNT)
    for machine in hosts:
        # Other tests may have left their own sshd settings there.
        machine.reset()
    public = subprocess.run(["ssh-keygen", "-y", "-f", str(lab.key)], capture_output=True, text=True, check=True)
    variables = tmp_path_factory.mktemp("site") / "variables.json"
    wanted = {
        "bootstrap_admins": [{"name": "ops", "ssh_keys": [public.stdout.strip()]}],
        "bootstrap_timezone": "Europe/Berlin",
        "firewall_open_ports": [80, "53/udp"],
        "firewall_rules": [{"name": "metrics", "port": 9100, "from": ["10.0.0.0/8", "fd00::/8"]}],
        "patch_services": ["ssh"],
    }
    variables.write_text(json.dumps(wanted))
    site = Site(lab, hosts, variables, [])
    site.runs = [site.apply("site.yml"), site.apply("site.yml")]
    yield site
    for host in hosts:
        # Tests after this one expect hosts without a packet filter. Hosts of others stay as they are.
        with suppress(pytest.skip.Exception):
            host.reset()


@pytest.fixture(params=range(COUNT))
def host(site: Site, request: pytest.FixtureRequest) -> Any:
    return site.look(site.hosts[request.param])


def test_first_run_succeeds(site: Site) -> None:
    assert site.runs[0].returncode == 0, site.runs[0].stdout + site.runs[0].stderr
    assert sorted(recap(site.runs[0])) == sorted(host.name for host in site.hosts)


def test_second_run_changes_nothing(site: Site) -> None:
    assert site.runs[1].returncode == 0, site.runs[1].stdout + site.runs[1].stderr
    found = recap(site.runs[1])
    assert len(found) == COUNT
    assert all(changed == unreachable == failed == 0 for _, changed, unreachable, failed in found.values())


@pytest.mark.parametrize("name", ["ca-certificates", "curl", "sudo", "nftables"])
def test_packages(host: Any, name: str) -> None:
    assert host.package(name).is_installed


def test_no_security_update_is_left(host: Any) -> None:
    due = host.check_output("apt-get -s --with-new-pkgs upgrade")
    assert not [line for line in due.splitlines() if line.startswith("Inst") and "-security" in line]


def test_time_zone(host: Any) -> None:
    assert host.file("/etc/localtime").linked_to.endswith("Europe/Berlin")
    assert host.file("/etc/timezone").content_string == "Europe/Berlin\n"


def test_firewall_drops_what_is_not_named(host: Any) -> None:
    live = json.loads(host.check_output("nft -j list table inet fleet"))["nftables"]
    (chain,) = [entry["chain"] for entry in live if "chain" in entry]
    assert (chain["hook"], chain["policy"]) == ("input", "drop")


@pytest.mark.parametrize(
    "rule",
    [
        'tcp dport 22 accept comment "ssh"',
        "tcp dport 80 accept",
        "udp dport 53 accept",
        'ip saddr 10.0.0.0/8 tcp dport 9100 accept comment "metrics"',
        'ip6 saddr fd00::/8 tcp dport 9100 accept comment "metrics"',
    ],
)
def test_firewall_accepts_what_is_named(host: Any, rule: str) -> None:
    lines = host.check_output("nft list chain inet fleet input").splitlines()
    assert rule in [line.strip() for line in lines]


def test_firewall_is_loaded_at_boot(host: Any) -> None:
    service = host.service("fleet-firewall")
    assert service.is_enabled
    assert service.is_running
    kept = host.file("/etc/nftables.d/fleet.nft")
    before = host.check_output("nft -st list table inet fleet")
    host.check_output("nft delete table inet fleet && nft -f %s", kept.path)
    assert host.check_output("nft -st list table inet fleet") == before


@pytest.mark.parametrize("verb", ["start", "reload", "restart"])
def test_firewall_outlives_debians_service(host: Any, verb: str) -> None:
    before = host.check_output("nft -st list table inet fleet")
    assert host.run(f"systemctl {verb} nftables").rc == 0
    assert host.check_output("nft -st list table inet fleet") == before


def test_sshd_takes_keys_only(host: Any) -> None:
    assert host.file("/etc/ssh/sshd_config.d/00-fleet.conf").mode == 0o644
    effective = set(host.check_output("sshd -T").splitlines())
    assert {
        "passwordauthentication no",
        "kbdinteractiveauthentication no",
        "permitrootlogin without-password",
        "x11forwarding no",
    } <= effective


def test_services(host: Any) -> None:
    assert host.service("ssh").is_running
    assert host.check_output("systemctl list-units --state=failed --plain --no-legend") == ""


def test_no_way_back_is_still_armed(host: Any) -> None:
    assert "fleet-revert" not in host.check_output("systemctl list-timers --all --no-legend")


def test_admin_logs_in_with_a_key_and_may_use_sudo(site: Site) -> None:
    for lab_host in site.hosts:
        ops = site.look(lab_host, "ops")
        assert ops.check_output("sudo -n id -u") == "0"
    sudoers = site.look(site.hosts[0]).file("/etc/sudoers.d/fleet")
    assert (sudoers.mode, sudoers.user) == (0o440, "root")


def test_drift_of_the_live_rules_is_shown_and_repaired(site: Site) -> None:
    host = site.look(site.hosts[0])
    before = host.check_output("nft -st list table inet fleet")
    host.check_output("nft add rule inet fleet input tcp dport 4444 accept")
    shown = site.apply("firewall.yml", "--check")
    assert "tcp dport 4444 accept" in shown.stdout
    assert recap(shown)[site.hosts[0].name][1] == 1
    assert "4444" in host.check_output("nft list table inet fleet"), "check mode changed something"
    repaired = site.apply("firewall.yml")
    assert repaired.returncode == 0, repaired.stdout + repaired.stderr
    assert host.check_output("nft -st list table inet fleet") == before


def test_rules_that_would_cut_ssh_are_taken_back(site: Site) -> None:
    first, *others = site.hosts
    host = site.look(first)
    before = host.check_output("nft -st list table inet fleet")
    run = site.apply("firewall.yml", firewall_ssh_from=["192.0.2.0/24"], firewall_revert_after=20)
    assert run.returncode == 2, run.stdout
    assert "The host is back at the rules before" in run.stdout + run.stderr
    assert host.check_output("nft -st list table inet fleet") == before
    assert "192.0.2.0" not in host.file("/etc/nftables.d/fleet.nft").content_string
    for other in others:  # the rollout stopped at the first host
        assert "192.0.2.0" not in site.look(other).file("/etc/nftables.d/fleet.nft").content_string


def test_sshd_options_that_would_lock_us_out_are_taken_back(site: Site) -> None:
    host = site.look(site.hosts[0])
    closed = {"PermitRootLogin": "no"}
    run = site.apply("bootstrap.yml", "--tags", "ssh", bootstrap_sshd=closed, bootstrap_revert_after=20)
    assert run.returncode == 2, run.stdout
    assert "permitrootlogin without-password" in host.check_output("sshd -T")


def test_reboot_where_due_keeps_the_firewall(site: Site) -> None:
    first = site.hosts[0]
    host = site.look(first)
    before, boot = host.check_output("nft -st list table inet fleet"), first.boot_id()
    host.check_output("touch /run/reboot-required")
    run = site.apply("patch.yml", "--limit", first.name)
    assert run.returncode == 0, run.stdout + run.stderr
    assert first.boot_id() not in ("", boot)
    assert host.check_output("nft -st list table inet fleet") == before
