"""How urllib asks: which redirects it follows, through which proxy or socket, and whom it trusts."""

import http.client
import socket
import ssl
import urllib.error
import urllib.request

FOLLOW = {"yes": "all", "no": "none", True: "all", False: "none"}
BODY = ("content-length", "content-type", "transfer-encoding")


def build(url, args, environ, follow, name, password, jar):
    """The handlers of one request. Raises ValueError for a file of certificates that cannot be used."""
    made = [
        Redirects(FOLLOW.get(follow, follow)),
        urllib.request.HTTPCookieProcessor(jar),
        Proxies(proxies(environ) if args.get("use_proxy", True) else {}),
        urllib.request.HTTPSHandler(context=context(args, environ)) if url[:6].lower() == "https:" else SecureLater(
            args, environ),
    ]
    if args.get("unix_socket"):
        made.append(SocketHandler(args["unix_socket"]))
    if name is not None and not args.get("force_basic_auth"):
        keys = urllib.request.HTTPPasswordMgrWithDefaultRealm()
        keys.add_password(None, url, name, password)
        made += [urllib.request.HTTPBasicAuthHandler(keys), urllib.request.HTTPDigestAuthHandler(keys)]
    return made


class SecureLater(urllib.request.HTTPSHandler):
    """Loads the certificates when a redirect leads to https: reading the system's takes 20 ms."""

    def __init__(self, args, environ):
        urllib.request.HTTPSHandler.__init__(self, context=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT))
        self.what = (args, environ)

    def https_open(self, req):
        return self.do_open(http.client.HTTPSConnection, req, context=context(*self.what))


def context(args, environ):
    """Whom to trust, and what to show. Raises ValueError."""
    trusted = args.get("ca_path") or environ.get("SSL_CERT_FILE")
    try:
        made = ssl.create_default_context(cafile=trusted or None)
        if not args.get("validate_certs", True):
            made.check_hostname = False
            made.verify_mode = ssl.CERT_NONE
        if args.get("ciphers"):
            made.set_ciphers(":".join(args["ciphers"]))
        if args.get("client_cert"):
            made.load_cert_chain(args["client_cert"], keyfile=args.get("client_key"))
    except (OSError, ssl.SSLError) as error:
        raise ValueError("cannot set up TLS (ca_path, ciphers, client_cert, client_key): %s" % error)
    return made


def proxies(environ):
    """Proxies by scheme; small letters win, as everywhere."""
    found = {}
    for small in (False, True):
        for name, value in environ.items():
            if name.lower().endswith("_proxy") and name.islower() == small and len(name) > 6:
                found[name.lower()[:-6]] = value
    return {scheme: place for scheme, place in found.items() if place}


class Proxies(urllib.request.ProxyHandler):
    """Like urllib's, but by the task's environment: ``no_proxy`` counts for redirects as well."""

    def proxy_open(self, req, proxy, type):
        if req.host and urllib.request.proxy_bypass_environment(req.host, self.proxies):
            return None
        return urllib.request.ProxyHandler.proxy_open(self, req, proxy, type)


class Redirects(urllib.request.HTTPRedirectHandler):
    """Follows as ``how`` says; another method than was asked for is used where browsers change it too."""

    def __init__(self, how):
        self.how = how

    # urllib knows this code since Python 3.11 only.
    http_error_308 = urllib.request.HTTPRedirectHandler.http_error_302

    def redirect_request(self, req, fp, code, msg, headers, newurl):
        made = self._redirected(req, fp, code, msg, headers, newurl)
        # Who is redirected to another server does not tell that one the password.
        if made is not None and getattr(req, "login", None) and req.host.split(":")[0] == made.host.split(":")[0]:
            made.login = req.login
            made.add_unredirected_header("Authorization", req.login)
        return made

    def _redirected(self, req, fp, code, msg, headers, newurl):
        method = req.get_method()
        if self.how == "urllib2":
            code = 307 if code == 308 else code
            return urllib.request.HTTPRedirectHandler.redirect_request(self, req, fp, code, msg, headers, newurl)
        if self.how == "none" or (self.how == "safe" and method not in ("GET", "HEAD")):
            raise urllib.error.HTTPError(req.full_url, code, msg, headers, fp)
        becomes_get = (code in (302, 303) and method != "HEAD") or (code == 301 and method == "POST")
        sent = {name: value for name, value in req.headers.items()
                if not (becomes_get and name.lower() in BODY)}
        return urllib.request.Request(
            newurl.replace(" ", "%20"), data=None if becomes_get else req.data, headers=sent,
            origin_req_host=req.origin_req_host, unverifiable=True, method="GET" if becomes_get else method,
        )


class SocketHandler(urllib.request.HTTPHandler):
    """HTTP over a Unix socket."""

    def __init__(self, path):
        urllib.request.HTTPHandler.__init__(self)
        self.path = path

    def http_open(self, req):
        path = self.path

        class Connection(http.client.HTTPConnection):
            def connect(self):
                self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
                if isinstance(self.timeout, (int, float)):
                    self.sock.settimeout(self.timeout)
                try:
                    self.sock.connect(path)
                except OSError as error:
                    raise OSError("Invalid Socket File (%s): %s" % (path, error))

        return self.do_open(Connection, req)

