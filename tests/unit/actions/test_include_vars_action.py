"""Variables read while a play runs."""

from __future__ import annotations

import pytest

from fleet.actions.base import ActionFailed
from fleet.actions.include_vars import run
from fleet.source.nodes import Trusted


def test_one_file_keeps_the_users_text(make_call, tmp_path):
    (tmp_path / "v.yml").write_text("a: '{{ b }}'\n")
    result = run(make_call("include_vars", {"_raw_params": "v.yml\n"})).result
    assert isinstance(result["ansible_facts"]["a"], Trusted)
    assert result["ansible_facts"].key_at("a").line == 1
    assert "_ansible_no_log" not in result


def test_encrypted_files_are_kept_off_the_screen(make_call, tmp_path):
    from fleet.vault.crypt import encrypt
    from fleet.vault.secrets import Secret
    from fleet.vault.vault import Vault

    (tmp_path / "v.yml").write_bytes(encrypt(b"a: 1\n", b"pw", None, None))
    call = make_call("include_vars", {"file": "v.yml"})
    call.templar.vault = Vault([Secret("default", b"pw")])
    result = run(call).result
    assert result["ansible_facts"] == {"a": 1} and result["_ansible_no_log"] is True


def test_a_folder_with_links_in_circles_and_names_without_extension(make_call, tmp_path):
    (tmp_path / "d/deep").mkdir(parents=True)
    (tmp_path / "d/plain").write_text("p: 1\n")
    (tmp_path / "d/deep/x.yml").write_text("x: 2\n")
    (tmp_path / "d/deep/up").symlink_to("..")
    (tmp_path / "other").mkdir()
    (tmp_path / "other/o.yml").write_text("o: 3\n")
    (tmp_path / "d/link").symlink_to("../other")
    result = run(make_call("include_vars", {"dir": "d", "extensions": ["", "yml"]})).result
    assert result["ansible_facts"] == {"p": 1, "x": 2, "o": 3}


@pytest.mark.parametrize(
    ("args", "what"),
    [
        ({"file": "none.yml"}, "Could not find or access 'none.yml'"),
        ({}, "Could not find file"),
        ({"dir": "none"}, "none directory does not exist"),
        ({"dir": "d"}, "x.txt does not have a valid extension: json, yaml, yml"),
    ],
)
def test_reasons_stand_in_message_too(make_call, tmp_path, args, what):
    (tmp_path / "d").mkdir()
    (tmp_path / "d/x.txt").write_text("")
    with pytest.raises(ActionFailed) as failed:
        run(make_call("include_vars", args))
    assert what in str(failed.value) and what in failed.value.result["message"]
