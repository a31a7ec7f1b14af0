"""Services without systemd: init scripts, OpenRC, and the links that start them at boot."""

import os
import time

from fleet.remote import systemd
from fleet.remote.host import Failed, Unmet


def script(host, name):
    """The init script of a service. Raises Unmet when there is none."""
    path = "/etc/init.d/" + name
    if "/" in name or not os.path.exists(path):
        raise Unmet("Could not find the requested service %s: host" % name)
    return path


def act(host, name, verb, arguments=""):
    """Run a verb of the service. Raises Failed naming service and verb."""
    ran = call(host, name, verb, arguments)
    if ran.rc != 0:
        raise Failed(
            "Unable to %s service %s: %s" % (verb, name, (ran.err or ran.out).strip()),
            rc=ran.rc,
            stdout=ran.out,
            stderr=ran.err,
        )
    return ran


def call(host, name, verb, arguments=""):
    import shlex

    program = host.which("rc-service") or host.which("service")
    argv = [program, name, verb] if program else [script(host, name), verb]
    return host.run(argv + shlex.split(arguments or ""), ok=None)


def is_running(host, name, pattern=None):
    """Asked of the script's status, or with ``pattern`` of the process table."""
    if pattern:
        return any(pattern in line for line in command_lines())
    return parse_status(call(host, name, "status"), name)


def parse_status(ran, name):
    """Whether a status call says running: the LSB exit codes, and the words of scripts that ignore them."""
    words = ran.out.lower().replace(name.lower(), "")
    if any(text in words for text in ("not running", "stopped", "is dead", "is not started", "inactive")):
        return False
    if ran.rc == 0:
        return True
    return ran.rc not in (1, 2, 3, 4) and "running" in words


def command_lines(root="/proc"):
    """The command lines of all processes but this one."""
    found = []
    for name in os.listdir(root):
        if name.isdigit() and int(name) != os.getpid():
            try:
                with open(os.path.join(root, name, "cmdline"), "rb") as source:
                    found.append(source.read().replace(b"\0", b" ").decode("utf-8", "replace"))
            except OSError:
                pass
    return found


def is_enabled(host, name, runlevel="default"):
    if host.which("rc-update"):
        return os.path.lexists("/etc/runlevels/%s/%s" % (runlevel, name))
    return systemd.sysv_enabled(name)


def set_enabled(host, name, wanted, runlevel="default"):
    """Make the service start at boot, or not. Raises Failed."""
    for argv in _enablers(host, name, wanted, runlevel):
        ran = host.run(argv, ok=None)
        if ran.rc != 0:
            raise Failed(
                "Unable to %s service %s: %s"
                % ("enable" if wanted else "disable", name, (ran.err or ran.out).strip()),
                rc=ran.rc,
            )


def _enablers(host, name, wanted, runlevel):
    if host.which("rc-update"):
        return [[host.which("rc-update"), "add" if wanted else "del", name, runlevel]]
    if host.which("update-rc.d"):
        program = host.which("update-rc.d")
        return (
            [[program, name, "defaults"], [program, name, "enable"]]
            if wanted
            else [[program, name, "disable"]]
        )
    if host.which("chkconfig"):
        return [[host.which("chkconfig"), name, "on" if wanted else "off"]]
    raise Failed(
        "cannot enable or disable %s: neither update-rc.d nor chkconfig nor rc-update was found" % name
    )


def run(host, args):
    """Make state and enablement of an init script true."""
    name, changed = args["name"], False
    script(host, name)
    result = {"name": name}
    if args["enabled"] is not None:
        result["enabled"] = args["enabled"]
        if is_enabled(host, name, args["runlevel"]) != args["enabled"]:
            changed = True
            if not host.check:
                set_enabled(host, name, args["enabled"], args["runlevel"])
    if args["state"]:
        result["state"] = "stopped" if args["state"] == "stopped" else "started"
        verb = verb_for(args["state"], is_running(host, name, args["pattern"]))
        if verb and not host.check:
            carry_out(host, args, verb)
        changed = changed or bool(verb)
    return dict(result, changed=changed)


def verb_for(state, running):
    """The verb that makes ``state`` true, None when it is. Pure."""
    if state == "stopped":
        return "stop" if running else None
    if not running:
        return "start"
    return {"started": None, "restarted": "restart", "reloaded": "reload"}[state]


def carry_out(host, args, verb):
    name, arguments = args["name"], args["arguments"]
    if verb == "restart" and args["sleep"]:
        act(host, name, "stop", arguments)
        time.sleep(args["sleep"])
        verb = "start"
    act(host, name, verb, arguments)
