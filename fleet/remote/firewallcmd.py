"""firewall-cmd, or firewall-offline-cmd where the daemon does not run: asked and told, failures in its words."""

from fleet.remote import firewallbus
from fleet.remote.host import Failed

RUNNING, PERMANENT = "immediate", "permanent"


def is_running(host):
    program = host.need("firewall-cmd", "firewalld")
    return firewallbus.is_running(host) or host.run([program, "--state"], ok=None).rc == 0


def default_zone(host, running=True):
    """The zone of interfaces and sources that are in no other."""
    known = firewallbus.default_zone(host) if running else None
    return known or call(host, RUNNING, ["--get-default-zone"], running).out.strip()


def call(host, scope, words, running=True, ok=(0,)):
    """One call for the running or the permanent settings. Raises Failed."""
    if running:
        argv = [host.need("firewall-cmd", "firewalld")] + ["--permanent"] * (scope == PERMANENT) + words
    else:
        argv = [host.need("firewall-offline-cmd", "firewalld")] + words
    ran = host.run(argv, ok=None)
    if ran.rc not in ok:
        told = (ran.err or ran.out).strip().replace("Error: ", "", 1)
        raise Failed(firewallbus.refused(told), rc=ran.rc, cmd=argv, stdout=ran.out, stderr=ran.err)
    return ran


def target(host, zone, running=True):
    """What becomes of the rest in a zone, in the permanent settings."""
    known = firewallbus.target(host, zone) if running else None
    if known:
        return known
    told = call(host, PERMANENT, ["--zone=" + zone, "--get-target"], running).out.strip()
    return "%%REJECT%%" if told == "REJECT" else told


def ask(host, scope, words, running=True):
    """A --query: yes or no. Raises Failed for anything else, such as an unknown zone."""
    ran = call(host, scope, words, running, ok=(0, 1))
    return ran.rc == 0


LISTS = {
    "services": "services", "ports": "ports", "protocols": "protocols", "sources": "sources",
    "interfaces": "interfaces", "source-ports": "source_ports", "icmp-blocks": "icmp_blocks",
}
FLAGS = {"icmp-block-inversion": "icmp_block_inversion", "forward": "forward", "masquerade": "masquerade"}


def parse_zones(text):
    """``--list-all-zones`` as {zone: settings}, ports as [number, protocol] as firewalld's own API tells."""
    found, zone, block = {}, {}, None
    for line in text.splitlines():
        if line and not line[0].isspace():
            zone = found[line.split()[0]] = dict(rich_rules=[], forward_ports=[])
            continue
        key, _, value = line.strip().partition(":")
        value = value.strip()
        if line.startswith(("\t", "   ")):
            if block == "rich_rules":
                zone[block].append(line.strip())
            elif block == "forward_ports":
                zone[block].append(forward(line.strip()))
            continue
        block = {"rich rules": "rich_rules", "forward-ports": "forward_ports"}.get(key)
        if block == "forward_ports" and value:
            zone[block] += [forward(each) for each in value.split()]
        elif key in ("ports", "source-ports"):
            zone[LISTS[key]] = [each.split("/") for each in value.split()]
        elif key in LISTS:
            zone[LISTS[key]] = value.split()
        elif key in FLAGS:
            zone[FLAGS[key]] = value == "yes"
        elif key == "target":
            zone["target"] = value
    return found


def forward(text):
    """``port=80:proto=tcp:toport=8080:toaddr=`` as [port, protocol, toport, toaddr]."""
    parts = dict(part.partition("=")[::2] for part in text.split(":", 3))
    return [parts.get(key, "") for key in ("port", "proto", "toport", "toaddr")]
