"""get_url against a server of our own: what is fetched, what is not, and what is left behind when it goes wrong."""

import hashlib
import os
import stat

import pytest
from httpserver import serving
from run_module import run_module


@pytest.fixture
def web():
    with serving() as made:
        yield made


def fetch(url, dest, check=False, env=None, **more):
    return run_module("get_url", {"url": url, "dest": str(dest), **more}, check=check, env=env)


def test_a_file_is_fetched_once_and_asked_after_again(web, tmp_path):
    url = web.put("/a.txt", b"hello\n")
    dest = tmp_path / "a"
    first = fetch(url, dest, mode="0600")
    assert first["changed"] and dest.read_bytes() == b"hello\n" and stat.S_IMODE(dest.stat().st_mode) == 0o600
    assert first["msg"] == "OK (6 bytes)" and first["status_code"] == 200 and first["checksum_dest"] is None
    assert first["checksum_src"] == hashlib.sha1(b"hello\n").hexdigest() and first["size"] == 6
    assert first["md5sum"] == hashlib.md5(b"hello\n").hexdigest() and first["mode"] == "0600"
    again = fetch(url, dest)
    assert not again["changed"] and again["status_code"] == 304 and again["msg"] == "HTTP Error 304: Not Modified"
    assert "if-modified-since" in web.requests[-1].headers
    web.put("/a.txt", b"other\n")
    forced = fetch(url, dest, force=True, backup=True)
    assert forced["changed"] and dest.read_bytes() == b"other\n" and open(forced["backup_file"]).read() == "hello\n"
    assert stat.S_IMODE(dest.stat().st_mode) == 0o600
    assert not fetch(url, dest, force=True)["changed"]
    assert web.requests[-1].headers["cache-control"] == "no-cache"


def test_check_mode_asks_with_head_and_writes_nothing(web, tmp_path):
    url = web.put("/a.txt", b"hello\n")
    result = fetch(url, tmp_path / "a", check=True)
    assert result["changed"] and not os.listdir(tmp_path) and web.requests[-1].method == "HEAD"
    assert fetch(web.url("/none"), tmp_path / "a", check=True)["msg"] == "Request failed"


def test_in_a_folder_the_server_or_the_url_gives_the_name(web, tmp_path):
    web.put("/x/real.txt", b"1")
    assert fetch(web.url("/x/real.txt?a=b"), tmp_path)["dest"] == str(tmp_path / "real.txt")
    assert fetch(web.url("/redirect/302?to=/x/real.txt"), tmp_path)["changed"] is False
    assert fetch(web.url("/named?file=n.txt"), tmp_path)["dest"] == str(tmp_path / "n.txt")
    assert fetch(web.url("/named?file=../../evil"), tmp_path)["dest"] == str(tmp_path / "evil")
    web.put("/", b"root")
    assert fetch(web.url("/"), tmp_path)["dest"] == str(tmp_path / "index.html")


@pytest.mark.parametrize(
    "listing", ["{sum}  ./a.txt\n", "00  b.txt\n{sum} *a.txt\n", "SHA256 (a.txt) = {sum}\n", "{sum}"]
)
def test_sums_come_from_lists(web, tmp_path, listing):
    url = web.put("/a.txt", b"hello\n")
    web.put("/sums", listing.format(sum=hashlib.sha256(b"hello\n").hexdigest()).encode())
    dest = tmp_path / "a"
    assert fetch(url, dest, checksum="sha256:" + web.url("/sums"))["changed"]
    asked = len(web.requests)
    again = fetch(url, dest, checksum="sha256:" + web.url("/sums"))
    assert not again["changed"] and again["msg"] == "file already exists" and len(web.requests) == asked + 1


def test_a_wrong_sum_leaves_the_file_as_it_was(web, tmp_path):
    url = web.put("/a.txt", b"hello\n")
    dest = tmp_path / "a"
    dest.write_text("mine")
    result = fetch(url, dest, checksum="sha256:" + "0" * 64)
    assert "did not match" in result["msg"] and dest.read_text() == "mine" and os.listdir(tmp_path) == ["a"]
    assert "if-modified-since" not in web.requests[-1].headers
    web.put("/sums", b"aa  other\n")
    assert "Unable to find a checksum" in fetch(url, dest, checksum="sha1:" + web.url("/sums"))["msg"]


@pytest.mark.parametrize(
    "text, msg",
    [("sha1-xyz", "has to be in format"), ("sha1:nothex!", "format is invalid"), ("foo:abc", "with algorithm 'foo'")],
)
def test_sums_that_make_no_sense(web, tmp_path, text, msg):
    (tmp_path / "a").write_text("x")
    assert msg in fetch(web.put("/a", b"1"), tmp_path / "a", checksum=text)["msg"]


@pytest.mark.parametrize(
    "path, msg",
    [
        ("/status/500", "Request failed"),
        ("/cut", "ended after 7 of 1000 bytes"),
        ("/gzip?broken=", "cannot be unpacked"),
        ("/silence", "Connection failure"),
        ("/garbage", "Connection failure"),
        ("/slow?seconds=3", "timed out"),
        ("/drip?seconds=3", "timed out"),
        ("/loop", "Request failed"),
    ],
)
def test_bad_answers_are_told_and_leave_nothing(web, tmp_path, path, msg):
    dest = tmp_path / "a"
    dest.write_text("mine")
    work = tmp_path / "tmp"
    work.mkdir()
    result = fetch(web.url(path), dest, timeout=1, force=True, tmp_dest=str(work))
    assert result["failed"] and msg in result["msg"] and dest.read_text() == "mine" and os.listdir(work) == []


def test_nobody_there_and_bad_places(web, tmp_path):
    assert "refused" in fetch("http://127.0.0.1:1/x", tmp_path / "a")["msg"]
    assert "unknown url type" in fetch("foo://x/y", tmp_path / "a")["msg"]
    missing = fetch(web.put("/a", b"1"), tmp_path / "no" / "a")
    assert missing["msg"] == "Destination %s does not exist" % (tmp_path / "no")
    assert "does not exist" in fetch(web.url("/a"), str(tmp_path / "no") + "/")["msg"]
    assert "directory" in fetch(web.url("/a"), tmp_path / "b", tmp_dest=str(tmp_path / "no"))["msg"]


def test_logins(web, tmp_path):
    basic, digest = web.url("/basic/me/s%3Acret"), web.url("/digest/me/x")
    assert fetch(basic, tmp_path / "a", url_username="me", url_password="s:cret")["changed"]
    assert fetch(digest, tmp_path / "b", username="me", password="x")["changed"]
    assert fetch(web.url("/basic/me/x", "me:x"), tmp_path / "c")["changed"]
    before = len(web.requests)
    assert fetch(basic, tmp_path / "d", url_username="me", url_password="s:cret", force_basic_auth=True)["changed"]
    assert len(web.requests) == before + 1
    assert fetch(basic, tmp_path / "e")["status_code"] == 401
    (tmp_path / ".netrc").write_text("machine 127.0.0.1 login me password s:cret\n")
    (tmp_path / ".netrc").chmod(0o600)
    assert fetch(basic, tmp_path / "f", env={"HOME": str(tmp_path)})["changed"]
    assert fetch(basic, tmp_path / "g", env={"HOME": str(tmp_path)}, use_netrc=False)["status_code"] == 401


def test_a_login_does_not_go_to_another_server(web, tmp_path):
    with serving("127.0.0.2") as other:
        other.put("/a", b"1")
        login = {"url_username": "me", "url_password": "x", "force_basic_auth": True}
        assert fetch(web.url("/redirect/302?to=" + other.url("/a")), tmp_path / "a", **login)["changed"]
        assert "authorization" in web.requests[-1].headers and "authorization" not in other.requests[-1].headers
        assert fetch(web.url("/redirect/302?to=/basic/me/x"), tmp_path / "b", **login)["changed"]
        sent = {"headers": {"X-Mine": "1", "X-Here": "2"}, "unredirected_headers": ["x-here"]}
        assert fetch(web.url("/redirect/302?to=" + other.url("/a")), tmp_path / "c", **sent)["changed"]
        assert web.requests[-1].headers["x-here"] == "2"
        assert other.requests[-1].headers["x-mine"] == "1" and "x-here" not in other.requests[-1].headers


def test_compressed_answers(web, tmp_path):
    assert fetch(web.url("/gzip"), tmp_path / "a")["size"] == 9000
    fetch(web.url("/gzip"), tmp_path / "b", decompress=False)
    assert (tmp_path / "b").read_bytes()[:2] == b"\x1f\x8b"


def test_proxies_come_from_the_tasks_environment(web, tmp_path):
    web.put("http://example.invalid/x", b"through the proxy")
    env = {"http_proxy": web.base, "no_proxy": ""}
    assert fetch("http://example.invalid/x", tmp_path / "p", env=env)["size"] == 17
    assert web.requests[-1].path == "http://example.invalid/x"
    asked = len(web.requests)
    for more in ({"use_proxy": False}, {}):
        here = dict(env, no_proxy="example.invalid" if not more else "")
        assert fetch("http://example.invalid/x", tmp_path / "a", env=here, timeout=2, **more)["failed"]
    assert len(web.requests) == asked


def test_certificates_are_checked(tmp_path):
    (tmp_path / "ca").mkdir()
    with serving(tls=tmp_path / "ca") as web:
        url, dest = web.put("/a", b"1"), tmp_path / "a"
        result = fetch(url, dest)
        assert "Failed to validate the SSL certificate for 127.0.0.1" in result["msg"] and not dest.exists()
        assert fetch(url, dest, validate_certs=False)["changed"]
        assert fetch(url, tmp_path / "b", env={"SSL_CERT_FILE": str(web.authority.ca)})["changed"]
        assert "ciphers" in fetch(url, tmp_path / "c", ciphers=["NOT-A-CIPHER"])["msg"]
        assert "client_cert" in fetch(url, tmp_path / "c", client_cert="/nonexistent")["msg"]


def test_clients_show_their_certificate_and_old_ones_are_refused(tmp_path):
    (tmp_path / "ca").mkdir()
    with serving(tls=tmp_path / "ca", client_certs=True) as web:
        url = web.put("/a", b"1")
        env = {"SSL_CERT_FILE": str(web.authority.ca)}
        cert, key = web.authority.issue("client")
        assert fetch(url, tmp_path / "a", env=env, client_cert=str(cert), client_key=str(key))["changed"]
        assert fetch(url, tmp_path / "b", env=env)["failed"]
    with serving(tls=tmp_path / "ca", expired=True) as web:
        env = {"SSL_CERT_FILE": str(web.authority.ca)}
        assert "expired" in fetch(web.put("/a", b"1"), tmp_path / "c", env=env)["msg"]


def test_a_directory_is_no_place_to_write_to(web, tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "a" / "x").mkdir()
    web.put("/x", b"1")
    assert "directory of that name" in fetch(web.url("/x"), tmp_path / "a")["msg"]
