"""The names of ``ansible.module_utils`` that modules of collections import."""

import importlib
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

import fleet.compat


@pytest.fixture
def surface(monkeypatch):
    monkeypatch.syspath_prepend(str(Path(fleet.compat.__file__).parent))
    yield lambda name: importlib.import_module("ansible.module_utils." + name)
    for name in [name for name in sys.modules if name.partition(".")[0] == "ansible"]:
        sys.modules.pop(name)


def test_networks(surface):
    network = surface("common.network")
    assert network.to_subnet("10.1.2.3", "255.255.0.0") == "10.1.0.0/16"
    assert network.to_subnet("10.1.2.3", 24, True) == "10.1.2.0 255.255.255.0"
    assert network.to_netmask(20) == "255.255.240.0" and network.to_masklen("255.255.240.0") == 20
    assert network.to_ipv6_subnet("2001:db8:1:2:3:4:5:6") == "2001:db8:1:2::"
    assert network.is_mac("00-1A-2b-3c-4d-5e") and not network.is_mac("00-1A:2b-3c-4d-5e")
    assert not network.is_netmask("255.0.255.1") and not network.is_masklen(33)
    with pytest.raises(ValueError):
        network.to_netmask(40)


def test_packages_of_a_program(surface):
    packages = surface("facts.packages")

    class Sh(packages.CLIMgr):
        CLI = "sh"

        def list_installed(self):
            return ["a 1", "a 2"]

        def get_package_details(self, package):
            return dict(zip(("name", "version"), package.split(), strict=True))

    manager = Sh()
    assert manager.is_available()
    assert [found["version"] for found in manager.get_packages()["a"]] == ["1", "2"]
    assert packages.get_all_pkg_managers()["sh"] is Sh


def test_facts_a_module_asks_for(surface):
    assert surface("facts.compat").ansible_facts(None, ["python"])["python"]["executable"] == sys.executable
    assert surface("facts.utils").get_file_lines("/nowhere") == []


def test_forms_with_files(surface, tmp_path):
    prepare = surface("urls").prepare_multipart
    (tmp_path / "a.bin").write_bytes(b"\0\xff\n")
    (tmp_path / "b.txt").write_bytes(b"hello\n")
    kind, body = prepare({
        "text": "ü",
        "file": {"filename": str(tmp_path / "a.bin")},
        "plain": {"filename": str(tmp_path / "b.txt"), "multipart_encoding": "7or8bit"},
        "made": {"filename": "n.json", "content": "{}"},
        "bare": {"content": "x"},
    })  # fmt: skip
    mark = kind.partition('boundary="')[2].rstrip('"').encode()
    parts = [part.split(b"\r\n\r\n", 1) for part in body.split(b"--" + mark)[1:-1]]
    assert [head.decode().strip().split("\r\n") for head, _ in parts] == [
        ["Content-Type: text/plain", 'Content-Disposition: form-data; name="text"'],
        ["Content-Transfer-Encoding: base64", "Content-Type: application/octet-stream",
         'Content-Disposition: form-data; name="file"; filename="a.bin"'],
        ["Content-Transfer-Encoding: 7bit", "Content-Type: text/plain",
         'Content-Disposition: form-data; name="plain"; filename="b.txt"'],
        ["Content-Type: application/json", 'Content-Disposition: form-data; name="made"; filename="n.json"'],
        ["Content-Type: application/octet-stream", 'Content-Disposition: form-data; name="bare"'],
    ]  # fmt: skip
    sent = [content.removesuffix(b"\r\n") for _, content in parts]
    assert sent == ["ü".encode(), b"AP8K\r\n", b"hello\r\n", b"{}", b"x"]
    for fields, error in (({"a": 3}, TypeError), ("a", TypeError), ({"a": {}}, ValueError), ({"a": ["b"]}, TypeError)):
        with pytest.raises(error):
            prepare(fields)


def test_there_are_no_connections_to_devices(surface):
    connection = surface("connection")
    with pytest.raises(connection.ConnectionError, match="network devices"):
        connection.Connection("/run/socket")


def test_requests_share_headers_and_cookies(surface):
    seen = []

    class Answer(BaseHTTPRequestHandler):
        def do_PUT(self):
            seen.append((self.headers.get("X-One"), self.headers.get("X-Two"), self.headers.get("Cookie")))
            self.send_response(200)
            self.send_header("Set-Cookie", "k=v")
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        asker = surface("urls").Request(headers={"X-One": "1"})
        for _ in range(2):
            asker.put(f"http://127.0.0.1:{server.server_port}/", data="x", headers={"X-Two": "2"})
    finally:
        server.shutdown()
    assert seen == [("1", "2", None), ("1", "2", "k=v")]
