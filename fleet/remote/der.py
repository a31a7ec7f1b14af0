"""DER, the encoding of keys, requests and certificates: values read, values written. Pure.

Only what the values hold is looked at; lengths are checked, so a cut or made-up file gives BadDer and nothing else.
"""

BOOLEAN, INTEGER, BITS, OCTETS, NULL, OID = 0x01, 0x02, 0x03, 0x04, 0x05, 0x06
ENUMERATED, UTF8, SEQUENCE, SET, PRINTABLE, T61, IA5 = 0x0A, 0x0C, 0x30, 0x31, 0x13, 0x14, 0x16
UTC_TIME, GENERALIZED_TIME, UNIVERSAL, BMP = 0x17, 0x18, 0x1C, 0x1E
ENCODINGS = {UTF8: "utf-8", PRINTABLE: "ascii", T61: "latin-1", IA5: "ascii", UNIVERSAL: "utf-32-be",
             BMP: "utf-16-be", 0x12: "ascii", 0x1A: "ascii"}


class BadDer(ValueError):
    """Bytes that are no DER, or not the value that was expected."""


class Value(object):
    """One value: its ``tag``, what it holds (``data``) and its whole encoding (``raw``)."""

    def __init__(self, tag, data, raw):
        self.tag = tag
        self.data = data
        self.raw = raw

    def parts(self, tag=None):
        """The values inside. Raises BadDer, also for a value with another tag than ``tag``."""
        if tag is not None:
            self.expect(tag)
        found, offset = [], 0
        while offset < len(self.data):
            value, offset = read(self.data, offset)
            found.append(value)
        return found

    def expect(self, *tags):
        if self.tag not in tags:
            raise BadDer("unexpected tag %#x" % self.tag)
        return self

    def integer(self):
        if not self.expect(INTEGER, ENUMERATED).data:
            raise BadDer("an empty integer")
        return int.from_bytes(self.data, "big", signed=True)

    def oid(self):
        return decode_oid(self.expect(OID).data)

    def boolean(self):
        return self.expect(BOOLEAN).data not in (b"", b"\0")

    def bits(self):
        """The bytes of a bit string whose number of bits is a multiple of eight."""
        if self.expect(BITS).data[:1] != b"\0":
            raise BadDer("a bit string of odd length")
        return self.data[1:]

    def flags(self):
        """The numbers of the bits that are set, the first is 0."""
        data = self.expect(BITS).data[1:]
        return [8 * place + bit for place, byte in enumerate(bytearray(data)) for bit in range(8) if byte << bit & 0x80]

    def text(self):
        """A character string's text. Raises BadDer."""
        try:
            return self.data.decode(ENCODINGS[self.tag])
        except (KeyError, UnicodeDecodeError):
            raise BadDer("no text: tag %#x" % self.tag)


def read(data, offset=0):
    """The value at ``offset`` and the offset behind it. Raises BadDer."""
    if offset + 2 > len(data):
        raise BadDer("cut short")
    tag, length, start = data[offset], data[offset + 1], offset + 2
    if tag & 0x1F == 0x1F:
        raise BadDer("a long tag")
    if length & 0x80:
        count = length & 0x7F
        if not 0 < count < 5 or start + count > len(data):
            raise BadDer("bad length")
        length, start = int.from_bytes(data[start:start + count], "big"), start + count
    if start + length > len(data):
        raise BadDer("cut short")
    return Value(tag, data[start:start + length], data[offset:start + length]), start + length


def whole(data, tag=SEQUENCE):
    """The one value that ``data`` is. Raises BadDer, also when something follows it."""
    value, end = read(data)
    if end != len(data):
        raise BadDer("something behind the value")
    return value.expect(tag)


def decode_oid(data):
    if not data or data[-1] & 0x80:
        raise BadDer("bad object identifier")
    numbers, number = [], 0
    for byte in bytearray(data):
        number = number << 7 | byte & 0x7F
        if not byte & 0x80:
            numbers.append(number)
            number = 0
    first = min(numbers[0] // 40, 2)
    return ".".join(map(str, [first, numbers[0] - 40 * first] + numbers[1:]))


def encode(tag, *parts):
    """A value with ``parts`` (encoded values, or bytes) inside."""
    data = b"".join(parts)
    if len(data) < 0x80:
        return bytes(bytearray([tag, len(data)])) + data
    size = len(data).to_bytes((len(data).bit_length() + 7) // 8, "big")
    return bytes(bytearray([tag, 0x80 | len(size)])) + size + data


def sequence(*parts):
    return encode(SEQUENCE, *parts)


def integer(number, tag=INTEGER):
    return encode(tag, number.to_bytes(number.bit_length() // 8 + 1, "big", signed=True))


def boolean(value):
    return encode(BOOLEAN, b"\xff" if value else b"\0")


def octets(data):
    return encode(OCTETS, data)


def bits(data):
    return encode(BITS, b"\0", data)


def flags(numbers):
    """A bit string with the bits ``numbers`` set, without zero bits at its end."""
    numbers = set(numbers)
    if not numbers:
        return encode(BITS, b"\0")
    count = max(numbers) + 1
    value = sum(1 << (count - 1 - number) for number in numbers)
    unused = -count % 8
    return encode(BITS, bytes(bytearray([unused])), (value << unused).to_bytes((count + 7) // 8, "big"))


def oid(text):
    """An object identifier from ``1.2.3``. Raises BadDer."""
    try:
        numbers = [int(part) for part in text.split(".")]
        if len(numbers) < 2 or min(numbers) < 0 or numbers[0] > 2 or (numbers[0] < 2 and numbers[1] > 39):
            raise ValueError(text)
    except ValueError:
        raise BadDer("no object identifier: %r" % text)
    data = bytearray()
    for number in [40 * numbers[0] + numbers[1]] + numbers[2:]:
        groups = [number & 0x7F]
        while number > 0x7F:
            number >>= 7
            groups.append(number & 0x7F | 0x80)
        data.extend(reversed(groups))
    return encode(OID, bytes(data))


NULL_VALUE = encode(NULL)
