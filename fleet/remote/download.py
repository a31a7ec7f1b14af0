"""Fetch a small file (a key, a package) from a URL into memory or a file."""

from fleet.remote.host import Failed
from fleet.remote.httpclient import ask


def opened(url, validate_certs=True, environ=None, timeout=60):
    """The Answer of a URL that has content; ``environ`` names proxies. Raises OSError, ValueError."""
    answer = ask(url, {"validate_certs": validate_certs, "timeout": timeout}, environ)
    if not answer.ok:
        answer.close()
        raise OSError(answer.msg)
    return answer


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


def fetch_file(url, path, msg, validate_certs=True, environ=None):
    """Write the content behind a URL to ``path``. Raises Failed, ``msg`` first."""
    try:
        source = opened(url, validate_certs, environ)
        try:
            with open(path, "wb") as sink:
                for chunk in source.chunks():
                    sink.write(chunk)
        finally:
            source.close()
    except (OSError, ValueError) as error:
        raise Failed("%s, %s" % (msg, error), url=url)
