"""Archives and compressed files: written from files of the host, and compared with them member by member.

Times and the way something was compressed do not count, so an archive of unchanged files is left as it is.
"""

import bz2
import gzip
import hashlib
import os
import stat
import tarfile
import zipfile
import zlib

from fleet.remote.host import Failed

CHUNK = 1 << 20
BROKEN = (OSError, EOFError, tarfile.TarError, zipfile.BadZipFile, zlib.error, ValueError, NotImplementedError)


def opener(form):
    """The open function of a compression: ``gz``, ``bz2`` or ``xz``."""
    if form == "xz":
        # Not every Python is built with lzma; only an xz archive needs it.
        try:
            import lzma
        except ImportError:
            raise Failed("the host's Python has no lzma module; choose another format than xz")
        return lzma.open
    return gzip.open if form == "gz" else bz2.open


def chunks(source):
    return iter(lambda: source.read(CHUNK), b"")


def digest(source):
    made = hashlib.sha1()
    for chunk in chunks(source):
        made.update(chunk)
    return made.hexdigest()


def compress(path, sink, form):
    """Write one file compressed to ``sink``."""
    with open(path, "rb") as source:
        if form == "gz":
            # Without the time a second run gives the same bytes.
            packed = gzip.GzipFile(os.path.basename(path), "wb", fileobj=sink, mtime=0)
        else:
            packed = opener(form)(sink, "wb")
        with packed:
            for chunk in chunks(source):
                packed.write(chunk)


def same_compressed(path, dest, form):
    """Whether ``dest`` is ``path`` compressed."""
    try:
        with opener(form)(dest, "rb") as old, open(path, "rb") as new:
            return digest(old) == digest(new)
    except BROKEN:
        return False


def pack(members, sink, form):
    """Write ``members``, pairs (name in the archive, path), as an archive to ``sink``."""
    if form == "zip":
        with zipfile.ZipFile(sink, "w", zipfile.ZIP_DEFLATED, allowZip64=True) as archive:
            for name, path in members:
                _zip(archive, name, path)
        return
    if form == "gz":
        # tarfile would put the time into the head of the compressed file.
        with gzip.GzipFile("", "wb", fileobj=sink, mtime=0) as packed:
            _tar(members, packed)
    elif form == "tar":
        _tar(members, sink)
    else:
        with opener(form)(sink, "wb") as packed:
            _tar(members, packed)


def _tar(members, sink):
    with tarfile.open(fileobj=sink, mode="w", format=tarfile.GNU_FORMAT) as archive:
        for name, path in members:
            archive.add(path, name, recursive=False)


def _zip(archive, name, path):
    """Links are followed: a zip archive holds none that all programs know."""
    if os.path.isdir(path):
        name = name.rstrip("/") + "/"
    info = zipfile.ZipInfo.from_file(path, name, strict_timestamps=False) if _lenient() else \
        zipfile.ZipInfo.from_file(path, name)
    info.compress_type = zipfile.ZIP_STORED if os.path.isdir(path) else zipfile.ZIP_DEFLATED
    if os.path.isdir(path):
        archive.writestr(info, b"")
        return
    with open(path, "rb") as source, archive.open(info, "w") as sink:
        for chunk in chunks(source):
            sink.write(chunk)


def _lenient():
    """Whether zipfile takes files from before 1980 (Python >= 3.8)."""
    return "strict_timestamps" in zipfile.ZipInfo.from_file.__code__.co_varnames


def same_archive(members, dest, form):
    """Whether ``dest`` holds just these members, with the content, type, mode and owner they have now."""
    try:
        return _same_zip(members, dest) if form == "zip" else _same_tar(members, dest, form)
    except BROKEN:
        return False


def _same_zip(members, dest):
    with zipfile.ZipFile(dest) as archive:
        wanted = {name.rstrip("/"): path for name, path in members}
        if sorted(info.filename.rstrip("/") for info in archive.infolist()) != sorted(wanted):
            return False
        for info in archive.infolist():
            path = wanted[info.filename.rstrip("/")]
            now = os.stat(path)
            if info.external_attr >> 16 != now.st_mode & 0xFFFF or info.is_dir() != stat.S_ISDIR(now.st_mode):
                return False
            if not info.is_dir() and (info.file_size != now.st_size or info.CRC != _crc(path)):
                return False
    return True


def _crc(path):
    value = 0
    with open(path, "rb") as source:
        for chunk in chunks(source):
            value = zlib.crc32(chunk, value)
    return value & 0xFFFFFFFF


def _same_tar(members, dest, form):
    plain = open if form == "tar" else opener(form)
    with plain(dest, "rb") as packed, tarfile.open(fileobj=packed, mode="r|") as archive, \
            tarfile.open(fileobj=open(os.devnull, "wb"), mode="w") as scratch:
        left = list(members)
        for info in archive:
            if not left:
                return False
            name, path = left.pop(0)
            now = scratch.gettarinfo(path, name)
            if now is None or _head(info) != _head(now):
                return False
            if info.isreg():
                with open(path, "rb") as source:
                    if digest(archive.extractfile(info)) != digest(source):
                        return False
        return not left


def _head(info):
    return info.name.rstrip("/"), info.type, info.mode & 0o7777, info.uid, info.gid, info.size, info.linkname
