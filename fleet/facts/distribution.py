"""Which distribution this is, of which release and family."""

import re

from fleet.remote import look

NAMES = (
    "distribution",
    "distribution_file_parsed",
    "distribution_file_path",
    "distribution_file_variety",
    "distribution_major_version",
    "distribution_minor_version",
    "distribution_release",
    "distribution_version",
    "os_family",
)
SUBSETS = ("distribution", "distribution_version", "distribution_release", "distribution_major_version", "os_family")

# ID of os-release: (name, family, file that Ansible says it read, variety)
DEBIAN, REDHAT, SUSE = "/etc/os-release", "/etc/redhat-release", "/etc/os-release"
KNOWN = {
    "debian": ("Debian", "Debian", DEBIAN, "Debian"),
    "ubuntu": ("Ubuntu", "Debian", DEBIAN, "Debian"),
    "raspbian": ("Debian", "Debian", DEBIAN, "Debian"),
    "linuxmint": ("Linux Mint", "Debian", DEBIAN, "Debian"),
    "kali": ("Kali", "Debian", DEBIAN, "Debian"),
    "devuan": ("Devuan", "Debian", DEBIAN, "Debian"),
    "parrot": ("Parrot", "Debian", DEBIAN, "Debian"),
    "pop": ("Pop!_OS", "Debian", DEBIAN, "Debian"),
    "neon": ("KDE neon", "Debian", DEBIAN, "Debian"),
    "rhel": ("RedHat", "RedHat", REDHAT, "RedHat"),
    "centos": ("CentOS", "RedHat", REDHAT, "CentOS"),
    "fedora": ("Fedora", "RedHat", REDHAT, "RedHat"),
    "rocky": ("Rocky", "RedHat", REDHAT, "RedHat"),
    "almalinux": ("AlmaLinux", "RedHat", REDHAT, "RedHat"),
    "ol": ("OracleLinux", "RedHat", "/etc/oracle-release", "OracleLinux"),
    "amzn": ("Amazon", "RedHat", "/etc/os-release", "Amazon"),
    "virtuozzo": ("Virtuozzo", "RedHat", REDHAT, "RedHat"),
    "opensuse-leap": ("openSUSE Leap", "Suse", SUSE, "SUSE"),
    "opensuse-tumbleweed": ("openSUSE Tumbleweed", "Suse", SUSE, "SUSE"),
    "sles": ("SLES", "Suse", SUSE, "SUSE"),
    "sled": ("SLED", "Suse", SUSE, "SUSE"),
    "arch": ("Archlinux", "Archlinux", "/etc/arch-release", "Archlinux"),
    "manjaro": ("Manjaro", "Archlinux", "/etc/os-release", "Archlinux"),
    "alpine": ("Alpine", "Alpine", "/etc/alpine-release", "Alpine"),
    "gentoo": ("Gentoo", "Gentoo", "/etc/gentoo-release", "Gentoo"),
    "void": ("Void", "Void", "/etc/os-release", "Void"),
}


def collect(host):
    release = look.assignments("/etc/os-release") or look.assignments("/usr/lib/os-release")
    return distribution(release, look.text("/etc/debian_version"), look.text("/etc/redhat-release"))


def distribution(release, debian_version="", redhat_release=""):
    """The facts for os-release's fields and the two older files that hold what it leaves out. Pure."""
    name, family, path, variety = KNOWN.get(release.get("ID", ""), _by_likeness(release))
    version = release.get("VERSION_ID", "")
    code = release.get("VERSION_CODENAME") or _in_parentheses(redhat_release or release.get("VERSION", ""))
    facts = {
        "distribution": name,
        "distribution_file_parsed": True,
        "distribution_file_path": path,
        "distribution_file_variety": variety,
        "os_family": family,
    }
    if name == "Debian":
        version, minor = _debian(version, debian_version)
        facts["distribution_minor_version"] = minor
    elif family == "RedHat":
        numbered = re.search(r"release (\d+(?:\.\d+)*)", redhat_release)
        version = numbered.group(1) if numbered else version
    facts["distribution_version"] = version or "NA"
    facts["distribution_release"] = code or "NA"
    facts["distribution_major_version"] = version.split(".")[0] or "NA"
    return facts


def _debian(version, debian_version):
    """os-release says "12", debian_version "12.15" (or "trixie/sid" before a release)."""
    if re.match(r"\d+(\.\d+)+$", debian_version):
        return debian_version, debian_version.split(".")[1]
    return version, ""


def _in_parentheses(text):
    found = re.search(r"\(([^)]+)\)", text)
    return found.group(1) if found else ""


def _by_likeness(release):
    family = "Linux"
    for like in release.get("ID_LIKE", "").split():
        if like in KNOWN:
            family = KNOWN[like][1]
            break
    return release.get("NAME") or release.get("ID") or "OtherLinux", family, "/etc/os-release", "NA"
