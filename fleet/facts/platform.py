"""Kernel, machine and host name, as uname(2) tells them; nothing here asks a name server."""

import os
import struct
import sys

from fleet.remote import look

NAMES = (
    "architecture",
    "hostname",
    "kernel",
    "kernel_version",
    "machine",
    "machine_id",
    "nodename",
    "python_version",
    "system",
    "userspace_architecture",
    "userspace_bits",
)
SUBSETS = ("platform", "architecture", "kernel", "kernel_version", "machine", "machine_id", "python_version", "system")


def collect(host):
    name = os.uname()
    bits = str(struct.calcsize("P") * 8)
    facts = {
        "architecture": architecture(name.machine),
        "hostname": name.nodename.split(".")[0],
        "kernel": name.release,
        "kernel_version": name.version,
        "machine": name.machine,
        "nodename": name.nodename,
        "python_version": "%d.%d.%d" % sys.version_info[:3],
        "system": name.sysname,
        "userspace_bits": bits,
        "userspace_architecture": userspace(name.machine, bits),
    }
    machine_id = look.text("/var/lib/dbus/machine-id") or look.text("/etc/machine-id")
    if machine_id:
        facts["machine_id"] = machine_id.splitlines()[0]
    return facts


def architecture(machine):
    """Intel's 32-bit machines all count as i386."""
    return "i386" if machine in ("i386", "i486", "i586", "i686") else machine


def userspace(machine, bits):
    if machine == "x86_64":
        return "x86_64" if bits == "64" else "i386"
    return architecture(machine)
