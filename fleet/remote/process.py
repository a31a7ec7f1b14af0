"""Commands of the user: run like at a prompt, output bounded, children left behind not waited for.

``Host.run`` is for programs of ours. What a user's command prints may be anything and of any size, it sees the
environment as it is (no locale forced), and it may leave a daemon that keeps the pipes open.
"""

import datetime
import os
import selectors
import subprocess
import threading

HALF = 5 << 20
"""Bytes kept from the start and from the end of each stream."""


class Stream(object):
    """The first and the last ``HALF`` bytes of what was fed."""

    def __init__(self, half=HALF):
        self.half = half
        self.head = bytearray()
        self.tail = bytearray()
        self.lost = 0

    def feed(self, data):
        room = self.half - len(self.head)
        if room > 0:
            self.head += data[:room]
            data = data[room:]
        self.tail += data
        if len(self.tail) > 2 * self.half:
            self._cut()

    def _cut(self):
        excess = len(self.tail) - self.half
        if excess > 0:
            self.lost += excess
            del self.tail[:excess]

    def text(self):
        if self.tail:
            self._cut()
        gap = b"\n... %d bytes left out ...\n" % self.lost if self.lost else b""
        return (bytes(self.head) + gap + bytes(self.tail)).decode("utf-8", "surrogateescape")


class Finished(object):
    """A command that ended: exit code (negative: the signal), output, when it ran."""

    def __init__(self, rc, out, err, start, end):
        self.rc = rc
        self.out = out.text()
        self.err = err.text()
        self.lost = out.lost + err.lost
        self.start = start
        self.end = end


def execute(host, argv, stdin=None, cwd=None, env=None):
    """Run ``argv`` to its end and give Finished. Raises OSError when it cannot be started."""
    if host._busy:
        host._busy()
    start = datetime.datetime.now()
    child = subprocess.Popen(
        argv,
        stdin=subprocess.DEVNULL if stdin is None else subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        cwd=cwd,
        env=dict(os.environ, **host.env) if env is None else env,
        start_new_session=True,
    )
    host.children.append(child)
    out, err = Stream(), Stream()
    try:
        _exchange(child, stdin, out, err)
    finally:
        host.children.remove(child)
        for pipe in (child.stdin, child.stdout, child.stderr):
            if pipe:
                _close(pipe)
    return Finished(child.returncode, out, err, start, datetime.datetime.now())


def _exchange(child, stdin, out, err):
    """Feed and drain the child's pipes until it has ended and what it wrote is read."""
    ended, wake = os.pipe()
    waiter = threading.Thread(target=_wait, args=(child, wake))
    waiter.daemon = True
    waiter.start()
    pending = memoryview(stdin) if stdin else None
    with selectors.DefaultSelector() as selector:
        for pipe, sink in ((child.stdout, out), (child.stderr, err)):
            os.set_blocking(pipe.fileno(), False)
            selector.register(pipe, selectors.EVENT_READ, sink)
        selector.register(ended, selectors.EVENT_READ, None)
        if child.stdin is not None:
            os.set_blocking(child.stdin.fileno(), False)
            selector.register(child.stdin, selectors.EVENT_WRITE, None)
        try:
            alive = True
            while alive:
                for key, _ in selector.select():
                    if key.fileobj == ended:
                        alive = False
                    elif key.data is None:
                        pending = _write(child.stdin, pending, selector)
                    elif not _read(key.fileobj, key.data):
                        selector.unregister(key.fileobj)
        finally:
            os.close(ended)
    waiter.join()
    for pipe, sink in ((child.stdout, out), (child.stderr, err)):
        while _read(pipe, sink):
            pass


def _wait(child, wake):
    child.wait()
    os.close(wake)


def _read(pipe, sink):
    """Read what is there; False when there is nothing now or never again."""
    try:
        data = os.read(pipe.fileno(), 1 << 16)
    except (BlockingIOError, ValueError):
        return False
    sink.feed(data)
    return bool(data)


def _write(pipe, pending, selector):
    try:
        if pending:
            pending = pending[os.write(pipe.fileno(), pending[: 1 << 16]):]
    except BlockingIOError:
        return pending
    except OSError:
        pending = None
    if not pending:
        selector.unregister(pipe)
        _close(pipe)
    return pending


def _close(pipe):
    try:
        pipe.close()
    except OSError:
        pass
