"""Hand over: what a runner whose connection was lost has done, told to the next runner of the same user.

A runner listens on an abstract unix socket named by a random token that only the controller knows. Both
ends check that the other has their own user id, so nobody else can ask or answer. Uses the C module of
sockets, whose Python half costs every runner milliseconds to import.
"""

import _socket
import os
import select
import struct
import time

from fleet.remote.wire import Unpacker, pack

WAIT = 120.0
"""Seconds a finished runner waits for a successor."""
PATIENCE = 3.0
"""Seconds in which a living runner says hello; a stopped one never does."""
HELLO = b"fleet\n"
KEEP = 1 << 20


class Kept(object):
    """The latest results, as frames, bounded by ``KEEP`` bytes; the last one is always there."""

    def __init__(self):
        self.frames = []
        self.size = 0

    def add(self, frame):
        self.frames.append(frame)
        self.size += len(frame)
        while self.size > KEEP and len(self.frames) > 1:
            self.size -= len(self.frames.pop(0))


def listen(token):
    """A listening socket for ``token``, None where that cannot be."""
    try:
        listener = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM | _socket.SOCK_CLOEXEC)
        listener.bind(_name(token))
        listener.listen(1)
    except OSError:
        return None
    return listener


def answer(listener):
    """Take a successor's call: a connected socket, None when it was not one of ours."""
    try:
        caller = _socket.socket(fileno=listener._accept()[0])
        if _peer(caller) == os.geteuid():
            caller.send(HELLO)
            return caller
        caller.close()
    except OSError:
        pass
    return None


def give(caller, state, kept):
    """Tell the successor everything, then hang up."""
    try:
        caller.setblocking(True)
        caller.sendall(b"".join([pack(state)] + kept.frames))
    except OSError:
        pass
    caller.close()


def fetch(token):
    """The state of the runner called ``token`` and the frames of its results; waits for its running step.

    None when there is no such runner, or it is another user's, or does not answer.
    """
    line = _socket.socket(_socket.AF_UNIX, _socket.SOCK_STREAM | _socket.SOCK_CLOEXEC)
    try:
        line.connect(_name(token))
        if _peer(line) != os.geteuid() or not _greeted(line):
            return None
        unpacker, frames = Unpacker(), []
        while True:
            data = line.recv(1 << 18)
            if not data:
                break
            frames += unpacker.feed(data)
        return (frames[0], frames[1:]) if frames else None
    except (OSError, ValueError):
        return None
    finally:
        line.close()


def _greeted(line):
    end = time.time() + PATIENCE
    said = b""
    while len(said) < len(HELLO):
        if not select.select([line.fileno()], [], [], max(end - time.time(), 0))[0]:
            return False
        data = line.recv(len(HELLO) - len(said))
        if not data:
            return False
        said += data
    return said == HELLO


def _peer(line):
    """The user id at the other end."""
    return struct.unpack("3i", line.getsockopt(_socket.SOL_SOCKET, _socket.SO_PEERCRED, 12))[1]


def _name(token):
    return b"\0fleet-" + token.encode("ascii")
