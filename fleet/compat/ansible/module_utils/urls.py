"""Requests over HTTP and FTP, for modules: open_url raises, fetch_url answers with (response, info)."""

import base64
import email.utils
import http.client
import io
import os
import socket
import ssl
import tempfile
import urllib.error
import urllib.request
from contextlib import closing
from http import cookiejar
from urllib.parse import unquote, urlparse, urlunparse

from ansible.module_utils._forms import prepare_multipart  # noqa: F401
from ansible.module_utils.common.text.converters import to_bytes, to_native, to_text

HAS_SSL = True
HAS_GSSAPI = False


class ConnectionError(Exception):
    """The server cannot be reached."""


class ProxyError(ConnectionError):
    """The proxy cannot be reached."""


class SSLValidationError(ConnectionError):
    """The server's certificate is not to be trusted."""


class NoSSLError(SSLValidationError):
    """There is no TLS."""


class MissingModuleError(Exception):
    """A Python library that is needed is missing."""

    def __init__(self, message, import_traceback=None, module=None):
        Exception.__init__(self, message)
        self.import_traceback = import_traceback
        self.module = module


class _Redirects(urllib.request.HTTPRedirectHandler):
    """Follows as ``follow_redirects`` says: all, safe (GET and HEAD), none, urllib2."""

    def __init__(self, how):
        self.how = {True: "all", False: "none", "yes": "all", "no": "none", None: "urllib2"}.get(how, how)

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        method = req.get_method()
        if self.how == "urllib2":
            return urllib.request.HTTPRedirectHandler.redirect_request(self, req, fp, code, msg, headers, newurl)
        if self.how == "none" or (self.how == "safe" and method not in ("GET", "HEAD")):
            raise urllib.error.HTTPError(newurl, code, msg, headers, fp)
        keep = code in (307, 308) or method in ("GET", "HEAD")
        sent = dict((key, value) for key, value in req.headers.items()
                    if key.lower() not in ("content-length", "content-type") or keep)
        if urlparse(newurl).netloc != urlparse(req.full_url).netloc:
            # Who asks one server does not tell the next one the password.
            sent = dict((key, value) for key, value in sent.items() if key.lower() not in ("authorization", "cookie"))
        new = urllib.request.Request(newurl.replace(" ", "%20"), data=req.data if keep else None, headers=sent,
                                     origin_req_host=req.origin_req_host, unverifiable=True,
                                     method=method if keep else "GET")
        return new

    http_error_308 = urllib.request.HTTPRedirectHandler.http_error_302


class _UnixHTTP(http.client.HTTPConnection):
    path = ""

    def connect(self):
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(self.timeout)
        self.sock.connect(self.path)


class _UnixHandler(urllib.request.HTTPHandler):
    def __init__(self, path):
        urllib.request.HTTPHandler.__init__(self)
        self.path = path

    def http_open(self, req):
        return self.do_open(type("_Unix", (_UnixHTTP,), {"path": self.path}), req)


def make_context(cafile=None, cadata=None, ciphers=None, validate_certs=True, client_cert=None, client_key=None):
    """How TLS is spoken."""
    context = ssl.create_default_context(cafile=cafile, cadata=cadata)
    if not validate_certs:
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    if ciphers:
        context.set_ciphers(":".join(ciphers) if isinstance(ciphers, (list, tuple)) else ciphers)
    if client_cert:
        context.load_cert_chain(client_cert, keyfile=client_key)
    return context


def basic_auth_header(username, password):
    """The value of ``Authorization`` for a name and a password."""
    return b"Basic " + base64.b64encode(to_bytes("%s:%s" % (to_text(username), to_text(password or ""))))


def rfc2822_date_string(timetuple, zone="-0000"):
    return email.utils.formatdate(__import__("calendar").timegm(timetuple))


def get_user_agent():
    return "ansible-httpget"


def open_url(url, data=None, headers=None, method=None, use_proxy=True, force=False, last_mod_time=None, timeout=10,
             validate_certs=True, url_username=None, url_password=None, http_agent=None, force_basic_auth=False,
             follow_redirects="urllib2", client_cert=None, client_key=None, cookies=None, use_gssapi=False,
             unix_socket=None, ca_path=None, unredirected_headers=None, decompress=True, ciphers=None,
             use_netrc=True):
    """The response. Raises what urllib raises."""
    if use_gssapi:
        raise MissingModuleError("GSSAPI authentication is not supported", module="gssapi")
    parts = urlparse(url)
    if "@" in parts.netloc and url_username is None:
        login, _, host = parts.netloc.rpartition("@")
        name, _, password = login.partition(":")
        url_username, url_password = unquote(name), unquote(password)
        url = urlunparse(parts._replace(netloc=host))
    handlers = [_Redirects(follow_redirects), urllib.request.HTTPCookieProcessor(
        cookies if cookies is not None else cookiejar.CookieJar())]
    if not use_proxy:
        handlers.append(urllib.request.ProxyHandler({}))
    if unix_socket:
        handlers.append(_UnixHandler(unix_socket))
    if parts.scheme == "https":
        handlers.append(urllib.request.HTTPSHandler(context=make_context(
            ca_path, None, ciphers, validate_certs, client_cert, client_key)))
    sent = dict(headers or {})
    if url_username and not force_basic_auth:
        keys = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        keys.add_password(None, url, url_username, url_password or "")
        handlers += [urllib.request.HTTPBasicAuthHandler(keys), urllib.request.HTTPDigestAuthHandler(keys)]
    elif url_username:
        sent["Authorization"] = basic_auth_header(url_username, url_password).decode("ascii")
    elif use_netrc:
        _netrc(parts.hostname, sent)
    if http_agent:
        sent["User-agent"] = http_agent
    if force:
        sent["cache-control"] = "no-cache"
    elif last_mod_time:
        sent["If-Modified-Since"] = email.utils.format_datetime(last_mod_time)
    if decompress:
        sent.setdefault("Accept-encoding", "gzip")
    request = urllib.request.Request(url, data=to_bytes(data, nonstring="passthru") if data is not None else None,
                                     method=method.upper() if method else None)
    for key, value in sent.items():
        plain = key.lower() in [name.lower() for name in unredirected_headers or ()]
        (request.add_unredirected_header if plain else request.add_header)(key, to_native(value))
    return _unpacked(urllib.request.build_opener(*handlers).open(request, None, timeout), decompress)


class Request(object):
    """Requests that share what they are sent with: the words of ``open_url``, given once or with each request."""

    def __init__(self, headers=None, **shared):
        self.headers = dict(headers or {})
        self.shared = dict({"cookies": cookiejar.CookieJar()}, **shared)

    def open(self, method, url, data=None, headers=None, **words):
        """The response. Raises what urllib raises."""
        given = dict((name, value) for name, value in words.items() if value is not None)
        sent = dict(self.headers, **(headers or {}))
        return open_url(url, data=data, method=method, headers=sent, **dict(self.shared, **given))

    def get(self, url, **words):
        return self.open("GET", url, **words)

    def options(self, url, **words):
        return self.open("OPTIONS", url, **words)

    def head(self, url, **words):
        return self.open("HEAD", url, **words)

    def post(self, url, data=None, **words):
        return self.open("POST", url, data=data, **words)

    def put(self, url, data=None, **words):
        return self.open("PUT", url, data=data, **words)

    def patch(self, url, data=None, **words):
        return self.open("PATCH", url, data=data, **words)

    def delete(self, url, **words):
        return self.open("DELETE", url, **words)


def _netrc(host, sent):
    """Who logs in at ``host`` by the user's netrc file."""
    import netrc

    try:
        found = netrc.netrc(os.environ.get("NETRC")).authenticators(host or "")
    except (OSError, netrc.NetrcParseError):
        return
    if found and "Authorization" not in sent:
        sent["Authorization"] = basic_auth_header(found[0], found[2]).decode("ascii")


def _unpacked(response, decompress):
    if decompress and response.headers.get("Content-Encoding", "").lower() == "gzip":
        import gzip

        response.fp = io.BufferedReader(gzip.GzipFile(fileobj=io.BytesIO(response.fp.read())))
        response.length = None
        response.read = response.fp.read
    return response


def url_argument_spec():
    """The arguments that modules about URLs share."""
    return {
        "url": {"type": "str"},
        "force": {"type": "bool", "default": False},
        "http_agent": {"type": "str", "default": "ansible-httpget"},
        "use_proxy": {"type": "bool", "default": True},
        "validate_certs": {"type": "bool", "default": True},
        "url_username": {"type": "str"},
        "url_password": {"type": "str", "no_log": True},
        "force_basic_auth": {"type": "bool", "default": False},
        "client_cert": {"type": "path"},
        "client_key": {"type": "path"},
        "use_gssapi": {"type": "bool", "default": False},
    }


def url_redirect_argument_spec(**kwargs):
    """The argument about redirects."""
    return {"follow_redirects": {"type": "str", "default": "safe",
                                 "choices": ["all", "no", "none", "safe", "urllib2", "yes"]}}


def fetch_url(module, url, data=None, headers=None, method=None, use_proxy=None, force=False, last_mod_time=None,
              timeout=10, use_gssapi=False, unix_socket=None, ca_path=None, cookies=None, unredirected_headers=None,
              decompress=True, ciphers=None, use_netrc=True):
    """(response, info): what happened stands in ``info``, whose ``status`` is -1 where no answer came."""
    params = module.params
    jar = cookies if cookies is not None else cookiejar.CookieJar()
    info = {"url": url, "status": -1}
    response = None
    try:
        response = open_url(
            url, data=data, headers=headers, method=method, force=force, last_mod_time=last_mod_time, timeout=timeout,
            use_proxy=params.get("use_proxy", True) if use_proxy is None else use_proxy,
            validate_certs=params.get("validate_certs", True), url_username=params.get("url_username") or "" or None,
            url_password=params.get("url_password"), http_agent=params.get("http_agent") or "ansible-httpget",
            force_basic_auth=params.get("force_basic_auth") or False,
            follow_redirects=params.get("follow_redirects") or "urllib2", client_cert=params.get("client_cert"),
            client_key=params.get("client_key"), cookies=jar, use_gssapi=params.get("use_gssapi") or False,
            unix_socket=unix_socket, ca_path=ca_path, unredirected_headers=unredirected_headers,
            decompress=decompress, ciphers=ciphers, use_netrc=use_netrc)
        info.update((key.lower(), value) for key, value in response.headers.items())
        info.update(msg="OK (%s bytes)" % response.headers.get("Content-Length", "unknown"), url=response.geturl(),
                    status=response.getcode())
        info["cookies"] = dict((cookie.name, cookie.value) for cookie in jar)
        info["cookies_string"] = "; ".join("%s=%s" % pair for pair in info["cookies"].items())
    except urllib.error.HTTPError as error:
        response = _unpacked(error, decompress)
        info.update((key.lower(), value) for key, value in error.headers.items())
        info.update(msg=str(error), status=error.code, body=_body(response))
    except urllib.error.URLError as error:
        info.update(msg="Request failed: %s" % error)
        if isinstance(error.reason, ssl.SSLError):
            info["msg"] = "Failed to validate the SSL certificate for %s: %s" % (urlparse(url).netloc, error.reason)
    except socket.timeout:
        info.update(msg="Connection failure: timed out")
    except (OSError, http.client.HTTPException) as error:
        info.update(msg="Connection failure: %s" % (error or type(error).__name__))
    except MissingModuleError as error:
        module.fail_json(msg=str(error))
    except (ValueError, TypeError) as error:
        info.update(msg="An unknown error occurred: %s" % error)
    return response, info


def _body(response):
    try:
        return response.read()
    except (OSError, AttributeError, http.client.HTTPException):
        return ""


def fetch_file(module, url, data=None, headers=None, method=None, use_proxy=True, force=False, last_mod_time=None,
               timeout=10, unredirected_headers=None, decompress=True, ciphers=None):
    """Download into a file of ``module.tmpdir`` and give its path."""
    name, ending = os.path.splitext(os.path.basename(urlparse(url).path))
    handle, path = tempfile.mkstemp(dir=module.tmpdir, prefix=name[:40], suffix=ending)
    module.add_cleanup_file(path)
    response, info = fetch_url(module, url, data, headers, method, use_proxy, force, last_mod_time, timeout,
                               unredirected_headers=unredirected_headers, decompress=decompress, ciphers=ciphers)
    if response is None or info["status"] >= 400:
        os.close(handle)
        module.fail_json(msg="Failure downloading %s, %s" % (url, info["msg"]))
    with os.fdopen(handle, "wb") as sink, closing(response):
        for chunk in iter(lambda: response.read(1 << 16), b""):
            sink.write(chunk)
    return path


def generic_urlparse(parts):
    """The parts of a parsed URL by name, login included."""
    found = {"scheme": parts.scheme, "netloc": parts.netloc, "path": parts.path, "params": parts.params,
             "query": parts.query, "fragment": parts.fragment, "username": parts.username,
             "password": parts.password, "hostname": parts.hostname, "port": parts.port}
    return type("ParseResultDottedDict", (dict,), {
        "__getattr__": lambda self, name: self.get(name),
        "as_list": lambda self: [self.get(key) for key in ("scheme", "netloc", "path", "params", "query", "fragment")],
    })(found)
