"""Open and close services, ports and more in firewalld's zones, at once, for good or both."""

from fleet.remote import firewallbus, firewallcmd
from fleet.remote.firewallcmd import PERMANENT, RUNNING
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

_FORWARD = {
    "port": Arg(required=True, help="Port that is forwarded."),
    "proto": Arg(required=True, choices=("udp", "tcp"), help="Its protocol."),
    "toport": Arg(required=True, help="Port it goes to."),
    "toaddr": Arg(help="Address it goes to."),
}
SPEC = Spec(
    {
        "service": Arg(help="A service firewalld knows."),
        "port": Arg(help="`8080/tcp` or `60000-61000/udp`."),
        "protocol": Arg(help="An IP protocol, such as `ospf`."),
        "port_forward": Arg("list", elements="dict", options=_FORWARD, help="One port to forward."),
        "rich_rule": Arg(help="A rule in firewalld's rich language."),
        "source": Arg(help="Network that belongs to the zone."),
        "interface": Arg(help="Interface that belongs to the zone."),
        "icmp_block": Arg(help="ICMP type to block."),
        "icmp_block_inversion": Arg("bool", help="Block all but the ICMP types named."),
        "masquerade": Arg("bool", help="Hide what is behind this host."),
        "forward": Arg("bool", help="Let interfaces of the zone reach each other."),
        "target": Arg(choices=("default", "ACCEPT", "DROP", "%%REJECT%%"), help="What becomes of the rest."),
        "zone": Arg(help="The zone; firewalld's default zone when left out."),
        "permanent": Arg("bool", False, help="Change what is used after a reload."),
        "immediate": Arg("bool", False, help="Change what is used now (also when `permanent` is not set)."),
        "timeout": Arg("int", 0, help="Seconds after which a change that is not permanent goes."),
        "offline": Arg("bool", False, help="Without running firewalld only change the permanent settings."),
        "state": Arg(
            required=True,
            choices=("absent", "disabled", "enabled", "present"),
            help="enabled or disabled; present and absent are for zones and targets.",
        ),
    },
    exclusive=(
        ("icmp_block", "icmp_block_inversion", "service", "protocol", "port", "port_forward", "rich_rule",
         "interface", "forward", "masquerade", "source", "target"),
    ),
    required_by={"target": ("zone",)},
    returns={"msg": "What was changed, as Ansible words it."},
)

EXAMPLES = """
- firewalld: {service: https, permanent: true, immediate: true, state: enabled}
- firewalld: {port: 8081/tcp, permanent: true, state: disabled}
- firewalld: {zone: dmz, masquerade: true, permanent: true, state: enabled}
- firewalld: {zone: custom, permanent: true, state: present}
"""

VALUES = {
    "service": "service", "port": "port", "protocol": "protocol", "rich_rule": "rich-rule",
    "icmp_block": "icmp-block", "source": "source", "interface": "interface", "port_forward": "forward-port",
}
SWITCHES = ("icmp_block_inversion", "masquerade", "forward")


def item(args):
    """(argument, firewall-cmd's word, value or None) of what the task is about; None for a zone. Raises Failed."""
    for name, word in VALUES.items():
        if args[name]:
            value = args[name]
            if name == "port_forward":
                if len(value) > 1:
                    raise Failed("Only one port forward supported at a time")
                value = "port=%(port)s:proto=%(proto)s:toport=%(toport)s:toaddr=" % value[0]
                value += value and args[name][0].get("toaddr") or ""
            if name == "port" and "/" not in value:
                raise Failed("improper port format (missing protocol?)")
            return name, word, value
    for name in SWITCHES:
        if args[name] is not None:
            return name, name.replace("_", "-"), None
    return ("target", "target", args["target"]) if args["target"] else None


def scopes(args):
    """The settings to change: permanent, immediate or both."""
    return [PERMANENT] * args["permanent"] + [RUNNING] * (args["immediate"] or not args["permanent"])


def read(host, args):
    """{scope: whether it is so}, and the scopes; for a target its value, for a zone whether there is one."""
    about, wanted = item(args), scopes(args)
    zonal = about is None or about[0] == "target"
    if about is None and (not args["zone"] or args["state"] not in ("present", "absent")):
        # As Ansible: a zone is present or absent, nothing else.
        return {"scopes": ()}
    if zonal and wanted != [PERMANENT]:
        raise Failed("Zone operations must be permanent. Make sure you didn't set the 'permanent' flag to 'false' or "
                     "the 'immediate' flag to 'true'.")
    if args["state"] in ("present", "absent") and not zonal:
        raise Failed("absent and present state can only be used in zone level operations")
    running, zone = where(host, args)
    if not running and RUNNING in wanted:
        if not (args["offline"] and PERMANENT in wanted):
            raise Failed("firewall is not currently running, unable to perform immediate actions without a running "
                         "firewall daemon")
        wanted = [PERMANENT]
    now = {"scopes": tuple(wanted)}
    for scope in wanted:
        now[scope] = _state(host, scope, zone, about, running)
    return now


def where(host, args):
    """(whether firewalld runs, the zone), asked once a task."""
    if "_where" not in args:
        running = firewallcmd.is_running(host)
        args["_where"] = running, args["zone"] or firewallcmd.default_zone(host, running)
    return args["_where"]


def _state(host, scope, zone, about, running):
    if about is None:
        known = firewallbus.zones(host) if running else None
        return zone in (firewallcmd.call(host, scope, ["--get-zones"], running).out.split() if known is None else known)
    if about[0] == "target":
        return firewallcmd.target(host, zone, running)
    found = firewallbus.is_set(host, scope == PERMANENT, zone, about[0], fields(*about)) if running else None
    if found is not None:
        return found
    option = "--query-%s" % about[1] + ("=%s" % about[2] if about[2] else "")
    return firewallcmd.ask(host, scope, ["--zone=" + zone, option], running)


def fields(name, _, value):
    """The value of an argument in the words that firewalld's bus takes it in."""
    if name == "port_forward":
        return firewallcmd.forward(value)
    if value is None:
        return []
    return value.split("/", 1) if name == "port" else [value]


def is_on(args):
    """Whether it should be so: `masquerade: false` with `state: enabled` means off."""
    about = item(args)
    on = args["state"] in ("enabled", "present")
    return on if not about or about[0] not in SWITCHES else on and bool(args[about[0]])


def want(args, now):
    about = item(args)
    goal = is_on(args)
    if about and about[0] == "target":
        goal = about[2] if goal else "default"
    return {scope: goal for scope in now["scopes"]}


def apply(host, args, change):
    about = item(args)
    running, name = where(host, args)
    try:
        for scope in change.after:
            if about is None:
                firewallcmd.call(host, scope, ["--%s-zone=%s" % ("new" if change[scope] else "delete", name)], running)
            elif about[0] == "target":
                _aim(host, name, change[scope], running)
            else:
                _switch(host, args, scope, change[scope])
    except Failed as error:
        error.result["msg"] += " " + operation(scopes(args) if running else [PERMANENT])
        if about and about[0] == "service":
            error.result["msg"] += (
                ", Services are defined by port/tcp relationship and named as they are in /etc/services (on most systems)"
            )
        raise


def _aim(host, zone, target, running):
    if not (running and firewallbus.set_target(host, zone, target)):
        firewallcmd.call(host, PERMANENT, ["--zone=" + zone, "--set-target=" + target], running)


def _switch(host, args, scope, on):
    """Add what the task is about to the zone, or remove it."""
    name, word, value = item(args)
    running, zone = where(host, args)
    for_a_while = scope == RUNNING and on and PERMANENT not in scopes(args)
    seconds = args["timeout"] if for_a_while else 0
    words = fields(name, word, value)
    if running and firewallbus.change(host, scope == PERMANENT, zone, name, words, on, seconds):
        return
    # An interface belongs to one zone only: it moves.
    verb = "remove" if not on else "change" if name == "interface" else "add"
    if name == "service" and not on and not running:
        # firewall-offline-cmd's --remove-service is that of another program of old, for the default zone.
        word = "service-from-zone"
    words = ["--zone=" + zone, "--%s-%s" % (verb, word) + ("=%s" % value if value else "")]
    firewallcmd.call(host, scope, words + ["--timeout=%d" % seconds] * bool(seconds), running)


def operation(used):
    """What a task with these settings is called."""
    if len(used) == 2:
        return "Permanent and Non-Permanent(immediate) operation"
    return "Permanent operation" if list(used) == [PERMANENT] else "Non-permanent operation"


def report(host, args, outcome):
    used = outcome.now["scopes"]
    if not used:
        return {"msg": ""}
    running, zone = where(host, args)
    said = [operation(used)] + (told(args, zone) if outcome.change else [])
    said += ["(offline operation: only on-disk configs were altered)"] * (not running)
    return {"msg": ", ".join(said)}


def told(args, zone):
    """What a change is called."""
    about, on, state = item(args), is_on(args), args["state"]
    if about is None:
        return ["%s zone %s" % ("Added" if on else "Removed", zone), "Changed zone %s to %s" % (zone, state)]
    name, word, value = about
    if name == "target":
        return ["%s zone %s target to %s" % ("Set" if on else "Reset", zone, value if on else "default")]
    if name == "interface" and on:
        return ["Changed %s to zone %s" % (value, zone)]
    if name in ("source", "interface", "masquerade", "forward"):
        return ["%s %s %s zone %s" % ("Added" if on else "Removed", value or name, "to" if on else "from", zone)]
    if name == "icmp_block_inversion":
        return ["Changed icmp-block-inversion %s to %s" % (args[name], state)]
    return ["Changed %s %s to %s" % (word if name == "icmp_block" else name, value, state)]
