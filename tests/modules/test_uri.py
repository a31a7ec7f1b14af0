"""uri against a server of our own: what is sent, what comes back, and what is told when it goes wrong."""

import json

import pytest
from httpserver import serving
from run_module import run_module


@pytest.fixture
def web():
    with serving() as made:
        yield made


def ask(url, env=None, **args):
    return run_module("uri", {"url": url, **args}, env=env)


def echo(web, **args):
    return ask(web.url("/echo"), method="POST", **args)["json"]


def test_an_answer(web):
    web.put("/a", "grüße".encode("latin-1"), "text/plain; charset=latin-1")
    result = ask(web.url("/a"), return_content=True)
    assert result["content"] == "grüße" and result["status"] == 200 and not result["redirected"]
    assert result["content_type"] == "text/plain; charset=latin-1" and result["msg"] == "OK (5 bytes)"
    assert "content" not in ask(web.url("/a"))
    assert ask(web.url("/cookies?a=1&b=2"))["cookies"] == {"a": "1", "b": "2"}
    assert ask(web.url("/gzip"), return_content=True)["content"] == "unpacked\n" * 1000


@pytest.mark.parametrize(
    "kind, seen", [("application/json", True), ("application/x+json", True), ("text/plain", False)]
)
def test_json_is_read(web, kind, seen):
    web.put("/a", b'{"a": [1]}', kind)
    assert (ask(web.url("/a")).get("json") == {"a": [1]}) is seen
    web.put("/a", b"{broken", kind)
    assert "json" not in ask(web.url("/a"))


def test_codes_decide(web):
    failed = ask(web.url("/status/404"))
    assert failed["failed"] and failed["msg"].startswith("Status code was 404 and not [200]: HTTP Error 404")
    assert failed["content"] == "status 404\n" and failed["status"] == 404
    assert ask(web.url("/status/404"), status_code=[200, 404], return_content=True)["content"] == "status 404\n"
    assert ask(web.url("/status/204"), status_code=204, method="delete")["status"] == 204
    assert web.requests[-1].method == "DELETE"


@pytest.mark.parametrize(
    "follow, method, code, got",
    [
        ("safe", "GET", 302, "GET"),
        ("safe", "POST", 302, None),
        ("none", "GET", 302, None),
        ("all", "POST", 302, "GET"),
        ("all", "POST", 307, "POST"),
        ("all", "PUT", 308, "PUT"),
        ("all", "PUT", 303, "GET"),
        ("all", "PUT", 301, "PUT"),
        ("urllib2", "POST", 303, "GET"),
        ("urllib2", "POST", 307, None),
        ("yes", "POST", 301, "GET"),
        ("no", "GET", 301, None),
    ],
)
def test_redirects(web, follow, method, code, got):
    body = {} if method == "GET" else {"body": "sent"}
    result = ask(web.url(f"/redirect/{code}?to=/echo"), method=method, follow_redirects=follow, **body)
    if got is None:
        assert result["status"] == code and result["location"] == web.url("/echo")
    else:
        assert result["redirected"] and result["url"] == web.url("/echo") and result["json"]["method"] == got
        assert result["json"]["body"] == ("sent" if got == method and body else "")


def test_bodies(web):
    sent = echo(web, body={"a": [1, "ü"]}, body_format="json")
    assert json.loads(sent["body"]) == {"a": [1, "ü"]} and sent["headers"]["content-type"] == "application/json"
    assert echo(web, body="[1,  2]", body_format="json")["body"] == "[1,  2]"
    mine = echo(web, body=[1], body_format="json", headers={"content-type": "application/x-mine"})
    assert mine["headers"]["content-type"] == "application/x-mine"
    form = echo(web, body={"a": "1 2", "b": ["x", "y"]}, body_format="form-urlencoded")
    assert form["body"] == "a=1+2&b=x&b=y"
    assert echo(web, body=[["a", 1], ["a", 2]], body_format="form-urlencoded")["body"] == "a=1&a=2"
    assert "form_urlencoded" in ask(web.url("/echo"), body=[1], body_format="form-urlencoded")["msg"]


def test_headers_of_a_server_mean_nothing_to_the_play(web):
    web.put("/a", b"x", "text/plain\r\nFailed: true\r\nAnsible-Facts: x\r\nSkipped: 1\r\nX-Other: 1")
    result = ask(web.url("/a"))
    assert result["x_other"] == "1" and not {"failed", "ansible_facts", "skipped"} & set(result)


def test_forms_with_files(web, tmp_path):
    file = tmp_path / "b.txt"
    file.write_bytes(b"\x00\xff")
    body = {"a": "plain", 'q"x': {"content": "c", "filename": "n.html"}, "f": {"filename": str(file)}}
    sent = echo(web, body=body, body_format="form-multipart", remote_src=True)
    assert 'name="f"; filename="b.txt"\r\n\r\nAP8=\r\n' in sent["body"] and 'name="q\\"x"' in sent["body"]
    assert "boundary" in sent["headers"]["content-type"]
    assert "at least one of" in ask(web.url("/echo"), body={"a": {}}, body_format="form-multipart")["msg"]
    assert "mapping" in ask(web.url("/echo"), body=["a"], body_format="form-multipart")["msg"]
    gone = {"f": {"filename": "/nonexistent"}}
    assert "cannot read" in ask(web.url("/echo"), body=gone, body_format="form-multipart", remote_src=True)["msg"]


def test_a_file_is_sent(web, tmp_path):
    file = tmp_path / "up"
    file.write_bytes(b"x" * 200_000)
    ask(web.url("/stored"), method="PUT", src=str(file), remote_src=True, status_code=201)
    assert web.files["/stored"].data == b"x" * 200_000 and web.requests[-1].headers["content-length"] == "200000"
    assert "Unable to open source file" in ask(web.url("/x"), src="/nonexistent", remote_src=True)["msg"]


def test_the_answer_goes_to_a_file(web, tmp_path):
    web.put("/a.txt", b"one")
    first = ask(web.url("/a.txt"), dest=str(tmp_path), mode="0600")
    assert first["changed"] and first["path"] == str(tmp_path / "a.txt") and first["mode"] == "0600"
    assert not ask(web.url("/a.txt"), dest=str(tmp_path))["changed"]
    (tmp_path / "a.txt").write_text("mine")
    broken = ask(web.url("/cut"), dest=str(tmp_path / "a.txt"))
    assert "ended after" in broken["msg"] and (tmp_path / "a.txt").read_text() == "mine"
    assert "does not exist" in ask(web.url("/a.txt"), dest=str(tmp_path / "no" / "a"))["msg"]


def test_guards_and_mistakes(web, tmp_path):
    assert ask(web.url("/x"), creates=str(tmp_path))["stdout"] == f"skipped, since '{tmp_path}' exists"
    assert "does not exist" in ask(web.url("/x"), removes=str(tmp_path / "no"))["stdout"]
    assert web.requests == []
    assert "single word" in ask(web.url("/x"), method="a b")["msg"]
    assert "line break" in ask(web.url("/x"), headers={"X-A": "1\r\nX-B: 2"})["msg"]
    assert "mutually exclusive" in ask(web.url("/x"), body="1", src="/x")["msg"]
    assert "gssapi" in ask(web.url("/x"), use_gssapi=True)["msg"]
    assert ask(web.url("/slow?seconds=3"), timeout=1)["status"] == -1


def test_an_authority_of_ones_own(tmp_path):
    with serving(tls=tmp_path) as web:
        web.put("/a", b"1")
        assert ask(web.url("/a"), ca_path=str(web.authority.ca))["status"] == 200
        assert "SSL certificate" in ask(web.url("/a"))["msg"]
        assert "ca_path" in ask(web.url("/a"), ca_path="/nonexistent")["msg"]


def test_a_socket(tmp_path):
    import http.server
    import socketserver
    import threading

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.end_headers()
            self.wfile.write(self.path.encode())

        def log_message(self, *_):
            pass

        def address_string(self):
            return "socket"

    with socketserver.UnixStreamServer(str(tmp_path / "s"), Handler) as server:
        threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
        result = ask("http://localhost/v1/x", unix_socket=str(tmp_path / "s"), return_content=True)
        server.shutdown()
    assert result["content"] == "/v1/x"
    assert "Invalid Socket File" in ask("http://localhost/", unix_socket=str(tmp_path / "no"))["msg"]
