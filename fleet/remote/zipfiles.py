"""Zip archives: what is in them, what of it is missing or different below a folder, and unpacking, without unzip(1)."""

import errno
import fnmatch
import os
import stat
import time
import zipfile
import zlib

from fleet.remote import temporary
from fleet.remote.attributes import why_refused
from fleet.remote.host import Failed


class ZipArchive(object):
    """One archive and where it is to go, as ``tarfiles.TarArchive``."""

    name = "ZipArchive"

    def __init__(self, host, path, args):
        self.args = args
        self.path = path
        extra = [word for word in args["extra_opts"] or () if word not in ("-o", "-q", "-qq", "-u")]
        if [word for word in extra if word != "-j"]:
            raise Failed("extra_opts of a zip archive can be -j, -o, -q and -u only, not: %s" % " ".join(extra))
        self.flat = "-j" in extra
        try:
            self.zip = zipfile.ZipFile(path)
            self.entries = [info for info in self.zip.infolist() if self._chosen(info.filename)]
        except (zipfile.BadZipFile, OSError, NotImplementedError) as error:
            raise Failed("cannot read the archive %s: %s" % (path, error))
        if self.flat:
            self.entries = [info for info in self.entries if not info.filename.endswith("/")]
        missing = [each for each in args["include"] or () if not any(_matches(info.filename, each)
                                                                     for info in self.zip.infolist())]
        if missing:
            raise Failed("the archive does not hold %s" % ", ".join(missing))

    def _chosen(self, name):
        include, exclude = self.args["include"] or (), self.args["exclude"] or ()
        if include and not any(_matches(name, each) for each in include):
            return False
        return not any(_matches(name, each) for each in exclude)

    def names(self):
        return [self._short(info) for info in self.entries]

    def _short(self, info):
        return os.path.basename(info.filename) if self.flat else info.filename

    def place(self, info):
        """Where an entry belongs. Raises Failed for one that leads out of ``dest``."""
        dest = self.args["dest"]
        parts = self._short(info).rstrip("/").split("/")
        if info.filename.startswith("/") or ".." in parts:
            raise Failed("the archive %s wants to write outside of %s: %s" % (self.path, dest, info.filename))
        path = os.path.join(dest, *parts)
        top = os.path.realpath(dest)
        above = os.path.realpath(os.path.dirname(path))
        if above != top and not above.startswith(top.rstrip("/") + "/"):
            raise Failed("the archive %s wants to write outside of %s: %s leads to %s"
                         % (self.path, dest, info.filename, above))
        return path

    def differences(self):
        """What is not below ``dest`` as in the archive: [(name, what)]."""
        found = []
        for info in self.entries:
            what = self._difference(info, self.place(info))
            if what:
                found.append((self._short(info), what))
        return found

    def _difference(self, info, path):
        try:
            there = os.lstat(path)
        except OSError:
            return "missing"
        kind = _kind(info)
        if kind == "directory":
            return "" if os.path.isdir(path) else "File type differs"
        if kind == "link":
            same = stat.S_ISLNK(there.st_mode) and os.readlink(path) == self._target(info)
            return "" if same else "Symlink differs"
        if not stat.S_ISREG(there.st_mode):
            return "File type differs"
        if self.args["keep_newer"] and there.st_mtime > _time(info):
            return ""
        if there.st_size != info.file_size:
            return "Size differs"
        if _sum(path) != info.CRC:
            return "Contents differ"
        mode = _mode(info)
        if self.args["mode"] is None and mode is not None and stat.S_IMODE(there.st_mode) != mode:
            return "Mode differs"
        return ""

    def _target(self, info):
        return os.fsdecode(self.zip.read(info))

    def unpack(self, differing):
        """(True, the return key ``extract_results``). Links come last: nothing is written through them."""
        todo = set(name for name, _ in differing)
        entries = [info for info in self.entries if self._short(info) in todo]
        place = self.args["dest"]
        try:
            for info in sorted(entries, key=lambda info: (_kind(info) == "link", info.filename)):
                place = self.place(info)
                self._write(info, place)
        except (OSError, RuntimeError, zipfile.BadZipFile, zlib.error, NotImplementedError) as error:
            hint = why_refused(place) if isinstance(error, OSError) else ""
            raise Failed("failed to unpack %s to %s: %s%s" % (self.path, place, getattr(error, "strerror", None) or error, hint))
        return True, {"cmd": [], "rc": 0, "out": "", "err": ""}

    def _write(self, info, path):
        kind = _kind(info)
        if kind == "directory":
            os.makedirs(path, exist_ok=True)
            if _mode(info) is not None:
                os.chmod(path, _mode(info))
            return
        os.makedirs(os.path.dirname(path), exist_ok=True)
        if os.path.isdir(path) and not os.path.islink(path):
            raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), path)
        if kind == "link":
            if os.path.lexists(path):
                os.unlink(path)
            return os.symlink(self._target(info), path)
        place = temporary.Place(path)
        try:
            with os.fdopen(os.dup(place.handle), "wb") as sink, self.zip.open(info) as source:
                for chunk in iter(lambda: source.read(1 << 20), b""):
                    sink.write(chunk)
            os.chmod(place.path, _mode(info) if _mode(info) is not None else 0o666 & ~_umask())
            os.utime(place.path, (_time(info), _time(info)))
            os.rename(place.path, path)
        finally:
            place.clear()


def _matches(name, pattern):
    plain = name.rstrip("/")
    return fnmatch.fnmatchcase(plain, pattern.rstrip("/")) or fnmatch.fnmatchcase(name, pattern.rstrip("/") + "/*")


def _kind(info):
    mode = info.external_attr >> 16
    if info.filename.endswith("/") or stat.S_ISDIR(mode):
        return "directory"
    return "link" if stat.S_ISLNK(mode) else "file"


def _mode(info):
    """The permissions an archive made on Unix has for an entry, None for others."""
    mode = (info.external_attr >> 16) & 0o777
    return mode if info.create_system == 3 and mode else None


def _time(info):
    return time.mktime(info.date_time + (0, 0, -1))


def _umask():
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def _sum(path):
    total = 0
    with open(path, "rb") as source:
        for chunk in iter(lambda: source.read(1 << 20), b""):
            total = zlib.crc32(chunk, total)
    return total & 0xFFFFFFFF
