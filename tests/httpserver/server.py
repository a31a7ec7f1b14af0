"""The server. Files are put into ``Web.files``; everything else has a path of its own:

    /echo                      method, path, headers and body of the request, as JSON
    /status/418                an answer with that code
    /redirect/307?to=/echo     a redirect; /loop leads to itself
    /basic/NAME/PASSWORD       asks for that login; /digest/NAME/PASSWORD likewise; /header/NAME/VALUE for a header
    /gzip                      a compressed answer; /gzip?broken one that cannot be unpacked
    /cookies?a=1&b=2           sets cookies
    /slow?seconds=3            answers late; /drip?seconds=3 sends half, and the rest late
    /cut                       announces more than it sends; /silence closes without an answer; /garbage is no HTTP
    /named?file=x.txt          names the file in Content-Disposition
    /text?type=a/b&body=x      an answer made to measure

A PUT stores a file. ``Web.requests`` holds what was asked, in order.
"""

from __future__ import annotations

import base64
import contextlib
import email.utils
import gzip
import hashlib
import http.server
import json
import re
import secrets
import ssl
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import parse_qs, unquote, urlsplit

from httpserver.authority import Authority


@dataclass(frozen=True)
class Request:
    """One request as it came in; names of headers in lower case."""

    method: str
    path: str
    headers: dict[str, str]
    body: bytes = b""


@dataclass
class File:
    """Something to be had under a path."""

    data: bytes
    type: str = "application/octet-stream"
    modified: float = 1_700_000_000.0

    @property
    def etag(self) -> str:
        return f'"{hashlib.sha1(self.data).hexdigest()[:16]}"'


@dataclass
class Web:
    """A running server: ``url(path)`` leads to it."""

    base: str
    files: dict[str, File] = field(default_factory=dict)
    requests: list[Request] = field(default_factory=list)
    authority: Authority | None = None
    nonces: set[str] = field(default_factory=set)

    def url(self, path: str, login: str = "") -> str:
        scheme, _, place = self.base.partition("://")
        return f"{scheme}://{login + '@' if login else ''}{place}{path}"

    def put(self, path: str, data: bytes, type: str = "application/octet-stream") -> str:
        """Offer ``data`` under ``path`` and give its URL."""
        self.files[path] = File(data, type)
        return self.url(path)


@contextlib.contextmanager
def serving(
    address: str = "127.0.0.1", tls: Path | None = None, client_certs: bool = False, expired: bool = False
) -> Iterator[Web]:
    """A server on a free port of ``address``; over TLS with certificates made in the folder ``tls``."""
    server = _Server((address, 0), _Handler)
    web = Web(f"http{'s' if tls else ''}://{address}:{server.server_address[1]}")
    server.web = web
    if tls:
        web.authority = Authority(tls)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*web.authority.issue("server", address, "localhost", expired=expired))
        if client_certs:
            context.verify_mode = ssl.CERT_REQUIRED
            context.load_verify_locations(web.authority.ca)
        # The handshake belongs to the thread of the request: one bad client must not stop the others.
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield web
    finally:
        server.over.set()
        server.shutdown()
        server.server_close()


class _Server(http.server.ThreadingHTTPServer):
    web: Web
    daemon_threads = True

    def __init__(self, *args: object) -> None:
        super().__init__(*args)
        self.over = threading.Event()

    def handle_error(self, request: object, client_address: object) -> None:
        """Clients that hang up are what some tests are about."""


class _Handler(http.server.BaseHTTPRequestHandler):
    server: _Server
    timeout = 30

    def log_message(self, *_: object) -> None:
        """Quiet: tests read ``Web.requests``."""

    def answer(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        body = self.rfile.read(length) if length else b""
        headers = {name.lower(): value for name, value in self.headers.items()}
        asked = Request(self.command, self.path, headers, body)
        self.server.web.requests.append(asked)
        parts = urlsplit(self.path)
        words = [unquote(word) for word in parts.path.strip("/").split("/")]
        query = {name: values[-1] for name, values in parse_qs(parts.query, keep_blank_values=True).items()}
        page = PAGES.get(words[0])
        if self.command == "PUT" and page is None:
            self.server.web.files[parts.path] = File(body)
            return self.give(201, b"")
        if page is None:
            return self.file(self.path if self.path in self.server.web.files else parts.path)
        return page(self, words[1:], query, asked)

    do_GET = do_HEAD = do_POST = do_PUT = do_DELETE = do_PATCH = do_OPTIONS = answer

    def give(self, code: int, body: bytes, type: str = "text/plain", length: int | None = None, **more: object) -> None:
        self.send_response(code)
        for name, value in {"Content_Type": type, **more}.items():
            for each in value if isinstance(value, list) else [value]:
                self.send_header(name.replace("_", "-"), str(each))
        if code not in (204, 304):
            self.send_header("Content-Length", str(len(body) if length is None else length))
        self.end_headers()
        if self.command != "HEAD" and code not in (204, 304):
            self.wfile.write(body)

    def file(self, path: str) -> None:
        found = self.server.web.files.get(path)
        if found is None:
            return self.give(404, b"there is nothing here\n")
        marks = {"ETag": found.etag, "Last_Modified": email.utils.formatdate(found.modified, usegmt=True)}
        since = self.headers.get("If-Modified-Since")
        fresh = since and email.utils.parsedate_to_datetime(since).timestamp() >= found.modified
        if self.headers.get("If-None-Match") == found.etag or fresh:
            return self.give(304, b"", **marks)
        return self.give(200, found.data, found.type, **marks)

    def wait(self, seconds: float) -> None:
        self.server.over.wait(seconds)


Words = list[str]
Query = dict[str, str]


def _echo(it: _Handler, words: Words, query: Query, asked: Request) -> None:
    shown = {"method": asked.method, "path": asked.path, "headers": asked.headers, "body": asked.body.decode("latin-1")}
    it.give(200, json.dumps(shown).encode(), "application/json")


def _status(it: _Handler, words: Words, query: Query, asked: Request) -> None:
    it.give(int(words[0]), f"status {words[0]}\n".encode())


def _redirect(it: _Handler, words: Words, query: Query, asked: Request) -> None:
    it.give(int(words[0]), b"elsewhere\n", Location=query["to"])


def _loop(it: _Handler, words: Words, query: Query, asked: Request) -> None:
    it.give(302, b"", Location=it.path)


def _basic(it: _Handler, words: Words, query: Query, asked: Request) -> None:
    expected = "Basic " + base64.b64encode(":".join(words[:2]).encode()).decode()
    if asked.headers.get("authorization") == expected:
        return it.give(200, b"welcome\n")
    return it.give(401, b"who are you?\n", WWW_Authenticate='Basic realm="tests"')


def _digest(it: _Handler, words: Words, query: Query, asked: Request) -> None:
    given = dict(re.findall(r'(\w+)="?([^",]*)"?', asked.headers.get("authorization", "").partition(" ")[2]))
    nonces = it.server.web.nonces
    if given.get("nonce") in nonces and given.get("response") == _response(words, given, asked.method):
        return it.give(200, b"welcome\n")
    nonce = secrets.token_hex(8)
    nonces.add(nonce)
    return it.give(401, b"who are you?\n", WWW_Authenticate=f'Digest realm="tests", nonce="{nonce}", qop="auth"')


def _response(words: Words, given: dict[str, str], method: str) -> str:
    def md5(text: str) -> str:
        return hashlib.md5(text.encode()).hexdigest()

    login, what = md5(f"{words[0]}:tests:{words[1]}"), md5(f"{method}:{given.get('uri')}")
    return md5(":".join([login, given["nonce"], given.get("nc", ""), given.get("cnonce", ""), "auth", what]))


def _header(it: _Handler, words: Words, query: Query, asked: Request) -> None:
    right = asked.headers.get(words[0].lower()) == words[1]
    it.give(200 if right else 403, b"right\n" if right else b"wrong\n")


def _gzip(it: _Handler, words: Words, query: Query, asked: Request) -> None:
    packed = gzip.compress(b"unpacked\n" * 1000)
    it.give(200, packed[:10] + b"\xff" * 40 if "broken" in query else packed, Content_Encoding="gzip")


def _cookies(it: _Handler, words: Words, query: Query, asked: Request) -> None:
    it.give(200, b"", Set_Cookie=[f"{name}={value}; Path=/" for name, value in query.items()])


def _slow(it: _Handler, words: Words, query: Query, asked: Request) -> None:
    it.wait(float(query["seconds"]))
    it.give(200, b"at last\n")


def _drip(it: _Handler, words: Words, query: Query, asked: Request) -> None:
    it.send_response(200)
    it.send_header("Content-Length", "20")
    it.end_headers()
    for _ in range(2):
        it.wfile.write(b"0123456789")
        it.wfile.flush()
        it.wait(float(query["seconds"]))


def _cut(it: _Handler, words: Words, query: Query, asked: Request) -> None:
    it.close_connection = True
    it.give(200, b"not all", length=int(query.get("length", 1000)))


def _silence(it: _Handler, words: Words, query: Query, asked: Request) -> None:
    it.close_connection = True


def _garbage(it: _Handler, words: Words, query: Query, asked: Request) -> None:
    it.close_connection = True
    it.wfile.write(b"\x00\xff this is not HTTP\r\n\r\n")


def _named(it: _Handler, words: Words, query: Query, asked: Request) -> None:
    it.give(200, b"named\n", Content_Disposition=f'attachment; filename="{query["file"]}"')


def _text(it: _Handler, words: Words, query: Query, asked: Request) -> None:
    it.give(int(query.get("code", 200)), query.get("body", "").encode(), query.get("type", "text/plain"))


PAGES = {
    "echo": _echo,
    "status": _status,
    "redirect": _redirect,
    "loop": _loop,
    "basic": _basic,
    "digest": _digest,
    "header": _header,
    "gzip": _gzip,
    "cookies": _cookies,
    "slow": _slow,
    "drip": _drip,
    "cut": _cut,
    "silence": _silence,
    "garbage": _garbage,
    "named": _named,
    "text": _text,
}
