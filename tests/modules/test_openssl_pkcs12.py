"""openssl_pkcs12: made, kept, made anew when what is inside differs, written as PEM; bad input told in one line."""

import base64
import os
import shutil
import subprocess
from types import SimpleNamespace

import pytest
from fake_host import FakeHost, run_on
from run_module import run_module

from fleet.remote import pem, pkcs12
from fleet.remote.host import Host

pytestmark = pytest.mark.skipif(shutil.which("openssl") is None, reason="openssl is not installed")
SECRET = "pass wörd"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Two keys of elliptic curves, one Ed25519, and a certificate by each: paths by name."""
    folder = tmp_path_factory.mktemp("pki")
    paths = {}
    for name, kind in [("a", {"type": "ECC", "curve": "secp256r1"}), ("b", {"type": "ECC", "curve": "secp256r1"}),
                       ("c", {"type": "Ed25519"})]:  # fmt: skip
        key, cert = str(folder / f"{name}.key"), str(folder / f"{name}.crt")
        assert run_module("openssl_privatekey", {"path": key, **kind})["changed"]
        args = {"path": cert, "privatekey_path": key, "provider": "selfsigned", "selfsigned_not_after": "+9d"}
        assert run_module("x509_certificate", args)["changed"]
        paths[name + "_key"], paths[name] = key, cert
    both = folder / "both.crt"
    both.write_bytes(b"".join(open(paths[name], "rb").read() for name in "bc"))
    paths["both"] = str(both)
    return SimpleNamespace(**paths)


def export(made, path, check=False, diff=False, **more):
    args = {"path": str(path), "friendly_name": "www", "privatekey_path": made.a_key, "certificate_path": made.a}
    args.update(more)
    given = {name: value for name, value in args.items() if value is not None}
    return run_module("openssl_pkcs12", given, check=check, diff=diff)


def dumped(path, secret=SECRET):
    """What openssl itself says of the file; its own reading is the measure here."""
    words = ["openssl", "pkcs12", "-in", str(path), "-passin", "pass:" + secret, "-nodes", "-info"]
    ran = subprocess.run(words, capture_output=True, check=True)
    return ran.stdout, ran.stderr.decode()


def encoded(path):
    return pem.first(open(path, "rb").read(), "CERTIFICATE").data


def test_a_file_is_made_and_kept(made, tmp_path):
    path = tmp_path / "x.p12"
    looked = export(made, path, check=True, passphrase=SECRET)
    assert looked == {"changed": True, "filename": str(path), "privatekey_path": made.a_key} and not path.exists()
    told = export(made, path, passphrase=SECRET, return_content=True, other_certificates=[made.b])
    assert told["changed"] and told["mode"] == "0400" and os.stat(path).st_mode & 0o7777 == 0o400
    assert base64.b64decode(told["pkcs12"]) == path.read_bytes()
    text, about = dumped(path)
    assert [block.label for block in pem.blocks(text)] == ["CERTIFICATE", "CERTIFICATE", "PRIVATE KEY"]
    assert text.count(b"friendlyName: www") == 2 and "AES-256-CBC, Iteration 20000" in about
    again = export(made, path, passphrase=SECRET, other_certificates=[made.b])
    assert again == {"changed": False, "filename": str(path), "privatekey_path": made.a_key, "mode": "0400"}
    assert export(made, path, passphrase=SECRET, other_certificates=[made.b], force=True)["changed"]


DIFFERENT = [
    ({}, {"friendly_name": "other"}),
    ({}, {"passphrase": "other"}),
    ({}, {"passphrase": None}),
    ({"passphrase": None}, {}),
    ({}, {"other_certificates": ["b"]}),
    ({"other_certificates": ["b"]}, {"other_certificates": ["c"]}),
    ({"other_certificates": ["b"]}, {}),
    ({}, {"privatekey_path": "b_key", "certificate_path": "b"}),
    ({}, {"privatekey_path": None}),
    ({}, {"certificate_path": None}),
    ({"other_certificates": ["both"]}, {"other_certificates": ["both"], "other_certificates_parse_all": True}),
]
EQUAL = [
    ({"other_certificates": ["b", "c"]}, {"other_certificates": ["c", "b", "c"]}),
    ({"other_certificates": ["both"], "other_certificates_parse_all": True}, {"other_certificates": ["b", "c"]}),
    ({"other_certificates": ["both"]}, {"ca_certificates": ["b"]}),
    ({"other_certificates": ["a"]}, {}),
    ({}, {"encryption_level": "compatibility2022", "iter_size": 3}),
    ({"passphrase": None}, {"passphrase": ""}),
    ({"privatekey_path": None}, {"privatekey_path": None}),
    ({"privatekey_path": None, "other_certificates": ["c", "b"]}, {"privatekey_path": None, "other_certificates": ["b", "c"]}),
    ({"certificate_path": None}, {"certificate_path": None}),
    ({"certificate_path": None, "other_certificates": ["b"]}, {"certificate_path": None, "other_certificates": ["b"]}),
    ({"privatekey_path": None, "certificate_path": None, "other_certificates": ["b", "c"]},
     {"privatekey_path": None, "certificate_path": None, "other_certificates": ["c", "b"]}),
    ({"privatekey_path": "c_key", "certificate_path": "c"}, {"privatekey_path": "c_key", "certificate_path": "c"}),
]  # fmt: skip


@pytest.mark.parametrize(
    ("first", "second", "changed"), [(*pair, True) for pair in DIFFERENT] + [(*pair, False) for pair in EQUAL]
)
def test_what_is_inside_decides(first, second, changed, made, tmp_path):
    def with_paths(args):
        def real(value):
            return [real(item) for item in value] if isinstance(value, list) else getattr(made, str(value), value)

        return {"passphrase": SECRET, **{name: real(value) for name, value in args.items()}}

    path = tmp_path / "x.p12"
    assert export(made, path, **with_paths(first))["changed"]
    assert export(made, path, check=True, **with_paths(second))["changed"] is changed
    told = export(made, path, **with_paths(second))
    assert told["changed"] is changed, told
    assert not export(made, path, **with_paths(second))["changed"]


@pytest.mark.parametrize("name", ["-in", "Grüße ☃ 一", "Ċ", "a\\b: c", " x "])
def test_names_of_every_kind_are_kept(name, made, tmp_path):
    assert export(made, tmp_path / "x", friendly_name=name)["changed"]
    assert not export(made, tmp_path / "x", friendly_name=name)["changed"]
    assert export(made, tmp_path / "x", friendly_name="!" + name)["changed"]


def test_what_older_programs_read(made, tmp_path):
    export(made, tmp_path / "x", passphrase=SECRET, encryption_level="compatibility2022")
    assert "pbeWithSHA1And3-KeyTripleDES-CBC, Iteration 50000" in dumped(tmp_path / "x")[1]
    export(made, tmp_path / "x", passphrase=SECRET, encryption_level="compatibility2022", iter_size=77, force=True)
    about = dumped(tmp_path / "x")[1]
    assert "MAC: sha1, Iteration 77" in about and "KeyTripleDES-CBC, Iteration 77" in about


def test_content_instead_of_paths_and_a_key_with_a_passphrase(made, tmp_path):
    locked = str(tmp_path / "locked.key")
    run_module("openssl_privatekey", {"path": locked, "type": "ECC", "curve": "secp256r1", "passphrase": "k"})
    run_module("x509_certificate", {"path": locked + ".crt", "privatekey_path": locked, "provider": "selfsigned",
                                    "privatekey_passphrase": "k"})  # fmt: skip
    args = {"privatekey_path": None, "privatekey_content": open(locked).read(), "privatekey_passphrase": "k",
            "certificate_path": None, "certificate_content": open(locked + ".crt").read(),
            "other_certificates_content": [open(made.both).read()], "other_certificates_parse_all": True}  # fmt: skip
    told = export(made, tmp_path / "x", **args)
    assert told["changed"] and "privatekey_path" not in told
    assert pem.blocks(dumped(tmp_path / "x", "")[0])[-1].label == "PRIVATE KEY"
    assert not export(made, tmp_path / "x", **args)["changed"]
    wrong = export(made, tmp_path / "x", **{**args, "privatekey_passphrase": "no"})
    assert "Wrong passphrase" in wrong["msg"]


def test_a_file_is_written_as_pem(made, tmp_path):
    packed, path = tmp_path / "x.p12", tmp_path / "x.pem"
    export(made, packed, passphrase=SECRET, other_certificates=[made.b])
    args = {"action": "parse", "src": str(packed), "path": str(path), "passphrase": SECRET}
    assert run_module("openssl_pkcs12", args, check=True) == {"changed": True, "filename": str(path)}
    told = run_module("openssl_pkcs12", {**args, "return_content": True})
    assert told["changed"] and told["mode"] == "0400" and base64.b64decode(told["pkcs12"]) == path.read_bytes()
    assert path.read_bytes() == b"".join(open(name, "rb").read() for name in (made.a_key, made.a, made.b))
    assert not run_module("openssl_pkcs12", args)["changed"]
    assert run_module("openssl_pkcs12", {**args, "passphrase": "no"})["msg"] == "Invalid password or PKCS12 data"
    export(made, packed, privatekey_path=made.c_key, certificate_path=made.c, passphrase=SECRET)
    assert run_module("openssl_pkcs12", args)["changed"]
    assert path.read_text().startswith("-----BEGIN PRIVATE KEY-----")


def test_files_of_old_programs_are_read(made, tmp_path):
    old = ["openssl", "pkcs12", "-export", "-legacy", "-inkey", made.a_key, "-in", made.a, "-name", "www",
           "-passout", "pass:" + SECRET, "-out", str(tmp_path / "x")]  # fmt: skip
    if subprocess.run(old, capture_output=True).returncode:
        pytest.skip("this openssl has no legacy provider")
    os.chmod(tmp_path / "x", 0o400)
    assert not export(made, tmp_path / "x", passphrase=SECRET)["changed"]


def test_modes_backups_and_removal(made, tmp_path):
    path = tmp_path / "x.p12"
    export(made, path)
    before = path.read_bytes()
    told = export(made, path, mode="0640")
    assert told["changed"] and told["mode"] == "0640" and path.read_bytes() == before
    assert export(made, path)["mode"] == "0400"
    told = export(made, path, friendly_name="new", backup=True)
    assert open(told["backup_file"], "rb").read() == before
    assert run_module("openssl_pkcs12", {"path": str(path), "state": "absent"}, check=True)["changed"]
    gone = run_module("openssl_pkcs12", {"path": str(path), "state": "absent"})
    assert gone == {"changed": True, "filename": str(path)} and not path.exists()
    assert not run_module("openssl_pkcs12", {"path": str(path), "state": "absent"})["changed"]


def test_a_link_in_its_place_is_replaced_and_junk_made_anew(made, tmp_path):
    victim = tmp_path / "victim"
    victim.write_text("mine")
    (tmp_path / "x").symlink_to(victim)
    assert export(made, tmp_path / "x")["changed"]
    assert victim.read_text() == "mine" and not (tmp_path / "x").is_symlink()
    victim.write_bytes(b"\0\xff junk")
    assert export(made, victim)["changed"] and not export(made, victim)["changed"]


def test_a_diff_tells_names_and_no_secrets(made, tmp_path):
    export(made, tmp_path / "x", passphrase=SECRET)
    told = export(made, tmp_path / "x", passphrase=SECRET, friendly_name="new", diff=True, check=True)
    assert told["diff"]["before"]["friendly_name"] == "www" and told["diff"]["after"]["friendly_name"] == "new"
    assert "PRIVATE" not in repr(told) and SECRET not in repr(told)


class Watched(Host):
    """A host that keeps the words of the commands it ran."""

    def run(self, argv, **more):
        self.words += argv
        return super().run(argv, **more)


def test_no_secret_is_in_a_command_line(made, tmp_path):
    host = Watched()
    host.words = []
    args = {"path": str(tmp_path / "x"), "friendly_name": "www", "privatekey_path": made.a_key, "passphrase": SECRET}
    assert run_on(host, "openssl_pkcs12", args)["changed"]
    assert "-export" in host.words and not any(SECRET in word or "BEGIN" in word for word in host.words)


BAD = [
    ({"friendly_name": None}, "Friendly_name is required"),
    ({"friendly_name": "a\nb"}, "friendly_name must be a single line"),
    ({"friendly_name": "😀"}, "characters beyond U+FFFF"),
    ({"privatekey_path": "b_key"}, "Failed to create PKCS12 (does the key match the certificate?)"),
    ({"privatekey_path": None, "certificate_path": None}, "You must supply at least one of key, cert, or cas"),
    ({"certificate_path": "/none"}, "The certificate file /none does not exist"),
    ({"privatekey_path": "/none"}, "The private key file /none does not exist"),
    ({"other_certificates": ["/none"]}, "The certificate file /none does not exist"),
    ({"certificate_path": "a_key"}, "there is no certificate in "),
    ({"other_certificates_content": ["junk"]}, "there is no certificate in other_certificates_content[0]"),
    ({"certificate_path": None, "certificate_content": "-----BEGIN CERTIFICATE-----\nMAA=\n-----END CERTIFICATE-----"},
     "cannot read the certificate in certificate_content"),
    ({"privatekey_content": "x"}, "parameters are mutually exclusive: privatekey_path|privatekey_content"),
    ({"action": "parse"}, "action is parse but all of the following are missing: src"),
    ({"action": "parse", "src": "/none"}, "[Errno 2] No such file or directory: '/none'"),
    ({"action": "parse", "src": "a"}, "Invalid password or PKCS12 data"),
    ({"action": "pack"}, "value of action must be one of: export, parse, got: pack"),
    ({"iter_size": 0}, "iter_size must be a positive number"),
    ({"iter_size": "many"}, "iter_size"),
    ({"passphrase": "a\nb"}, "a passphrase must be a single line"),
    ({"path": "/none/x"}, "The directory /none does not exist"),
    ({"path": "/"}, "Is a directory"),
]  # fmt: skip


@pytest.mark.parametrize(("args", "message"), BAD)
def test_bad_input_is_told_in_one_line(args, message, made, tmp_path):
    given = {name: getattr(made, str(value), value) for name, value in args.items()}
    told = export(made, given.pop("path", tmp_path / "x"), **given)
    assert told["failed"] and message in told["msg"] and "\n" not in told["msg"]
    assert not (tmp_path / "x").exists()


def test_what_openssl_refuses_is_told_in_one_line(made, tmp_path):
    host = FakeHost({"openssl pkcs12": (1, b"", b"first\nsecond\n")})
    args = {"path": str(tmp_path / "x"), "friendly_name": "x", "certificate_path": made.a}
    told = run_on(host, "openssl_pkcs12", args)
    assert told["msg"] == "openssl cannot make the PKCS#12 file: first second" and not (tmp_path / "x").exists()


def test_the_missing_program_is_named(made, tmp_path):
    host = FakeHost({})
    told = run_on(
        host, "openssl_pkcs12", {"path": str(tmp_path / "x"), "friendly_name": "x", "certificate_path": made.a}
    )
    assert told["failed"] and "openssl" in told["msg"]


def test_what_openssl_prints_is_told_apart():
    content = pem.write("CERTIFICATE", b"x")
    assert pkcs12.printed("ü") == {b"\xc3\xbc", b"\xfc"} and pkcs12.printed("a一b") == {"a一b".encode(), b"a"}
    assert [block.data for block in pem.blocks(content)] == [b"x"]
