"""x509_certificate, x509_certificate_pipe, x509_certificate_info: certificates made, compared, read."""

import datetime
import os
import shutil
import subprocess

import pytest
from fake_host import FakeHost, run_on
from run_module import run_module

from fleet.remote import der, pem, x509cert, x509time
from fleet.remote.host import Failed

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
KINDS = [{"size": 1024}, {"type": "ECC", "curve": "secp256r1"}, {"type": "Ed25519"}]


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with keys 0-2, requests of 0 and 1, an authority (caN.crt, key N) for each kind."""
    home = tmp_path_factory.mktemp("made")
    for number, args in enumerate(KINDS):
        run_module("openssl_privatekey", {"path": f"{home}/{number}", **args})
        run_module("openssl_csr", {"path": f"{home}/{number}.csr", "privatekey_path": f"{home}/{number}",
                                   "common_name": f"w{number}", "extended_key_usage": ["serverAuth"]})  # fmt: skip
        run_module("openssl_csr", {"path": f"{home}/ca{number}.csr", "privatekey_path": f"{home}/{number}",
                                   "common_name": "CA", "use_common_name_for_san": False, "key_usage": "keyCertSign",
                                   "basic_constraints": "CA:TRUE", "create_subject_key_identifier": True})  # fmt: skip
        told = own(home / f"ca{number}.crt", home, number, csr_path=f"{home}/ca{number}.csr")
        assert told["changed"], told
    return home


def own(path, home, number, check=False, **args):
    args = {"path": str(path), "provider": "selfsigned", "privatekey_path": f"{home}/{number}", **args}
    return run_module("x509_certificate", args, check=check, diff=True)


def by_ca(path, home, number, check=False, **args):
    """Run the module; an argument that is None is not given."""
    args = {"path": str(path), "provider": "ownca", "csr_path": f"{home}/0.csr", "ownca_path": f"{home}/ca{number}.crt",
            "ownca_privatekey_path": f"{home}/{number}", **args}  # fmt: skip
    given = {name: value for name, value in args.items() if value is not None}
    return run_module("x509_certificate", given, check=check, diff=True)


@pytest.mark.parametrize("number", range(len(KINDS)))
def test_openssl_trusts_what_is_made_and_it_is_kept(number, made, tmp_path):
    path = tmp_path / "crt"
    assert by_ca(path, made, number, True)["changed"] and not path.exists()
    told = by_ca(path, made, number, return_content=True)
    assert told["changed"] and told["certificate"] == path.read_text()
    assert told["ca_cert"] == f"{made}/ca{number}.crt" and told["ca_privatekey"] == f"{made}/{number}"
    verified = subprocess.run(
        ["openssl", "verify", "-CAfile", f"{made}/ca{number}.crt", str(path)], capture_output=True
    )
    assert verified.returncode == 0, verified.stderr
    again = by_ca(path, made, number)
    assert not again["changed"] and again["serial_number"] == told["serial_number"]
    assert own(tmp_path / "own", made, number)["changed"] and not own(tmp_path / "own", made, number)["changed"]
    text = subprocess.run(["openssl", "x509", "-in", str(tmp_path / "own"), "-noout", "-subject", "-issuer"],
                          capture_output=True, text=True, check=True).stdout  # fmt: skip
    assert [line.partition("=")[2].strip() for line in text.splitlines()] == ["", ""]


def test_a_certificate_that_fits_costs_no_program(made, tmp_path):
    by_ca(tmp_path / "crt", made, 0)
    host = FakeHost({})
    args = {"path": str(tmp_path / "crt"), "provider": "ownca", "csr_path": f"{made}/0.csr",
            "ownca_path": f"{made}/ca0.crt", "ownca_privatekey_path": f"{made}/0"}  # fmt: skip
    assert not run_on(host, "x509_certificate", args)["changed"] and host.calls == []


CHANGES = [
    ({}, {"ownca_not_after": "+5d"}, False),
    ({}, {"ownca_not_after": "+5d", "ignore_timestamps": False}, True),
    ({"ownca_not_before": "20260101000000Z", "ownca_not_after": "20510101000000Z"},
     {"ownca_not_before": "20260101000000Z", "ownca_not_after": "20510101000000Z", "ignore_timestamps": False}, False),
    ({}, {"ownca_create_subject_key_identifier": "never_create"}, True),
    ({"ownca_create_subject_key_identifier": "never_create"}, {}, False),
    ({"ownca_create_subject_key_identifier": "never_create"}, {"ownca_create_subject_key_identifier": "always_create"}, True),
    ({}, {"ownca_create_authority_key_identifier": False}, True),
    ({}, {"force": True}, True),
    ({}, {"csr": 1}, True),
    ({}, {"ca": 1}, True),
    ({"ownca_digest": "sha512"}, {}, False),
]  # fmt: skip


@pytest.mark.parametrize(("first", "second", "changed"), CHANGES)
def test_what_counts_as_a_difference(first, second, changed, made, tmp_path):
    by_ca(tmp_path / "crt", made, 0, **first)
    second = dict(second)
    if "csr" in second:
        second["csr_path"] = f"{made}/{second.pop('csr')}.csr"
    told = by_ca(tmp_path / "crt", made, second.pop("ca", 0), **second, backup=True)
    assert told["changed"] is changed and ("backup_file" in told) is changed


def test_info(made, tmp_path):
    path = str(tmp_path / "crt")
    told = by_ca(path, made, 1, ownca_not_before="-1d", ownca_not_after="+10d")
    shown = run_module(
        "x509_certificate_info", {"path": path, "valid_at": {"now": "+0s", "late": "+11d", "old": "-2d"}}
    )
    assert shown["valid_at"] == {"now": True, "late": False, "old": False} and shown["expired"] is False
    assert shown["serial_number"] == told["serial_number"] and shown["not_after"] == told["notAfter"]
    assert (shown["subject"], shown["issuer"]) == ({"commonName": "w0"}, {"commonName": "CA"})
    assert (shown["version"], shown["signature_algorithm"]) == (3, "ecdsa-with-SHA256")
    assert shown["extended_key_usage"] == ["TLS Web Server Authentication"] and shown["subject_alt_name"] == ["DNS:w0"]
    authority = run_module("x509_certificate_info", {"path": f"{made}/ca1.crt"})
    assert shown["authority_key_identifier"] == authority["subject_key_identifier"]
    assert authority["basic_constraints"] == ["CA:TRUE"] and shown["public_key_data"]["size"] == 1024
    encoded = pem.first((tmp_path / "crt").read_bytes(), "CERTIFICATE").data
    (tmp_path / "der").write_bytes(encoded)
    again = run_module("x509_certificate_info", {"path": str(tmp_path / "der")})
    assert again["fingerprints"] == shown["fingerprints"]
    print_ = subprocess.run(["openssl", "x509", "-in", path, "-noout", "-fingerprint", "-sha256"], capture_output=True,
                            text=True, check=True).stdout  # fmt: skip
    assert shown["fingerprints"]["sha256"] == print_.strip().rpartition("=")[2].lower()


def test_uris_of_an_authority(tmp_path):
    (tmp_path / "cnf").write_text("[req]\ndistinguished_name=d\n[d]\n[v]\nauthorityInfoAccess="
                                  "OCSP;URI:http://o.example,caIssuers;URI:http://i.example\n")  # fmt: skip
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:1024", "-nodes", "-keyout", str(tmp_path / "k"), "-subj",
                    "/CN=x", "-config", str(tmp_path / "cnf"), "-extensions", "v", "-out", str(tmp_path / "c")],
                   check=True, capture_output=True)  # fmt: skip
    shown = run_module("x509_certificate_info", {"path": str(tmp_path / "c")})
    assert (shown["ocsp_uri"], shown["issuer_uri"]) == ("http://o.example", "http://i.example")


def test_forged_and_broken_ones_are_made_anew(made, tmp_path):
    path = tmp_path / "crt"
    by_ca(path, made, 0)
    data = pem.first(path.read_bytes(), "CERTIFICATE").data
    path.write_bytes(pem.write("CERTIFICATE", data[:-1] + bytes([data[-1] ^ 1])))
    assert by_ca(path, made, 0)["changed"]
    path.write_bytes(b"\xffjunk")
    assert by_ca(path, made, 0)["diff"]["before"] == {"can_parse_certificate": False}
    for end in range(0, len(data), 7):
        with pytest.raises(der.BadDer):
            x509cert.read(pem.write("CERTIFICATE", data[:end]))


def test_pipe(made):
    with open(f"{made}/0.csr") as file:
        args = {"provider": "ownca", "csr_content": file.read(), "ownca_path": f"{made}/ca0.crt",
                "ownca_privatekey_path": f"{made}/0"}  # fmt: skip
    first = run_module("x509_certificate_pipe", args)
    again = run_module("x509_certificate_pipe", {**args, "content": first["certificate"]})
    assert first["changed"] and not again["changed"] and again["certificate"] == first["certificate"]
    assert run_module("x509_certificate_pipe", {**args, "content": first["certificate"], "force": True})["changed"]


def test_absence(made, tmp_path):
    path = tmp_path / "crt"
    own(path, made, 0, mode="0640")
    assert os.stat(path).st_mode & 0o777 == 0o640
    told = own(path, made, 0, state="absent", backup=True, return_content=True)
    assert told["changed"] and told["certificate"] is None and os.path.exists(told["backup_file"])
    assert not own(path, made, 0, state="absent")["changed"]


NOW = datetime.datetime(2026, 1, 31, 12, 0, 0)
TIMES = [
    ("+0s", "20260131120000Z"), ("-1w2d3h4m5s", "20260122085555Z"), ("+1d", "20260201120000Z"),
    ("20301231235959Z", "20301231235959Z"), ("203012312359Z", "20301231235900Z"), ("20300101010000+0100", "20300101000000Z"),
]  # fmt: skip


@pytest.mark.parametrize(("text", "shown"), TIMES)
def test_times(text, shown):
    assert x509time.shown(x509time.parse(text, "x", NOW)) == shown


@pytest.mark.parametrize("text", ["", "+", "+d", "tomorrow", "20301331000000Z", "+99999999999d", "20300101"])
def test_no_times(text):
    with pytest.raises(Failed, match="for valid_until is invalid"):
        x509time.parse(text, "valid_until", NOW)


@pytest.mark.parametrize(("year", "tag"), [(1949, 0x18), (1950, 0x17), (2049, 0x17), (2050, 0x18)])
def test_years_change_the_encoding(year, tag):
    time = datetime.datetime(year, 2, 3, 4, 5, 6)
    value = der.read(x509time.write(time))[0]
    assert value.tag == tag and x509time.read(value) == time


BAD = [
    ({"csr_path": None}, "csr_path or csr_content is required for ownca provider"),
    ({"csr_path": "/nonexistent"}, "The certificate signing request file /nonexistent does not exist"),
    ({"csr_path": None, "csr_content": "junk"}, "cannot read the certificate signing request"),
    ({"ownca_path": None}, "One of ownca_path and ownca_content must be specified for the ownca provider."),
    ({"ownca_path": "/etc/hostname"}, "cannot read the CA certificate"),
    ({"ownca_privatekey_path": None}, "One of ownca_privatekey_path and ownca_privatekey_content must be specified"),
    ({"key": 1}, "The CA private key does not belong to the CA certificate"),
    ({"ownca_privatekey_passphrase": "x"}, "Wrong or empty passphrase provided for private key"),
    ({"ownca_not_after": "nonsense"}, 'The time spec "nonsense" for ownca_not_after is invalid'),
    ({"ownca_not_after": "-1d"}, "ownca_not_after is before ownca_not_before"),
    ({"ownca_digest": "md99"}, 'Unsupported digest "md99"'),
    ({"provider": "acme"}, "the provider acme is not supported"),
    ({"provider": None}, "state is present but all of the following are missing: provider"),
    ({"provider": "entrust"}, "value of provider must be one of: acme, ownca, selfsigned, got: entrust"),
    ({"ownca_version": 2}, "value of ownca_version must be one of: 3, got: 2"),
    ({"csr_content": "x"}, "parameters are mutually exclusive: csr_path|csr_content"),
]


@pytest.mark.parametrize(("args", "message"), BAD)
def test_bad_calls(args, message, made, tmp_path):
    args = dict(args)
    if "key" in args:
        args["ownca_privatekey_path"] = f"{made}/{args.pop('key')}"
    told = by_ca(tmp_path / "crt", made, 0, **args)
    assert told["failed"] and message in told["msg"] and os.listdir(tmp_path) == []


def test_info_of_what_is_none(tmp_path):
    assert "No such file or directory" in run_module("x509_certificate_info", {"path": f"{tmp_path}/x"})["msg"]
    assert "Unable to load PEM file" in run_module("x509_certificate_info", {"content": "junk"})["msg"]
    assert "Is a directory" in run_module("x509_certificate_info", {"path": str(tmp_path)})["msg"]
    told = run_module("x509_certificate_info", {"content": "junk", "valid_at": {"x": 5}})
    assert "The value for valid_at.x must be of type string" in told["msg"]


def test_a_host_without_openssl(made, tmp_path):
    args = {"path": str(tmp_path / "c"), "privatekey_path": f"{made}/0", "provider": "selfsigned"}
    told = run_on(FakeHost({}), "x509_certificate", args)
    assert told["msg"] == "the program openssl was not found; install the package openssl on the host"
