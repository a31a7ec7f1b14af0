"""Launchpad's personal package archives: `ppa:owner/name` as a source line, and its key."""

import json
import os

from fleet.remote import download
from fleet.remote.files import write_atomic
from fleet.remote.host import Failed

API = "https://api.launchpad.net/1.0/~%s/+archive/%s"
KEYS = "https://keyserver.ubuntu.com/pks/lookup?op=get&options=mr&search=0x%s"


def parts(repo):
    """(owner, name) of ``ppa:owner/name``; the name is ``ppa`` when left out."""
    owner, _, name = repo[4:].partition("/")
    return owner, name or "ppa"


def line(repo, release):
    return "deb https://ppa.launchpadcontent.net/%s/%s/ubuntu %s main" % (parts(repo) + (release,))


def file_name(repo, release):
    return "ppa_%s_%s_%s.list" % (parts(repo) + (release,))


def codename(path="/etc/os-release"):
    """This host's release by name. Raises Failed when it has none."""
    try:
        with open(path) as source:
            fields = dict(each.split("=", 1) for each in source.read().splitlines() if "=" in each)
    except OSError:
        fields = {}
    found = fields.get("UBUNTU_CODENAME") or fields.get("VERSION_CODENAME")
    if not found:
        raise Failed("this host's release has no name; set codename")
    return found.strip('"')


def install_key(repo, validate_certs=True, folder="/etc/apt/trusted.gpg.d"):
    """Fetch the archive's signing key from Launchpad and trust it. Raises Failed."""
    owner, name = parts(repo)
    path = os.path.join(folder, "ppa_%s_%s.asc" % (owner, name))
    if os.path.exists(path):
        return
    told = download.fetch_bytes(
        API % (owner, name), "failed to fetch PPA information, error was", validate_certs
    )
    try:
        fingerprint = json.loads(told.decode("utf-8"))["signing_key_fingerprint"]
    except (ValueError, KeyError, UnicodeDecodeError):
        raise Failed("failed to fetch PPA information, error was: no signing key in Launchpad's answer")
    write_atomic(
        path,
        download.fetch_bytes(KEYS % fingerprint, "failed to fetch the key of %s" % repo, validate_certs),
        mode=0o644,
    )
