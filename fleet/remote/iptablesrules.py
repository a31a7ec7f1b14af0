"""The arguments of the module iptables as words for iptables(8). Pure."""

from fleet.remote.host import Failed

CT = ("conntrack", "state")


def rule(args):
    """The words of one rule, without command, table and chain."""
    words = []
    for name, option, negatable in (("protocol", "-p", True), ("source", "-s", True), ("destination", "-d", True)):
        _add(words, option, args[name], negatable)
    matches = list(args["match"] or [])
    for match in matches:
        words += ["-m", match]
    _flags(words, args["tcp_flags"])
    _add(words, "-j", args["jump"])
    if args["jump"] is not None and args["jump"].lower() == "log":
        _add(words, "--log-prefix", args["log_prefix"])
        _add(words, "--log-level", args["log_level"])
    for name, option, negatable in (
        ("gateway", "--gateway", False), ("to_destination", "--to-destination", False),
        ("to_source", "--to-source", False), ("goto", "-g", False), ("in_interface", "-i", True),
        ("out_interface", "-o", True), ("fragment", "-f", False), ("set_counters", "-c", False),
        ("source_port", "--source-port", True), ("destination_port", "--destination-port", True),
    ):
        _add(words, option, args[name], negatable)
    if args["destination_ports"]:
        words += _match(matches, "multiport") + ["--dports", ",".join(args["destination_ports"])]
    _add(words, "--to-ports", args["to_ports"])
    _dscp(words, args)
    if args["syn"] != "ignore":
        words += (["!"] if args["syn"] == "negate" else []) + ["--syn"]
    _states(words, args, matches)
    for first, option in (("src_range", "--src-range"), ("dst_range", "--dst-range")):
        if args[first]:
            words += _match(matches, "iprange")
            _add(words, option, args[first], True)
            matches.append("iprange")
    if args["match_set"]:
        words += _match(matches, "set")
        negated, value = _negation(args["match_set"])
        words += negated + ["--match-set", value, args["match_set_flags"]]
    if args["limit"] or args["limit_burst"]:
        words += _match(matches, "limit")
        _add(words, "--limit", args["limit"])
        _add(words, "--limit-burst", args["limit_burst"])
    for name, option in (("uid_owner", "--uid-owner"), ("gid_owner", "--gid-owner")):
        if args[name]:
            # Twice for both: so Ansible writes it, and its rules have to be found again.
            words += _match(matches, "owner")
            _add(words, option, args[name], True)
    _add(words, "--reject-with", args["reject_with"])
    _add(words, "--icmpv6-type" if args["ip_version"] == "ipv6" else "--icmp-type", args["icmp_type"], True)
    if args["comment"]:
        words += _match(matches, "comment") + ["--comment", args["comment"]]
    return words


def _negation(value):
    """``!eth0`` and ``! eth0`` -> (["!"], "eth0")."""
    text = str(value)
    return (["!"], text[1:].strip()) if text.startswith("!") else ([], text)


def _add(words, option, value, negatable=False):
    if value is None or value == "":
        return
    negated, text = _negation(value) if negatable else ([], str(value))
    words += negated + ([option, text] if option != "-f" else [option])


def _match(matches, name):
    return [] if name in matches else ["-m", name]


def _flags(words, flags):
    if not flags:
        return
    if not flags.get("flags") or not flags.get("flags_set"):
        raise Failed("tcp_flags needs both flags and flags_set")
    words += ["--tcp-flags", ",".join(flags["flags"]), ",".join(flags["flags_set"])]


def _dscp(words, args):
    for name, option in (("set_dscp_mark", "--set-dscp"), ("set_dscp_mark_class", "--set-dscp-class")):
        if args[name] is not None:
            words += ([] if args["jump"] else ["-j", "DSCP"]) + [option, args[name]]


def _states(words, args, matches):
    """The connection states, by whichever of the two matches the task names."""
    if not args["ctstate"]:
        return
    states = ",".join(args["ctstate"])
    if "state" in matches and "conntrack" not in matches:
        words += ["--state", states]
        return
    words += _match(matches, "conntrack") + ["--ctstate", states]


def is_chain_only(args, spec):
    """Whether nothing but the chain is spoken of: then it is the chain that is made or removed."""
    beside = ("chain", "table", "state", "chain_management", "ip_version", "wait", "numeric", "action", "rule_num")
    return not any(args[name] not in (None, [], {}) and args[name] != arg.default
                   for name, arg in spec.args.items() if name not in beside)
