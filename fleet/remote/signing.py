"""Signatures on requests and certificates: made by openssl, RSA ones checked without it."""

import hashlib

from fleet.remote import der, oids, pem, pubkey
from fleet.remote.host import Failed
from fleet.remote.opensslrun import Handed, openssl

BY_KIND = {(kind, digest): oid for kind, digest, oid, _ in oids.SIGNATURES}
BY_OID = {oid: (kind, digest) for kind, digest, oid, _ in oids.SIGNATURES}
NAMES = dict({oid: name for _, _, oid, name in oids.SIGNATURES}, **{oids.PSS: "rsassaPss"})


def algorithm(kind, digest):
    """The object identifier of signatures by such a key; Edwards keys have a digest of their own. Raises Failed."""
    digest = "" if kind in ("Ed25519", "Ed448") else digest.lower().replace("_", "-")
    if (kind, digest) not in BY_KIND:
        if kind in ("X25519", "X448"):
            raise Failed("%s keys cannot sign" % kind)
        raise Failed('Unsupported digest "%s"' % digest)
    return BY_KIND[kind, digest], digest


def signed(host, key, digest, content):
    """SEQUENCE of ``content`` (encoded), the algorithm and the signature of the Key. Raises Failed."""
    oid, digest = algorithm(key.kind, digest)
    secret = Handed(pem.write("PRIVATE KEY", key.pkcs8()))
    if digest:
        ran = openssl(host, ["dgst", "-" + digest, "-sign", secret, "-binary", Handed(content)], ok=None)
    else:
        ran = openssl(host, ["pkeyutl", "-sign", "-rawin", "-inkey", secret, "-in", Handed(content)], ok=None)
    if ran.rc or not ran.out:
        hint = "" if digest else " (keys of that kind need OpenSSL 3.0 to sign)"
        raise Failed("openssl cannot sign%s: %s" % (hint, ran.err.decode("utf-8", "replace").strip()[-300:]), rc=ran.rc)
    about = der.sequence(der.oid(oid), der.NULL_VALUE if key.kind == "RSA" else b"")
    return der.sequence(content, about, der.bits(ran.out))


def verify(host, encoded, public):
    """Whether the signature of a request or certificate (its whole encoding) is by the key ``public``."""
    content, about, signature = der.whole(encoded).parts()[:3]
    oid = about.parts(der.SEQUENCE)[0].oid()
    kind, digest = BY_OID.get(oid, ("RSA" if oid == oids.PSS else None, None))
    key = pubkey.read(public)
    if kind is None or key["kind"] != kind:
        return False
    if kind == "RSA" and digest is not None:
        return _by_rsa(key, digest, content.raw, signature.bits())
    public = Handed(pubkey.as_pem(public))
    if digest:
        argv = ["dgst", "-" + digest, "-verify", public, "-signature", Handed(signature.bits()), Handed(content.raw)]
    elif oid == oids.PSS:
        argv = ["dgst", "-" + _pss_digest(about), "-sigopt", "rsa_padding_mode:pss", "-sigopt", "rsa_pss_saltlen:auto",
                "-verify", public, "-signature", Handed(signature.bits()), Handed(content.raw)]
    else:
        argv = ["pkeyutl", "-verify", "-rawin", "-pubin", "-inkey", public, "-sigfile", Handed(signature.bits()),
                "-in", Handed(content.raw)]
    return openssl(host, argv, ok=None).rc == 0


def _pss_digest(about):
    for part in about.parts()[1].parts():
        if part.tag == 0xA0:
            oid = part.parts()[0].parts()[0].oid()
            return next((name for name, own in oids.DIGESTS.items() if own == oid), "sha1")
    return "sha1"


def _by_rsa(key, digest, content, signature):
    """PKCS#1 v1.5: the signature to the power of the exponent is the padded digest."""
    size = (key["size"] + 7) // 8
    try:
        hashed = hashlib.new(digest.replace("sha3-", "sha3_"), content).digest()
    except ValueError:
        return False
    about = der.sequence(der.oid(oids.DIGESTS[digest]), der.NULL_VALUE)
    info = der.sequence(about, der.octets(hashed))
    if len(signature) != size or size < len(info) + 11:
        return False
    padded = b"\0\1" + b"\xff" * (size - len(info) - 3) + b"\0" + info
    opened = pow(int.from_bytes(signature, "big"), key["exponent"], key["modulus"])
    return opened == int.from_bytes(padded, "big")
