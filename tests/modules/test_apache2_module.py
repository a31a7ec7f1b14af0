"""apache2_module: links that are there are seen without a program; changes are checked with apache2ctl. The programs are
fakes that make and remove the links, with output in the form the real ones print."""

import pytest
from fake_host import FakeHost, run_on
from run_module import run_module

from fleet.modules import apache2_module

LISTED = "Loaded Modules:\n core_module (static)\n http_module (static)\n"


@pytest.fixture
def call(tmp_path, monkeypatch):
    monkeypatch.setattr(apache2_module, "CONFIG", str(tmp_path))
    for folder in ("mods-available", "mods-enabled"):
        (tmp_path / folder).mkdir()
    for name, inner in (("rewrite", "rewrite_module"), ("php8.2", "php_module"), ("mpm_event", "mpm_event_module")):
        (tmp_path / "mods-available" / f"{name}.load").write_text(f"# Depends:\nLoadModule {inner} /x/{name}.so\n")

    def link(name):
        return tmp_path / "mods-enabled" / f"{name}.load"

    def enable(line):
        link(line.split()[-1]).symlink_to("../mods-available")
        return "Enabling module.\n"

    def disable(line):
        link(line.split()[-1]).unlink()
        return "Module disabled.\n"

    def listed(line):
        loads = [tmp_path / "mods-available" / path.name for path in (tmp_path / "mods-enabled").iterdir()]
        return LISTED + "".join(f" {path.read_text().split()[3]} (shared)\n" for path in loads)

    def run(name="rewrite", check=False, answers=(), **args):
        programs = {"a2enmod": enable, "a2dismod": disable, "apache2ctl -M": listed, **dict(answers)}
        host = FakeHost(programs, check=check)
        told = run_on(host, "apache2_module", {"name": name, **args})
        return told, host.calls, host.warnings

    return run


def test_a_module_comes_and_goes(call):
    assert call(check=True)[0] == {"changed": True, "result": "Module rewrite enabled"}
    told, calls, _ = call()
    assert told["changed"] and calls == ["apache2ctl -M", "a2enmod rewrite", "apache2ctl -M"]
    assert call()[:2] == ({"changed": False, "result": "Module rewrite enabled"}, [])
    assert call(state="absent", check=True)[0]["changed"]
    told, calls, _ = call(state="absent", force=True)
    assert told == {"changed": True, "result": "Module rewrite disabled"} and calls[1] == "a2dismod -f rewrite"
    assert call(state="absent")[:2] == ({"changed": False, "result": "Module rewrite disabled"}, [])


def test_the_identifier_is_that_of_the_load_file(call):
    assert call("php8.2")[0]["changed"]
    told = call("rewrite", identifier="nonsense_module")[0]
    assert told["failed"] and "module identifier (nonsense_module) was guessed incorrectly" in told["msg"]


def test_what_is_built_in_needs_no_link(call):
    assert not call("http")[0]["changed"]
    assert not call("unknown", state="absent")[0]["changed"]


def test_a_wrong_configuration(call):
    wrong = {"apache2ctl -M": (1, "", "AH00526: Syntax error on line 1")}
    told, calls, _ = call(answers=wrong)
    assert told["failed"] and "Syntax error" in told["msg"] and calls == ["apache2ctl -M"]
    told, _, warned = call(answers=wrong, ignore_configcheck=True)
    assert told["changed"] and "Syntax error" in warned[0]
    no_mpm = {"apache2ctl -M": (1, "", "AH00534: apache2: Configuration error: No MPM loaded.")}
    told, _, warned = call("mpm_event", answers=no_mpm, ignore_configcheck=True)
    assert told["changed"] and warned == [
        "No MPM module loaded! apache2 reload AND other module actions will fail if no MPM module is loaded immediately."
    ]
    assert call("mpm_event", answers=no_mpm, ignore_configcheck=True, warn_mpm_absent=False, state="absent")[2] == []


def test_refusals(call):
    told = call("none", answers={"a2enmod": (1, "", "ERROR: Module none does not exist!\n")})[0]
    assert told["msg"].startswith("Failed to set module none to enabled:") and "does not exist" in told["stderr"]
    call()
    held = "WARNING: essential module\nTo continue type in the phrase 'Yes, do as I say!'\n"
    told = call(state="absent", answers={"a2dismod": (1, held, "")})[0]
    assert told["failed"] and "`force: true` disables it" in told["msg"]
    assert "is no name of a module" in call("../x")[0]["msg"]
    assert "value of state must be one of" in call(state="on")[0]["msg"]


def test_without_apache(monkeypatch):
    monkeypatch.setattr("fleet.remote.host.Host.which", lambda *_: None)
    assert "install the package apache2" in run_module("apache2_module", {"name": "rewrite"})["msg"]
