"""PKCS#12: a key, its certificate and others in one file, read and made with the host's openssl."""

import re

from fleet.remote import der, pem, privkey, x509cert
from fleet.remote.host import Failed
from fleet.remote.opensslrun import Handed, openssl
from fleet.remote.opensslrun import passphrase as phrase

ENCRYPTION = {
    # Named, since the defaults of OpenSSL before 3.0 are ciphers that later ones no longer read.
    "auto": ("AES-256-CBC", "sha256", 20000),
    "compatibility2022": ("PBE-SHA1-3DES", "sha1", 50000),
}
_NAME = re.compile(rb"^ +friendlyName: (.*)$", re.M)


class Unreadable(Failed):
    """Not PKCS#12, or another passphrase."""


class Bundle(object):
    """What is in a file: ``key`` (a privkey.Key), ``certificate`` and ``others`` (encoded), ``name``; None without."""

    def __init__(self, key, certificate, others, name):
        self.key = key
        self.certificate = certificate
        self.others = others
        self.name = name

    def resembles(self, wanted):
        """Whether it holds what ``wanted`` does. The order of the other certificates does not count."""
        keys = [bundle.key.public if bundle.key else None for bundle in (self, wanted)]
        return (
            keys[0] == keys[1]
            and self.certificate == wanted.certificate
            and set(self.others) == set(wanted.others)
            and (wanted.bare or self.name in printed(wanted.name))
        )

    @property
    def bare(self):
        """Only other certificates: there is nothing that could have the name."""
        return self.key is None and self.certificate is None

    def certificates(self):
        return ([self.certificate] if self.certificate else []) + list(self.others)

    def as_pem(self):
        """The key, in the format of its kind where there is one, and the certificates. It is not encrypted."""
        text = b""
        if self.key:
            own = self.key.traditional()
            text = (
                pem.write(privkey.TRADITIONAL[self.key.kind], own)
                if own
                else pem.write("PRIVATE KEY", self.key.pkcs8())
            )
        return text + _as_pem(self.certificates())


def _as_pem(certificates):
    return b"".join(pem.write("CERTIFICATE", certificate) for certificate in certificates)


def printed(name):
    """How openssl may print a friendly name: as UTF-8, or the lower byte of each unit of UTF-16 (as 3.0 does)."""
    low = name.encode("utf-16-be")[1::2]
    return {name.encode("utf-8"), low.split(b"\0")[0].split(b"\n")[0]}


def check_name(name):
    """Raises Failed for a friendly name that openssl cannot write, or that would look like other lines when read."""
    if any(ord(letter) < 32 or 0xD800 <= ord(letter) < 0xE000 or ord(letter) > 0xFFFF for letter in name):
        raise Failed("friendly_name must be a single line of text without characters beyond U+FFFF")


def read(host, content, passphrase):
    """The Bundle in a file's content. Raises Unreadable."""
    argv = ["pkcs12", "-in", Handed(content), "-passin", phrase(passphrase or ""), "-nodes"]
    ran = openssl(host, argv, ok=None)
    if ran.rc and b"unsupported" in ran.err:
        # RC2, as older programs write it; OpenSSL before 3.0 has no such option and no need of it.
        ran = openssl(host, argv + ["-legacy"], ok=None)
    if ran.rc:
        raise Unreadable("Invalid password or PKCS12 data")
    try:
        return _bundle(host, ran.out)
    except (der.BadDer, IndexError, ValueError) as error:
        raise Unreadable("cannot read what is in the PKCS#12 data: %s" % error)


def _bundle(host, text):
    """The Bundle in what openssl printed: PEM blocks, each with its attributes in front of it."""
    key, key_name, found, offset = None, None, [], 0
    for block in pem.blocks(text):
        start = text.index(block.text, offset)
        named = _NAME.search(text, offset, start)
        name, offset = named and named.group(1), start + len(block.text)
        if block.label == "CERTIFICATE":
            found.append((block.data, name))
        elif block.label == "PRIVATE KEY" and key is None:
            key, key_name = privkey.complete(host, privkey.from_pkcs8(block.data)), name
    if key:
        own = [item for item in found if x509cert.Certificate(item[0]).public == key.public]
    else:
        own = [item for item in found if item[1] is not None]
    others = [item[0] for item in found if not own or item is not own[0]]
    certificate, name = own[0] if own else (None, None)
    return Bundle(key, certificate, others, name if name is not None else key_name)


def make(host, bundle, passphrase, level="auto", iterations=None):
    """The content of a file that holds ``bundle``. Without a passphrase nothing in it is encrypted. Raises Failed."""
    cipher, digest, usual = ENCRYPTION[level]
    argv = ["pkcs12", "-export", "-macalg", digest, "-iter", str(iterations or usual)]
    argv += ["-keypbe", cipher if passphrase else "NONE", "-certpbe", cipher if passphrase else "NONE"]
    argv += ["-passout", phrase(passphrase or "")]
    others = bundle.others
    if bundle.key:
        argv += ["-inkey", Handed(pem.write("PRIVATE KEY", bundle.key.pkcs8())), "-name", bundle.name]
        argv += ["-in", Handed(_as_pem([bundle.certificate]))] if bundle.certificate else ["-nocerts"]
        if others:
            argv += ["-certfile", Handed(_as_pem(others))]
    else:
        # Without a key, openssl knows only "other" certificates; -caname names the first of them.
        argv += ["-nokeys", "-in", Handed(_as_pem(bundle.certificates()))]
        argv += [] if bundle.bare else ["-caname", bundle.name]
    ran = openssl(host, argv, ok=None)
    if ran.rc:
        told = " ".join(ran.err.decode("utf-8", "replace").split())
        raise Failed("openssl cannot make the PKCS#12 file: %s" % told[-500:], rc=ran.rc)
    return ran.out
