"""Copy files from hosts to the controller, each written whole or not at all."""

from __future__ import annotations

import contextlib
import hashlib
import os
from typing import IO

from fleet.actions.base import ActionFailed, Call, Done, Order, Remote, Result
from fleet.remote import temporary


def run(call: Call) -> Order:
    """One ``Remote``; the file arrives as a stream while it runs. Raises ActionFailed."""
    if call.check:
        return Done({"changed": False, "skipped": True, "msg": "check mode not (yet) supported for this module"})
    args = call.args
    dest = destination(call, str(args["src"]), str(args["dest"]))
    incoming = Incoming(dest, args.get("validate_checksum") is not False)
    sent = {**args, "_stream": "fetch", "_have": checksum(dest)}
    return Remote("fetch", sent, receive=incoming.receive, finish=incoming.finish)


def destination(call: Call, src: str, dest: str) -> str:
    """Where the copy goes: ``dest``/host/path, or with ``flat`` ``dest`` itself."""
    base = call.search_path[-1] if call.search_path else os.getcwd()
    full = os.path.join(base, os.path.expanduser(dest))
    if not call.args.get("flat"):
        # A path with .. in it must not lead out of the host's own folder.
        inner = os.path.normpath("/" + src.lstrip("/")).lstrip("/")
        return os.path.join(full, call.host, inner)
    if dest.endswith(os.sep):
        return os.path.join(os.path.normpath(full), os.path.basename(src))
    if os.path.isdir(full):
        raise ActionFailed(
            "dest is an existing directory, use a trailing slash if you want to fetch src into that directory"
        )
    return os.path.normpath(full)


def checksum(path: str) -> str | None:
    """SHA1 of the copy that is here, None without one."""
    try:
        with open(path, "rb") as file:
            return hashlib.file_digest(file, "sha1").hexdigest()
    except OSError:
        return None


class Incoming:
    """Takes the stream into a temporary file beside ``dest`` and puts it in place when all is there."""

    def __init__(self, dest: str, validate: bool) -> None:
        self.dest = dest
        self.validate = validate
        self._file: IO[bytes] | None = None
        self._place: temporary.Place | None = None
        self._sha1 = hashlib.sha1()
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._problem = ""

    def receive(self, _name: str, chunk: bytes) -> None:
        """One chunk. What goes wrong here is told by ``finish``: the stream must be read to its end."""
        if self._problem or (not chunk and self._file is not None):
            return
        try:
            if self._file is None:
                folder = os.path.dirname(self.dest) or "."
                os.makedirs(folder, exist_ok=True)
                self._place = temporary.Place(self.dest)
                self._file = os.fdopen(os.dup(self._place.handle), "wb")
            self._file.write(chunk)
        except OSError as error:
            self._problem = f"cannot write {self.dest}: {error.strerror}"
        self._sha1.update(chunk)
        self._md5.update(chunk)

    def finish(self, result: Result) -> Result:
        """The task's result; the file is in place afterwards, or nothing is left of it."""
        try:
            return self._finish(result)
        finally:
            if self._file is not None:
                with contextlib.suppress(OSError):
                    self._file.close()
            if self._place is not None:
                self._place.clear()

    def _finish(self, result: Result) -> Result:
        if result.get("failed") or (not result.get("changed") and not result.get("same")):
            return result
        if result.get("same"):
            told = {"file": result["file"], "dest": self.dest, "checksum": result["checksum"]}
            return {"changed": False, "md5sum": _md5(self.dest), **told}
        here = self._sha1.hexdigest()
        if not self._problem and self._file is not None and (here == result["checksum"] or not self.validate):
            self._put()
        if self._problem or self._file is None:
            return ActionFailed(self._problem or f"nothing arrived for {self.dest}", dest=self.dest).result
        sums = {"checksum": here, "remote_checksum": result["checksum"], "md5sum": self._md5.hexdigest()}
        told = {"dest": self.dest, "remote_md5sum": None, "file": result["file"], **sums}
        if here != result["checksum"] and self.validate:
            return ActionFailed("checksum mismatch", **told).result
        told.pop("file")
        return {"changed": True, **told}

    def _put(self) -> None:
        assert self._file is not None and self._place is not None
        try:
            self._file.flush()
            mask = os.umask(0o022)
            os.umask(mask)
            os.chmod(self._place.path, 0o666 & ~mask)
            os.replace(self._place.path, self.dest)
        except OSError as error:
            self._problem = f"cannot write {self.dest}: {error.strerror}"


def _md5(path: str) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()
