"""What runs as process 1 and manages services."""

import os

from fleet.remote import look

NAMES = ("service_mgr",)
SUBSETS = ("service_mgr",)
UNSPECIFIC = ("", "init", "runit-init", "COMMAND")


def collect(host):
    return {"service_mgr": service_mgr(look.text("/proc/1/comm"), os.path.exists)}


def service_mgr(comm, exists):
    """The manager for the name of process 1. Pure but for ``exists``."""
    if comm == "runit-init":
        return "runit"
    if comm == "openrc-init":
        return "openrc"
    if comm not in UNSPECIFIC:
        return comm
    for path, name in (
        ("/run/systemd/system", "systemd"),
        ("/dev/.run/systemd", "systemd"),
        ("/sbin/openrc", "openrc"),
        ("/usr/bin/dinitctl", "dinit"),
        ("/etc/init/rc-sysinit.conf", "upstart"),
        ("/etc/init.d/", "sysvinit"),
    ):
        if exists(path):
            return name
    return "service"
