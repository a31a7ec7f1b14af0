"""What firewalld answers on the system bus, through busctl(1): a tenth of the time that firewall-cmd, a Python, takes.

None as an answer means: ask firewall-cmd, or tell it. What the daemon refuses is a failure at once.

Source: https://firewalld.org/documentation/man-pages/firewalld.dbus.html
"""

import re
import shlex

from fleet.remote.host import Failed

NAME = "org.fedoraproject.FirewallD1"
PATH = "/org/fedoraproject/FirewallD1"
NAMES = {
    "service": "Service", "port": "Port", "protocol": "Protocol", "rich_rule": "RichRule", "icmp_block": "IcmpBlock",
    "source": "Source", "interface": "Interface", "port_forward": "ForwardPort",
    "icmp_block_inversion": "IcmpBlockInversion", "masquerade": "Masquerade",
}
"""An argument of the module -> what methods call it."""

TIMED = ("service", "port", "protocol", "rich_rule", "icmp_block", "port_forward", "masquerade")
"""What can be added for a time, so that its method wants one."""


def is_running(host):
    """True when the daemon says so."""
    return _ask(host, ["get-property", NAME, PATH, NAME, "state"]) == ["RUNNING"]


def version(host):
    """The daemon's version, or None."""
    return _first(_ask(host, ["get-property", NAME, PATH, NAME, "version"]))


def default_zone(host):
    """The zone of what is in no other, or None."""
    return _first(_call(host, PATH, NAME, "getDefaultZone"))


def zones(host):
    """The names of the permanent zones, or None."""
    told = _call(host, PATH + "/config", NAME + ".config", "getZoneNames")
    return None if told is None else told[1:]


def target(host, zone):
    """What becomes of the rest in a zone, in the permanent settings; or None."""
    return _first(_of_zone(host, True, zone, "getTarget", []))


def set_target(host, zone, value):
    """True when that was done."""
    return _of_zone(host, True, zone, "setTarget", [value]) is not None


def refused(told):
    """The failure for an error of the daemon, such as INVALID_ZONE: nowhere."""
    # Rules are read by the caller, everything else by the daemon.
    source = "" if told.startswith("INVALID_RULE") else NAME + ".Exception: "
    return "ERROR: Exception caught: %s%s" % (source, told)


def is_set(host, permanent, zone, name, fields):
    """Whether ``zone`` has what the argument ``name`` means, in the permanent or the running settings; or None.

    ``fields``: the words that tell which one, such as port and protocol; none for a switch.
    """
    if not _can(name, permanent):
        return None
    return {"true": True, "false": False}.get(_first(_of_zone(host, permanent, zone, "query" + NAMES[name], fields)))


def change(host, permanent, zone, name, fields, on, seconds=0):
    """Add to ``zone`` what ``is_set`` asks for, or remove it; True when that was done.

    ``seconds``: how long what is added to the running settings stays; 0: until the daemon ends.
    """
    if not _can(name, permanent):
        return False
    if name == "interface" and on:
        # It belongs to one zone only: it moves.
        return _call(host, PATH, NAME + ".zone", "changeZoneOfInterface", [zone] + fields) is not None
    number = [seconds] if on and not permanent and name in TIMED else []
    method = ("add" if on else "remove") + NAMES[name]
    return _of_zone(host, permanent, zone, method, fields, number) is not None


def _can(name, permanent):
    # firewall-cmd asks NetworkManager first for an interface that is to stay.
    return name in NAMES and not (permanent and name == "interface")


def _of_zone(host, permanent, zone, method, words, numbers=()):
    if not permanent:
        return _call(host, PATH, NAME + ".zone", method, [zone] + words, numbers)
    place = _first(_call(host, PATH + "/config", NAME + ".config", "getZoneByName", [zone]))
    return place and _call(host, place, NAME + ".config.zone", method, words)


def _call(host, path, interface, method, words=(), numbers=()):
    signature = "s" * len(words) + "i" * len(numbers)
    values = [signature] + list(words) + ["%d" % number for number in numbers] if signature else []
    return _ask(host, ["call", NAME, path, interface, method] + values)


def _first(told):
    return told[0] if told else None


def _ask(host, words):
    """The values of busctl's answer without their signature, None where there was no answer. Raises Failed."""
    program = host.which("busctl")
    if not program:
        return None
    # Words may begin with a dash; a daemon that does not run must not be started.
    ran = host.run([program, "--auto-start=no", "--"] + words, ok=None)
    if ran.rc == 0:
        return shlex.split(ran.out)[1:]
    told = re.match(r"Call failed: ([A-Z]+_[A-Z_]+: .*)", ran.err)
    if told:
        raise Failed(refused(told.group(1)))
    return None
