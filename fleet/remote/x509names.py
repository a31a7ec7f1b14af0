"""Names in certificates: subjects and the names of hosts, people and places, as text and as DER. Pure."""

import re
import socket

from fleet.remote import der, oids
from fleet.remote.host import Failed

PRINTABLE_PARTS = ("2.5.4.6", "2.5.4.5", "2.5.4.46", "1.3.6.1.4.1.311.60.2.1.3")
IA5_PARTS = ("1.2.840.113549.1.9.1", "0.9.2342.19200300.100.1.25")


def find_oid(name):
    """The object identifier of a subject part or purpose, also when given itself. Raises Failed."""
    if name in oids.BY_NAME:
        return oids.BY_NAME[name]
    try:
        der.oid(name)
    except der.BadDer:
        raise Failed('Cannot find OID for "%s"' % name)
    return name


def write_subject(parts):
    """A Name of ``parts``: (name, value) in order. Raises Failed."""
    return der.sequence(*[der.encode(der.SET, _part(name, value)) for name, value in parts])


def _part(name, value):
    oid = find_oid(name)
    if oid == "2.5.4.6" and len(value) != 2:
        raise Failed("Country name must be a 2 character country code")
    tag = der.PRINTABLE if oid in PRINTABLE_PARTS else der.IA5 if oid in IA5_PARTS else der.UTF8
    try:
        data = value.encode("utf-8" if tag == der.UTF8 else "ascii")
    except UnicodeEncodeError:
        raise Failed("%s cannot hold such characters: %s" % (name, value))
    if not data:
        raise Failed("Value for %s in subject is empty" % name)
    return der.sequence(der.oid(oid), der.encode(tag, data))


def read_subject(value):
    """[(object identifier, text)] of a Name."""
    found = []
    for group in value.parts(der.SEQUENCE):
        for part in group.parts(der.SET):
            oid, text = part.parts(der.SEQUENCE)[:2]
            found.append((oid.oid(), text.text()))
    return found


def long_name(oid):
    return oids.LONG.get(oid, oid)


def escaped(text):
    text = re.sub(r'([,+"\\<>;])', r"\\\1", text)
    if text[:1] in ("#", " "):
        text = "\\" + text
    return text[:-1] + "\\ " if text.endswith(" ") and len(text) > 1 else text


def shown_subject(parts):
    """A Name as one text, last part first (RFC 4514)."""
    return ",".join("%s=%s" % (oids.SHORT.get(oid, oid), escaped(text)) for oid, text in reversed(parts))


def split_subject(text):
    """(name, value) pairs of ``CN=a,O=b`` (last part first) or ``/O=b/CN=a``. Raises Failed."""
    slashed = text.startswith("/")
    mark = "/" if slashed else ","
    pieces = re.findall(r"(?:\\.|[^\\%s])+" % mark, text[1:] if slashed else text)
    pairs = []
    for piece in pieces:
        name, equals, value = piece.partition("=")
        if not equals or not name.strip():
            raise Failed('Error while parsing distinguished name "%s": no "=" in "%s"' % (text, piece))
        pairs.append((name.strip(), re.sub(r"\\(.)", r"\1", value)))
    return pairs if slashed else pairs[::-1]


def to_ascii(domain):
    """A host name with every label as DNS has it."""
    try:
        return ".".join(label if _plain(label) else label.encode("idna").decode("ascii") for label in domain.split("."))
    except UnicodeError as error:
        raise Failed("Error while transforming part of domain name %s to IDNA: %s" % (domain, error))


def _plain(text):
    return all(ord(letter) < 128 for letter in text)


def _email(text):
    person, at, domain = text.rpartition("@")
    return person + at + to_ascii(domain)


def _uri(text):
    found = re.match(r"([^/]*//(?:[^/@]*@)?)([^/:?#]*)(.*)$", text, re.DOTALL)
    return found.group(1) + to_ascii(found.group(2)) + found.group(3) if found else text


TEXTS = {"email": (0x81, _email), "DNS": (0x82, to_ascii), "URI": (0x86, _uri)}
"""Tag and what makes the value ASCII."""


def write_name(text, what="Subject Alternative Name", network=False):
    """A GeneralName from ``DNS:a.example`` and the like; ``network`` for addresses with a mask. Raises Failed."""
    kind, colon, value = text.partition(":")
    if colon and kind in TEXTS:
        tag, ascii_of = TEXTS[kind]
        try:
            return der.encode(tag, ascii_of(value).encode("ascii"))
        except UnicodeEncodeError:
            raise Failed('Cannot parse %s "%s": it must be ASCII' % (what, text))
    if colon and kind == "IP":
        return der.encode(0x87, _address(value, what, text, network))
    if colon and kind == "RID":
        if not re.match(r"\d+(\.\d+)+$", value):
            raise Failed('Cannot parse %s "%s"' % (what, text))
        return der.encode(0x88, der.whole(der.oid(value), der.OID).data)
    if colon and kind == "dirName":
        return der.encode(0xA4, write_subject(split_subject(value)))
    if colon and kind == "otherName":
        return _other(value, what, text)
    if not colon:
        raise Failed('Cannot parse %s "%s" (forgot "DNS:" prefix?)' % (what, text))
    raise Failed('Cannot parse %s "%s" (potentially unsupported by cryptography backend)' % (what, text))


def _address(value, what, text, network):
    address, slash, length = value.partition("/")
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    try:
        data = socket.inet_pton(family, address)
        if not network:
            if slash:
                raise ValueError(value)
            return data
        bits = 8 * len(data)
        if not slash:
            return data + b"\xff" * len(data)
        if length.isdigit():
            if int(length) > bits:
                raise ValueError(value)
            mask = ((1 << bits) - (1 << (bits - int(length)))).to_bytes(len(data), "big")
        else:
            mask = socket.inet_pton(family, length)
        return data + mask
    except (OSError, ValueError, UnicodeError):
        raise Failed("Cannot parse %s \"%s\": '%s' does not appear to be an IPv4 or IPv6 %s"
                     % (what, text, value, "network" if network else "address"))


def _other(value, what, text):
    oid, mark, content = value.partition(";")
    if not mark:
        raise Failed('Cannot parse %s otherName "%s", must be in the format "otherName:<OID>;<ASN.1 OpenSSL Encoded String>" or'
                     ' "otherName:<OID>;<hex string>"' % (what, text))
    if content.startswith("UTF8:"):
        data = der.encode(der.UTF8, content[5:].encode("utf-8", "surrogateescape"))
    else:
        data = from_hex(content, what)
    try:
        return der.encode(0xA0, der.oid(oid), der.encode(0xA0, data))
    except der.BadDer:
        raise Failed('Cannot parse %s "%s": %s is no object identifier' % (what, text, oid))


def from_hex(text, what):
    """Bytes of ``00:1f:...``. Raises Failed."""
    try:
        return bytes(bytearray(int(part, 16) for part in text.split(":"))) if text else b""
    except ValueError:
        raise Failed("Cannot parse %s: Non-hexadecimal digit found" % what)


def shown_name(value):
    """A GeneralName as ``write_name`` takes it."""
    tag, data = value.tag, value.data
    for kind, (own, _) in TEXTS.items():
        if tag == own:
            return "%s:%s" % (kind, data.decode("utf-8", "replace"))
    if tag == 0x87:
        return "IP:" + shown_address(data)
    if tag == 0x88:
        return "RID:" + der.decode_oid(data)
    if tag == 0xA4:
        return "dirName:" + shown_subject(read_subject(value.parts()[0]))
    if tag == 0xA0:
        oid, content = value.parts()[:2]
        return "otherName:%s;%s" % (oid.oid(), ":".join("%02x" % byte for byte in bytearray(content.data)))
    raise der.BadDer("unknown kind of name: %#x" % tag)


def shown_address(data):
    """An address, or (of twice the size) an address with a mask."""
    if len(data) in (4, 16):
        return socket.inet_ntop(socket.AF_INET if len(data) == 4 else socket.AF_INET6, data)
    if len(data) not in (8, 32):
        raise der.BadDer("no address")
    half = len(data) // 2
    bits = "".join("{:08b}".format(byte) for byte in bytearray(data[half:]))
    length = bits.count("1")
    mask = str(length) if "1" not in bits[length:] else shown_address(data[half:])
    return "%s/%s" % (shown_address(data[:half]), mask)


def in_unicode(text):
    """``text`` with the labels of international domain names as people write them."""
    def decoded(found):
        try:
            return found.group().encode("ascii").decode("idna")
        except UnicodeError:
            return found.group()

    return re.sub(r"(?i)\bxn--[a-z0-9-]+", decoded, text)
