"""Runs openssl. What is secret reaches it through files that have no name and that nobody else can open."""

import os
import tempfile

from fleet.remote.host import Failed


class Handed(object):
    """An argument of openssl that stands for a file with ``data``; ``prefix`` is put in front of its name."""

    def __init__(self, data, prefix=""):
        self.data = data
        self.prefix = prefix


def passphrase(text):
    """The argument behind ``-passin`` or ``-passout``. Raises Failed for what openssl cannot be told."""
    data = text.encode("utf-8", "surrogateescape")
    if b"\n" in data or b"\0" in data or len(data) > 1000:
        raise Failed("a passphrase must be a single line of at most 1000 bytes")
    return Handed(data + b"\n", "file:")


def openssl(host, argv, ok=(0,), stdin=None):
    """Run openssl with ``argv``; output as bytes. Raises Failed."""
    program, handles, words = host.need("openssl", "openssl"), [], []
    try:
        for word in argv:
            if isinstance(word, Handed):
                handles.append(_nameless(word.data))
                word = "%s/dev/fd/%d" % (word.prefix, handles[-1])
            words.append(word)
        return host.run([program] + words, ok=ok, stdin=stdin, raw=True, pass_fds=tuple(handles))
    finally:
        for handle in handles:
            os.close(handle)


def _nameless(data):
    """The number of an open file that holds ``data`` and is in no folder."""
    try:
        handle = os.memfd_create("fleet")
    except (AttributeError, OSError):
        # Python before 3.8 or an old kernel: a file of mode 0600 that is unlinked at once, in memory if possible.
        folder = "/dev/shm" if os.access("/dev/shm", os.W_OK) else None
        with tempfile.TemporaryFile(dir=folder) as file:
            handle = os.dup(file.fileno())
    with os.fdopen(os.dup(handle), "wb") as sink:
        sink.write(data)
    os.lseek(handle, 0, os.SEEK_SET)
    return handle
