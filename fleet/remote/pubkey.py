"""Public keys: what kind they are, their numbers, fingerprints and encodings. Pure."""

import base64
import hashlib
import struct

from fleet.remote import der, pem

RSA, DSA, EC = "1.2.840.113549.1.1.1", "1.2.840.10040.4.1", "1.2.840.10045.2.1"
EDWARDS = {"1.3.101.110": "X25519", "1.3.101.111": "X448", "1.3.101.112": "Ed25519", "1.3.101.113": "Ed448"}
KINDS = dict(EDWARDS, **{RSA: "RSA", DSA: "DSA", EC: "ECC"})
OIDS = {kind: oid for oid, kind in KINDS.items()}
CURVES = {
    "1.2.840.10045.3.1.1": ("secp192r1", 192), "1.3.132.0.33": ("secp224r1", 224),
    "1.2.840.10045.3.1.7": ("secp256r1", 256), "1.3.132.0.34": ("secp384r1", 384),
    "1.3.132.0.35": ("secp521r1", 521), "1.3.132.0.10": ("secp256k1", 256),
    "1.3.36.3.3.2.8.1.1.7": ("brainpoolP256r1", 256), "1.3.36.3.3.2.8.1.1.11": ("brainpoolP384r1", 384),
    "1.3.36.3.3.2.8.1.1.13": ("brainpoolP512r1", 512),
    "1.3.132.0.1": ("sect163k1", 163), "1.3.132.0.15": ("sect163r2", 163),
    "1.3.132.0.26": ("sect233k1", 233), "1.3.132.0.27": ("sect233r1", 233),
    "1.3.132.0.16": ("sect283k1", 283), "1.3.132.0.17": ("sect283r1", 283),
    "1.3.132.0.36": ("sect409k1", 409), "1.3.132.0.37": ("sect409r1", 409),
    "1.3.132.0.38": ("sect571k1", 571), "1.3.132.0.39": ("sect571r1", 571),
}
CURVE_OIDS = {name: oid for oid, (name, _) in CURVES.items()}
SSH_CURVES = {"secp256r1": b"nistp256", "secp384r1": b"nistp384", "secp521r1": b"nistp521"}


def read(encoded):
    """What a SubjectPublicKeyInfo holds: ``kind`` and what the kind has. Raises BadDer."""
    algorithm, key = der.whole(encoded).parts()[:2]
    about = algorithm.parts(der.SEQUENCE)
    kind = KINDS.get(about[0].oid())
    if kind is None:
        return {"kind": "unknown (%s)" % about[0].oid()}
    if kind == "RSA":
        modulus, exponent = [part.integer() for part in der.whole(key.bits()).parts()]
        return {"kind": kind, "modulus": modulus, "exponent": exponent, "size": modulus.bit_length()}
    if kind == "DSA":
        p, q, g = [part.integer() for part in about[1].parts(der.SEQUENCE)]
        y = der.read(key.bits())[0].integer()
        return {"kind": kind, "p": p, "q": q, "g": g, "y": y, "size": p.bit_length()}
    if kind == "ECC":
        return dict(curve_of(about[1]), kind=kind, point=key.bits())
    return {"kind": kind, "point": key.bits()}


def curve_of(value):
    """``curve`` and its ``size`` from the parameters of an EC key."""
    name, size = CURVES.get(value.oid(), ("unknown (%s)" % value.oid(), 0))
    return {"curve": name, "size": size}


def data(encoded):
    """The numbers of a key as Ansible's modules return them."""
    found = read(encoded)
    names = {"RSA": ("modulus", "exponent", "size"), "DSA": ("p", "q", "g", "y", "size")}.get(found["kind"], ())
    shown = {name: found[name] for name in names}
    if found["kind"] == "ECC":
        point = found["point"]
        half = (len(point) - 1) // 2
        shown = {"curve": found["curve"], "exponent_size": found["size"]}
        if point[:1] == b"\4":
            shown.update(x=int.from_bytes(point[1:1 + half], "big"), y=int.from_bytes(point[1 + half:], "big"))
    return shown


def fingerprints(content):
    """{name of a hash: bytes as ``aa:bb:...``} for every hash this Python has."""
    found = {}
    for name in sorted(hashlib.algorithms_guaranteed):
        try:
            digest = hashlib.new(name, content)
            text = digest.hexdigest(32) if name.startswith("shake_") else digest.hexdigest()
        except (ValueError, TypeError):
            # A host in FIPS mode refuses some.
            continue
        found[name] = colons(text)
    return found


def colons(text):
    return ":".join(text[place:place + 2] for place in range(0, len(text), 2))


def write(kind, parameters, key):
    """A SubjectPublicKeyInfo. ``parameters`` is encoded, ``key`` what the bit string holds."""
    return der.sequence(der.sequence(der.oid(OIDS[kind]), parameters), der.bits(key))


def as_pem(encoded):
    return pem.write("PUBLIC KEY", encoded)


def as_openssh(encoded):
    """The key as a line of OpenSSH, without comment. Raises ValueError for kinds it has not."""
    found = read(encoded)
    kind = found["kind"]
    if kind == "RSA":
        name, fields = b"ssh-rsa", [_number(found["exponent"]), _number(found["modulus"])]
    elif kind == "DSA":
        name, fields = b"ssh-dss", [_number(found[part]) for part in "pqgy"]
    elif kind == "Ed25519":
        name, fields = b"ssh-ed25519", [found["point"]]
    elif kind == "ECC" and found["curve"] in SSH_CURVES:
        curve = SSH_CURVES[found["curve"]]
        name, fields = b"ecdsa-sha2-" + curve, [curve, found["point"]]
    else:
        raise ValueError("OpenSSH has no such keys: %s" % found.get("curve", kind))
    blob = b"".join(struct.pack(">I", len(field)) + field for field in [name] + fields)
    return name + b" " + base64.b64encode(blob)


def _number(value):
    return value.to_bytes(value.bit_length() // 8 + 1, "big")
