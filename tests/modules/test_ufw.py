"""ufw: the command of a rule, and telling from ufw's own files that nothing is to be done."""

import pytest

from fleet.modules import ufw
from fleet.remote import ufwrules
from fleet.remote.host import Failed

RULES = """*filter
### RULES ###

### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in
-A ufw-user-input -p tcp --dport 22 -j ACCEPT

### tuple ### limit any 80 0.0.0.0/0 any 192.0.2.0/24 in comment=776562
### tuple ### deny_log udp 60000:61000 0.0.0.0/0 any 0.0.0.0/0 in_host0
"""
RULES6 = "### tuple ### allow tcp 22 ::/0 any ::/0 in\n### tuple ### allow any 53 2001:db8::1 any ::/0 out\n"
BOTH = [ufwrules.tuples(RULES), ufwrules.tuples(RULES6)]
NOW = {
    "enabled": True,
    "logging": "low",
    "ipv6": True,
    "rules": BOTH,
    "policies": {"INPUT": "DROP", "OUTPUT": "ACCEPT", "FORWARD": "DROP"},
}


def args(**given):
    return ufw.SPEC.complete(ufw.SPEC.normalize(given, "ufw"))


@pytest.mark.parametrize(
    "given, there",
    [
        ({"rule": "allow", "port": "22", "proto": "tcp"}, True),
        ({"rule": "deny", "port": "22", "proto": "tcp"}, False),
        ({"rule": "limit", "port": "80", "src": "192.0.2.0/24"}, True),
        ({"rule": "allow", "to_ip": "2001:db8::1", "port": "53", "direction": "outgoing"}, True),
        # One of the two IP versions only: ufw must say.
        ({"rule": "deny", "port": "60000:61000", "proto": "udp", "log": True, "if": "host0", "direction": "in"}, None),
        ({"rule": "allow", "name": "OpenSSH"}, None),
        ({"rule": "allow", "port": "22", "proto": "tcp", "insert": 1}, None),
    ],
)
def test_rules_are_found_in_ufws_files(given, there):
    assert ufwrules.present(args(**given), BOTH, True) is there


def test_without_ipv6_one_file_is_enough():
    given = args(rule="deny", port="60000:61000", proto="udp", log=True, interface="host0", direction="in")
    assert ufwrules.present(given, BOTH, False) is True


@pytest.mark.parametrize(
    "given, words",
    [
        ({"rule": "allow", "port": "22", "proto": "tcp"}, "allow from any to any port 22 proto tcp"),
        ({"rule": "deny", "delete": True, "insert": 3, "from_port": "1"}, "delete deny from any port 1 to any"),
        (
            {"rule": "allow", "insert": 3, "name": "OpenSSH", "comment": "x"},
            "insert 3 allow from any to any app OpenSSH comment x",
        ),
        (
            {"rule": "allow", "route": True, "if_in": "a", "if_out": "b", "log": True},
            "route allow in on a out on b log from any to any",
        ),
        ({"rule": "deny", "if": "eth0", "direction": "incoming"}, "deny in on eth0 from any to any"),
    ],
)
def test_commands(given, words):
    assert ufwrules.command(args(**given)) == words.split()


@pytest.mark.parametrize(
    "given, needed",
    [
        ({"state": "enabled", "policy": "deny"}, [False, False]),
        ({"state": "disabled"}, [True]),
        ({"policy": "reject", "direction": "outgoing"}, [True]),
        ({"logging": "on"}, [False]),
        ({"logging": "full"}, [True]),
        ({"rule": "allow", "port": "22", "proto": "tcp", "delete": True}, [True]),
        ({"rule": "allow", "port": "23", "delete": True}, [False]),
        ({"state": "reloaded"}, [True]),
    ],
)
def test_only_what_is_needed_is_run(given, needed):
    assert [step[1] for step in ufw.steps(args(**given), NOW)] == needed


def test_a_reset_comes_before_the_new_rules():
    assert [step[0][-1] for step in ufw.steps(args(state="reset", rule="allow"), NOW)] == ["reset", "any"]


@pytest.mark.parametrize(
    "given", [{"rule": "allow", "if": "eth0"}, {"rule": "allow", "insert": 0, "insert_relative_to": "last-ipv4"}]
)
def test_what_cannot_be_honoured_is_refused(given):
    with pytest.raises(Failed):
        ufw.check(args(**given))


def test_a_dry_run_changes_only_where_it_shows_other_rules():
    rule = "### tuple ### allow tcp 22 0.0.0.0/0 any 0.0.0.0/0 in\n"
    told = "*filter\n:ufw-user-input - [0:0]\n" + rule + "COMMIT\nRules updated\n"
    told6 = "*filter\n:ufw6-user-input - [0:0]\nCOMMIT\nRules updated (v6)\n"
    assert not ufw.differs(told + told6, rule, "")
    assert ufw.differs(told, "", "")
    assert ufw.differs(told + told6, rule, rule)
    assert ufw.differs("Firewall reloaded\n", rule, "")
