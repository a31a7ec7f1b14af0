"""Install Python packages with pip, into a virtual environment or the system.

pip is not started when what is asked for is installed already in a version that fits, or gone already; what only pip
understands (URLs, extras, files of requirements) is left to it.
"""

import os
import re
import shlex
import site
import sys
import tempfile

from fleet.remote import hostlibs, pythondists
from fleet.remote.host import Failed
from fleet.remote.pythondists import Requirement
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "name": Arg("list", elements="str", help="Packages, with version specifiers, URLs or paths."),
        "version": Arg(help="The version of the one package in `name`."),
        "requirements": Arg(help="A file of requirements on the host."),
        "state": Arg(default="present", choices=("absent", "forcereinstall", "latest", "present"),
                     help="Whether the packages are there, anew, or in their newest version."),
        "virtualenv": Arg("path", help="The virtual environment to install into; made when it is not there."),
        "virtualenv_command": Arg("path", "virtualenv", help="What makes it, such as `python3 -m venv`."),
        "virtualenv_python": Arg(help="The Python for it."),
        "virtualenv_site_packages": Arg("bool", False, help="It sees the system's packages, too."),
        "executable": Arg("path", help="The pip to use, such as `pip3.11`."),
        "extra_args": Arg(help="More arguments for pip."),
        "editable": Arg("bool", False, help="Install from a source tree in place."),
        "chdir": Arg("path", help="Where pip is started."),
        "umask": Arg(help="The umask for what is written, octal."),
        "break_system_packages": Arg("bool", False, help="Install where the distribution forbids it."),
    },
    one_of=(("name", "requirements"),),
    exclusive=(("name", "requirements"), ("executable", "virtualenv")),
    returns={
        "cmd": "The command.",
        "name": "The packages asked for.",
        "version": "The version asked for.",
        "requirements": "The file of requirements.",
        "virtualenv": "The virtual environment.",
        "state": "The state asked for.",
        "stdout": "What pip said.",
        "stderr": "What pip said of errors.",
    },
)

EXAMPLES = """
- name: An application's own environment
  pip: {requirements: /srv/app/requirements.txt, virtualenv: /srv/app/venv, virtualenv_command: python3 -m venv}
- pip: {name: ["flask>=3,<4", gunicorn==22.0], virtualenv: /srv/app/venv}
- pip: {name: docker, break_system_packages: true}
"""
OPTIONS = {"present": ["install"], "latest": ["install", "-U"], "absent": ["uninstall", "-y"],
           "forcereinstall": ["install", "-U", "--force-reinstall"]}


def run(host, args):
    """Look what is installed, make the environment, let pip do the rest."""
    if args["state"] == "latest" and args["version"] is not None:
        raise Failed("version is incompatible with state=latest")
    names = pythondists.joined(args["name"] or [])
    wanted = pythondists.with_version(names, args["version"]) if names else []
    mask = _umask(args["umask"])
    told = {"name": args["name"], "version": args["version"], "requirements": args["requirements"],
            "state": args["state"], "virtualenv": args["virtualenv"]}
    before = os.umask(mask) if mask is not None else None
    try:
        made = _environment(host, args)
        if made is not None and host.check:
            return dict(told, changed=True)
        return _pip(host, args, wanted, told, made)
    finally:
        if before is not None:
            os.umask(before)


def _umask(text):
    if text is None:
        return None
    try:
        return int(text, 8)
    except ValueError as error:
        raise Failed("umask must be an octal integer", details=str(error))


def _environment(host, args):
    """Make the virtual environment where there is none: the Ran, or None. In check mode "" for one to be made."""
    env = args["virtualenv"]
    if env is None or os.path.exists(os.path.join(env, "bin", "activate")):
        return None
    if host.check:
        return ""
    words = shlex.split(args["virtualenv_command"])
    own = words[0].endswith("pyvenv") or words[1:3] == ["-m", "venv"]
    program = host.which(os.path.expanduser(words[0]))
    if program is None:
        package = {"virtualenv": "virtualenv (python3-virtualenv)"}.get(os.path.basename(words[0]), "")
        raise Failed('Failed to find required executable "%s" in paths: %s%s'
                     % (words[0], os.environ.get("PATH", ""),
                        "; install the package %s on the host" % package if package else ""))
    command = [program] + words[1:] + (["--system-site-packages"] if args["virtualenv_site_packages"] else [])
    if own and args["virtualenv_python"]:
        raise Failed("virtualenv_python should not be used when using the venv module or pyvenv as virtualenv_command")
    if not own:
        command += ["-p%s" % (args["virtualenv_python"] or sys.executable)]
    ran = host.run(command + [env], ok=None, cwd=args["chdir"] or None)
    if ran.rc != 0:
        raise _failed(command + [env], ran)
    return ran


def _failed(command, ran):
    said = "stdout: %s" % ran.out if ran.out else ""
    hint = ""
    if "externally-managed-environment" in ran.err:
        hint = "\nThe distribution manages these packages: use virtualenv, or set break_system_packages."
    return Failed("%s\n:stderr: %s%s" % (said, ran.err, hint), cmd=command, rc=ran.rc)


def program(host, args):
    """The words that start pip. Raises Failed."""
    env, chosen = args["virtualenv"], args["executable"]
    if env is not None:
        for name in ("pip3", "pip"):
            if os.access(os.path.join(env, "bin", name), os.X_OK):
                return [os.path.join(env, "bin", name)]
        return [os.path.join(env, "bin", "python"), "-m", "pip"]
    if chosen is not None:
        found = host.which(chosen)
        if found is None:
            raise Failed("Unable to find any of %s to use.  pip needs to be installed." % chosen)
        return [found]
    if any(os.path.isdir(os.path.join(folder, "pip")) for folder in _folders()):
        return [sys.executable, "-m", "pip"]
    found = host.which("pip3") or host.which("pip")
    if found is None:
        raise Failed("Unable to find any of pip3 to use.  pip needs to be installed; "
                     "install the package python3-pip on the host.")
    return [found]


def _folders():
    """Where the runner's Python has its packages; the runner itself starts without them."""
    return [site.getusersitepackages()] + hostlibs.folders()


def look(host, args, pip):
    """{name: version} of what is installed where pip would install."""
    if args["virtualenv"] is not None and not args["virtualenv_site_packages"]:
        return pythondists.installed(pythondists.site_packages(args["virtualenv"]))
    if pip[0] == sys.executable:
        return pythondists.installed(_folders())
    ran = host.run(pip + ["list", "--format=freeze"], ok=None)
    pairs = [line.split("==", 1) for line in ran.lines if "==" in line]
    return {pythondists.canonical(name): version for name, version in pairs}


def _pip(host, args, wanted, told, made):
    pip = program(host, args)
    command = pip + OPTIONS[args["state"]]
    command += shlex.split(args["extra_args"] or "")
    if args["requirements"] is not None:
        command += ["-r", args["requirements"]]
    for name in wanted:
        command += (["-e"] if args["editable"] else []) + [Requirement(name).shown()]
    told.update(cmd=command, stdout="", stderr="", changed=made is not None)
    settled = _settled(host, args, wanted, pip)
    if settled:
        return dict(told, **{"stderr" if args["state"] == "absent" else "stdout": settled})
    if host.check:
        return dict(told, changed=True)
    moving = args["editable"] or any(re.match(r"^(git|hg|svn|bzr)\+|^-e ", name) for name in wanted)
    before = host.run(pip + ["freeze"], ok=None).out if moving else None
    env = {"PIP_BREAK_SYSTEM_PACKAGES": "1"} if args["break_system_packages"] else None
    ran = host.run(command, ok=None, cwd=args["chdir"] or tempfile.gettempdir(), env=env)
    # What old versions call a failure: nothing to uninstall.
    missing = args["state"] == "absent" and "Cannot uninstall requirement" in ran.err
    if ran.rc != 0 and not missing:
        raise _failed(command, ran)
    word = "Successfully uninstalled" if args["state"] == "absent" else "Successfully installed"
    changed = word in ran.out
    if moving and args["state"] != "forcereinstall":
        changed = before != host.run(pip + ["freeze"], ok=None).out
    out = (made.out if made else "") + ran.out
    return dict(told, stdout=out, stderr=(made.err if made else "") + ran.err, changed=changed or made is not None)


def _settled(host, args, wanted, pip):
    """Why nothing is to be done, in pip's words; "" when pip has to look itself."""
    if args["requirements"] is not None:
        # Outside of check mode pip looks itself: a file says more than names.
        wanted = _listed(args) if host.check and args["state"] == "present" else None
    if not wanted or args["editable"] or args["state"] not in ("present", "absent"):
        return ""
    requirements = [Requirement(name) for name in wanted]
    if not all(each.plain for each in requirements):
        return ""
    there = look(host, args, pip)
    lines = []
    for each in requirements:
        version = there.get(pythondists.canonical(each.name))
        if args["state"] == "absent":
            if version is not None:
                return ""
            lines.append("WARNING: Skipping %s as it is not installed.\n" % each.name)
        elif version is None or not each.met_by(version):
            return ""
        else:
            lines.append("Requirement already satisfied: %s (%s)\n" % (each.text, version))
    return "".join(lines)


def _listed(args):
    """The lines of a file of requirements, None where one of them is more than a name and versions."""
    path = os.path.join(args["chdir"] or "", args["requirements"])
    try:
        with open(path) as source:
            lines = [line.split(" #")[0].strip() for line in source]
    except (OSError, UnicodeDecodeError):
        return None
    lines = [line for line in lines if line and not line.startswith("#")]
    return lines if all(Requirement(line).plain for line in lines) else None
