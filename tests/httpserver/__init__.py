"""A web server for tests: right, wrong, slow and broken answers over HTTP and HTTPS, without the Internet."""

from httpserver.authority import Authority
from httpserver.server import File, Request, Web, serving

__all__ = ["Authority", "File", "Request", "Web", "serving"]
