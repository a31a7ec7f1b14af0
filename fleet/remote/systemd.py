"""systemd as modules see it: one `systemctl show` for a unit's properties, links for what is enabled.

Everything but ``orders`` and the parsers runs systemctl; nothing here decides what should be.
"""

import glob
import os
import re
import time

from fleet.remote.host import Failed

SUFFIXES = (
    ".service",
    ".socket",
    ".target",
    ".timer",
    ".mount",
    ".automount",
    ".path",
    ".slice",
    ".scope",
    ".swap",
    ".device",
    ".snapshot",
)
ON = ("enabled", "alias", "static", "transient")
FIXED = ("static", "transient")
"""States of units without an [Install] section: enabling and disabling change nothing."""
RUNNING = ("active", "activating", "reloading", "refreshing")
AT_ONCE = ("simple", "exec", "idle")
"""Service types whose start is over before anybody knows whether the program lives."""
WATCH = (0.05, 0.15, 0.2)


class Manager(object):
    """systemctl for one scope: system, user or global."""

    def __init__(self, host, scope="system"):
        self.host = host
        self.scope = scope
        self.argv = [host.need("systemctl", "systemd")] + ([] if scope == "system" else ["--" + scope])
        self.env = {}
        runtime = "/run/user/%d" % os.geteuid()
        if scope == "user" and "XDG_RUNTIME_DIR" not in host.environ() and os.path.isdir(runtime):
            self.env = {"XDG_RUNTIME_DIR": runtime}

    def __call__(self, *words):
        return self.host.run(self.argv + list(words), ok=None, env=self.env)

    def do(self, what, unit, *words):
        """Run a verb that must work. Raises Failed as Ansible words it."""
        ran = self(*(words or (what, unit)))
        if ran.rc != 0:
            raise Failed("Unable to %s service %s: %s" % (what, unit, ran.err or ran.out))
        return ran

    def show(self, unit):
        """The unit's properties; {} for a template or when the scope has no manager to ask."""
        if self.scope == "global" or is_template(unit):
            return {}
        ran = self("show", unit)
        if ran.rc != 0:
            if "Failed to connect" in ran.err or "not been booted" in ran.err:
                if is_offline(self.host):
                    return {}
                raise Failed(
                    ran.err.strip() + self.hint(),
                    rc=ran.rc,
                    cmd=" ".join(self.argv),
                    stdout=ran.out,
                    stderr=ran.err,
                )
            return {}
        return parse_show(ran.out)

    def glance(self, unit):
        """As ``show``, together with the units that steps behind this one will ask for.

        What was seen holds until something on the host is changed (``host.moment``).
        """
        if self.scope != "system" or self.host.env:
            return self.show(unit)
        seen = self.host.moment.setdefault("units", {})
        if unit not in seen:
            names = [unit] + [name for name in self._coming() if name not in seen and name != unit]
            if len(names) == 1:
                return self.show(unit)
            ran = self("show", *names)
            blocks = ran.out.split("\n\n")
            if ran.rc != 0 or len(blocks) != len(names):
                return self.show(unit)
            seen.update((name, parse_show(block)) for name, block in zip(names, blocks))
        return dict(seen[unit])

    def _coming(self):
        found = []
        for module, args in self.host.upcoming():
            name = args.get("name") if module in ("service", "systemd", "systemd_service") else None
            if isinstance(name, str) and name and not set(name) & set("*?[@ ") and full_name(name) not in found:
                if (args.get("scope") or "system") == "system":
                    found.append(full_name(name))
        return found

    def hint(self):
        """What to do when a user's manager cannot be reached."""
        if self.scope != "user":
            return ""
        return (
            " (no systemd user manager runs for uid %d: `loginctl enable-linger USER` keeps one running, "
            "and XDG_RUNTIME_DIR must name /run/user/UID)" % os.geteuid()
        )

    def enabled_state(self, unit, status):
        """enabled, disabled, static, masked, generated ..., "" for a unit that does not exist."""
        state = status.get("UnitFileState", "")
        if state in ("", "bad") and status.get("LoadState") != "loaded":
            ran = self("is-enabled", unit)
            state = ran.out.strip().splitlines()[-1] if ran.out.strip() else ""
        return "" if state == "not-found" else state

    def journal(self, unit, lines=10):
        """The unit's last lines in the journal, "" when they cannot be read."""
        program = self.host.which("journalctl")
        if program is None:
            return ""
        option = "--user-unit" if self.scope == "user" else "--unit"
        ran = self.host.run(
            [program, "-q", "--no-pager", "-o", "short", "-n", str(lines), option, unit],
            ok=None,
            env=self.env,
            timeout=10,
        )
        return ran.out.strip()

    def watch(self, unit):
        """Look at a just started service for a moment. Raises Failed when its program has died."""
        for pause in WATCH:
            status = self.show(unit)
            if status.get("Type") not in AT_ONCE and not has_died(status):
                return status
            if has_died(status):
                break
            time.sleep(pause)
        else:
            status = self.show(unit)
        if has_died(status):
            raise Failed(
                "Unable to start service %s: it ended right after the start (%s)%s"
                % (unit, how_ended(status), _told(self.journal(unit))),
                status=status,
            )
        return status


def _told(lines):
    return "\n" + lines if lines else ""


def has_died(status):
    """The service failed, or failed and waits to be started again."""
    if status.get("ActiveState") == "failed":
        return True
    return status.get("SubState") == "auto-restart" and status.get("Result", "success") != "success"


def how_ended(status):
    """``exit code 3`` or ``signal 9`` or systemd's word for it."""
    word = {"1": "exit code", "2": "signal", "3": "core dump, signal"}.get(status.get("ExecMainCode", ""))
    return "%s %s" % (word, status.get("ExecMainStatus")) if word else status.get("Result", "failed")


def is_booted():
    """Whether systemd is the running init."""
    return os.path.isdir("/run/systemd/system")


def is_offline(host):
    """A chroot or a container without a running systemd."""
    return not is_booted() or host.environ().get("SYSTEMD_OFFLINE") == "1"


def full_name(name):
    """``nginx`` -> ``nginx.service``; names with a unit suffix stay."""
    return name if name.endswith(SUFFIXES) else name + ".service"


def is_template(unit):
    return bool(re.search(r"@(\.\w+)?$", unit))


def parse_show(text):
    """``systemctl show`` output as a dict. A value may run over several lines inside braces."""
    found, key, open_value = {}, None, False
    for line in text.splitlines():
        name, equals, value = line.partition("=")
        if open_value or not equals or not re.match(r"^[A-Za-z][A-Za-z0-9_]*$", name):
            if key:
                found[key] += "\n" + line
                open_value = open_value and not line.rstrip().endswith("}")
            continue
        if name in found and name.startswith("Exec"):
            value = found[name] + " " + value
        key = name
        found[key] = value.strip()
        open_value = (
            name.startswith("Exec") and value.lstrip().startswith("{") and not value.rstrip().endswith("}")
        )
    return found


def init_script(unit):
    """The path of the System V script behind a unit, or ""."""
    name = unit[:-8] if unit.endswith(".service") else unit
    path = "/etc/init.d/" + name
    return path if "/" not in name and os.access(path, os.X_OK) else ""


def sysv_enabled(name, root="/etc"):
    """Whether an init script is linked to start in a runlevel."""
    return bool(glob.glob("%s/rc[2345S].d/S[0-9][0-9]%s" % (root, glob.escape(name))))


def also_units(path):
    """The units a unit file's Also= names."""
    try:
        with open(path) as source:
            return parse_also(source.read())
    except (OSError, UnicodeDecodeError):
        return []


def parse_also(text):
    found = []
    for line in text.splitlines():
        if line.strip().startswith("Also="):
            found.extend(line.split("=", 1)[1].split())
    return found


def is_enabled(manager, unit, status, state):
    """Whether a unit in that enabled state starts at boot."""
    if state == "generated" and init_script(unit):
        return sysv_enabled(os.path.basename(init_script(unit)))
    if state == "indirect":
        also = also_units(status.get("FragmentPath", ""))
        return bool(also) and all(manager("is-enabled", "-q", each).rc == 0 for each in also)
    if state.startswith("masked"):
        return is_linked(unit) or bool(
            init_script(unit) and sysv_enabled(os.path.basename(init_script(unit)))
        )
    return state in ON or state == "generated"


def is_linked(unit, root="/etc/systemd/system"):
    """Whether a target wants or requires the unit: what enabling leaves behind, also under a mask."""
    name = glob.escape(unit)
    return bool(glob.glob("%s/*.wants/%s" % (root, name)) or glob.glob("%s/*.requires/%s" % (root, name)))
