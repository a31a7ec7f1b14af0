"""Fetch a small file (a key, a package) from a URL into memory or a file."""

import shutil

from fleet.remote.host import Failed


def opened(url, validate_certs=True, timeout=60):
    """The open response of a URL; user and password in the URL are sent as Basic. Raises OSError, ValueError."""
    import base64
    import ssl
    from urllib.parse import unquote, urlsplit, urlunsplit
    from urllib.request import Request, urlopen

    parts = urlsplit(url)
    headers = {"User-Agent": "fleet"}
    if "@" in parts.netloc:
        login, _, place = parts.netloc.rpartition("@")
        headers["Authorization"] = "Basic " + base64.b64encode(unquote(login).encode("utf-8")).decode("ascii")
        url = urlunsplit(parts._replace(netloc=place))
    context = None
    if not validate_certs and parts.scheme == "https":
        context = ssl.create_default_context()
        context.check_hostname = False
        context.verify_mode = ssl.CERT_NONE
    return urlopen(Request(url, headers=headers), timeout=timeout, context=context)


def fetch_bytes(url, msg, validate_certs=True):
    """The content behind a URL. Raises Failed, ``msg`` first."""
    try:
        source = opened(url, validate_certs)
        try:
            return source.read()
        finally:
            source.close()
    except (OSError, ValueError) as error:
        raise Failed("%s: %s" % (msg, error), url=url)


def fetch_file(url, path, msg):
    """Write the content behind a URL to ``path``. Raises Failed, ``msg`` first."""
    try:
        source = opened(url)
        try:
            with open(path, "wb") as sink:
                shutil.copyfileobj(source, sink)
        finally:
            source.close()
    except (OSError, ValueError) as error:
        raise Failed("%s, %s" % (msg, error), url=url)
