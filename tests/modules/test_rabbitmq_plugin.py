"""rabbitmq_plugin: the list that RabbitMQ keeps, and the program that changes it."""

import pytest
from fake_host import FakeHost, run_on

from fleet.modules import rabbitmq_plugin


@pytest.fixture
def plugins(tmp_path, monkeypatch):
    """Calls the module with a broker that has these plugins on."""
    monkeypatch.setattr(rabbitmq_plugin, "LIST", str(tmp_path / "enabled_plugins"))
    monkeypatch.setattr(rabbitmq_plugin, "SETTINGS", str(tmp_path / "env.conf"))

    def call(on, check=False, settings="", **args):
        state = set(on)
        (tmp_path / "env.conf").write_text(settings)

        def write():
            (tmp_path / "enabled_plugins").write_text("%% by hand\n[%s].\n" % ",".join(sorted(state)))

        def change(line):
            verb, names = line.split()[1], line.split()[4:]
            state.update(names) if verb == "enable" else state.difference_update(names)
            write()
            return ""

        write()
        answers = {"rabbitmq-plugins enable": change, "rabbitmq-plugins disable": change,
                   "rabbitmq-plugins list": lambda _: "\n".join(state)}  # fmt: skip
        host = FakeHost(answers, check=check, diff=True)
        return run_on(host, "rabbitmq_plugin", args), host.calls

    return call


CASES = [
    (["a"], {"names": "a"}, [], []),
    (["a"], {"names": "a, b"}, ["b"], []),
    (["a", "c"], {"names": "b"}, ["b"], ["a", "c"]),
    (["a", "c"], {"names": "b", "new_only": True}, ["b"], []),
    (["a", "c"], {"names": "a,x", "state": "disabled"}, [], ["a"]),
    ([], {"names": "a", "state": "disabled"}, [], []),
]


@pytest.mark.parametrize(("on", "args", "enabled", "disabled"), CASES)
def test_plugins(plugins, on, args, enabled, disabled):
    told, calls = plugins(on, **args)
    assert (told["enabled"], told["disabled"], told["changed"]) == (enabled, disabled, bool(enabled or disabled))
    expected = [f"rabbitmq-plugins enable -q --online {' '.join(enabled)}"] if enabled else []
    expected += [f"rabbitmq-plugins disable -q --online {' '.join(disabled)}"] if disabled else []
    assert calls == expected
    told, calls = plugins(on, check=True, **args)
    assert (told["enabled"], told["disabled"]) == (enabled, disabled) and calls == []


def test_a_broker_that_keeps_its_list_elsewhere(plugins):
    told, calls = plugins(["a"], settings="ENABLED_PLUGINS_FILE=/x\n", names="a,b", broker_state="offline")
    assert told["enabled"] == ["b"] and calls[:2] == [
        "rabbitmq-plugins list -q -E -m",
        "rabbitmq-plugins enable -q --offline b",
    ]


def test_what_the_program_refuses():
    host = FakeHost(
        {"rabbitmq-plugins enable": (70, "", "Error:\n{:plugins_not_found, [:nope]}"), "rabbitmq-plugins list": ""}
    )
    told = run_on(host, "rabbitmq_plugin", {"names": "nope"})
    assert told["failed"] and told["msg"] == "Error:\n{:plugins_not_found, [:nope]}" and told["rc"] == 70
    assert "install the package rabbitmq-server" in run_on(FakeHost({}), "rabbitmq_plugin", {"names": "a"})["msg"]
    told = run_on(FakeHost({}), "rabbitmq_plugin", {"names": "a", "prefix": "/no/such"})
    assert told["msg"] == "No binary folder in prefix /no/such"
    assert (
        "must be one of: enabled, disabled"
        in run_on(FakeHost({}), "rabbitmq_plugin", {"names": "a", "state": "x"})["msg"]
    )
