"""Block devices and their partitions."""

import os
import re

from fleet.remote import look
from fleet.remote.block import device_links, human

NAMES = ("device_links", "devices")
SUBSETS = ("hardware", "devices")
SECTOR = 512


def collect(host):
    links = device_links()
    devices = {name: _device(name, links) for name in look.names("/sys/block")}
    return {"device_links": links, "devices": devices}


def _device(name, links):
    folder = "/sys/block/" + name
    facts = {
        "virtual": 1,
        "links": _own_links(name, links),
        "removable": look.text(folder + "/removable", None),
        "support_discard": look.text(folder + "/queue/discard_granularity", None),
        "rotational": look.text(folder + "/queue/rotational", None),
        "scheduler_mode": scheduler(look.text(folder + "/queue/scheduler")),
        "host": "",
        "holders": _holders(folder),
    }
    for fact in ("vendor", "model", "sas_address", "sas_device_handle"):
        facts[fact] = look.text("%s/device/%s" % (folder, fact), None)
    for fact, path in (("serial", "serial"), ("wwn", "wwid")):
        value = look.text("%s/device/%s" % (folder, path))
        if value:
            facts[fact] = value
    facts.update(_size(folder, folder))
    facts["partitions"] = {
        part: _partition(folder, part, links) for part in look.names(folder)
        if os.path.exists("%s/%s/partition" % (folder, part))
    }
    return facts


def _partition(disk, name, links):
    folder = "%s/%s" % (disk, name)
    uuid = links["uuids"].get(name)
    facts = {
        "links": _own_links(name, links),
        "start": look.text(folder + "/start", "0"),
        "holders": _holders(folder),
        "uuid": uuid[0] if uuid else None,
    }
    facts.update(_size(folder, disk))
    return facts


def _size(folder, disk):
    sectors = look.number(folder + "/size", 0)
    block = look.text(disk + "/queue/logical_block_size") or look.text(disk + "/queue/hw_sector_size") or "512"
    return {"sectors": sectors, "sectorsize": block, "size": human(sectors * SECTOR)}


def _own_links(name, links):
    return {kind: links[kind].get(name, []) for kind in ("ids", "uuids", "labels", "masters")}


def _holders(folder):
    holders = []
    for name in look.names(folder + "/holders"):
        mapped = look.text("/sys/block/%s/dm/name" % name)
        holders.append(mapped if name.startswith("dm-") and mapped else name)
    return holders


def scheduler(text):
    """The scheduler in use, which the kernel puts in brackets. Pure."""
    found = re.search(r"\[(.*)\]", text)
    return found.group(1) if found else ""
