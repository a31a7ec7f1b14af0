"""Tell which packages are installed, as the fact `packages`.

Debian's packages come straight from dpkg's file; rpm, apk and pacman are asked once.
"""

import os

from fleet.remote import dpkg
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

CHOICES = (
    "apk",
    "apt",
    "auto",
    "dnf",
    "dnf5",
    "openbsd_pkg",
    "pacman",
    "pkg",
    "pkg5",
    "pkg_info",
    "pkgng",
    "portage",
    "rpm",
    "yum",
    "zypper",
)

SPEC = Spec(
    {
        "manager": Arg(
            "list",
            ["auto"],
            elements="str",
            choices=CHOICES,
            help="Which package managers to ask; `auto` takes those that are there.",
        ),
        "strategy": Arg(
            default="first",
            choices=("first", "all"),
            help="Stop at the first manager found, or put the packages of all together.",
        ),
    },
    returns={"ansible_facts": "`packages`: name -> list of name, version, arch, source and more."},
)

EXAMPLES = """
- name: Learn what is installed
  package_facts:
- name: Only look at rpm
  package_facts: {manager: rpm}
"""


def run(host, args):
    """The packages of the first manager that is there (or of all)."""
    wanted = [ALIASES.get(name, name) for name in args["manager"]]
    if "auto" in wanted:
        wanted = list(READERS)
    found = {}
    for name in wanted:
        if name not in READERS:
            raise Failed(
                "package_facts cannot read the packages of %s; it knows %s" % (name, ", ".join(READERS))
            )
        packages = READERS[name](host)
        if packages is None:
            if "auto" not in args["manager"]:
                host.warn(_why_not(host, name))
            continue
        for package in packages:
            found.setdefault(package["name"], []).append(dict(package, source=name))
        if args["strategy"] == "first":
            break
    if not found:
        raise Failed("Could not detect a supported package manager from the following list: %s" % wanted)
    return {"changed": False, "ansible_facts": {"packages": found}}


def _why_not(host, name):
    """Why a manager that was asked for tells nothing. Pure but for the look at the search path."""
    program = PROGRAMS[name]
    if host.which(program) is None:
        return "Requested package manager %s was not usable by this module: there is no %s" % (name, program)
    return "Failed to retrieve packages with %s: Unable to list packages" % name


def read_apt(host):
    if not os.path.exists(dpkg.STATUS):
        return None
    return from_dpkg(dpkg.read_status(host), vendor())


def vendor(path="/etc/dpkg/origins/default"):
    """The name of the distribution as dpkg knows it, ``Debian`` or ``Ubuntu``."""
    try:
        with open(path) as source:
            return source.read().partition("Vendor: ")[2].partition("\n")[0].strip()
    except OSError:
        return ""


def from_dpkg(status, origin=""):
    """Installed packages of a dpkg Status."""
    found = []
    for blocks in status.blocks.values():
        for block in blocks:
            package = dpkg.parse_block(block)
            if dpkg.is_there(package):
                found.append(
                    {
                        "name": package.name,
                        "version": package.version,
                        "arch": package.arch,
                        "category": dpkg.field(block, b"Section"),
                        "origin": dpkg.field(block, b"Origin") or origin,
                    }
                )
    return found


def read_rpm(host):
    program = host.which("rpm")
    if program is None or not os.path.isdir("/var/lib/rpm") and not os.path.isdir("/usr/lib/sysimage/rpm"):
        return None
    query = "%{NAME}\\t%{VERSION}\\t%{RELEASE}\\t%{EPOCH}\\t%{ARCH}\\n"
    return parse_rpm(host.run([program, "-qa", "--qf", query]).out)


def parse_rpm(text):
    """Packages from ``rpm -qa`` with tabs between name, version, release, epoch, architecture."""
    found = []
    for line in text.splitlines():
        name, version, release, epoch, arch = line.split("\t")
        found.append(
            {
                "name": name,
                "version": version,
                "release": release,
                "arch": _or_none(arch),
                "epoch": int(epoch) if epoch.isdigit() else None,
            }
        )
    return found


def _or_none(value):
    return None if value == "(none)" else value


def read_apk(host):
    try:
        with open("/lib/apk/db/installed") as source:
            return parse_apk(source.read())
    except OSError:
        return None


def parse_apk(text):
    """Packages from apk's database: version and release are one field there."""
    found = []
    for block in text.split("\n\n"):
        fields = dict(line.split(":", 1) for line in block.splitlines() if line[1:2] == ":")
        if "P" in fields:
            version, _, release = fields.get("V", "").rpartition("-r")
            found.append(
                {
                    "name": fields["P"],
                    "version": version or fields.get("V", ""),
                    "release": release if version else "",
                    "arch": fields.get("A", ""),
                }
            )
    return found


def read_pacman(host):
    program = host.which("pacman")
    if program is None:
        return None
    lines = [line.split() for line in host.run([program, "-Q"]).lines]
    return [{"name": words[0], "version": words[1]} for words in lines if len(words) == 2]


READERS = {"apt": read_apt, "rpm": read_rpm, "apk": read_apk, "pacman": read_pacman}
PROGRAMS = {"apt": "dpkg", "rpm": "rpm", "apk": "apk", "pacman": "pacman"}
ALIASES = {
    "dnf": "rpm",
    "dnf5": "rpm",
    "yum": "rpm",
    "zypper": "rpm",
    "openbsd_pkg": "pkg_info",
    "pkg5": "pkg",
    "pkgng": "pkg",
}
