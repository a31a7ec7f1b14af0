"""The controller itself as a host: programs are started directly, no SSH."""

from __future__ import annotations

import contextlib
import os
import select
import subprocess
import time

from fleet.errors import Unreachable
from fleet.transport.base import Channel, Executed

RECEIVE = 1 << 17


class LocalConnection:
    """See transport.base.Connection."""

    def open(self, command: str) -> Channel:
        return LocalChannel(
            subprocess.Popen(
                ["/bin/sh", "-c", command],
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.STDOUT,
                start_new_session=True,
                bufsize=0,
            )
        )

    def execute(self, command: str, stdin: bytes, timeout: float) -> Executed:
        try:
            ran = subprocess.run(["/bin/sh", "-c", command], input=stdin, capture_output=True, timeout=timeout)
        except subprocess.TimeoutExpired:
            raise TimeoutError(f"{command!r} did not end within {timeout:g} s") from None
        return Executed(ran.returncode, ran.stdout, ran.stderr)

    def close(self) -> None:
        return None


class LocalChannel:
    """See transport.base.Channel."""

    def __init__(self, child: subprocess.Popen[bytes]) -> None:
        assert child.stdin is not None and child.stdout is not None
        self._child = child
        self._in = child.stdin.fileno()
        self._out = child.stdout.fileno()

    def send(self, data: bytes) -> None:
        view = memoryview(data)
        try:
            while view:
                view = view[os.write(self._in, view) :]
        except OSError as error:
            raise Unreachable(f"the local runner ended: {error.strerror}") from None

    def receive(self, timeout: float) -> bytes:
        if not select.select([self._out], [], [], timeout)[0]:
            raise TimeoutError
        return os.read(self._out, RECEIVE)

    def close(self) -> None:
        for stream in (self._child.stdin, self._child.stdout):
            with contextlib.suppress(OSError):
                if stream:
                    stream.close()
        deadline = time.monotonic() + 2
        while self._child.poll() is None and time.monotonic() < deadline:
            time.sleep(0.01)
        if self._child.poll() is None:
            self._child.kill()
            self._child.wait()
