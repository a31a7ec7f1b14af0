"""firewalld, firewalld_info, selinux, seboolean: what is asked, changed and told; output as firewalld 1.3 words it."""

import pytest
from fake_host import FakeHost, run_on

from fleet.modules import seboolean, selinux
from fleet.remote import firewallcmd

ZONES = """dmz
  target: default
  icmp-block-inversion: no
  interfaces: 
  sources: 192.0.2.0/24
  services: ssh
  ports: 80/tcp 60000-61000/udp
  protocols: 
  forward: yes
  masquerade: no
  forward-ports: 
\tport=443:proto=tcp:toport=8443:toaddr=
  source-ports: 
  icmp-blocks: echo-request
  rich rules: 
\trule service name="ftp" accept

public (active)
  target: %%REJECT%%
  interfaces: eth0
"""  # noqa: W291


class Firewall:
    """Remembers what is on in which settings, and answers as firewall-cmd does."""

    def __init__(self, running=True):
        self.on = set()
        self.host = FakeHost({"firewall-cmd": self.answer, "firewall-offline-cmd": self.answer})
        self.running = running

    def answer(self, line):
        words = line.split(" ", 1)[1]
        if words == "--state":
            return (0 if self.running else 252, "", "")
        if words == "--get-default-zone":
            return "public\n"
        if "--zone=nozone" in words:
            return (112, "", "Error: INVALID_ZONE: nozone\n")
        for verb in ("query", "add", "change", "remove"):
            start, found, item = words.partition(f"--{verb}-")
            if found:
                key = (start.strip(), item)
                if verb == "query":
                    return (0 if key in self.on else 1, "", "")
                (self.on.discard if verb == "remove" else self.on.add)(key)
                return ""
        raise AssertionError(line)


@pytest.mark.parametrize(
    "given, msg",
    [
        ({"service": "https"}, "Changed service https to enabled"),
        ({"port": "8081/tcp"}, "Changed port 8081/tcp to enabled"),
        ({"rich_rule": "rule accept"}, "Changed rich_rule rule accept to enabled"),
        ({"source": "192.0.2.0/24", "zone": "internal"}, "Added 192.0.2.0/24 to zone internal"),
        ({"masquerade": True, "zone": "dmz"}, "Added masquerade to zone dmz"),
        ({"interface": "eth9", "zone": "trusted"}, "Changed eth9 to zone trusted"),
        ({"icmp_block": "echo-request"}, "Changed icmp-block echo-request to enabled"),
        (
            {"port_forward": [{"port": "443", "proto": "tcp", "toport": "8443"}]},
            "Changed port_forward port=443:proto=tcp:toport=8443:toaddr= to enabled",
        ),
    ],
)
def test_on_once_and_off_again(given, msg):
    wall = Firewall()
    args = dict(given, state="enabled", permanent=True)
    assert run_on(wall.host, "firewalld", args) == {"changed": True, "msg": "Permanent operation, " + msg}
    assert run_on(wall.host, "firewalld", args) == {"changed": False, "msg": "Permanent operation"}
    assert run_on(wall.host, "firewalld", dict(args, state="disabled"))["changed"] is True
    assert wall.on == set()


def test_both_settings_and_check_mode():
    wall = Firewall()
    args = {"service": "https", "state": "enabled", "permanent": True, "immediate": True}
    wall.host.check = True
    assert run_on(wall.host, "firewalld", args)["changed"] is True and wall.on == set()
    wall.host.check = False
    assert run_on(wall.host, "firewalld", args)["msg"].startswith("Permanent and Non-Permanent(immediate) operation, ")
    assert wall.on == {("--permanent --zone=public", "service=https"), ("--zone=public", "service=https")}


def test_masquerade_false_is_off():
    wall = Firewall()
    wall.on.add(("--permanent --zone=public", "masquerade"))
    args = {"masquerade": False, "state": "enabled", "permanent": True}
    assert run_on(wall.host, "firewalld", args)["msg"].endswith("Removed masquerade from zone public")
    assert wall.on == set()


def test_without_the_daemon():
    wall = Firewall(running=False)
    args = {"service": "https", "state": "enabled", "permanent": True, "immediate": True}
    assert "firewall is not currently running" in run_on(wall.host, "firewalld", args)["msg"]
    assert run_on(wall.host, "firewalld", dict(args, offline=True))["msg"].startswith("Permanent operation")
    assert wall.host.calls[-1].startswith("firewall-offline-cmd --zone=public --query-service")


@pytest.mark.parametrize(
    "given, msg",
    [
        ({"service": "a", "state": "absent"}, "absent and present state can only be used in zone level operations"),
        ({"port": "1/tcp", "zone": "nozone", "state": "enabled"}, "Exception: INVALID_ZONE: nozone"),
        ({"port": "1", "state": "enabled"}, "improper port format"),
        ({"port": "1/tcp", "service": "a", "state": "enabled"}, "mutually exclusive"),
    ],
)
def test_what_is_refused(given, msg):
    assert msg in run_on(Firewall().host, "firewalld", given)["msg"]


def test_the_zones():
    zones = firewallcmd.parse_zones(ZONES)
    assert zones["dmz"]["ports"] == [["80", "tcp"], ["60000-61000", "udp"]]
    assert zones["dmz"]["forward_ports"] == [["443", "tcp", "8443", ""]]
    assert zones["dmz"]["rich_rules"] == ['rule service name="ftp" accept']
    assert (zones["dmz"]["forward"], zones["dmz"]["masquerade"], zones["dmz"]["protocols"]) == (True, False, [])
    assert (zones["public"]["target"], zones["public"]["interfaces"]) == ("%%REJECT%%", ["eth0"])


def test_the_info():
    answers = {
        "firewall-cmd --state": "running",
        "firewall-cmd --list-all-zones": ZONES,
        "firewall-cmd --version": "1.3.3\n",
        "firewall-cmd --get-default-zone": "public\n",
    }
    result = run_on(FakeHost(answers), "firewalld_info", {"zones": ["dmz", "nozone"]})
    assert (result["collected_zones"], result["undefined_zones"]) == (["dmz"], ["nozone"])
    assert result["firewalld_info"]["default_zone"] == "public"
    assert run_on(FakeHost(answers), "firewalld_info", {"active_zones": True})["collected_zones"] == ["dmz", "public"]


@pytest.fixture
def config(tmp_path, monkeypatch):
    (tmp_path / "targeted").mkdir()
    (tmp_path / "config").write_text("# mode\nSELINUX=disabled\nSELINUXTYPE=targeted\n")
    monkeypatch.setattr(selinux, "ENFORCE", str(tmp_path / "enforce"))
    return tmp_path


def test_selinux_in_its_file(config):
    args = {"policy": "targeted", "state": "permissive", "configfile": str(config / "config")}
    result = run_on(FakeHost({}), "selinux", args)
    assert result["msg"] == "Config SELinux state changed from 'disabled' to 'permissive'"
    assert (result["changed"], result["reboot_required"]) == (True, True)
    assert (config / "config").read_text() == "# mode\nSELINUX=permissive\nSELINUXTYPE=targeted\n"
    assert run_on(FakeHost({}), "selinux", args)["changed"] is False


def test_selinux_of_the_running_kernel(config):
    (config / "enforce").write_text("1")
    args = {"policy": "targeted", "state": "permissive", "configfile": str(config / "config")}
    here = FakeHost({"setenforce": ""})
    result = run_on(here, "selinux", args)
    assert result["msg"].endswith("SELinux state temporarily changed from 'enforcing' to 'permissive'")
    assert here.calls == ["setenforce 0"] and result["reboot_required"] is False


def test_selinux_refuses(config):
    args = {"state": "enforcing", "configfile": str(config / "config")}
    assert run_on(FakeHost({}), "selinux", args)["msg"] == "Policy is required if state is not 'disabled'"
    assert "does not exist" in run_on(FakeHost({}), "selinux", dict(args, policy="mls"))["msg"]
    gone = {"state": "disabled", "configfile": str(config / "nosuch")}
    assert "Unable to find file" in run_on(FakeHost({}), "selinux", gone)["msg"]


def test_booleans(tmp_path, monkeypatch):
    monkeypatch.setattr(seboolean, "BOOLEANS", str(tmp_path))
    (tmp_path / "a_bool").write_text("0 0")
    stored = ["off"]

    def switch(line):
        (tmp_path / "a_bool").write_text("1 1")
        stored[0] = "on" if "-P" in line else stored[0]
        return ""

    here = FakeHost({"semanage boolean": lambda _: f"a_bool   (off  ,   {stored[0]})  text (x)\n", "setsebool": switch})
    assert run_on(here, "seboolean", {"name": "a_bool", "state": True})["changed"] is True
    assert run_on(here, "seboolean", {"name": "a_bool", "state": True})["changed"] is False
    both = {"name": "a_bool", "state": True, "persistent": True}
    assert run_on(here, "seboolean", both) == {"changed": True, "name": "a_bool", "state": True, "persistent": True}
    assert run_on(here, "seboolean", both)["changed"] is False
    assert "does not exist" in run_on(here, "seboolean", {"name": "nosuch", "state": True})["msg"]
    monkeypatch.setattr(seboolean, "BOOLEANS", "/nosuch")
    assert run_on(here, "seboolean", both)["msg"] == "SELinux is disabled on this host."
    assert run_on(here, "seboolean", dict(both, ignore_selinux_state=True))["changed"] is False


def test_zones_are_changed_for_good_only():
    wall = Firewall()
    refused = run_on(wall.host, "firewalld", {"zone": "x", "state": "present"})["msg"]
    assert refused.startswith("Zone operations must be permanent.")
    both = {"zone": "x", "target": "DROP", "permanent": True, "immediate": True, "state": "enabled"}
    assert run_on(wall.host, "firewalld", both)["msg"] == refused


@pytest.mark.parametrize("given", [{}, {"zone": "x"}])
def test_nothing_to_enable(given):
    args = dict(given, permanent=True, state="enabled")
    wall = Firewall()
    assert run_on(wall.host, "firewalld", args) == {"changed": False, "msg": ""} and wall.host.calls == []


BUS = "busctl --auto-start=no -- "
CALL = BUS + "call org.fedoraproject.FirewallD1 "
NOW = CALL + "/org/fedoraproject/FirewallD1 org.fedoraproject.FirewallD1.zone "
SETTINGS = CALL + "/org/fedoraproject/FirewallD1/config org.fedoraproject.FirewallD1.config "
FOR_GOOD = CALL + "/org/fedoraproject/FirewallD1/config/zone/6 org.fedoraproject.FirewallD1.config.zone "


class Bus(FakeHost):
    """A host whose firewalld answers busctl as firewalld 1.3 does: ``on`` says what every query finds."""

    def __init__(self, on, **more):
        self.on = on
        answers = {
            BUS + "get-property": 's "RUNNING"\n',
            CALL + "/org/fedoraproject/FirewallD1 org.fedoraproject.FirewallD1 getDefaultZone": 's "public"\n',
            SETTINGS + "getZoneByName": 'o "/org/fedoraproject/FirewallD1/config/zone/6"\n',
            SETTINGS + "getZoneNames": 'as 2 "dmz" "public"\n',
            NOW: self.answer,
            FOR_GOOD: self.answer,
        }
        super().__init__({**answers, **more}, there=("firewall-cmd",))

    def answer(self, line):
        if "Zone query" in line or "zone query" in line:
            return f"b {str(self.on).lower()}\n"
        self.on = not self.on
        return 's "public"\n' if line.startswith(NOW) else ""


@pytest.mark.parametrize(
    "on, given, told",
    [
        (False, {"port": "8081/tcp", "timeout": 60, "state": "enabled"}, NOW + "addPort sssi public 8081 tcp 60"),
        (False, {"port": "8081/tcp", "permanent": True, "state": "enabled"}, FOR_GOOD + "addPort ss 8081 tcp"),
        (True, {"rich_rule": "rule accept", "permanent": True, "state": "disabled"}, FOR_GOOD + "removeRichRule s rule accept"),
        (False, {"interface": "eth9", "zone": "dmz", "state": "enabled"}, NOW + "changeZoneOfInterface ss dmz eth9"),
        (True, {"masquerade": False, "permanent": True, "state": "enabled"}, FOR_GOOD + "removeMasquerade"),
        (True, {"source": "192.0.2.0/24", "state": "disabled"}, NOW + "removeSource ss public 192.0.2.0/24"),
        (False, {"port_forward": [{"port": "443", "proto": "tcp", "toport": "8443"}], "state": "enabled"},
         NOW + "addForwardPort sssssi public 443 tcp 8443  0"),
    ],
)  # fmt: skip
def test_the_bus_is_asked_and_told_without_firewall_cmd(on, given, told):
    wall = Bus(on)
    assert run_on(wall, "firewalld", given)["changed"] is True
    assert told in wall.calls and not any("firewall-cmd" in call for call in wall.calls)
    wall.calls.clear()
    assert run_on(wall, "firewalld", given)["changed"] is False and told not in wall.calls


def test_zones_of_the_bus():
    assert run_on(Bus(False), "firewalld", {"zone": "dmz", "permanent": True, "state": "present"})["changed"] is False


def test_what_the_bus_refuses_is_worded_by_firewall_cmd():
    refused = (1, "", "Call failed: INVALID_SERVICE: nosuch\n")
    wall = Bus(False, **{NOW: refused, "firewall-cmd --zone=public": (101, "", "Error: INVALID_SERVICE: nosuch\n")})
    told = run_on(wall, "firewalld", {"service": "nosuch", "state": "enabled"})
    assert "Exception: INVALID_SERVICE: nosuch" in told["msg"]


def test_an_interface_that_stays_is_firewall_cmds_which_knows_networkmanager():
    wall = Bus(False, **{"firewall-cmd --permanent": ""})
    args = {"interface": "eth9", "zone": "dmz", "permanent": True, "state": "enabled"}
    assert run_on(wall, "firewalld", args)["changed"] is False
    assert wall.calls[-1] == "firewall-cmd --permanent --zone=dmz --query-interface=eth9"


def test_firewalld_is_asked_once_whether_it_runs():
    wall = Firewall()
    run_on(wall.host, "firewalld", {"service": "https", "permanent": True, "immediate": True, "state": "enabled"})
    assert sum("--state" in call for call in wall.host.calls) == 1
    assert len(wall.host.calls) == 8
