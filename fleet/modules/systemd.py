"""Start, stop, enable and mask systemd units.

One `systemctl show` tells everything a task needs to know; systemctl runs again only to change
something. A service that dies right after its start fails the task with its last journal lines.
"""

from fleet.remote import systemd
from fleet.remote.host import Failed, Unmet
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "name": Arg(aliases=("service", "unit"), help="The unit; without a suffix `.service` is meant."),
        "state": Arg(
            choices=("reloaded", "restarted", "started", "stopped"),
            help="`restarted` and `reloaded` always act; a reload starts what is not running.",
        ),
        "enabled": Arg("bool", help="Whether the unit starts at boot."),
        "masked": Arg("bool", help="Whether the unit is made impossible to start."),
        "daemon_reload": Arg(
            "bool", False, aliases=("daemon-reload",), help="Read changed unit files first."
        ),
        "daemon_reexec": Arg(
            "bool", False, aliases=("daemon-reexec",), help="Restart the manager itself first."
        ),
        "no_block": Arg("bool", False, help="Do not wait for the unit to start or stop."),
        "force": Arg("bool", help="Replace links that are in the way when enabling or masking."),
        "scope": Arg(
            default="system",
            choices=("system", "user", "global"),
            help="The system's manager, the connected user's, or the defaults of all users.",
        ),
    },
    required_by={"state": ("name",), "enabled": ("name",), "masked": ("name",)},
    returns={
        "name": "The unit as named in the task.",
        "state": "started or stopped, when a state was asked for.",
        "enabled": "What was asked for.",
        "status": "The unit's properties as `systemctl show` prints them.",
    },
)

EXAMPLES = """
- name: Run a service now and after every boot
  systemd: {name: nginx, state: started, enabled: true}
- name: Restart after a unit file changed
  systemd: {name: app, state: restarted, daemon_reload: true}
- name: Make a service impossible to start
  systemd: {name: apache2, state: stopped, masked: true}
- name: Enable a timer of the connected user
  systemd: {name: backup.timer, enabled: true, scope: user}
- name: Only read changed unit files
  systemd: {daemon_reload: true}
"""


def run(host, args):
    """Reload the manager, then make mask, enablement and state true, in an order that can work."""
    manager = systemd.Manager(host, args["scope"])
    if not host.check and args["scope"] != "global" and not systemd.is_offline(host):
        for wanted, verb in (("daemon_reexec", "daemon-reexec"), ("daemon_reload", "daemon-reload")):
            if args[wanted]:
                _reload(manager, verb)
    result = {"name": args["name"], "changed": False, "status": {}}
    if args["name"] is None:
        return result
    _check_name(args["name"])
    unit = systemd.full_name(args["name"])
    status, enabled = look(host, manager, unit, args)
    steps = orders(args, unit, status, enabled, systemd.is_offline(host))
    for key in ("enabled", "state"):
        if args[key] is not None:
            result[key] = args[key]
    if args["state"]:
        result["state"] = "stopped" if args["state"] == "stopped" else "started"
    result["changed"] = bool(steps)
    if steps and host.check:
        _refuse_masked(args, steps, status)
    elif steps:
        result["changed"] = carry_out(manager, unit, args, steps, enabled)
        status = manager.show(unit)
    result["status"] = status
    _warn(host, args, status)
    return result


def _reload(manager, verb):
    ran = manager(verb)
    if ran.rc != 0:
        raise Failed(
            "failure %d during %s: %s%s" % (ran.rc, verb, (ran.err or ran.out).strip(), manager.hint()),
            rc=ran.rc,
        )


def _check_name(name):
    for letter in "*?[":
        if letter in name:
            raise Failed(
                "This module does not currently support using glob patterns, found '%s' in service "
                "name: %s" % (letter, name)
            )


def look(host, manager, unit, args):
    """The unit's properties and {state, is} of its enablement. Raises Failed when there is no such unit."""
    status = manager.glance(unit)
    if status.get("LoadState") == "not-found" and systemd.init_script(unit):
        # The script is newer than systemd's last look at /etc/init.d.
        if not host.check:
            manager("daemon-reload")
            status = manager.show(unit)
        else:
            status = dict(status, LoadState="loaded", UnitFileState="generated")
    if status.get("LoadState") == "error":
        raise Failed("Error loading unit file '%s': %s" % (args["name"], status.get("LoadError", "")))
    state = manager.enabled_state(unit, status)
    known = status.get("LoadState") in ("loaded", "masked", "bad-setting", "stub", "merged") or state
    if not known and args["masked"] is None:
        raise Unmet("Could not find the requested service %s: host" % args["name"])
    return status, {"state": state, "is": systemd.is_enabled(manager, unit, status, state)}


def orders(args, unit, status, enabled, offline=False):
    """The systemctl verbs that make ``args`` true, in order. Pure."""
    state = enabled["state"]
    masked = status.get("LoadState") == "masked" or state.startswith("masked")
    steps = []
    if args["masked"] is False and masked:
        steps.append("unmask")
    if args["enabled"] is not None and state not in systemd.FIXED and bool(args["enabled"]) != enabled["is"]:
        # Whether a masked unit is enabled cannot be seen; it is set when the mask goes.
        if not (masked and args["enabled"] is False and args["masked"] is not False):
            steps.append("enable" if args["enabled"] else "disable")
    if args["masked"] and not masked:
        steps.append("mask")
    verb = None if offline else verb_for(args, status)
    return steps + ([verb] if verb else [])


def verb_for(args, status):
    """start, stop, restart, reload or None. Raises Failed when the unit's state cannot be known."""
    if args["state"] is None:
        return None
    if "ActiveState" not in status:
        raise Failed("Service is in unknown state", status=status)
    running = status["ActiveState"] in systemd.RUNNING
    if args["state"] == "stopped":
        return "stop" if running or status["ActiveState"] == "deactivating" else None
    if not running:
        return "start"
    return {"started": None, "restarted": "restart", "reloaded": "reload"}[args["state"]]


def _refuse_masked(args, steps, status):
    if status.get("LoadState") == "masked" and "unmask" not in steps and set(steps) & {"start", "restart"}:
        raise Unmet("Unable to start service %s: Unit %s is masked." % (args["name"], status.get("Id", "")))


def carry_out(manager, unit, args, steps, enabled):
    """Run the verbs and say whether anything changed. Raises Failed."""
    changed = False
    for verb in steps:
        if verb in ("enable", "disable", "mask", "unmask"):
            changed = _link(manager, verb, unit, args, enabled) or changed
        else:
            _act(manager, verb, unit, args)
            changed = True
    return changed


def _link(manager, verb, unit, args, enabled):
    words = [verb, unit] + (["--force"] if args["force"] and verb in ("enable", "mask") else [])
    ran = manager(*words)
    if ran.rc != 0 and "alias name" in ran.err:
        real = manager.show(unit).get("Id", unit)
        ran = manager(*[real if word == unit else word for word in words])
    if ran.rc != 0:
        raise Failed("Unable to %s service %s: %s" % (verb, args["name"], ran.err or ran.out))
    if verb == "unmask" and manager.enabled_state(unit, manager.show(unit)).startswith("masked"):
        manager.host.warn(
            "%s is masked by the package that brings it; unmasking has no effect" % args["name"]
        )
        return False
    return enabled["state"] != "indirect" or "symlink" in ran.err + ran.out or "Removed" in ran.err


def _act(manager, verb, unit, args):
    ran = manager(*([verb, unit] + (["--no-block"] if args["no_block"] else [])))
    if ran.rc != 0:
        told = manager.journal(unit) if verb != "stop" and "masked" not in ran.err else ""
        raise Failed("Unable to %s service %s: %s%s" % (verb, args["name"], ran.err or ran.out, told))
    if verb != "stop" and unit.endswith(".service") and not args["no_block"]:
        manager.watch(unit)


def _warn(host, args, status):
    if args["state"] and systemd.is_offline(host):
        host.warn(
            "systemd does not run here (a chroot or an offline system): the state of %s was left alone, "
            "only enabled and masked have an effect" % args["name"]
        )
    elif status.get("NeedDaemonReload") == "yes" and not args["daemon_reload"]:
        host.warn(
            "the unit file of %s changed on disk; set daemon_reload: true to make systemd read it"
            % args["name"]
        )
