"""The module known_hosts on files of its own."""

from run_module import run_module

KEY = "example.org ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGxpbmUxbGluZTFsaW5lMWxpbmUxbGluZTFsaW5lMWxp"
AUTHORITY = "@cert-authority *.example.org ssh-ed25519 AAAA"


def test_the_diff_is_always_told(tmp_path):
    path = tmp_path / "known_hosts"
    made = run_module("known_hosts", {"path": str(path), "name": "example.org", "key": KEY})
    assert made["diff"] == {"before": "", "after": KEY + "\n", "before_header": "/dev/null", "after_header": str(path)}
    assert made["changed"] and made["state"] == "file"
    again = run_module("known_hosts", {"path": str(path), "name": "example.org", "key": KEY})
    assert not again["changed"] and again["diff"]["before_header"] == str(path)


def test_marked_keys_stand_beside_others(tmp_path):
    path = tmp_path / "known_hosts"
    path.write_text(AUTHORITY + "\n")
    added = run_module("known_hosts", {"path": str(path), "name": "*.example.org", "key": AUTHORITY + "BB"})
    assert added["changed"] and path.read_text() == AUTHORITY + "\n" + AUTHORITY + "BB\n"
    run_module("known_hosts", {"path": str(path), "name": "*.example.org", "key": AUTHORITY + "BB", "state": "absent"})
    assert path.read_text() == AUTHORITY + "\n"
    run_module("known_hosts", {"path": str(path), "name": "example.org", "key": "@revoked " + KEY})
    assert path.read_text() == AUTHORITY + "\n@revoked " + KEY + "\n"


def test_one_name_only(tmp_path):
    made = run_module("known_hosts", {"path": str(tmp_path / "x"), "name": "a,b", "key": KEY})
    assert made["failed"] and made["msg"].startswith("Comma separated list of names is not supported.")
