"""Ask a web server: redirects, logins, proxies, certificates, compression. An Answer says what came of it.

``args`` are a module's arguments about URLs by Ansible's names (URL_ARGS); those that are missing have their default.
"""

import base64
import os
import socket

from fleet.remote.spec import Arg

AGENT = "ansible-httpget"
URL_ARGS = {
    "ciphers": Arg("list", elements="str", help="TLS ciphers to offer, in OpenSSL's names."),
    "client_cert": Arg("path", help="PEM file with the certificate (and maybe the key) to show to the server."),
    "client_key": Arg("path", help="PEM file with the key of `client_cert`."),
    "decompress": Arg("bool", True, help="Unpack an answer that the server compressed with gzip."),
    "force_basic_auth": Arg("bool", False, help="Send the login with the first request, unasked."),
    "headers": Arg("dict", help="Headers to send along."),
    "http_agent": Arg(default=AGENT, help="What to call oneself."),
    "unredirected_headers": Arg("list", [], elements="str", help="Headers that are not sent on to a redirect's goal."),
    "use_gssapi": Arg("bool", False, help="Log in with GSSAPI; fleet does not support this."),
    "use_netrc": Arg("bool", True, help="Log in with what ~/.netrc says of the server."),
    "use_proxy": Arg("bool", True, help="Go through the proxy that the environment names."),
    "validate_certs": Arg("bool", True, help="Check the server's certificate."),
}


class Answer(object):
    """What a server said. ``status`` is -1 where nothing came back, and ``msg`` tells why."""

    def __init__(self, url, status, msg, source=None, jar=(), decompress=True):
        self.url = url
        self.status = status
        self.msg = msg
        self.jar = jar
        self.source = source
        self.headers = _merged(source.headers) if source is not None and source.headers is not None else {}
        self._unpack = None
        if decompress and self.headers.get("content-encoding", "").lower() in ("gzip", "x-gzip"):
            import zlib

            self._unpack = zlib.decompressobj(31)

    @property
    def ok(self):
        return 200 <= self.status < 300

    @property
    def cookies(self):
        return dict((cookie.name, cookie.value) for cookie in self.jar)

    def chunks(self, size=1 << 16):
        """The body, piece by piece. Raises OSError where it ends early."""
        import http.client
        import zlib

        seen = 0
        try:
            for data in iter(lambda: self.source.read(size), b""):
                seen += len(data)
                data = self._unpack.decompress(data) if self._unpack else data
                if data:
                    yield data
        except http.client.IncompleteRead as error:
            raise OSError("the answer ended after %d bytes" % (seen + len(error.partial)))
        except http.client.HTTPException as error:
            raise OSError("the answer is broken: %s" % error)
        except zlib.error as error:
            raise OSError("the answer cannot be unpacked: %s" % error)
        self._whole(seen)

    def _whole(self, seen):
        missing = getattr(self.source, "length", None)
        announced = self.headers.get("content-length", "")
        if missing or (announced.isdigit() and seen < int(announced)):
            raise OSError("the answer ended after %d of %s bytes" % (seen, announced))
        if self._unpack and seen and not self._unpack.eof:
            raise OSError("the compressed answer ended after %d bytes" % seen)

    def read(self):
        """The whole body. Raises OSError."""
        return b"".join(self.chunks()) if self.source is not None else b""

    def close(self):
        if self.source is not None:
            self.source.close()


def _merged(headers):
    """Names in lower case; what comes several times is joined with commas."""
    merged = {}
    for name, value in headers.items():
        name = name.lower()
        merged[name] = "%s, %s" % (merged[name], value) if name in merged else value
    return merged


def ask(url, args, environ=None, data=None, headers=None, method=None, since=None, follow="urllib2", no_cache=False):
    """The Answer to one request. Wrong arguments (a missing file of certificates) raise ValueError.

    ``environ`` names proxies and the home folder. ``data`` are bytes or a file. ``since`` is a time: only what is
    newer is wanted. ``follow`` says which redirects are followed: all, safe (GET and HEAD), none, urllib2.
    """
    import http.client
    import ssl
    import urllib.error
    import urllib.request
    from http.cookiejar import CookieJar

    from fleet.remote import httphandlers

    environ = os.environ if environ is None else environ
    if args.get("use_gssapi"):
        raise ValueError("use_gssapi: logging in with GSSAPI is not supported")
    url, name, password = _login(url, args)
    jar = CookieJar()
    handlers = httphandlers.build(url, args, environ, follow, name, password, jar)
    request = _request(url, args, environ, data, headers, method, since, no_cache, name, password)
    decompress = args.get("decompress", True)
    try:
        source = urllib.request.build_opener(*handlers).open(request, timeout=args.get("timeout") or 10)
        status = source.getcode() or 200
        size = source.headers.get("Content-Length", "unknown")
        return Answer(source.geturl(), status, "OK (%s bytes)" % size, source, jar, decompress)
    except urllib.error.HTTPError as error:
        return Answer(error.geturl() or url, error.code, str(error), error, jar, decompress)
    except urllib.error.URLError as error:
        if isinstance(error.reason, ssl.SSLError):
            return Answer(url, -1, _distrust(request.host, error.reason))
        return Answer(url, -1, "Request failed: %s" % error)
    except ssl.SSLError as error:
        return Answer(url, -1, _distrust(request.host, error))
    except socket.timeout:
        return Answer(url, -1, "Connection failure: timed out")
    except http.client.BadStatusLine as error:
        closed = isinstance(error, OSError)  # RemoteDisconnected
        return Answer(url, -1, "Connection failure: %s" % (error if closed else "the answer is no HTTP: %s" % error))
    except (OSError, http.client.HTTPException) as error:
        return Answer(url, -1, "Connection failure: %s" % (error or type(error).__name__))


def _distrust(place, reason):
    return ("Failed to validate the SSL certificate for %s. Make sure your managed systems have a valid CA certificate "
            "installed, or set validate_certs to false if you understand and accept the risk: %s" % (place, reason))


def _login(url, args):
    """The URL without a login in it, and the name and password to log in with (or None)."""
    from urllib.parse import unquote, urlsplit, urlunsplit

    parts = urlsplit(url)
    name, password = args.get("url_username"), args.get("url_password")
    if "@" in parts.netloc and parts.scheme != "ftp":
        login, _, place = parts.netloc.rpartition("@")
        url = urlunsplit(parts._replace(netloc=place))
        if not name:
            given, _, secret = login.partition(":")
            name, password = unquote(given), unquote(secret)
    return url, name or None, password or ""


def basic(name, password):
    """The value of the header ``Authorization``."""
    return "Basic " + base64.b64encode(("%s:%s" % (name, password)).encode("utf-8")).decode("ascii")


def _request(url, args, environ, data, headers, method, since, no_cache, name, password):
    from email.utils import formatdate
    from urllib.parse import quote, urlsplit
    from urllib.request import Request

    # Blanks and letters of other languages are sent as what a browser would make of them.
    request = Request(quote(url, safe="".join(map(chr, range(0x21, 0x7F)))), data=data, method=method)
    plain = set(each.lower() for each in args.get("unredirected_headers") or ())
    sent = {"User-Agent": args.get("http_agent") or AGENT}
    if no_cache:
        sent["Cache-Control"] = "no-cache"
    elif since is not None:
        sent["If-Modified-Since"] = formatdate(since, usegmt=True)
    sent.update((str(key), _text(value)) for key, value in (headers or {}).items())
    for key, value in sent.items():
        (request.add_unredirected_header if key.lower() in plain else request.add_header)(key, value)
    login = None
    if name is None and args.get("use_netrc", True):
        login = _netrc(urlsplit(url).hostname or "", environ)
    elif name is not None and args.get("force_basic_auth"):
        login = (name, password)
    if login:
        request.headers.pop("Authorization", None)
        request.login = basic(*login)
        request.add_unredirected_header("Authorization", request.login)
    return request


def _text(value):
    text = str(value)
    if "\n" in text or "\r" in text:
        raise ValueError("a header must not hold a line break: %r" % text)
    return text


def _netrc(place, environ):
    import netrc

    path = environ.get("NETRC") or os.path.join(environ.get("HOME") or os.path.expanduser("~"), ".netrc")
    try:
        found = netrc.netrc(path).authenticators(place)
    except (OSError, netrc.NetrcParseError, UnicodeDecodeError):
        return None
    return (found[0], found[2] or "") if found else None
