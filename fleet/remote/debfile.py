"""Package files (.deb): fetched from a URL where needed, compared with what is installed."""

import contextlib
import os
import shutil
import tempfile

from fleet.remote import download, dpkg
from fleet.remote.host import Failed, Unmet


@contextlib.contextmanager
def fetched(places):
    """Inside the block: the paths of package files, those named by a URL downloaded. Raises Failed."""
    folder = tempfile.mkdtemp(prefix="fleet-deb-")
    try:
        yield [_fetch(place, folder) if "://" in place else place for place in places]
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _fetch(url, folder):
    name = os.path.basename(url.split("?")[0].split("#")[0]) or "package.deb"
    path = os.path.join(folder, name if name.endswith(".deb") else name + ".deb")
    download.fetch_file(url, path, "Failure downloading %s" % url)
    return path


def is_wanted(host, path, status, only_upgrade=False, downgrade=False):
    """Whether the file brings another version than is installed.

    Raises Failed for a file that is no package, or an older one without ``downgrade``; Unmet when there
    is no file.
    """
    ran = host.run([host.need("dpkg-deb", "dpkg"), "-f", path, "Package", "Version", "Architecture"], ok=None)
    fields = dict(line.split(": ", 1) for line in ran.lines if ": " in line)
    if ran.rc != 0 or not {"Package", "Version"} <= set(fields):
        kind = Failed if os.path.exists(path) else Unmet
        raise kind("Unable to install package: %s" % (ran.err.strip() or "%s is no Debian package" % path))
    arch = fields.get("Architecture")
    have = status.get(fields["Package"], None if arch == "all" else arch)
    if not dpkg.is_installed(have):
        return not only_upgrade
    order = dpkg.compare(fields["Version"], have.version)
    if order < 0 and not downgrade:
        raise Failed("A later version is already installed")
    return order != 0
