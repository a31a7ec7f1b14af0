"""Manage the firewall with ufw: rules, policies, logging, on and off.

What ufw's own files already say is not said again: starting ufw takes longer than reading them.
"""

import os

from fleet.remote import files, look, ufwrules
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

DIRECTIONS = ("in", "incoming", "out", "outgoing", "routed")
SPEC = Spec(
    {
        "state": Arg(choices=("enabled", "disabled", "reloaded", "reset"),
                     help="enabled and disabled also hold for later starts; reset also removes all rules."),
        "default": Arg(choices=("allow", "deny", "reject"), aliases=("policy",),
                       help="What happens to traffic that no rule is about."),
        "direction": Arg(choices=DIRECTIONS, help="Direction of the rule or of the policy."),
        "logging": Arg(choices=("full", "high", "low", "medium", "off", "on"), help="How much is logged."),
        "insert": Arg("int", help="Number the rule is to have, counted as `insert_relative_to` says."),
        "insert_relative_to": Arg(default="zero", help="What `insert` counts from; only `zero` can be honoured.",
                                  choices=("first-ipv4", "first-ipv6", "last-ipv4", "last-ipv6", "zero")),
        "rule": Arg(choices=("allow", "deny", "limit", "reject"), help="What happens to the traffic of the rule."),
        "log": Arg("bool", False, help="Log new connections that fit the rule."),
        "from_ip": Arg(default="any", aliases=("from", "src"), help="Source address."),
        "from_port": Arg(help="Source port."),
        "to_ip": Arg(default="any", aliases=("dest", "to"), help="Destination address."),
        "to_port": Arg(aliases=("port",), help="Destination port, or a range `60000:61000`."),
        "proto": Arg(choices=("any", "tcp", "udp", "ipv6", "esp", "ah", "gre", "igmp", "vrrp"), aliases=("protocol",),
                     help="Protocol."),
        "name": Arg(aliases=("app",), help="Name of a profile in /etc/ufw/applications.d."),
        "delete": Arg("bool", False, help="Remove the rule instead of adding it."),
        "interface": Arg(aliases=("if",), help="Interface the rule is about; needs `direction`."),
        "interface_in": Arg(aliases=("if_in",), help="Interface that traffic comes in by."),
        "interface_out": Arg(aliases=("if_out",), help="Interface that traffic goes out by."),
        "route": Arg("bool", False, help="Make it a rule for traffic that is passed on."),
        "comment": Arg(help="Comment of the rule."),
    },
    one_of=(("state", "default", "rule", "logging"),),
    exclusive=(("name", "proto", "logging"),),
    apart=(("interface", "interface_in"), ("interface", "interface_out")),
    returns={"commands": "The commands that were run.", "msg": "What ufw said."},
)
EXAMPLES = """
- name: The firewall is on and lets nothing in
  ufw:
    state: enabled
    policy: deny
- name: But SSH from the office
  ufw:
    rule: limit
    port: "22"
    proto: tcp
    src: 192.0.2.0/24
"""
POLICIES = {"allow": "ACCEPT", "deny": "DROP", "reject": "REJECT"}
CHAINS = {"in": "INPUT", "incoming": "INPUT", "out": "OUTPUT", "outgoing": "OUTPUT", "routed": "FORWARD"}
WORDS = {"in": "incoming", "out": "outgoing"}
SAME = ("Skipping adding existing rule", "Skipping inserting existing rule", "Could not delete non-existent rule")
FOLDER = "/etc/ufw"
FILES = ("/etc/ufw/ufw.conf", "/etc/default/ufw", "/etc/ufw/user.rules", "/etc/ufw/user6.rules")


def run(host, args):
    check(args)
    program = host.need("ufw", "ufw")
    before, said, done, changed = _snapshot(), [], [], False
    for argv, needed in steps(args, state()):
        done.append(" ".join([program] + argv))
        if not needed:
            continue
        dry = ["--dry-run"] if host.check else []
        ran = host.run([program] + dry + argv, ok=None)
        if ran.rc != 0 and not any(text in ran.out + ran.err for text in SAME):
            raise Failed((ran.err or ran.out).strip() or "ufw failed", rc=ran.rc, commands=done)
        said.append(ran.out.strip())
        if host.check and argv != ["reload"] and not any(text in ran.out for text in SAME):
            changed = changed or differs(ran.out, look.text(FILES[2]), look.text(FILES[3]))
    changed = changed or _snapshot() != before
    return {"changed": changed, "commands": done, "msg": "\n".join(said)}


def differs(told, rules, rules6):
    """Whether the rules that ``ufw --dry-run`` shows are others than those of the files; True when it shows
    none. Pure."""
    shown = told.split("*filter\n")[1:]
    return not shown or any(tuples(part) != tuples(rules6 if ":ufw6-" in part else rules) for part in shown)


def tuples(text):
    """The rules in one of ufw's files, as ufw itself notes them. Pure."""
    return [line.strip() for line in text.splitlines() if line.startswith("### tuple ###")]


def check(args):
    """Refuse what the declaration of arguments cannot. Raises Failed."""
    if args["interface"] and args["direction"] not in ("in", "out", "incoming", "outgoing"):
        raise Failed("Direction must be specified when creating a rule on an interface.")
    if args["insert"] is not None and args["insert_relative_to"] != "zero":
        raise Failed("insert_relative_to=%s is not supported; count from the first rule" % args["insert_relative_to"])
    if args["rule"] and args["direction"] == "routed":
        raise Failed("direction=routed is for policies; set route: true for a rule")


def _snapshot():
    return [files.read_bytes(path) for path in FILES]


def state():
    """What ufw's files say: enabled, level of logging, policies, rules."""
    conf, default = look.assignments(FILES[0]), look.assignments(FILES[1])
    return {
        "enabled": conf.get("ENABLED", "no").lower() == "yes",
        "logging": conf.get("LOGLEVEL", "off").lower(),
        "policies": {chain: default.get("DEFAULT_%s_POLICY" % chain, "") for chain in ("INPUT", "OUTPUT", "FORWARD")},
        "ipv6": default.get("IPV6", "yes").lower() == "yes",
        "rules": [ufwrules.tuples(look.text(os.path.join(FOLDER, name))) for name in ("user.rules", "user6.rules")],
    }


def steps(args, now):
    """[(arguments of ufw, whether they are needed)] in Ansible's order: rules last but for the state. Pure."""
    made = []
    if args["default"]:
        direction = args["direction"] or "incoming"
        made.append((["default", args["default"], WORDS.get(direction, direction)],
                     now["policies"][CHAINS[direction]] != POLICIES[args["default"]]))
    if args["logging"]:
        level = {"on": "low"}.get(args["logging"], args["logging"])
        made.append((["logging", args["logging"]], now["logging"] != level))
    if args["rule"]:
        there = ufwrules.present(args, now["rules"], now["ipv6"])
        made.append((ufwrules.command(args), there is None or there == args["delete"]))
    if args["state"]:
        words = {"enabled": ["--force", "enable"], "disabled": ["--force", "disable"], "reloaded": ["--force", "reload"],
                 "reset": ["--force", "reset"]}[args["state"]]
        needed = {"enabled": not now["enabled"], "disabled": now["enabled"]}.get(args["state"], True)
        made.insert(0, (words, needed)) if args["state"] == "reset" else made.append((words, needed))
    return made
