"""Facts kept between runs, and gathering that knows what is there already."""

from __future__ import annotations

import json
import os

import pytest
from engine_kit import Game

from fleet.engine.factcache import FactCache, cache_for
from fleet.engine.state import HostState
from fleet.errors import InputError

SETUP = {"setup": {"ansible_distribution": "Debian", "ansible_local": {"a": 1}}}
READS = """
    - hosts: all
      tasks:
        - command: "{{ ansible_facts.distribution }}"
"""


def kept(folder, host="h1"):
    return json.loads(json.loads((folder / f"s1_{host}").read_text())["__payload__"])


def test_facts_go_out_with_their_full_names_and_come_back(tmp_path):
    state = HostState("h1")
    state.facts.add({"ansible_distribution": "Debian", "ansible_local": {"a": 1}, "packages": {"x": []}})
    state.gathered = True
    FactCache(str(tmp_path)).save(state)
    assert kept(tmp_path) == {
        "ansible_distribution": "Debian",
        "ansible_local": {"a": 1},
        "packages": {"x": []},
        "_ansible_facts_gathered": True,
    }
    again = HostState("h1")
    FactCache(str(tmp_path)).load(again)
    assert again.gathered
    assert again.injected["ansible_distribution"] == "Debian"
    assert again.injected["packages"] == {"x": []}
    assert again.injected["ansible_local"] == {"a": 1}


def test_old_facts_do_not_count(tmp_path):
    state = HostState("h1")
    state.facts.add({"ansible_distribution": "Debian"})
    FactCache(str(tmp_path)).save(state)
    now = os.stat(tmp_path / "s1_h1").st_mtime
    for timeout, seconds, there in ((60, 59, True), (60, 61, False), (0, 10**9, True)):
        again = HostState("h1")
        FactCache(str(tmp_path), timeout=timeout, clock=lambda seconds=seconds: now + seconds).load(again)
        assert bool(again.facts.known) is there


@pytest.mark.parametrize("text", ["", "{", "[1]", "\0"])
def test_a_broken_file_is_no_fact(tmp_path, text):
    (tmp_path / "s1_h1").write_text(text)
    state = HostState("h1")
    FactCache(str(tmp_path)).load(state)
    assert not state.facts.known


def test_cleared_facts_are_forgotten_and_a_name_is_no_path(tmp_path):
    cache = FactCache(str(tmp_path / "cache"), prefix="p_")
    cache.prepare()
    state = HostState("../h1")
    state.facts.add({"x": 1})
    cache.save(state)
    assert os.listdir(tmp_path / "cache") == ["p_s1_..%2Fh1"]
    state.facts.clear()
    cache.save(state)
    assert os.listdir(tmp_path / "cache") == []


def test_jsonfile_needs_a_folder_it_can_make(tmp_path):
    with pytest.raises(InputError, match="needs a folder"):
        cache_for("jsonfile", "", "", 0)
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="cannot be cached"):
        FactCache(str(tmp_path / "file" / "under")).prepare()
    assert cache_for("memory", "", "", 0) is None


def test_what_is_kept_is_gathered_whole(tmp_path):
    options = {"gathering": "implicit", "fact_cache": ("jsonfile", str(tmp_path / "cache"), "", 0)}
    game = Game(tmp_path, "- hosts: all\n  tasks: [{command: a}]\n", script=SETUP, **options)
    game.finish()
    subjects = game.sends[0].steps[0]["args"]["_subjects"]
    assert {"distribution", "hardware", "network"} & set(subjects)
    assert game.state.gathered


def test_smart_gathering_takes_what_is_there(tmp_path):
    for wanted, gathers in (("smart", False), ("implicit", True)):
        cache = FactCache(str(tmp_path / "cache"))
        cache.prepare()
        state = HostState("h1")
        state.facts.add({"ansible_distribution": "Debian"})
        state.gathered = True
        cache.save(state)
        options = {"gathering": wanted, "fact_cache": ("jsonfile", cache.folder, "", 0)}
        game = Game(tmp_path, READS, script=SETUP, **options)
        game.finish()
        assert ("setup" in game.ran) is gathers
        assert "Debian" in game.ran


def test_flush_cache_starts_from_nothing(tmp_path):
    cache = FactCache(str(tmp_path))
    state = HostState("h1")
    state.facts.add({"ansible_distribution": "Debian"})
    state.gathered = True
    cache.save(state)
    options = {"gathering": "smart", "flush_cache": True, "fact_cache": ("jsonfile", str(tmp_path), "", 0)}
    game = Game(tmp_path, READS, script=SETUP, **options)
    game.finish()
    assert "setup" in game.ran


def test_values_with_their_origins_as_ansible_writes_them_are_values(tmp_path):
    tagged = {"value": [{"value": "two", "tags": [{"__ansible_type": "X"}], "__ansible_type": "Y"}, None],
              "tags": [], "__ansible_type": "Z"}  # fmt: skip
    payload = json.dumps({"mine": tagged, "ansible_distribution": "Debian", "module_setup": True})
    (tmp_path / "s1_h1").write_text(json.dumps({"__payload__": payload}))
    state = HostState("h1")
    FactCache(str(tmp_path)).load(state)
    assert state.injected["mine"] == ["two", None] and state.injected["ansible_distribution"] == "Debian"


def test_a_file_of_an_older_release_is_read_once_and_replaced(tmp_path):
    (tmp_path / "h1").write_text('{"ansible_distribution": "Debian"}')
    state = HostState("h1")
    cache = FactCache(str(tmp_path))
    cache.load(state)
    assert state.injected["ansible_distribution"] == "Debian"
    state.facts.add({"ansible_more": 1})
    cache.save(state)
    assert os.listdir(tmp_path) == ["s1_h1"] and kept(tmp_path)["ansible_more"] == 1
    cache.forget("h1")
    assert os.listdir(tmp_path) == []
