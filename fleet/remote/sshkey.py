"""SSH keys of users: made by ssh-keygen, described in-process."""

import base64
import binascii
import hashlib
import os
import struct
import subprocess

from fleet.remote.host import Failed

NISTP = {"ecdsa-sha2-nistp256": 256, "ecdsa-sha2-nistp384": 384, "ecdsa-sha2-nistp521": 521}


def fingerprint(public):
    """What ``ssh-keygen -l`` prints for a line of a public key file; "" when it is none. Pure."""
    words = public.split(None, 2)
    if len(words) < 2:
        return ""
    kind, comment = words[0], words[2].strip() if len(words) > 2 else "no comment"
    try:
        blob = base64.b64decode(words[1].encode("ascii"))
    except (binascii.Error, UnicodeError):
        return ""
    digest = base64.b64encode(hashlib.sha256(blob).digest()).decode("ascii").rstrip("=")
    return "%d SHA256:%s %s (%s)" % (bits(kind, blob), digest, comment, label(kind))


def label(kind):
    if kind.startswith("ecdsa"):
        return "ECDSA"
    return {"ssh-rsa": "RSA", "ssh-dss": "DSA", "ssh-ed25519": "ED25519"}.get(kind, kind.upper())


def bits(kind, blob):
    """The size of a key from its encoded form."""
    if kind not in ("ssh-rsa", "ssh-dss"):
        return NISTP.get(kind, 256)
    fields, offset = [], 0
    while offset + 4 <= len(blob):
        size = struct.unpack_from(">I", blob, offset)[0]
        fields.append(blob[offset + 4:offset + 4 + size])
        offset += 4 + size
    number = fields[2 if kind == "ssh-rsa" else 1] if len(fields) > 2 else b""
    return int.from_bytes(number, "big").bit_length()


def generate(host, path, kind, size, comment, passphrase, form=None):
    """Make a key pair at ``path``, in the format ``form`` of ssh-keygen's ``-m``.

    A passphrase is typed at a terminal, so that no process list shows it.
    """
    program = host.need("ssh-keygen", "openssh-client")
    argv = [program, "-q", "-t", kind, "-f", path, "-C", comment] + (["-b", str(size)] if size else [])
    argv += ["-m", form] if form else []
    if passphrase:
        typed(argv, passphrase, host.environ())
    else:
        ran = host.run(argv + ["-N", ""], ok=None)
        if ran.rc:
            raise Failed("ssh-keygen failed: %s" % (ran.err or ran.out).strip(), rc=ran.rc)


def typed(argv, passphrase, environ):
    """Run ssh-keygen with the passphrase typed where it asks for it. Raises Failed."""
    import fcntl
    import pty
    import termios

    master, slave = pty.openpty()

    def own_terminal():
        fcntl.ioctl(slave, termios.TIOCSCTTY, 0)

    try:
        child = subprocess.Popen(argv, stdin=slave, stdout=slave, stderr=slave, env=environ, close_fds=True,
                                 start_new_session=True, preexec_fn=own_terminal, pass_fds=(slave,))
        os.close(slave)
        said, answered = b"", 0
        while True:
            try:
                data = os.read(master, 4096)
            except OSError:
                break
            if not data:
                break
            said += data
            while answered < min(2, said.lower().count(b"passphrase") and said.count(b": ")):
                os.write(master, passphrase.encode("utf-8") + b"\n")
                answered += 1
        if child.wait():
            raise Failed("ssh-keygen failed: %s" % said.decode("utf-8", "replace").strip()[-500:], rc=child.returncode)
    finally:
        os.close(master)
