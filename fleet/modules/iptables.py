"""One rule of the packet filter, a chain, or a chain's policy, in the running kernel.

A rule that is there already is left where it is. Nothing is saved for the next boot. For a whole table as one state
see `fleet.builtin.nftables`.
"""

import re

from fleet.remote import iptablesrules
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "table": Arg(default="filter", choices=("filter", "nat", "mangle", "raw", "security"), help="The table."),
        "chain": Arg(help="The chain, built in or made by somebody."),
        "state": Arg(default="present", choices=("absent", "present"), help="Whether the rule (or chain) is there."),
        "action": Arg(default="append", choices=("append", "insert"), help="Whether a new rule goes last or first."),
        "rule_num": Arg(help="The place for a rule that is inserted."),
        "ip_version": Arg(default="ipv4", choices=("ipv4", "ipv6", "both"), help="Of which protocol the rule is."),
        "protocol": Arg(help="tcp, udp, icmp, a number ...; `!` before it inverts."),
        "source": Arg(help="Address or network it comes from; `!` inverts."),
        "destination": Arg(help="Address or network it goes to; `!` inverts."),
        "match": Arg("list", [], elements="str", help="Extensions to load, such as `conntrack`."),
        "jump": Arg(help="What becomes of the packet: ACCEPT, DROP, another chain ..."),
        "goto": Arg(help="A chain to go on in, without coming back."),
        "in_interface": Arg(help="Interface it came in at; `!` inverts, `+` at the end stands for anything."),
        "out_interface": Arg(help="Interface it goes out at."),
        "fragment": Arg(help="Only second and further fragments."),
        "set_counters": Arg(help="Packet and byte counter to start with."),
        "source_port": Arg(help="Port, or range `first:last`, it comes from."),
        "destination_port": Arg(help="Port, or range, it goes to."),
        "destination_ports": Arg("list", [], elements="str", help="Several ports or ranges."),
        "to_ports": Arg(help="Port to redirect to."),
        "to_destination": Arg(help="Address to rewrite the destination to (DNAT)."),
        "to_source": Arg(help="Address to rewrite the source to (SNAT)."),
        "gateway": Arg(help="Where a copy goes (TEE)."),
        "syn": Arg(default="ignore", choices=("ignore", "match", "negate"), help="Packets that open a connection."),
        "tcp_flags": Arg("dict", help="Which TCP flags are looked at and which of them are set.", options={
            "flags": Arg("list", elements="str", help="Flags to look at."),
            "flags_set": Arg("list", elements="str", help="Flags that are set."),
        }),
        "ctstate": Arg("list", [], elements="str", help="States of the connection: NEW, ESTABLISHED, RELATED ..."),
        "src_range": Arg(help="Range of source addresses."),
        "dst_range": Arg(help="Range of destination addresses."),
        "match_set": Arg(help="A set of ipset; `!` inverts."),
        "match_set_flags": Arg(choices=("src", "dst", "src,dst", "dst,src", "dst,dst", "src,src"),
                               help="Which address is looked up in the set."),
        "limit": Arg(help="How often it matches at most, such as `5/minute`."),
        "limit_burst": Arg(help="How often before the limit counts."),
        "uid_owner": Arg(help="User who sends; `!` inverts."),
        "gid_owner": Arg(help="Group that sends."),
        "reject_with": Arg(help="How to reject; implies the jump REJECT."),
        "icmp_type": Arg(help="ICMP type, by name or number."),
        "log_prefix": Arg(help="What a LOG rule writes first."),
        "log_level": Arg(choices=("0", "1", "2", "3", "4", "5", "6", "7", "emerg", "alert", "crit", "error", "warning",
                                  "notice", "info", "debug"), help="How important a LOG rule is."),
        "set_dscp_mark": Arg(help="DSCP mark to set."),
        "set_dscp_mark_class": Arg(help="DSCP class to set."),
        "comment": Arg(help="A note in the rule."),
        "flush": Arg("bool", False, help="Remove all rules of the chain, or of the table."),
        "policy": Arg(choices=("ACCEPT", "DROP", "QUEUE", "RETURN"), help="What a chain does at its end."),
        "chain_management": Arg("bool", False, help="Make the chain where it is missing, or remove it."),
        "numeric": Arg("bool", False, help="Ask no name server when rules are listed."),
        "wait": Arg(help="Seconds to wait for others who change rules."),
    },
    exclusive=(("set_dscp_mark", "set_dscp_mark_class"), ("flush", "policy")),
    required_by={"set_dscp_mark": ("jump",), "set_dscp_mark_class": ("jump",), "match_set": ("match_set_flags",)},
    required_if=(("flush", False, ("chain",)), ("jump", "TEE", ("gateway",)), ("jump", "tee", ("gateway",))),
    returns={
        "rule": "The rule's words.",
        "state": "The state asked for.",
        "wait": "The seconds to wait.",
        "chain": "The chain.",
        "table": "The table.",
        "ip_version": "The protocol.",
        "flush": "Whether rules were to be removed.",
        "chain_management": "Whether the chain was to be made or removed.",
    },
)

EXAMPLES = """
- iptables: {chain: INPUT, ctstate: [ESTABLISHED, RELATED], jump: ACCEPT}
- iptables: {chain: INPUT, protocol: tcp, destination_port: "22", jump: ACCEPT, comment: ssh}
- iptables: {chain: INPUT, policy: DROP}
- iptables: {chain: LOGGING, chain_management: true, ip_version: both}
"""
# A chain that a rule leads to is not there: then neither is the rule. In words of the nft and the legacy backend.
MISSING = re.compile(r"[Cc]hain '[^']*' does not exist|Couldn't load target `|No chain/target/match by that name")
PROGRAMS = {"ipv4": ("iptables",), "ipv6": ("ip6tables",), "both": ("iptables", "ip6tables")}


def run(host, args):
    """Bring the rule, the chain or the policy to what is asked, for every protocol named."""
    args = dict(args)
    if args["reject_with"] and not args["jump"]:
        args["jump"] = "REJECT"
    if args["log_prefix"] or args["log_level"]:
        args["jump"] = args["jump"] or "LOG"
        if args["jump"].lower() != "log":
            raise Failed("Logging options can only be used with the LOG jump target.")
    if args["rule_num"] is not None and args["action"] != "insert" and args["state"] == "present":
        raise Failed("rule_num can only be used with action=insert")
    told = {"changed": False, "ip_version": args["ip_version"], "table": args["table"], "chain": args["chain"],
            "flush": args["flush"], "chain_management": args["chain_management"],
            "state": args["state"], "wait": args["wait"],
            "rule": " ".join(iptablesrules.rule(args)) if not (args["flush"] or args["policy"]) else ""}
    for name in PROGRAMS[args["ip_version"]]:
        table = Table(host, host.need(name, "iptables"), args)
        if _one(table, dict(args, ip_version="ipv6" if name == "ip6tables" else "ipv4")):
            told["changed"] = True
    return told


class Table(object):
    """One table of one protocol."""

    def __init__(self, host, program, args):
        self.host = host
        self.chain = args["chain"]
        wait = ["-w"] + ([str(args["wait"])] if str(args["wait"]) not in ("", "None") else [])
        self.words = [program] + (wait if args["wait"] is not None else []) + ["-t", args["table"]]
        self.numeric = ["--numeric"] if args["numeric"] else []

    def ask(self, *words):
        """The Ran of a question; failing is an answer."""
        return self.host.run(self.words + list(words), ok=None)

    def do(self, *words):
        """Change something, outside of check mode. Raises Failed."""
        if not self.host.check:
            self.host.run(self.words + list(words))
        return True

    def has(self, rule):
        """Whether the rule is there. Raises Failed for one that is wrong rather than missing."""
        ran = self.ask("-C", self.chain, *rule)
        if ran.rc == 0:
            return True
        if ran.rc == 1 or MISSING.search(ran.err):
            return False
        raise Failed("iptables cannot take the rule: %s" % (ran.err.strip() or ran.out.strip()), rc=ran.rc,
                     cmd=ran.argv, stderr=ran.err, stdout=ran.out)

    def rules(self):
        """The lines of the chain (of the table, without one) as iptables -S writes them; None without the chain."""
        ran = self.ask("-S", *([self.chain] if self.chain else []))
        return ran.lines if ran.rc == 0 else None


def _one(table, args):
    """True when something was (or, in check mode, would be) changed."""
    if args["flush"]:
        rules = table.rules()
        if rules is None:
            raise Failed("cannot flush the chain %s: there is none of that name" % args["chain"])
        if not any(line.startswith("-A ") for line in rules):
            return False
        return table.do("-F", *([args["chain"]] if args["chain"] else []))
    if args["policy"]:
        return _policy(table, args)
    if args["chain_management"]:
        return _chain(table, args)
    return _rule(table, args)


def _policy(table, args):
    rules = table.rules() or []
    now = [line.split()[2] for line in rules if line.startswith("-P %s " % args["chain"])]
    if not now:
        raise Failed("Can't detect current policy of the chain %s" % args["chain"])
    if now[0] == args["policy"]:
        return False
    return table.do("-P", args["chain"], args["policy"])


def _chain(table, args):
    there, alone = table.rules() is not None, iptablesrules.is_chain_only(args, SPEC)
    if args["state"] == "absent" and alone:
        return there and table.do("-X", args["chain"])
    made = False
    if args["state"] == "present" and not there:
        made = table.do("-N", args["chain"])
    if alone:
        return made
    if not there and table.host.check:
        return made or args["state"] == "present"
    return _rule(table, args) or made


def _rule(table, args):
    rule = iptablesrules.rule(args)
    there = table.has(rule)
    if there == (args["state"] == "present"):
        return False
    if args["state"] == "absent":
        return table.do("-D", args["chain"], *rule)
    place = [str(args["rule_num"])] if args["rule_num"] is not None else []
    command = ["-I", args["chain"]] + place if args["action"] == "insert" else ["-A", args["chain"]]
    return table.do(*(command + rule))
