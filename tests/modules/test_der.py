"""DER and PEM: values written are the values read, and nothing but BadDer comes of what is no DER."""

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as some

from fleet.remote import der, pem

NUMBERS = [(0, "020100"), (127, "02017f"), (128, "02020080"), (256, "02020100"), (-1, "0201ff"), (65537, "0203010001")]


@pytest.mark.parametrize(("number", "encoded"), NUMBERS)
def test_integers(number, encoded):
    assert der.integer(number).hex() == encoded and der.whole(bytes.fromhex(encoded), der.INTEGER).integer() == number


OIDS = [("2.5.4.3", "0603550403"), ("1.2.840.113549.1.1.1", "06092a864886f70d010101"), ("2.999.3", "0603883703"),
        ("0.9.2342", "060309" "9226")]  # fmt: skip


@pytest.mark.parametrize(("text", "encoded"), OIDS)
def test_object_identifiers(text, encoded):
    assert der.oid(text).hex() == encoded and der.whole(bytes.fromhex(encoded), der.OID).oid() == text


@pytest.mark.parametrize("text", ["", "1", "1.x", "3.1", "1.40", "1.-1"])
def test_what_is_no_object_identifier(text):
    with pytest.raises(der.BadDer):
        der.oid(text)


FLAGS = [
    ([], "030100"),
    ([0], "03020780"),
    ([0, 2], "030205a0"),
    ([7], "03020001"),
    ([8], "0303070080"),
    ([5, 6], "03020106"),
]


@pytest.mark.parametrize(("numbers", "encoded"), FLAGS)
def test_named_bits(numbers, encoded):
    assert der.flags(numbers).hex() == encoded and der.whole(bytes.fromhex(encoded), der.BITS).flags() == numbers


@given(some.integers(), some.binary(max_size=300))
def test_sequences_come_back(number, data):
    encoded = der.sequence(der.integer(number), der.octets(data), der.NULL_VALUE)
    first, second, third = der.whole(encoded).parts()
    assert (first.integer(), second.data, third.tag) == (number, data, der.NULL)
    with pytest.raises(der.BadDer):
        der.whole(encoded[:-1])
    with pytest.raises(der.BadDer):
        der.whole(encoded + b"\0")


@given(some.binary(max_size=40))
def test_any_bytes(data):
    try:
        value, end = der.read(data)
    except der.BadDer:
        return
    assert value.raw == data[:end]
    for look in (value.parts, value.integer, value.oid, value.boolean, value.bits, value.flags, value.text):
        with contextlib.suppress(der.BadDer):
            look()


@given(some.binary(min_size=1, max_size=200))
def test_pem_comes_back(data):
    text = b"words before\r\n" + pem.write("X509 CRL", data) + b"and behind"
    block = pem.first(text, "CRL")
    assert (block.label, block.data, block.head) == ("X509 CRL", data, "")
    assert [found.data for found in pem.blocks(text + text)] == [data, data]


def test_pem_with_headers_and_crlf():
    text = b"-----BEGIN A-----\r\nProc-Type: 4,ENCRYPTED\r\nDEK-Info: X,00\r\n\r\nTUFB\r\n-----END A-----\r\n"
    block = pem.first(text, "A")
    assert block.data == b"MAA" and "ENCRYPTED" in block.head
    assert pem.blocks(b"-----BEGIN A-----\n!!\n-----END A-----\n-----BEGIN A-----\nT\n-----END A-----") == []
