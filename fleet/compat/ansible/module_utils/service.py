"""Services of System V and daemons, for modules about services."""

import glob
import os


def sysv_is_enabled(name, runlevel=None):
    """True when a link starts the service."""
    return bool(glob.glob("/etc/rc%s.d/S??%s" % (runlevel or "?", name)))


def get_sysv_script(name):
    return name if name.startswith("/") else "/etc/init.d/%s" % name


def sysv_exists(name):
    return os.path.exists(get_sysv_script(name))


def get_ps(module, pattern):
    """True when a process's line holds ``pattern``."""
    rc, out, _ = module.run_command([module.get_bin_path("ps", True), "auxww"])
    return any(pattern in line for line in out.splitlines())


def fail_if_missing(module, found, service, msg=""):
    if not found:
        module.fail_json(msg="Could not find the requested service %s: %s" % (service, msg))


def check_ps(module, pattern):
    return get_ps(module, pattern)
