"""Network interfaces, their addresses and the default routes."""

import os
import socket

from fleet.remote import look, netlink

NAMES = (
    "all_ipv4_addresses",
    "all_ipv6_addresses",
    "default_ipv4",
    "default_ipv6",
    "interfaces",
    "locally_reachable_ips",
)
SUBSETS = ("network", "interfaces", "all_ipv4_addresses", "all_ipv6_addresses", "default_ipv4", "default_ipv6")
ROOT = "/sys/class/net"
# Addresses far away, one a family, that only the default route leads to
FAR = {4: "8.8.8.8", 6: "2404:6800:400a:800::1012"}
TYPES = {"1": "ether", "32": "infiniband", "512": "ppp", "772": "loopback", "65534": "tunnel"}
SCOPES = {0: "global", 200: "site", 253: "link", 254: "host"}
PROMISCUOUS = 0x100


def collect(host):
    names = [name for name in look.names(ROOT) if os.path.isdir("%s/%s" % (ROOT, name))]
    interfaces = {name: _interface(name) for name in names}
    addresses = netlink.addresses()
    by_index = {look.number("%s/%s/ifindex" % (ROOT, name)): name for name in names}
    for entry in addresses:
        entry["device"] = by_index.get(entry["index"], "")
    add_addresses(interfaces, addresses)
    facts = {}
    for version in (4, 6):
        route = netlink.route_to(FAR[version])
        route["interface"] = by_index.get(route.pop("index", None))
        facts["default_ipv%d" % version] = default(route, version, interfaces, addresses)
    facts["interfaces"] = list(interfaces)
    for name, found in interfaces.items():
        facts[name.replace("-", "_").replace(":", "_")] = found
    facts["all_ipv4_addresses"] = [entry["address"] for entry in addresses
                                   if entry["family"] == socket.AF_INET and not entry["address"].startswith("127.")]
    facts["all_ipv6_addresses"] = [entry["address"] for entry in addresses
                                   if entry["family"] == socket.AF_INET6 and entry["address"] != "::1"]
    facts["locally_reachable_ips"] = {"ipv4": netlink.local_networks(socket.AF_INET),
                                      "ipv6": netlink.local_networks(socket.AF_INET6)}
    return facts


def _interface(name):
    folder = "%s/%s/" % (ROOT, name)
    facts = {"device": name, "active": look.text(folder + "operstate") != "down"}
    address = look.text(folder + "address")
    if address and address != "00:00:00:00:00:00":
        facts["macaddress"] = address
    facts["mtu"] = look.number(folder + "mtu", 0)
    facts["type"] = TYPES.get(look.text(folder + "type"), "unknown")
    if os.path.isdir(folder + "bridge"):
        facts.update(_bridge(folder))
    if os.path.isdir(folder + "bonding"):
        facts.update(_bonding(folder + "bonding/"))
    if os.path.exists(folder + "bonding_slave"):
        facts["perm_macaddress"] = look.text(folder + "bonding_slave/perm_hwaddr")
    if os.path.exists(folder + "device"):
        facts["pciid"] = os.path.basename(os.readlink(folder + "device"))
        module = folder + "device/driver/module"
        if os.path.exists(module):
            facts["module"] = os.path.basename(os.path.realpath(module))
    speed = look.number(folder + "speed")
    if speed is not None:
        facts["speed"] = speed
    facts["promisc"] = bool(look.number(folder + "flags", 0, 16) & PROMISCUOUS)
    return facts


def _bridge(folder):
    return {"type": "bridge", "interfaces": look.names(folder + "brif"), "id": look.text(folder + "bridge/bridge_id"),
            "stp": look.text(folder + "bridge/stp_state") == "1"}


def _bonding(folder):
    facts = {
        "type": "bonding",
        "slaves": look.text(folder + "slaves").split(),
        "mode": look.text(folder + "mode").split(" ")[0],
        "miimon": look.text(folder + "miimon").split(" ")[0],
        "lacp_rate": look.text(folder + "lacp_rate").split(" ")[0],
    }
    primary = look.text(folder + "primary")
    if primary:
        facts["primary"] = primary
        facts["all_slaves_active"] = look.text(folder + "all_slaves_active") == "1"
    return facts


def add_addresses(interfaces, addresses):
    """Give every interface its addresses; one with a label of its own counts as an interface too. Pure."""
    for entry in addresses:
        device = interfaces.setdefault(entry["device"], {"device": entry["device"]})
        if entry["family"] == socket.AF_INET6:
            device.setdefault("ipv6", []).append(
                {"address": entry["address"], "prefix": str(entry["prefix"]), "scope": scope(entry)})
            continue
        shown = ipv4(entry)
        if entry["label"] not in ("", entry["device"]):
            interfaces.setdefault(entry["label"], {})["ipv4"] = shown
        if not entry["secondary"] and "ipv4" not in device:
            device["ipv4"] = shown
        else:
            device.setdefault("ipv4_secondaries", []).append(shown)


def scope(entry):
    return SCOPES.get(entry["scope"], str(entry["scope"]))


def ipv4(entry):
    """An address with what follows from its prefix. Pure."""
    mask = (0xFFFFFFFF << (32 - entry["prefix"])) & 0xFFFFFFFF
    number = int.from_bytes(socket.inet_aton(entry["address"]), "big")
    return {
        "address": entry["address"],
        "broadcast": entry["broadcast"],
        "netmask": dotted(mask),
        "network": dotted(number & mask),
        "prefix": str(entry["prefix"]),
    }


def dotted(number):
    return socket.inet_ntoa(number.to_bytes(4, "big"))


def default(route, version, interfaces, addresses):
    """The default route's facts with those of the interface it leaves by; {} when there is none. Pure."""
    device = route.get("interface")
    if not device or device == "lo":
        return {}
    facts = {"interface": device}
    if "gateway" in route:
        facts["gateway"] = route["gateway"]
    if "source" in route:
        facts["address"] = route["source"]
    for entry in addresses:
        if entry["address"] != facts.get("address"):
            continue
        if version == 4:
            facts.update(ipv4(entry), alias=entry["label"] or entry["device"])
        else:
            facts.update(prefix=str(entry["prefix"]), scope=scope(entry))
    for name in ("macaddress", "mtu", "type"):
        if name in interfaces.get(device, {}):
            facts[name] = interfaces[device][name]
    return facts
