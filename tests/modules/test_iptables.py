"""iptables: the words of rules, and what is asked and done by a kernel that is a table of chains."""

import pytest
from fake_host import FakeHost, run_on

from fleet.modules import iptables
from fleet.remote import iptablesrules


class Kernel:
    """Chains and their rules, as iptables would answer; shared by check and real runs."""

    def __init__(self):
        self.chains = {"INPUT": [], "FORWARD": []}
        self.policies = {"INPUT": "ACCEPT", "FORWARD": "ACCEPT"}

    def __call__(self, line):
        words = line.split()
        words = words[words.index("-t") + 2 :]
        action, chain, rule = words[0], words[1] if len(words) > 1 else None, " ".join(words[2:])
        if chain not in self.chains and action not in ("-N", "-F", "-S"):
            return (1, "", "No chain/target/match by that name.")
        return getattr(self, "do_" + action[1:])(chain, rule)

    def do_C(self, chain, rule):
        if "nonsense" in rule:
            return (2, "", "unknown option")
        if "GONE" in rule:
            return (2, "", "iptables v1.8.9 (nf_tables): Chain 'GONE' does not exist\nTry `iptables -h'")
        return (0 if rule in self.chains[chain] else 1, "", "")

    def do_A(self, chain, rule):
        self.chains[chain].append(rule)
        return ""

    def do_I(self, chain, rule):
        first, _, rest = rule.partition(" ")
        at, rule = (int(first) - 1, rest) if first.isdigit() else (0, rule)
        self.chains[chain].insert(at, rule)
        return ""

    def do_D(self, chain, rule):
        self.chains[chain].remove(rule)
        return ""

    def do_S(self, chain, rule):
        if chain is not None and chain not in self.chains:
            return (1, "", "no such chain")
        lines = []
        for name in [chain] if chain else self.chains:
            lines.append(f"-P {name} {self.policies[name]}" if name in self.policies else f"-N {name}")
            lines += [f"-A {name} {each}" for each in self.chains[name]]
        return "\n".join(lines) + "\n"

    def do_P(self, chain, rule):
        self.policies[chain] = rule
        return ""

    def do_N(self, chain, rule):
        self.chains[chain] = []
        return ""

    def do_X(self, chain, rule):
        del self.chains[chain]
        return ""

    def do_F(self, chain, rule):
        for name in [chain] if chain else self.chains:
            self.chains[name] = []
        return ""


@pytest.fixture
def kernel():
    return Kernel()


def call(kernel, check=False, six=None, **args):
    host = FakeHost({"iptables": kernel, "ip6tables": six or kernel}, check=check)
    return run_on(host, "iptables", args)


SSH = {"chain": "INPUT", "protocol": "tcp", "destination_port": "22", "jump": "ACCEPT"}


def test_a_rule_is_added_once_and_taken_away(kernel):
    assert call(kernel, check=True, **SSH)["changed"] and kernel.chains["INPUT"] == []
    first = call(kernel, **SSH)
    assert first["changed"] and first["rule"] == "-p tcp -j ACCEPT --destination-port 22"
    assert not call(kernel, **SSH)["changed"] and kernel.chains["INPUT"] == [first["rule"]]
    assert call(kernel, state="absent", check=True, **SSH)["changed"] and kernel.chains["INPUT"]
    assert call(kernel, state="absent", **SSH)["changed"] and not call(kernel, state="absent", **SSH)["changed"]


def test_where_a_rule_goes(kernel):
    call(kernel, chain="INPUT", jump="A")
    call(kernel, chain="INPUT", jump="B", action="insert")
    call(kernel, chain="INPUT", jump="C", action="insert", rule_num="2")
    assert kernel.chains["INPUT"] == ["-j B", "-j C", "-j A"]
    assert "rule_num" in call(kernel, chain="INPUT", jump="D", rule_num="2")["msg"]


def test_both_protocols(kernel):
    six = Kernel()
    call(kernel, **SSH)
    assert call(kernel, six=six, ip_version="both", **SSH)["changed"] and six.chains["INPUT"]
    assert not call(kernel, six=six, ip_version="both", **SSH)["changed"] and len(kernel.chains["INPUT"]) == 1


def test_chains(kernel):
    mine = {"chain": "MINE", "chain_management": True}
    assert call(kernel, check=True, **mine)["changed"] and "MINE" not in kernel.chains
    assert call(kernel, **mine)["changed"] and not call(kernel, **mine)["changed"]
    assert call(kernel, state="absent", **mine)["changed"] and not call(kernel, state="absent", **mine)["changed"]
    assert call(kernel, jump="DROP", check=True, **mine)["changed"]
    assert call(kernel, jump="DROP", **mine)["changed"] and kernel.chains["MINE"] == ["-j DROP"]
    assert not call(kernel, jump="DROP", **mine)["changed"]


def test_policies_and_flushing(kernel):
    assert call(kernel, chain="INPUT", policy="DROP", check=True)["changed"] and kernel.policies["INPUT"] == "ACCEPT"
    assert call(kernel, chain="INPUT", policy="DROP")["changed"] and kernel.policies["INPUT"] == "DROP"
    assert not call(kernel, chain="INPUT", policy="DROP")["changed"]
    call(kernel, **SSH)
    assert call(kernel, chain="INPUT", flush=True)["changed"] and kernel.chains["INPUT"] == []
    assert not call(kernel, flush=True)["changed"]


def test_a_rule_that_leads_to_a_chain_that_is_gone_is_gone(kernel):
    assert not call(kernel, chain="INPUT", jump="GONE", state="absent")["changed"]
    assert call(kernel, chain="INPUT", goto="GONE", check=True)["changed"]
    assert call(kernel, chain="INPUT", match=["nonsense"], state="absent")["failed"]


def test_mistakes(kernel):
    assert "No chain" in call(kernel, chain="NOSUCH", jump="ACCEPT")["msg"]
    assert "cannot take the rule: unknown option" in call(kernel, chain="INPUT", match=["nonsense"])["msg"]
    assert kernel.chains["INPUT"] == []
    assert "all of the following are missing: chain" in call(kernel, jump="ACCEPT")["msg"]
    assert "LOG jump target" in call(kernel, chain="INPUT", jump="ACCEPT", log_prefix="x")["msg"]
    assert "gateway" in call(kernel, chain="INPUT", jump="TEE")["msg"]
    assert "match_set_flags" in call(kernel, chain="INPUT", match_set="x")["msg"]
    assert "mutually exclusive" in call(kernel, chain="INPUT", flush=True, policy="DROP")["msg"]
    assert "install the package iptables" in run_on(FakeHost({}), "iptables", SSH)["msg"]


@pytest.mark.parametrize(
    "args, words",
    [
        ({"source": "!10.0.0.0/8", "in_interface": "! lo"}, "! -s 10.0.0.0/8 ! -i lo"),
        ({"ctstate": ["NEW"]}, "-m conntrack --ctstate NEW"),
        ({"ctstate": ["NEW"], "match": ["state"]}, "-m state --state NEW"),
        ({"ctstate": ["NEW"], "match": ["conntrack"]}, "-m conntrack --ctstate NEW"),
        ({"destination_ports": ["80", "81:83"]}, "-m multiport --dports 80,81:83"),
        ({"match": ["multiport"], "destination_ports": ["80"]}, "-m multiport --dports 80"),
        ({"src_range": "a-b", "dst_range": "!c-d"}, "-m iprange --src-range a-b ! --dst-range c-d"),
        ({"match_set": "!x", "match_set_flags": "src"}, "-m set ! --match-set x src"),
        ({"limit": "5/s", "limit_burst": "9"}, "-m limit --limit 5/s --limit-burst 9"),
        ({"uid_owner": "!root", "gid_owner": "x"}, "-m owner ! --uid-owner root -m owner --gid-owner x"),
        ({"syn": "negate"}, "! --syn"),
        ({"tcp_flags": {"flags": ["SYN", "ACK"], "flags_set": ["SYN"]}}, "--tcp-flags SYN,ACK SYN"),
        ({"jump": "DSCP", "set_dscp_mark": "8"}, "-j DSCP --set-dscp 8"),
        ({"jump": "LOG", "log_prefix": "x", "log_level": "4"}, "-j LOG --log-prefix x --log-level 4"),
        ({"icmp_type": "8", "ip_version": "ipv6"}, "--icmpv6-type 8"),
        ({"comment": "a b"}, "-m comment --comment a b"),
        ({"fragment": "x", "goto": "Y", "to_ports": "1"}, "-g Y -f --to-ports 1"),
    ],
)  # fmt: skip
def test_the_words_of_a_rule(args, words):
    spec = iptables.SPEC.complete(iptables.SPEC.normalize({"chain": "INPUT", **args}))
    assert " ".join(iptablesrules.rule(spec)) == words
