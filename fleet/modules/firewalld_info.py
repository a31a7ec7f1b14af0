"""Tell firewalld's version, default zone and the settings of its zones."""

from fleet.remote import firewallbus, firewallcmd
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "active_zones": Arg("bool", False, help="Only zones with an interface or a source."),
        "zones": Arg("list", elements="str", help="Only these zones."),
    },
    returns={
        "active_zones": "As asked.",
        "collected_zones": "Names of the zones told about.",
        "undefined_zones": "Names asked for that are no zones.",
        "firewalld_info": "`version`, `default_zone` and `zones`: name -> settings.",
    },
)

EXAMPLES = """
- firewalld_info: {active_zones: true}
  register: firewall
"""


def run(host, args):
    """What firewall-cmd lists. Raises Failed when firewalld does not run."""
    if not firewallcmd.is_running(host):
        raise Failed("firewalld probably not be running, Or the following error occurred: firewalld is not running")
    call = firewallcmd.call
    zones = firewallcmd.parse_zones(call(host, "immediate", ["--list-all-zones"]).out)
    names = sorted(zones)
    undefined = []
    if args["active_zones"]:
        names = [name for name in names if zones[name].get("interfaces") or zones[name].get("sources")]
    elif args["zones"] is not None:
        undefined = [name for name in args["zones"] if name not in zones]
        names = [name for name in args["zones"] if name in zones]
    info = {
        "version": firewallbus.version(host) or call(host, "immediate", ["--version"]).out.strip(),
        "default_zone": firewallcmd.default_zone(host),
        "zones": {name: zones[name] for name in names},
    }
    return {"changed": False, "active_zones": args["active_zones"], "collected_zones": names,
            "undefined_zones": undefined, "firewalld_info": info}
