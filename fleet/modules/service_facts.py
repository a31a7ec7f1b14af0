"""Tell which services there are and how they are, as the fact `services`.

systemd's units come from two listings; units only known as files and init scripts are looked up in one
more call, no init script is run on a host with systemd.
"""

import os
import re

from fleet.remote import systemd
from fleet.remote.host import Failed
from fleet.remote.spec import Spec

SPEC = Spec({}, returns={"ansible_facts": "`services`: name -> name, state, status, source."})

EXAMPLES = """
- name: Learn which services run
  service_facts:
"""


def run(host, args):
    """Services of systemd and of /etc/init.d."""
    names = init_scripts()
    if systemd.is_booted():
        services = of_systemd(host, names)
    elif host.which("rc-status"):
        services = parse_openrc(host.run([host.which("rc-status"), "-a", "-s", "-m"], ok=None).out)
    elif names:
        services = of_scripts(host, names)
    else:
        raise Failed("found neither systemd nor OpenRC nor init scripts in /etc/init.d")
    return {"changed": False, "ansible_facts": {"services": services}}


def init_scripts(folder="/etc/init.d"):
    """Names of the init scripts a service is behind."""
    try:
        names = os.listdir(folder)
    except OSError:
        return []
    return sorted(
        name
        for name in names
        if os.access(os.path.join(folder, name), os.X_OK)
        and not os.path.isdir(os.path.join(folder, name))
        and not name.startswith(("README", "skeleton", "."))
        and name not in ("rc", "rcS", "functions", "halt", "killprocs", "single")
    )


def of_systemd(host, scripts):
    manager = systemd.Manager(host)
    services = parse_units(
        manager("list-units", "--no-pager", "--type=service", "--all", "--plain", "--no-legend").out
    )
    files = parse_unit_files(manager("list-unit-files", "--no-pager", "--type=service", "--no-legend").out)
    named = {name: (name[:-3] if name.endswith(".sh") else name) + ".service" for name in scripts}
    ask = sorted(name for name in set(files) - set(services) if not systemd.is_template(name))
    ask += sorted(set(named.values()) - set(ask))
    active = dict(zip(ask, parse_active(manager("show", "-p", "ActiveState", *ask).out))) if ask else {}
    merge(services, files, active)
    for name, unit in named.items():
        state = "running" if active.get(unit) == "active" else "stopped"
        services.setdefault(name, {"name": name, "state": state, "source": "sysv"})
    return services


def parse_units(text):
    """``systemctl list-units`` as services: what is loaded or asked for by another unit."""
    found = {}
    for line in text.splitlines():
        words = line.lstrip("●*×○↻ ").split(None, 4)
        if len(words) < 4 or not words[0].endswith(".service"):
            continue
        name, load, active, sub = words[:4]
        status = load if load in ("not-found", "masked", "error") else active
        found[name] = {
            "name": name,
            "state": "running" if sub == "running" else "stopped",
            "status": status,
            "source": "systemd",
        }
    return found


def parse_unit_files(text):
    """``systemctl list-unit-files`` as name -> enabled, static, alias ..."""
    return {
        words[0]: words[1]
        for words in (line.split() for line in text.splitlines())
        if len(words) > 1 and words[0].endswith(".service")
    }


def parse_active(text):
    """The ActiveState values of ``systemctl show`` for several units, in their order."""
    return re.findall(r"^ActiveState=(\S*)$", text, re.M)


def merge(services, files, active):
    """Put what the unit files say into ``services``."""
    for name, status in files.items():
        known = services.get(name)
        if known is None:
            services[name] = {
                "name": name,
                "state": active.get(name, "unknown"),
                "status": status,
                "source": "systemd",
            }
        elif known["status"] != "failed":
            known["status"] = status


def parse_openrc(text):
    found = {}
    for match in re.finditer(r"^\s*(\S+)\s+\[\s*(\w+)", text, re.M):
        state = {"started": "running"}.get(match.group(2), match.group(2))
        found[match.group(1)] = {"name": match.group(1), "state": state, "status": None, "source": "openrc"}
    return found


def of_scripts(host, names):
    services = {}
    for name in names:
        ran = host.run(["/etc/init.d/" + name, "status"], ok=None, timeout=20)
        services[name] = {"name": name, "state": "running" if ran.rc == 0 else "stopped", "source": "sysv"}
    return services
