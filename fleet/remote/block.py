"""Block devices' other names, as udev links them under /dev/disk."""

import os

from fleet.remote import look

FOLDERS = {"ids": "by-id", "uuids": "by-uuid", "labels": "by-label"}


def device_links():
    """{"ids"|"uuids"|"labels"|"masters": {device: [names]}}."""
    links = {kind: _links("/dev/disk/" + folder) for kind, folder in FOLDERS.items()}
    links["masters"] = masters = {}
    for device in look.names("/sys/block"):
        for slave in look.names("/sys/block/%s/slaves" % device):
            masters.setdefault(slave, []).append(device)
    return links


def uuids():
    """{device name: UUID of its file system}."""
    return {device: names[0] for device, names in _links("/dev/disk/by-uuid").items()}


def _links(folder):
    found = {}
    for name in look.names(folder):
        try:
            device = os.path.basename(os.readlink(os.path.join(folder, name)))
        except OSError:
            continue
        found.setdefault(device, []).append(_decoded(name))
    return found


def _decoded(name):
    r"""udev writes characters it does not like as \x20."""
    if "\\x" not in name:
        return name
    return name.encode("ascii", "replace").decode("unicode_escape", "replace")


UNITS = (("YB", 80), ("ZB", 70), ("EB", 60), ("PB", 50), ("TB", 40), ("GB", 30), ("MB", 20), ("KB", 10), ("Bytes", 0))


def human(size):
    """Bytes as Ansible writes them: ``256.00 GB``."""
    for unit, power in UNITS:
        if size >= 1 << power:
            break
    return "%.2f %s" % (float(size) / (1 << power), unit)
