"""Extensions of requests and certificates: made from the arguments of openssl_csr, read, shown. Pure.

Extensions are kept as {object identifier: (critical, value)}, in their order.
"""

import base64
import hashlib

from fleet.remote import der, oids, pubkey, x509names
from fleet.remote.host import Failed

STAPLE = der.sequence(der.integer(5))
USES = {name: bit for bit, first, second in oids.USES for name in (first, second)}


def wanted(args, names, public):
    """The extensions that the arguments of openssl_csr ask for. ``names`` are the alternative names. Raises Failed."""
    found = {}
    if names:
        found[oids.ALT_NAME] = (args["subject_alt_name_critical"], general_names(names, "Subject Alternative Name"))
    if args["key_usage"]:
        found[oids.KEY_USAGE] = (args["key_usage_critical"], _uses(args["key_usage"]))
    if args["extended_key_usage"]:
        purposes = [der.oid(x509names.find_oid(name)) for name in args["extended_key_usage"]]
        found[oids.EXTENDED_USAGE] = (args["extended_key_usage_critical"], der.sequence(*purposes))
    if args["basic_constraints"]:
        found[oids.BASIC] = (args["basic_constraints_critical"], _basic(args["basic_constraints"]))
    if args["ocsp_must_staple"]:
        found[oids.TLS_FEATURE] = (args["ocsp_must_staple_critical"], STAPLE)
    if args["name_constraints_permitted"] or args["name_constraints_excluded"]:
        found[oids.NAME_CONSTRAINTS] = (args["name_constraints_critical"], _constraints(args))
    if args["create_subject_key_identifier"]:
        found[oids.SUBJECT_KEY_ID] = (False, der.octets(key_id(public)))
    elif args["subject_key_identifier"] is not None:
        data = x509names.from_hex(args["subject_key_identifier"], "subject_key_identifier")
        found[oids.SUBJECT_KEY_ID] = (False, der.octets(data))
    authority = _authority(args)
    if authority:
        found[oids.AUTHORITY_KEY_ID] = (False, authority)
    if args["crl_distribution_points"]:
        points = [_point(place, point) for place, point in enumerate(args["crl_distribution_points"])]
        found[oids.CRL_POINTS] = (False, der.sequence(*points))
    return found


def key_id(public):
    """The usual identifier of a public key: SHA-1 of what its bit string holds."""
    return hashlib.sha1(der.whole(public).parts()[1].bits()).digest()


def general_names(texts, what):
    return der.sequence(*[x509names.write_name(text, what) for text in texts])


def _uses(names):
    unknown = [name for name in names if name not in USES]
    if unknown:
        raise Failed('Unknown key usage "%s"' % unknown[0])
    bits = {USES[name] for name in names}
    if bits & {7, 8} and 4 not in bits:
        raise Failed("encipher_only and decipher_only can only be true when key_agreement is true")
    return der.flags(bits)


def _basic(texts):
    authority, length = False, None
    for text in texts:
        name, _, value = text.partition(":")
        if name == "CA":
            if value not in ("TRUE", "FALSE"):
                raise Failed('Unknown basic constraint value "%s" for CA' % value)
            authority = value == "TRUE"
        elif name == "pathlen" and value.isdigit():
            length = int(value)
        else:
            raise Failed('Unknown basic constraint "%s"' % text)
    if length is not None and not authority:
        raise Failed("path_length must be None when ca is False (basic_constraints: pathlen without CA:TRUE)")
    parts = [der.boolean(True)] if authority else []
    return der.sequence(*(parts + ([der.integer(length)] if length is not None else [])))


def _constraints(args):
    parts = []
    for tag, name in ((0xA0, "name_constraints_permitted"), (0xA1, "name_constraints_excluded")):
        trees = [der.sequence(x509names.write_name(text, name, True)) for text in args[name] or ()]
        if trees:
            parts.append(der.encode(tag, *trees))
    return der.sequence(*parts)


def _authority(args):
    parts = []
    if args["authority_key_identifier"] is not None:
        parts.append(der.encode(0x80, x509names.from_hex(args["authority_key_identifier"], "authority_key_identifier")))
    if args["authority_cert_issuer"]:
        names = [x509names.write_name(text, "authority_cert_issuer") for text in args["authority_cert_issuer"]]
        parts.append(der.encode(0xA1, *names))
    if args["authority_cert_serial_number"] is not None:
        parts.append(der.integer(args["authority_cert_serial_number"], 0x82))
    return der.sequence(*parts) if parts else None


def _point(place, point):
    where = "crl_distribution_points[%d]" % place
    if point.get("full_name") is not None and point.get("relative_name") is not None:
        raise Failed("parameters are mutually exclusive: full_name|relative_name found in %s" % where)
    if not any(point.get(name) for name in ("full_name", "relative_name", "crl_issuer")):
        raise Failed("one of the following is required: full_name, relative_name, crl_issuer found in %s" % where)
    parts = []
    if point.get("full_name"):
        names = [x509names.write_name(text, where) for text in point["full_name"]]
        parts.append(der.encode(0xA0, der.encode(0xA0, *names)))
    elif point.get("relative_name"):
        pairs = [pair for text in point["relative_name"] for pair in x509names.split_subject(text)]
        inner = [group.data for group in der.whole(x509names.write_subject(pairs)).parts()]
        parts.append(der.encode(0xA0, der.encode(0xA1, *sorted(inner))))
    if point.get("reasons"):
        bits = der.whole(der.flags(oids.REASONS.index(reason) for reason in point["reasons"]), der.BITS)
        parts.append(der.encode(0x81, bits.data))
    if point.get("crl_issuer"):
        parts.append(der.encode(0xA2, *[x509names.write_name(text, where) for text in point["crl_issuer"]]))
    return der.sequence(*parts)


def write(extensions):
    """The encoded list of extensions."""
    return der.sequence(*[
        der.sequence(der.oid(oid), der.boolean(True) if critical else b"", der.octets(value))
        for oid, (critical, value) in extensions.items()
    ])


def read(value):
    """The extensions in a Value that is a list of them. Raises BadDer."""
    found = {}
    for extension in value.parts(der.SEQUENCE):
        parts = extension.parts(der.SEQUENCE)
        critical = len(parts) > 2 and parts[1].boolean()
        found[parts[0].oid()] = (critical, parts[-1].expect(der.OCTETS).data)
    return found


def normal(oid, extension):
    """An extension with lists whose order has no meaning sorted, for comparing."""
    critical, value = extension
    if oid in (oids.ALT_NAME, oids.EXTENDED_USAGE):
        return critical, frozenset(part.raw for part in der.whole(value).parts())
    if oid == oids.KEY_USAGE:
        return critical, frozenset(der.whole(value, der.BITS).flags())
    return critical, value


def names_of(value):
    return [x509names.shown_name(part) for part in value.parts()]


def described(extensions):
    """The return keys about extensions that openssl_csr_info and x509_certificate_info share."""
    told = {"extensions_by_oid": {
        oid: {"critical": critical, "value": base64.b64encode(value).decode("ascii")}
        for oid, (critical, value) in extensions.items()
    }}
    for name, oid, shown in (
        ("key_usage", oids.KEY_USAGE, _shown_uses), ("extended_key_usage", oids.EXTENDED_USAGE, _shown_purposes),
        ("basic_constraints", oids.BASIC, _shown_basic), ("ocsp_must_staple", oids.TLS_FEATURE, _shown_staple),
        ("subject_alt_name", oids.ALT_NAME, lambda value: names_of(der.whole(value))),
    ):
        critical, value = extensions.get(oid, (False, None))
        told[name] = None if value is None else shown(value)
        told[name + "_critical"] = critical
    _, value = extensions.get(oids.SUBJECT_KEY_ID, (False, None))
    told["subject_key_identifier"] = None if value is None else pubkey.colons(der.whole(value, der.OCTETS).data.hex())
    told.update(_shown_authority(extensions.get(oids.AUTHORITY_KEY_ID, (False, None))[1]))
    return told


def constraints(extensions):
    """The return keys about name constraints, which only requests have."""
    critical, value = extensions.get(oids.NAME_CONSTRAINTS, (False, None))
    told = {"name_constraints_permitted": None, "name_constraints_excluded": None, "name_constraints_critical": critical}
    if value is not None:
        told.update(name_constraints_permitted=[], name_constraints_excluded=[])
        for part in der.whole(value).parts():
            name = "name_constraints_permitted" if part.tag == 0xA0 else "name_constraints_excluded"
            told[name] = [x509names.shown_name(tree.parts()[0]) for tree in part.parts()]
    return told


def _shown_uses(value):
    bits = der.whole(value, der.BITS).flags()
    return sorted(name for bit, name, _ in oids.USES if bit in bits)


def _shown_purposes(value):
    return sorted(oids.LONG.get(part.oid(), part.oid()) for part in der.whole(value).parts())


def _shown_basic(value):
    shown = ["CA:FALSE"]
    for part in der.whole(value).parts():
        if part.tag == der.BOOLEAN:
            shown[0] = "CA:TRUE" if part.boolean() else "CA:FALSE"
        else:
            shown.append("pathlen:%d" % part.integer())
    return sorted(shown)


def _shown_staple(value):
    return 5 in [part.integer() for part in der.whole(value).parts()]


def _shown_authority(value):
    told = dict.fromkeys(("authority_key_identifier", "authority_cert_issuer", "authority_cert_serial_number"))
    for part in der.whole(value).parts() if value is not None else ():
        if part.tag == 0x80:
            told["authority_key_identifier"] = pubkey.colons(part.data.hex())
        elif part.tag == 0xA1:
            told["authority_cert_issuer"] = names_of(part)
        elif part.tag == 0x82:
            told["authority_cert_serial_number"] = int.from_bytes(part.data, "big", signed=True)
    return told


def access_uri(extensions, method):
    """The first URI of an authority information access of that kind, or None."""
    if oids.ACCESS not in extensions:
        return None
    for entry in der.whole(extensions[oids.ACCESS][1]).parts():
        kind, place = entry.parts()[:2]
        if kind.oid() == method and place.tag == 0x86:
            return place.data.decode("utf-8", "replace")
    return None
