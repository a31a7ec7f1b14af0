"""Tell which updates are due (apt), from where, and what still runs on files that updates have replaced.

Nothing is changed, and no helper of the distribution is started but apt-get's simulation. How fresh the answer is
depends on the package lists: `apt: update_cache=true` before.
"""

import os

from fleet.remote import aptget, dpkg, stale
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

COMMANDS = {"safe": ["--with-new-pkgs", "upgrade"], "full": ["dist-upgrade"]}
SPEC = Spec(
    {
        "mode": Arg(default="safe", choices=("safe", "full"),
                    help="`safe`: what can be upgraded without removing a package; `full`: all that is to be had."),
        "security": Arg("bool", False, help="Tell of security updates only."),
        "restarts": Arg("bool", True, help="Look for processes that are to be started again."),
    },
    returns={
        "updates": "Of each package: name, arch, old (empty: it comes in anew), new, security, sources.",
        "names": "The names of those that are installed already.",
        "security": "How many are security updates: an archive of theirs is named `...-security`.",
        "held": "Packages on hold.",
        "services": "Units that run on replaced files.",
        "processes": "The processes that do: pid, name, user, unit, files.",
    },
)
EXAMPLES = """
- name: See what is due
  fleet.builtin.updates:
    security: true
  register: due
- name: Start again what runs on old libraries
  service:
    name: "{{ item }}"
    state: restarted
  loop: "{{ due.services }}"
"""


def run(host, args):
    if host.which("apt-get") is None:
        raise Failed("apt-get was not found: updates knows hosts with apt only")
    status = dpkg.read_status(host)
    argv = [aptget.need_apt(host), "--simulate", "--quiet", "-o", "Debug::NoLocking=true"] + COMMANDS[args["mode"]]
    found = parse(aptget.apt(host, argv).out, status.native)
    if args["security"]:
        found = [each for each in found if each["security"]]
    running = stale.processes() if args["restarts"] else []
    if args["restarts"] and os.geteuid():
        host.warn("without root only processes of one's own can be looked at")
    return {
        "changed": False,
        "updates": found,
        "names": [each["name"] for each in found if each["old"]],
        "security": sum(each["security"] for each in found),
        "held": sorted(package.name for package in status.all() if package.want == "hold"),
        "services": stale.services(running),
        "processes": running,
    }


def parse(text, native):
    """The updates in the lines `Inst NAME [OLD] (NEW ARCHIVE, ARCHIVE [ARCH])` of a simulation, by name. Pure."""
    found = []
    for line in text.splitlines():
        words, _, rest = line.partition("(")
        words = words.split()
        if words[:1] != ["Inst"] or len(words) < 2:
            continue
        inner = rest.partition(")")[0]
        new, _, inner = inner.partition(" ")
        archives, _, arch = inner.partition("[")
        sources = [part.strip() for part in archives.split(",") if part.strip()]
        name, _, named = words[1].partition(":")
        arch = arch.strip("] ") or named or native
        found.append({
            "name": name if arch in (native, "all") else "%s:%s" % (name, arch),
            "arch": arch,
            "old": words[2].strip("[]") if len(words) > 2 and words[2].startswith("[") else "",
            "new": new,
            "security": any(part.partition("/")[2].endswith("-security") for part in sources),
            "sources": sources,
        })
    return sorted(found, key=lambda each: each["name"])
