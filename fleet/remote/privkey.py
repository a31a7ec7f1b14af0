"""Private keys in PEM: read, made, written in another format. openssl is asked only where Python has no way.

A key is read with no program at all, unless it is encrypted, or an Ed25519/X25519 one, whose public half takes
elliptic curve arithmetic.
"""

import base64

from fleet.remote import der, pem, pubkey
from fleet.remote.der import BadDer
from fleet.remote.host import Failed
from fleet.remote.opensslrun import Handed, openssl
from fleet.remote.opensslrun import passphrase as phrase

RAW_SIZES = {"X25519": 32, "Ed25519": 32, "X448": 56, "Ed448": 57}
TRADITIONAL = {"RSA": "RSA PRIVATE KEY", "DSA": "DSA PRIVATE KEY", "ECC": "EC PRIVATE KEY"}


class Unreadable(Failed):
    """Not a private key, or another passphrase."""

    def refusal(self):
        """The message of modules that need the key."""
        return "Wrong passphrase provided for private key, or private key cannot be parsed: %s" % self


class Locked(Unreadable):
    """A key with a passphrase, and none was given, or the other way round."""

    def refusal(self):
        return "Wrong or empty passphrase provided for private key"


class Key(object):
    """A private key: its ``kind``, the parameters of its kind (encoded) and ``inner``, what only its kind has.

    ``public`` is the SubjectPublicKeyInfo. It is None until ``complete`` where it takes a program.
    """

    def __init__(self, kind, parameters, inner):
        self.kind = kind
        self.parameters = parameters
        self.inner = inner
        self.public = _public(self)

    def pkcs8(self):
        about = der.sequence(der.oid(pubkey.OIDS[self.kind]), self.parameters)
        return der.sequence(der.integer(0), about, der.octets(self.inner))

    def traditional(self):
        """The encoding of PKCS#1 for RSA and what resembles it for DSA and EC, None for other kinds."""
        if self.kind == "RSA":
            return self.inner
        if self.kind == "DSA":
            p, q, g = [part.integer() for part in der.whole(self.parameters).parts()]
            x = der.whole(self.inner, der.INTEGER).integer()
            return der.sequence(*[der.integer(number) for number in (0, p, q, g, pow(g, x, p), x)])
        if self.kind == "ECC":
            version, secret = [part.raw for part in der.whole(self.inner).parts()[:2]]
            point = der.whole(self.public).parts()[1].bits()
            return der.sequence(version, secret, der.encode(0xA0, self.parameters), der.encode(0xA1, der.bits(point)))
        return None

    def raw(self):
        return der.whole(self.inner, der.OCTETS).data if self.kind in RAW_SIZES else None


def _public(key):
    if key.kind == "RSA":
        modulus, exponent = [part.raw for part in der.whole(key.inner).parts()[1:3]]
        return pubkey.write(key.kind, key.parameters, der.sequence(modulus, exponent))
    if key.kind == "DSA":
        p, _, g = [part.integer() for part in der.whole(key.parameters).parts()]
        y = pow(g, der.whole(key.inner, der.INTEGER).integer(), p)
        return pubkey.write(key.kind, key.parameters, der.integer(y))
    if key.kind == "ECC":
        for part in der.whole(key.inner).parts()[2:]:
            if part.tag == 0xA1:
                return pubkey.write(key.kind, key.parameters, part.parts()[0].bits())
    return None


def from_pkcs8(encoded):
    """The Key in a PrivateKeyInfo. Raises BadDer."""
    _, about, inner = der.whole(encoded).parts()[:3]
    about = about.parts(der.SEQUENCE)
    kind = pubkey.KINDS.get(about[0].oid())
    if kind is None:
        raise BadDer("unknown kind of key: %s" % about[0].oid())
    if kind == "ECC":
        about[1].expect(der.OID)
    return Key(kind, about[1].raw if len(about) > 1 else b"", inner.expect(der.OCTETS).data)


def from_traditional(label, encoded):
    """The Key of a PEM block ``RSA PRIVATE KEY``, ``EC PRIVATE KEY`` or ``DSA PRIVATE KEY``. Raises BadDer."""
    parts = der.whole(encoded).parts()
    if label.startswith("RSA"):
        return Key("RSA", der.NULL_VALUE, encoded)
    if label.startswith("DSA"):
        return Key("DSA", der.sequence(*[part.raw for part in parts[1:4]]), parts[5].raw)
    curve = [part.parts()[0].expect(der.OID).raw for part in parts[2:] if part.tag == 0xA0]
    if not curve:
        raise BadDer("no curve")
    kept = [part.raw for part in parts if part.tag != 0xA0]
    return Key("ECC", curve[0], der.sequence(*kept))


def from_raw(kind, data):
    return Key(kind, b"", der.octets(data))


def format_of(content):
    """``pkcs1``, ``pkcs8``, ``raw`` (no PEM) or the label of another PEM block."""
    block = pem.first(content, "PRIVATE KEY")
    if block is None:
        return "raw"
    if block.label in ("PRIVATE KEY", "ENCRYPTED PRIVATE KEY"):
        return "pkcs8"
    return "pkcs1" if block.label in TRADITIONAL.values() else block.label


def load(host, content, passphrase=None, raw_kind=None):
    """The Key in a file's content. Raises Unreadable; a passphrase for a key without one is a wrong one.

    ``raw_kind`` is the kind a file without PEM is taken for.
    """
    block = pem.first(content, "PRIVATE KEY")
    try:
        if block is None:
            if raw_kind in RAW_SIZES and len(content) == RAW_SIZES[raw_kind] and not passphrase:
                return complete(host, from_raw(raw_kind, content))
            raise Unreadable("no private key in PEM format")
        encrypted = block.label == "ENCRYPTED PRIVATE KEY" or "ENCRYPTED" in block.head
        if encrypted != bool(passphrase):
            raise Locked("the key is %s" % ("protected by a passphrase" if encrypted else
                                            "not encrypted, but a passphrase was given"))
        if encrypted:
            block = _decrypted(host, block, passphrase)
        key = from_pkcs8(block.data) if block.label == "PRIVATE KEY" else _traditional(block)
        return complete(host, key)
    except (BadDer, IndexError, ValueError) as error:
        raise Unreadable("cannot read the private key: %s" % error)


def _traditional(block):
    if block.label not in TRADITIONAL.values():
        raise Unreadable("%s: not a format of OpenSSL" % block.label)
    return from_traditional(block.label, block.data)


def _decrypted(host, block, passphrase):
    ran = openssl(host, ["pkey", "-in", Handed(block.text + b"\n"), "-passin", phrase(passphrase)], ok=None)
    plain = pem.first(ran.out, "PRIVATE KEY")
    if ran.rc or plain is None:
        raise Unreadable("the passphrase is wrong, or the key is broken")
    return plain


def complete(host, key):
    """The key with its public half."""
    if key.public is None:
        told = openssl(host, ["pkey", "-in", Handed(pem.write("PRIVATE KEY", key.pkcs8())), "-pubout"], ok=None)
        block = pem.first(told.out, "PUBLIC KEY")
        if told.rc or block is None:
            raise Unreadable("openssl cannot use the key: %s" % told.err.decode("utf-8", "replace").strip()[-300:])
        key.public = block.data
    return key


CURVE_NAMES = {"secp256r1": "prime256v1", "secp192r1": "prime192v1"}
"""The names OpenSSL has for them."""


def generate(host, kind, size, curve):
    """A new Key. Raises Failed when openssl has no such kind, size or curve."""
    if kind == "RSA":
        argv = ["-algorithm", "RSA", "-pkeyopt", "rsa_keygen_bits:%d" % size]
    elif kind == "ECC":
        name = CURVE_NAMES.get(curve, curve)
        argv = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:" + name, "-pkeyopt", "ec_param_enc:named_curve"]
    elif kind == "DSA":
        bits = ["-pkeyopt", "dsa_paramgen_bits:%d" % size, "-pkeyopt", "dsa_paramgen_q_bits:%d" % (160 if size < 2048 else 256)]
        parameters = openssl(host, ["genpkey", "-genparam", "-algorithm", "DSA"] + bits).out
        argv = ["-paramfile", Handed(parameters)]
    else:
        argv = ["-algorithm", kind.upper()]
    made = openssl(host, ["genpkey"] + argv, ok=None)
    block = pem.first(made.out, "PRIVATE KEY")
    if made.rc or block is None:
        raise Failed("openssl cannot make such a key: %s" % made.err.decode("utf-8", "replace").strip()[-500:], rc=made.rc)
    return complete(host, from_pkcs8(block.data))


def write(host, key, form, passphrase=None):
    """The key as a file's content in the format ``form`` (pkcs1, pkcs8, raw). Raises Failed."""
    if form == "raw":
        if key.raw() is None or passphrase:
            raise Failed('Cryptography backend cannot serialize the private key in the required format "raw"')
        return key.raw()
    encoded = key.traditional() if form == "pkcs1" else key.pkcs8()
    if encoded is None:
        raise Failed('Cryptography backend cannot serialize the private key in the required format "pkcs1"')
    text = pem.write(TRADITIONAL[key.kind] if form == "pkcs1" else "PRIVATE KEY", encoded)
    if not passphrase:
        return text
    argv = ["pkey", "-traditional", "-aes-256-cbc"] if form == "pkcs1" else ["pkcs8", "-topk8", "-v2", "aes-256-cbc"]
    return openssl(host, argv + ["-in", Handed(text), "-passout", phrase(passphrase)]).out


def as_result(content):
    """A key's file as modules return it: raw keys in base64."""
    if format_of(content) == "raw":
        return base64.b64encode(content).decode("ascii")
    return content.decode("utf-8", "replace")
