"""The resolver's configuration."""

from fleet.remote import look

NAMES = ("dns",)
SUBSETS = ("dns",)


def collect(host):
    return {"dns": resolv_conf(look.lines("/etc/resolv.conf"))}


def resolv_conf(text_lines):
    """resolv.conf(5) as Ansible shows it: nameservers and sortlist grow, options are split. Pure."""
    dns = {}
    for line in text_lines:
        words = line.split()
        if not words or words[0][0] in "#;":
            continue
        keyword, rest = words[0], words[1:]
        if keyword == "nameserver":
            dns.setdefault("nameservers", []).extend(rest[:1])
        elif keyword == "domain" and rest:
            dns["domain"] = rest[0]
        elif keyword in ("search", "sortlist"):
            dns[keyword] = rest
        elif keyword == "options":
            dns["options"] = dict(_option(word) for word in rest)
    return dns


def _option(word):
    name, colon, value = word.partition(":")
    return name, value if colon else True
