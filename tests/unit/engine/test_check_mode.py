"""Check runs of modules that know none."""

from __future__ import annotations

import json

import pytest

from fleet.cli.main import main


@pytest.mark.parametrize("name", ["mysql_replication", "community.mysql.mysql_replication", "ansible.legacy.wait_for"])
def test_a_module_without_check_mode_is_skipped_without_asking_the_host(name, tmp_path, capsys):
    play = {"hosts": "all", "gather_facts": False, "tasks": [{name: {}}]}
    (tmp_path / "inventory").write_text("nowhere.invalid\n")
    (tmp_path / "play.yml").write_text(json.dumps([play]))
    with pytest.raises(SystemExit) as end:
        main(["apply", "--check", "-v", "-i", str(tmp_path / "inventory"), str(tmp_path / "play.yml")])
    out = capsys.readouterr().out
    assert end.value.code == 0 and "skipping: [nowhere.invalid]" in out, out
    assert f"remote module ({name}) does not support check mode" in out
