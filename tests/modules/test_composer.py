"""composer: only options that the command knows, and what was said tells whether something was done. PHP is a fake here,
with output in the form Composer prints; the real one runs in the differential tests."""

import json

import pytest
from fake_host import FakeHost, run_on
from run_module import run_module

KNOWN = (
    "no-ansi no-interaction no-progress no-dev optimize-autoloader prefer-dist classmap-authoritative apcu-autoloader"
)
KNOWN += " no-scripts no-plugins ignore-platform-reqs prefer-source"


def told_help(names):
    return json.dumps({"name": "install", "definition": {"options": {name: {} for name in names.split()}}})


@pytest.fixture
def call():
    def run(said="Nothing to install, update or remove\n", known=KNOWN + " dry-run", check=False, cache=None, **args):
        answers = {"php": said, "php /usr/bin/composer help": told_help(known)}
        host = FakeHost(answers, there=("composer",), check=check, cache=cache)
        told = run_on(host, "composer", args if args.get("global_command") else {"working_dir": "/srv/app", **args})
        return told, [line[len("php /usr/bin/composer ") :] for line in host.calls]

    return run


def test_install(call):
    told, calls = call()
    assert calls == [
        "help install --working-dir /srv/app --no-interaction --format=json",
        "install --no-dev --optimize-autoloader --no-ansi --no-interaction --no-progress --working-dir /srv/app",
    ]
    assert told == {"changed": False, "msg": "Nothing to install, update or remove",
                    "stdout": "Nothing to install, update or remove\n"}  # fmt: skip
    said = "Package operations: 1 install\n  - Installing a/b (1.0)\n"
    assert call(said)[0] == {
        "changed": True,
        "msg": "Package operations: 1 install - Installing a/b (1.0)",
        "stdout": said,
    }
    assert not call("Nothing to install or update\n")[0]["changed"], "as Composer 1 said it"


def test_every_option(call):
    flags = {"prefer_source": True, "prefer_dist": True, "no_dev": False, "no_scripts": True, "no_plugins": True}
    flags |= {"apcu_autoloader": True, "optimize_autoloader": False, "classmap_authoritative": True}
    _, calls = call(command="require", arguments="'a/b:^1 || ^2' --sort", ignore_platform_reqs=True, **flags)
    assert calls[1] == (
        "require --prefer-source --prefer-dist --no-scripts --no-plugins --apcu-autoloader --classmap-authoritative"
        " --ignore-platform-reqs --no-ansi --no-interaction --no-progress --working-dir /srv/app a/b:^1 || ^2 --sort"
    )
    _, calls = call(known="no-ansi", prefer_dist=True)
    assert calls[1] == "install --no-ansi --working-dir /srv/app", "others are not known to it"
    _, calls = call(global_command=True, command="require", arguments="a/b", known="no-ansi")
    assert calls[1] == "global require --no-ansi a/b"


def test_check_mode(call, tmp_path):
    told, calls = call("Installing a/b\n", check=True, working_dir=str(tmp_path))
    assert told["changed"] and "--dry-run" in calls[1].split()
    told, calls = call(check=True, command="dump-autoload", known="no-ansi", working_dir=str(tmp_path))
    assert told["skipped"] and "does not support check mode" in told["msg"] and len(calls) == 1


def test_a_project_that_an_earlier_task_makes(call):
    told, calls = call(check=True, working_dir="/no/such")
    assert told["failed"] and "/no/such does not exist" in told["msg"] and calls == []


def test_the_help_is_asked_for_once_a_run(call):
    cache = {}
    assert len(call(cache=cache)[1]) == 2 and len(call(cache=cache)[1]) == 1
    assert len(call(cache=cache, command="update")[1]) == 2


BAD = [
    ({"command": "install --x"}, "Use the 'arguments' param"),
    ({"arguments": "'open"}, "No closing quotation"),
    ({"working_dir": None}, "global_command is False but all of the following are missing: working_dir"),
    ({"composer_executable": "/no/such"}, "cannot run /no/such: there is no such file (composer)"),
    ({"executable": "/no/such"}, "cannot run /no/such: there is no such file (php)"),
    ({"no_dev": "x"}, "unable to convert to bool"),
]


@pytest.mark.parametrize(("args", "message"), BAD)
def test_bad_calls(call, args, message):
    told = call(**args)[0]
    assert told["failed"] and message in told["msg"]


def test_what_composer_says(call):
    told = call((2, "", "In X.php line 1:\n  no composer.json\n"))[0]
    assert told["msg"] == "In X.php line 1: no composer.json" and told["rc"] == 2
    host = FakeHost({"php": (1, "", 'Command "x" is not defined.\n')}, there=("composer",))
    assert run_on(host, "composer", {"command": "x", "working_dir": "/"})["msg"] == 'Command "x" is not defined.'


def test_what_is_missing(monkeypatch):
    def which(self, name, more=()):
        return "/usr/bin/php" if name == "php" else None

    monkeypatch.setattr("fleet.remote.host.Host.which", which)
    assert "install the package composer" in run_module("composer", {"working_dir": "/"})["msg"]
    monkeypatch.setattr("fleet.remote.host.Host.which", lambda *_: None)
    assert "install the package php-cli" in run_module("composer", {"working_dir": "/"})["msg"]
