"""Install and remove packages with the manager the host has.

The manager is recognised by its program; all arguments go to the module of that name.
"""

import importlib

from fleet.remote.host import Failed
from fleet.remote.spec import Arg, BadArgument, Spec
from fleet.remote.state import converge

NEEDS = ("apt", "dnf", "zypper", "apk", "pacman")

SPEC = Spec(
    {
        "name": Arg(
            "raw", aliases=("pkg", "package"), help="One package or a list, named as the manager names them."
        ),
        "state": Arg(help="present, absent, or another state the manager's module knows."),
        "use": Arg(default="auto", help="The module to use instead of the one for the manager found."),
    },
    extra=True,
    returns={"packages": "What was done, see the module of the manager."},
)

EXAMPLES = """
- name: Install on any distribution
  package: {name: [git, curl], state: present}
- name: Remove, naming the manager
  package: {name: telnet, state: absent, use: apt}
"""

MANAGERS = (
    ("apt-get", "apt"),
    ("dnf5", "dnf"),
    ("dnf", "dnf"),
    ("yum", "dnf"),
    ("microdnf", "dnf"),
    ("zypper", "zypper"),
    ("apk", "apk"),
    ("pacman", "pacman"),
)


def run(host, args):
    """Run the module of the host's package manager in place of this one. Raises Failed."""
    name = choose(host, args.get("use"))
    module = load(name)
    given = {key: value for key, value in args.items() if key != "use" and value is not None}
    try:
        full = module.SPEC.complete(module.SPEC.normalize(given, name))
    except BadArgument as error:
        raise Failed(str(error))
    return module.run(host, full) if hasattr(module, "run") else converge(module, host, full)


def choose(host, use):
    """The module's name: what ``use`` says, else by the first manager found."""
    if use and use != "auto":
        short = use.rpartition(".")[2]
        return {"yum": "dnf", "yum4": "dnf", "dnf4": "dnf", "dnf5": "dnf", "apt-get": "apt"}.get(short, short)
    for program, name in MANAGERS:
        if host.which(program):
            return name
    raise Failed(
        "Could not find a matching package manager; `use` names one (looked for %s)"
        % ", ".join(program for program, _ in MANAGERS)
    )


def load(name):
    """The module, or Failed when there is none for this manager."""
    try:
        return importlib.import_module("fleet.modules." + name)
    except ImportError:
        raise Failed("Could not find a matching action for the '%s' package manager; use command for it" % name)
