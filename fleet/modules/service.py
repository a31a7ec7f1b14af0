"""Start, stop and enable services, whatever init the host has.

On a host that runs systemd this is the module `systemd`; elsewhere init scripts (update-rc.d,
chkconfig) or OpenRC are used.
"""

from fleet.remote import systemd as units
from fleet.remote import sysv
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

NEEDS = ("systemd",)

SPEC = Spec(
    {
        "name": Arg(required=True, help="Name of the service."),
        "state": Arg(
            choices=("reloaded", "restarted", "started", "stopped"),
            help="`restarted` and `reloaded` always act; a reload starts what is not running.",
        ),
        "enabled": Arg("bool", help="Whether the service starts at boot."),
        "use": Arg(
            default="auto", help="The init to use instead of the one found: systemd, sysvinit, service."
        ),
        "arguments": Arg(
            default="", aliases=("args",), help="More words for the init script; not for systemd."
        ),
        "pattern": Arg(help="Counts as running when a command line holds this text; not for systemd."),
        "runlevel": Arg(default="default", help="The OpenRC runlevel; not for systemd."),
        "sleep": Arg("int", help="Seconds between stop and start of a restart; not for systemd."),
        "masked": Arg("bool", help="As of the module `systemd`."),
        "daemon_reload": Arg("bool", False, aliases=("daemon-reload",), help="As of the module `systemd`."),
        "daemon_reexec": Arg("bool", False, aliases=("daemon-reexec",), help="As of the module `systemd`."),
        "no_block": Arg("bool", False, help="As of the module `systemd`."),
        "force": Arg("bool", help="As of the module `systemd`."),
        "scope": Arg(
            default="system", choices=("system", "user", "global"), help="As of the module `systemd`."
        ),
    },
    returns={
        "name": "The service.",
        "state": "started or stopped, when a state was asked for.",
        "enabled": "What was asked for.",
        "status": "With systemd: the unit's properties.",
    },
)

EXAMPLES = """
- name: Run a service now and after every boot
  service: {name: nginx, state: started, enabled: true}
- name: Restart an init script that needs a pause
  service: {name: oldie, state: restarted, sleep: 2}
"""

ONLY_SCRIPTS = ("pattern", "runlevel", "sleep", "arguments")
KNOWN = ("auto", "systemd", "sysvinit", "service", "openrc")


def run(host, args):
    """Hand over to whoever runs services here."""
    kind = args["use"].rpartition(".")[2]
    if kind not in KNOWN:
        raise Failed("services cannot be managed with '%s'; known are: %s" % (args["use"], ", ".join(KNOWN)))
    if kind == "systemd" or (kind != "openrc" and _has_systemd(host)):
        return _with_systemd(host, args)
    return sysv.run(host, args)


def _has_systemd(host):
    """systemd runs, or would run if this chroot were booted."""
    if units.is_booted():
        return True
    return host.which("systemctl") is not None and not (host.which("rc-service") or _is_other_init())


def _is_other_init():
    try:
        with open("/proc/1/comm") as source:
            return source.read().strip() == "init"
    except OSError:
        return False


def _with_systemd(host, args):
    from fleet.modules import systemd

    for name in ONLY_SCRIPTS:
        if args[name] != SPEC.args[name].default:
            host.warn('Ignoring "%s" as it is not used in "systemd"' % name)
    return systemd.run(host, systemd.SPEC.complete({key: args[key] for key in systemd.SPEC.args}))
