"""The kernel that runs and the newest one that is installed: what a restart would bring. Pure but for ``judge``."""

import functools
import os
import re

from fleet.remote import dpkg, look, rpmdb

RELEASE = re.compile(r"(\d\S*?)-([a-z][a-z0-9_-]*)\Z")
DEBIAN = re.compile(r"(?:Debian|Ubuntu) (\d\S*)")
RPM_NAMES = ("kernel-core", "kernel-default", "kernel-uek-core", "kernel")


def judge(host):
    """{"running", "newest"} as releases, and ``reason``: why a restart is due, "" where it is not.

    ``newest`` is "" where no package brings kernels like the one that runs, as in a container.
    """
    running = os.uname().release
    if os.path.exists(dpkg.STATUS):
        status = dpkg.read_status(host)
        images = {name: package.version for name in status.blocks if name.startswith("linux-image-")
                  for package in status.find(name) if dpkg.is_there(package)}
        build = look.text("/proc/version_signature", "") or look.text("/proc/version", "")
        return of_debian(running, build, images)
    if host.which("rpm"):
        return of_rpm(running, rpmdb.installed(host))
    return {"running": running, "newest": "", "reason": ""}


def of_debian(running, build, images):
    """From the text of /proc/version (Ubuntu: version_signature) and the versions of the packages linux-image-*."""
    told = {"running": running, "newest": "", "reason": ""}
    own = RELEASE.match(running)
    releases = {}
    for name, version in images.items():
        release = name[len("linux-image-"):].replace("unsigned-", "", 1)
        found = RELEASE.match(release)
        # A kernel of another flavour is not the one that a restart would bring.
        if found and own and found.group(2) == own.group(2):
            releases[release] = version
    if not releases:
        return told
    order = functools.cmp_to_key(dpkg.compare)
    told["newest"] = max(releases, key=lambda release: (order(releases[release]), order(release)))
    if told["newest"] != running:
        told["reason"] = "kernel %s runs, %s is installed" % (running, told["newest"])
        return told
    # The same release built anew: the packages differ in nothing but their version.
    built = DEBIAN.search(build)
    version = built.group(1) if built else ""
    if version.endswith("-" + own.group(2)):
        version = version[:-len(own.group(2)) - 1]
    if version and dpkg.compare(version, releases[running]) < 0:
        told["reason"] = "kernel %s runs as of %s, %s is installed" % (running, version, releases[running])
    return told


def of_rpm(running, packages):
    """From the packages of rpm."""
    told = {"running": running, "newest": "", "reason": ""}
    for name in RPM_NAMES:
        kernels = [each for each in packages if each.name == name]
        if not kernels:
            continue
        newest = max(kernels, key=functools.cmp_to_key(lambda one, two: rpmdb.compare(rpmdb.evr(one), rpmdb.evr(two))))
        releases = {"%s-%s.%s" % (each.version, each.release, each.arch) for each in kernels}
        last = "%s-%s.%s" % (newest.version, newest.release, newest.arch)
        # SUSE's release of a kernel lacks the rebuild number and has a flavour: those are not told apart here.
        if running in releases:
            told["newest"] = last
            told["reason"] = "" if last == running else "kernel %s runs, %s is installed" % (running, last)
        break
    return told
