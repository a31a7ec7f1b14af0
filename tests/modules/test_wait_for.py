"""wait_for: real ports and files, Ansible's messages."""

import socket
import threading
import time

import pytest
from run_module import run_module

from fleet.modules import wait_for


@pytest.fixture
def greeter():
    """The port of a server that says hello to whoever connects."""
    with socket.create_server(("127.0.0.1", 0)) as server:

        def serve():
            while True:
                try:
                    channel, _ = server.accept()
                except OSError:
                    return
                channel.sendall(b"HELLO 42\r\n")
                channel.close()

        threading.Thread(target=serve, daemon=True).start()
        yield server.getsockname()[1]


@pytest.fixture
def closed_port():
    with socket.create_server(("127.0.0.1", 0)) as server:
        return server.getsockname()[1]


def test_a_port_that_answers(greeter):
    result = run_module("wait_for", {"port": greeter, "search_regex": r"HELLO (?P<number>\d+)"})
    assert result["match_groups"] == ["42"] and result["match_groupdict"] == {"number": "42"}
    assert result["changed"] is False and result["elapsed"] == 0 and result["state"] == "started"


@pytest.mark.parametrize(
    "more, msg",
    [({}, "Timeout when waiting for 127.0.0.1:%d"), ({"msg": "own words"}, "own words")],
)
def test_a_port_that_stays_closed(closed_port, more, msg):
    result = run_module("wait_for", dict({"port": closed_port, "timeout": 1}, **more))
    assert result["failed"] and result["elapsed"] == 1
    assert result["msg"] == (msg % closed_port if "%d" in msg else msg)


def test_a_port_that_stays_open(greeter):
    result = run_module("wait_for", {"port": greeter, "state": "stopped", "timeout": 1})
    assert result["msg"] == f"Timeout when waiting for 127.0.0.1:{greeter} to stop."


def test_a_file_that_comes_late(tmp_path):
    path = tmp_path / "log"
    timer = threading.Timer(0.3, lambda: path.write_text("ready in 7 ms"))
    timer.start()
    args = {"path": str(path), "search_regex": r"in (\d+) ms", "timeout": 5, "sleep": 1}
    result = run_module("wait_for", args)
    assert result["match_groups"] == ["7"] and result["owner"] and result["state"] == "file"


@pytest.mark.parametrize(
    "args, msg",
    [
        ({"state": "absent"}, "Timeout when waiting for %s to be absent."),
        ({"search_regex": "no"}, "Timeout when waiting for search string no in %s"),
    ],
)
def test_a_file_that_stays_as_it_is(tmp_path, args, msg):
    path = tmp_path / "f"
    path.write_text("x")
    result = run_module("wait_for", dict(args, path=str(path), timeout=1))
    assert result["failed"] and result["msg"] == msg % path


def test_connections_drain():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        client = socket.create_connection(("127.0.0.1", port))
        accepted, _ = server.accept()
        busy = {"port": port, "state": "drained", "timeout": 1}
        assert run_module("wait_for", busy)["msg"] == f"Timeout when waiting for 127.0.0.1:{port} to drain"
        assert run_module("wait_for", dict(busy, exclude_hosts=["127.0.0.1"]))["elapsed"] == 0
        only = dict(busy, active_connection_states=["SYN_SENT"])
        assert run_module("wait_for", only)["state"] == "drained"
        client.close()
        accepted.close()


def test_a_time():
    start = time.monotonic()
    assert run_module("wait_for", {"timeout": 1})["elapsed"] == 1
    assert time.monotonic() - start >= 1


@pytest.mark.parametrize(
    "args, msg",
    [
        ({"port": 1, "path": "/x"}, "port and path parameter can not both be passed to wait_for"),
        (
            {"path": "/x", "state": "drained"},
            "state=drained should only be used for checking a port in the wait_for module",
        ),
        ({"port": 1, "exclude_hosts": ["a"]}, "exclude_hosts should only be with state=drained"),
        ({"port": 1, "active_connection_states": ["FOO"]}, "unknown active_connection_state (FOO) defined"),
    ],
)
def test_what_does_not_go_together(args, msg):
    assert run_module("wait_for", args)["msg"] == msg


def test_addresses_as_the_kernel_writes_them():
    assert wait_for.hex_address("127.0.0.1") == "0100007F"
    assert wait_for.hex_address("::1") == "00000000000000000000000001000000"
    assert wait_for.unmapped("0000000000000000FFFF00000100007F") == "0100007F"


def test_a_delay_comes_before_the_time_that_is_only_waited(monkeypatch):
    slept = []
    monkeypatch.setattr("fleet.modules.wait_for.time.sleep", slept.append)
    run_module("wait_for", {"timeout": 2, "delay": 3})
    assert sum(slept) == 5
