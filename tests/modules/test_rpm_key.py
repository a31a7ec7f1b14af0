"""rpm_key: keys compared with rpm's list by their ids; nothing is started when the key is there."""

import pytest
from fake_host import FakeHost, run_on
from test_apt_key import ONE, armored, print_of

ID = print_of(b"one").lower()[-8:]


@pytest.fixture
def key(tmp_path):
    path = tmp_path / "key.asc"
    path.write_bytes(armored(ONE))
    return str(path)


def host(*ids, **kwargs):
    def listed(_):
        return "".join(f"{one} gpg-pubkey-{one}-5f\n" for one in have)

    def imported(_):
        have.append(ID)
        return ""

    def erased(line):
        have.remove(line.split("gpg-pubkey-")[1].split("-")[0])
        return ""

    have = list(ids)
    return FakeHost({"rpm -q gpg-pubkey": listed, "rpm --import": imported, "rpm --erase": erased}, **kwargs)


def test_import_once(key):
    here = host("aaaabbbb")
    assert run_on(here, "rpm_key", {"key": key}) == {"changed": True, "keyids": [ID]}
    assert run_on(here, "rpm_key", {"key": key})["changed"] is False
    assert len([line for line in here.calls if "--import" in line]) == 1


def test_check_mode_imports_nothing(key):
    here = host(check=True)
    assert run_on(here, "rpm_key", {"key": key})["changed"] is True
    assert not any("--import" in line for line in here.calls)


@pytest.mark.parametrize("name", ["file", ID, "0x" + ID.upper(), print_of(b"one")])
def test_removal_by_file_or_id(key, name):
    here = host(ID, "aaaabbbb")
    name = key if name == "file" else name
    assert run_on(here, "rpm_key", {"key": name, "state": "absent"})["changed"] is True
    assert run_on(here, "rpm_key", {"key": name, "state": "absent"})["changed"] is False
    assert f"rpm --erase --allmatches gpg-pubkey-{ID}-5f" in here.calls


def test_fingerprints_guard(key):
    good, bad = print_of(b"one"), "0" * 40
    assert run_on(host(), "rpm_key", {"key": key, "fingerprint": f"{good[:4]} {good[4:]}"})["changed"] is True
    here = host()
    assert "does not match any key fingerprints" in run_on(here, "rpm_key", {"key": key, "fingerprint": bad})["msg"]
    assert not any("--import" in line for line in here.calls)


def test_what_is_no_key(tmp_path):
    (tmp_path / "text").write_text("hello")
    assert "Not a valid key" in run_on(host(), "rpm_key", {"key": "nonsense"})["msg"]
    assert "key" in run_on(host(), "rpm_key", {"key": str(tmp_path / "text")})["msg"]
    assert "a valid file must be given" in run_on(host(), "rpm_key", {"key": ID})["msg"]
    assert run_on(host(ID), "rpm_key", {"key": ID})["changed"] is False
