"""openssl_csr, openssl_csr_pipe, openssl_csr_info: requests made, compared with their arguments, read."""

import os
import shutil
import subprocess

import pytest
from fake_host import FakeHost, run_on
from run_module import run_module

from fleet.remote import csrplan, der, pem

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
KINDS = [{"size": 1024}, {"type": "ECC", "curve": "secp256r1"}, {"type": "Ed25519"}, {"type": "DSA", "size": 1024}]
FULL = {
    "subject_alt_name": ["DNS:a.example", "DNS:*.b.example", "IP:192.0.2.1", "IP:2001:db8::1", "email:a@b.example",
                         "URI:https://x.example/y", "RID:1.2.3.4", "dirName:CN=foo,O=bar", "otherName:1.2.3.4;UTF8:hey"],
    "subject_alt_name_critical": True,
    "key_usage": ["digitalSignature", "keyEncipherment", "Certificate Sign", "cRLSign", "keyAgreement", "encipherOnly"],
    "key_usage_critical": True,
    "extended_key_usage": ["serverAuth", "clientAuth", "1.2.3.4.5", "OCSPSigning"],
    "basic_constraints": ["CA:TRUE", "pathlen:3"],
    "basic_constraints_critical": True,
    "ocsp_must_staple": True,
    "create_subject_key_identifier": True,
    "authority_key_identifier": "00:11:22",
    "authority_cert_issuer": ["DNS:ca.example"],
    "authority_cert_serial_number": 12345,
    "name_constraints_permitted": ["DNS:.example", "IP:10.0.0.0/8", "email:.de"],
    "name_constraints_excluded": ["DNS:evil.example"],
    "name_constraints_critical": True,
    "crl_distribution_points": [
        {"full_name": ["URI:https://ca.example/crl"], "crl_issuer": ["URI:https://ca.example/"],
         "reasons": ["key_compromise", "ca_compromise", "cessation_of_operation", "aa_compromise"]},
        {"relative_name": ["CN=rel"], "crl_issuer": ["dirName:/CN=ca"]},
    ],
}  # fmt: skip
DISTRIBUTION = (
    "3073304ca02aa028862668747470733a2f2f63612e6578616d706c652e636f6d2f7265766f636174696f6e732e63726c8103076480a219861768"
    "747470733a2f2f63612e6578616d706c652e636f6d2f3023a00ea10c300a06035504030c0372656ca211a40f300d310b300906035504030c0263"
    "61"
)


@pytest.fixture(scope="module")
def keys(tmp_path_factory):
    folder = tmp_path_factory.mktemp("keys")
    made = []
    for number, args in enumerate(KINDS):
        made.append(str(folder / str(number)))
        assert run_module("openssl_privatekey", {"path": made[-1], **args})["changed"]
    return made


def call(path, key, check=False, **args):
    return run_module("openssl_csr", {"path": str(path), "privatekey_path": key, **args}, check=check, diff=True)


@pytest.mark.parametrize("number", range(len(KINDS)))
def test_openssl_accepts_what_is_made_and_it_is_kept(number, keys, tmp_path):
    path, key = tmp_path / "csr", keys[number]
    for args in ({"common_name": "www.example"}, {"common_name": "www.example", **FULL}, {}):
        assert call(path, key, True, **args)["changed"]
        assert call(path, key, **args)["changed"]
        told = subprocess.run(["openssl", "req", "-in", str(path), "-noout", "-verify"], capture_output=True, text=True)
        assert told.returncode == 0 and "OK" in told.stderr + told.stdout
        assert not call(path, key, **args)["changed"]
        assert run_module("openssl_csr_info", {"path": str(path)})["signature_valid"] is True
        again = call(path, key, **args, force=True, backup=True)
        assert again["changed"] and os.path.exists(again["backup_file"])


def test_a_request_that_fits_costs_no_program(keys, tmp_path):
    call(tmp_path / "csr", keys[0], common_name="x", **FULL)
    host = FakeHost({})
    args = {"path": str(tmp_path / "csr"), "privatekey_path": keys[0], "common_name": "x", **FULL}
    assert not run_on(host, "openssl_csr", args)["changed"] and host.calls == []


def test_what_is_returned(keys, tmp_path):
    path = tmp_path / "csr"
    told = call(path, keys[0], CN="www", O="Öl", subject={"DC": ["a", "b"]}, return_content=True)
    assert told["subject"] == [["O", "Öl"], ["CN", "www"], ["DC", "a"], ["DC", "b"]]
    assert told["subjectAltName"] == ["DNS:www"] and told["csr"] == path.read_text()
    assert (told["keyUsage"], told["name_constraints_excluded"], told["ocspMustStaple"]) == (None, [], False)
    assert told["diff"]["before"] == {} and told["diff"]["after"]["signature_valid"] is True
    shown = run_module("openssl_csr_info", {"content": told["csr"]})
    assert shown["subject"] == {"organizationName": "Öl", "commonName": "www", "domainComponent": "b"}
    assert shown["subject_ordered"][2:] == [["domainComponent", "a"], ["domainComponent", "b"]]
    assert shown["subject_alt_name"] == ["DNS:www"] and shown["basic_constraints"] is None
    assert shown["public_key_type"] == "RSA" and shown["public_key_data"]["size"] == 1024


def test_everything_comes_back_in_info(keys, tmp_path):
    call(tmp_path / "csr", keys[1], **FULL)
    shown = run_module("openssl_csr_info", {"path": str(tmp_path / "csr")})
    assert shown["subject_alt_name"] == [*FULL["subject_alt_name"][:-1], "otherName:1.2.3.4;0c:03:68:65:79"]
    assert shown["key_usage"] == ["CRL Sign", "Certificate Sign", "Digital Signature", "Encipher Only", "Key Agreement",
                                  "Key Encipherment"]  # fmt: skip
    assert shown["extended_key_usage"] == ["1.2.3.4.5", "OCSP Signing", "TLS Web Client Authentication",
                                           "TLS Web Server Authentication"]  # fmt: skip
    assert (shown["basic_constraints"], shown["ocsp_must_staple"]) == (["CA:TRUE", "pathlen:3"], True)
    assert shown["name_constraints_permitted"] == FULL["name_constraints_permitted"]
    assert (shown["authority_key_identifier"], shown["authority_cert_serial_number"]) == ("00:11:22", 12345)
    assert shown["authority_cert_issuer"] == ["DNS:ca.example"] and shown["name_constraints_critical"] is True


def test_distribution_points_are_encoded_as_cryptography_does(keys):
    from fleet.remote import oids, x509ext

    points = [
        {"full_name": ["URI:https://ca.example.com/revocations.crl"], "crl_issuer": ["URI:https://ca.example.com/"],
         "reasons": FULL["crl_distribution_points"][0]["reasons"]},
        FULL["crl_distribution_points"][1],
    ]  # fmt: skip
    args = {**dict.fromkeys(csrplan.ARGS), "crl_distribution_points": points}
    assert x509ext.wanted(args, None, b"")[oids.CRL_POINTS][1].hex() == DISTRIBUTION


CHANGES = [
    ({"CN": "a"}, {"CN": "b"}, True),
    ({"CN": "a"}, {"CN": "a", "use_common_name_for_san": False}, True),
    ({"subject": {"O": ["a", "b"], "CN": "x"}}, {"subject": {"CN": "x", "O": ["b", "a"]}}, False),
    ({"subject_ordered": [{"O": "a"}, {"CN": "x"}]}, {"subject_ordered": [{"CN": "x"}, {"O": "a"}]}, True),
    ({"subject_alt_name": "DNS:a,DNS:b"}, {"subject_alt_name": ["DNS:b", "DNS:a"]}, False),
    ({"subject_alt_name": ["DNS:a"]}, {"subject_alt_name": ["DNS:a", "DNS:b"]}, True),
    ({"subject_alt_name": ["DNS:a"]}, {"subject_alt_name": ["DNS:a"], "subject_alt_name_critical": True}, True),
    ({"key_usage": ["keyAgreement", "keyCertSign"]}, {"key_usage": ["Certificate Sign", "Key Agreement"]}, False),
    ({"key_usage": ["keyAgreement"]}, {}, True),
    ({"extended_key_usage": ["serverAuth", "clientAuth"]}, {"extended_key_usage": ["clientAuth", "serverAuth"]}, False),
    ({"CN": "a", "digest": "sha512"}, {"CN": "a"}, False),
    ({"CN": "a"}, {"CN": "a", "ocsp_must_staple": True}, True),
]


@pytest.mark.parametrize(("first", "second", "changed"), CHANGES)
def test_what_counts_as_a_difference(first, second, changed, keys, tmp_path):
    call(tmp_path / "csr", keys[0], **first)
    assert call(tmp_path / "csr", keys[0], **second)["changed"] is changed


def test_another_key_a_broken_file_a_wrong_signature(keys, tmp_path):
    path = tmp_path / "csr"
    call(path, keys[0], CN="x")
    assert call(path, keys[1], CN="x")["changed"]
    path.write_bytes(b"junk\xff")
    assert call(path, keys[0], CN="x")["diff"]["before"] == {"can_parse_csr": False}
    data = pem.first(path.read_bytes(), "REQUEST").data
    forged = pem.write("CERTIFICATE REQUEST", data[:-1] + bytes([data[-1] ^ 1]))
    told = run_module("openssl_csr_info", {"content": forged.decode()})
    assert told["failed"] and told["msg"] == "CSR signature is invalid!" and told["subject"] == {"commonName": "x"}
    path.write_bytes(forged)
    assert call(path, keys[0], CN="x")["changed"]
    for end in range(0, len(data), 7):
        with pytest.raises(der.BadDer):
            csrplan.read(pem.write("CERTIFICATE REQUEST", data[:end]))


def test_pipe(keys):
    args = {"privatekey_path": keys[0], "common_name": "x"}
    made = run_module("openssl_csr_pipe", args)
    assert made["changed"] and "filename" not in made
    again = run_module("openssl_csr_pipe", {**args, "content": made["csr"]}, check=True)
    assert not again["changed"] and again["csr"] == made["csr"]
    assert run_module("openssl_csr_pipe", {**args, "common_name": "y", "content": made["csr"]})["changed"]


BAD = [
    ({"subject_alt_name": ["a.example"]}, 'Cannot parse Subject Alternative Name "a.example" (forgot "DNS:" prefix?)'),
    ({"subject_alt_name": ["IP:1.2.3.999"]}, "does not appear to be an IPv4 or IPv6 address"),
    ({"subject_alt_name": ["FOO:x"]}, "potentially unsupported by cryptography backend"),
    ({"subject_alt_name": ["RID:abc"]}, 'Cannot parse Subject Alternative Name "RID:abc"'),
    ({"subject_alt_name": ["otherName:1.2"]}, "must be in the format"),
    ({"key_usage": ["nonsense"]}, 'Unknown key usage "nonsense"'),
    ({"key_usage": ["encipherOnly"]}, "can only be true when key_agreement is true"),
    ({"extended_key_usage": ["nonsense"]}, 'Cannot find OID for "nonsense"'),
    ({"subject": {"nonsense": "x"}}, 'Cannot find OID for "nonsense"'),
    (
        {"subject": {"serialNumber": 7}},
        "Value for serialNumber in subject must be either a string or a list of strings",
    ),
    ({"country_name": "DEU"}, "Country name must be a 2 character country code"),
    ({"basic_constraints": ["CA:maybe"]}, 'Unknown basic constraint value "maybe" for CA'),
    ({"basic_constraints": ["pathlen:0"]}, "path_length must be None when ca is False"),
    ({"basic_constraints": ["foo"]}, 'Unknown basic constraint "foo"'),
    ({"digest": "md99"}, 'Unsupported digest "md99"'),
    (
        {"authority_cert_issuer": ["DNS:a"]},
        "parameters are required together: authority_cert_issuer, authority_cert_ser",
    ),
    (
        {"create_subject_key_identifier": True, "subject_key_identifier": "00"},
        "cannot be specified if create_subject_key",
    ),
    ({"subject_key_identifier": "00:1g"}, "Cannot parse subject_key_identifier: Non-hexadecimal digit found"),
    ({"subject_ordered": [{"CN": "a"}], "CN": "x"}, "subject_ordered cannot be combined with any other subject field"),
    ({"subject_ordered": [{"CN": "a", "O": "b"}]}, "Entry #1 in subject_ordered must be a dictionary with exactly one"),
    ({"subject": {"CN": "a"}, "subject_ordered": [{"CN": "a"}]}, "mutually exclusive: subject|subject_ordered"),
    ({"crl_distribution_points": [{}]}, "one of the following is required: full_name, relative_name, crl_issuer"),
    ({"privatekey_passphrase": "x"}, "Wrong or empty passphrase provided for private key"),
    ({"privatekey_path": "/nonexistent"}, "The private key file /nonexistent does not exist"),
    ({"privatekey_content": "x"}, "mutually exclusive: privatekey_path|privatekey_content"),
    ({"version": 2}, "value of version must be one of: 1, got: 2"),
]


@pytest.mark.parametrize(("args", "message"), BAD)
def test_bad_calls(args, message, keys, tmp_path):
    told = run_module("openssl_csr", {"path": str(tmp_path / "csr"), "privatekey_path": keys[0], **args})
    assert told["failed"] and message in told["msg"] and os.listdir(tmp_path) == []


def test_a_missing_key_and_missing_files(tmp_path):
    told = run_module("openssl_csr", {"path": str(tmp_path / "csr")})
    assert "state is present but any of the following are missing: privatekey_path, privatekey_content" in told["msg"]
    assert "No such file or directory" in run_module("openssl_csr_info", {"path": str(tmp_path / "csr")})["msg"]
    assert "Unable to load PEM file" in run_module("openssl_csr_info", {"content": "junk"})["msg"]


def test_a_host_without_openssl(keys, tmp_path):
    told = run_on(FakeHost({}), "openssl_csr", {"path": str(tmp_path / "c"), "privatekey_path": keys[0]})
    assert told["msg"] == "the program openssl was not found; install the package openssl on the host"
