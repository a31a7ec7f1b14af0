"""ufw's rules: the command that makes one, and the line by which its files know it. Pure."""

MARK = "### tuple ### "
ANY = {4: "0.0.0.0/0", 6: "::/0"}


def tuples(text):
    """The rules of a user.rules file as lists of words, without their comments."""
    lines = [line[len(MARK):] for line in text.splitlines() if line.startswith(MARK)]
    return [[word for word in line.split() if not word.startswith("comment=")] for line in lines]


def direction(args):
    return {"incoming": "in", "outgoing": "out"}.get(args["direction"] or "in", args["direction"] or "in")


def command(args):
    """The arguments of ufw for a rule."""
    words = ["route"] if args["route"] else []
    words += ["delete"] if args["delete"] else []
    if args["insert"] is not None and not args["delete"]:
        words += ["insert", str(args["insert"])]
    words.append(args["rule"])
    if args["interface"]:
        words += [direction(args), "on", args["interface"]]
    elif args["interface_in"] or args["interface_out"]:
        for name, way in (("interface_in", "in"), ("interface_out", "out")):
            words += [way, "on", args[name]] if args[name] else []
    elif args["direction"]:
        words.append(direction(args))
    words += ["log"] if args["log"] else []
    words += ["from", args["from_ip"]] + (["port", args["from_port"]] if args["from_port"] else [])
    words += ["to", args["to_ip"]] + (["port", args["to_port"]] if args["to_port"] else [])
    words += ["proto", args["proto"]] if args["proto"] else []
    words += ["app", args["name"]] if args["name"] else []
    return words + (["comment", args["comment"]] if args["comment"] else [])


def present(args, rules, ipv6):
    """Whether the files (one for IPv4, one for IPv6) have the rule; None when only ufw itself can tell.

    Profiles, comments and positions are ufw's own matter.
    """
    if args["name"] or args["comment"] or args["insert"] is not None or args["route"]:
        return None
    versions = [version for version in (4, 6) if _fits(args, version) and (version == 4 or ipv6)]
    found = [expected(args, version) in rules[0 if version == 4 else 1] for version in versions]
    if not versions or any(found) != all(found):
        return None
    return all(found)


def _fits(args, version):
    """Whether the addresses of a rule are of an IP version."""
    for address in (args["from_ip"], args["to_ip"]):
        if address != "any" and (":" in address) != (version == 6):
            return False
    return True


def expected(args, version):
    """The words of the line ufw writes for the rule."""
    way = direction(args)
    if args["interface"]:
        way += "_" + args["interface"]
    elif args["interface_in"]:
        way = "in_" + args["interface_in"]
    elif args["interface_out"]:
        way = "out_" + args["interface_out"]
    addresses = [ANY[version] if address == "any" else address for address in (args["to_ip"], args["from_ip"])]
    return [args["rule"] + ("_log" if args["log"] else ""), args["proto"] or "any", args["to_port"] or "any",
            addresses[0], args["from_port"] or "any", addresses[1], way]
