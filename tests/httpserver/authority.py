"""An own certificate authority: certificates for the server, and for clients that prove who they are."""

from __future__ import annotations

import datetime
import ipaddress
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


class Authority:
    """Certificates in ``folder``: ``ca`` is what a client has to trust."""

    def __init__(self, folder: Path, name: str = "Test authority") -> None:
        self.folder = folder
        self.name = _name(name)
        self.key = ec.generate_private_key(ec.SECP256R1())
        self.ca = folder / "ca.pem"
        made = _builder(self.name, self.name, self.key).add_extension(x509.BasicConstraints(True, None), critical=True)
        made = made.add_extension(_usage(True), critical=True)
        self.ca.write_bytes(made.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))

    def issue(self, name: str, *places: str, expired: bool = False) -> tuple[Path, Path]:
        """The certificate and the key (two PEM files) of ``name``, good for ``places`` (names and addresses)."""
        key = ec.generate_private_key(ec.SECP256R1())
        made = _builder(_name(name), self.name, key, expired).add_extension(
            x509.BasicConstraints(False, None), critical=True
        )
        made = made.add_extension(_usage(False), critical=True)
        if places:
            made = made.add_extension(x509.SubjectAlternativeName([_place(each) for each in places]), critical=False)
        cert, private = self.folder / f"{name}.pem", self.folder / f"{name}.key"
        cert.write_bytes(made.sign(self.key, hashes.SHA256()).public_bytes(serialization.Encoding.PEM))
        private.write_bytes(
            key.private_bytes(
                serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
            )
        )
        private.chmod(0o600)
        return cert, private


def _name(text: str) -> x509.Name:
    return x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, text)])


def _place(text: str) -> x509.GeneralName:
    try:
        return x509.IPAddress(ipaddress.ip_address(text))
    except ValueError:
        return x509.DNSName(text)


def _usage(authority: bool) -> x509.KeyUsage:
    return x509.KeyUsage(True, False, False, False, False, authority, authority, False, False)


def _builder(
    subject: x509.Name, issuer: x509.Name, key: ec.EllipticCurvePrivateKey, expired: bool = False
) -> x509.CertificateBuilder:
    now = datetime.datetime.now(datetime.UTC)
    day = datetime.timedelta(days=1)
    begin, end = (now - 9 * day, now - 2 * day) if expired else (now - day, now + 30 * day)
    made = x509.CertificateBuilder(issuer, subject, key.public_key(), x509.random_serial_number(), begin, end)
    return made.add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
