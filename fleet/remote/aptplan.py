"""Which packages a request means and what is to be done about them. Pure: data in, names for apt-get out.

A request is what a playbook names: ``nginx``, ``nginx=1.22*``, ``nginx>=1.20``, ``libc6:i386``.
"""

import collections
import fnmatch
import re

from fleet.remote import dpkg

Request = collections.namedtuple("Request", "text name arch operator version")

_REQUEST = re.compile(r"^(?P<name>[^=<>:\s]*)(?::(?P<arch>[\w-]+))?(?:(?P<operator>>=|=)(?P<version>\S*))?$")
_PLAIN = re.compile(r"^[a-z0-9][a-z0-9-]*[a-z0-9]$")


def parse_request(text):
    """A Request; a text of another form is all name, which no package has."""
    match = _REQUEST.match(text.strip())
    if match is None:
        return Request(text, text, None, None, None)
    return Request(
        text, match.group("name"), match.group("arch"), match.group("operator"), match.group("version")
    )


def is_pattern(request):
    return any(letter in request.name for letter in "*?[")


def expand(requests, known):
    """Replace patterns by the names of ``known`` they match; (requests, patterns without a match)."""
    found, empty = [], []
    for request in requests:
        if not is_pattern(request):
            found.append(request)
            continue
        names = fnmatch.filter(known, request.name)
        if not names:
            empty.append(request.name)
        found.extend(request._replace(name=name) for name in sorted(names))
    return found, empty


def fits(request, version):
    """Whether a version is one the request allows."""
    if request.operator == "=":
        return version == request.version or fnmatch.fnmatchcase(version, request.version)
    if request.operator == ">=":
        return dpkg.compare(version, request.version) >= 0
    return True


def is_met(request, status):
    """Whether the package is installed in a version the request allows."""
    package = status.get(request.name, request.arch)
    return dpkg.is_installed(package) and fits(request, package.version)


def is_plain(request):
    """A name apt-get takes as it is: no pattern, no trailing ``+`` or ``-`` it would read as an order."""
    return bool(_PLAIN.match(request.name))


def offer_of(request, offers):
    """The Offer for a request, None when apt does not know the name."""
    if request.arch and "%s:%s" % (request.name, request.arch) in offers:
        return offers["%s:%s" % (request.name, request.arch)]
    return offers.get(request.name)


def pick(request, offer):
    """The version to install: the candidate if it is allowed, else the newest that is; None without one."""
    if offer.candidate and fits(request, offer.candidate):
        return offer.candidate
    best = None
    for version in offer.versions:
        if fits(request, version) and (best is None or dpkg.compare(version, best) > 0):
            best = version
    return best


def target(request, version=None):
    """The request as apt-get wants it."""
    name = "%s:%s" % (request.name, request.arch) if request.arch else request.name
    return "%s=%s" % (name, version) if version else name


Plan = collections.namedtuple("Plan", "targets unknown impossible")
"""What to hand to apt-get, names apt does not know, requests no version fits."""


def plan_install(requests, status, offers, latest=False, only_upgrade=False):
    """The Plan that makes every request true.

    ``offers`` holds what ``aptget.policy`` told of the names that need it: all with ``latest``, else
    those with a version or a name that is not plain. A virtual package that something installed
    provides counts as present.
    """
    targets, unknown, impossible = [], [], []
    for request in requests:
        package = status.get(request.name, request.arch)
        installed = dpkg.is_installed(package)
        if (not latest and is_met(request, status)) or (only_upgrade and not installed):
            continue
        offer = offer_of(request, offers)
        if offer is None:
            if latest or request.operator or not is_plain(request):
                if not installed:
                    unknown.append(request.text)
            else:
                targets.append(target(request))
        elif request.operator:
            version = pick(request, offer)
            if version is None:
                impossible.append(request.text)
            elif not (installed and package.version == version):
                targets.append(target(request, version))
        elif not installed:
            if offer.candidate or not status.providers(request.name):
                targets.append(target(request))
        elif latest and offer.candidate and dpkg.compare(offer.candidate, package.version) > 0:
            targets.append(target(request))
    return Plan(sorted(set(targets), key=targets.index), unknown, impossible)


def needs_policy(requests, status, latest=False):
    """The names apt-cache must be asked about before ``plan_install`` can tell."""
    names = []
    for request in requests:
        if (
            latest
            or not is_met(request, status)
            and (request.operator or not is_plain(request) or status.providers(request.name))
        ):
            names.append(target(request))
    return sorted(set(names))


def plan_remove(requests, status, purge=False):
    """Names of packages to remove: those with files on the disk, with ``purge`` also leftover settings."""
    names = []
    for request in requests:
        package = status.get(request.name, request.arch)
        if package is None or (request.operator and not fits(request, package.version)):
            continue
        if dpkg.is_there(package) or (purge and package.status == "config-files"):
            names.append(target(request))
    return sorted(set(names), key=names.index)
