"""The Python that runs modules on the host."""

import sys

NAMES = ("python",)
SUBSETS = ("python",)


def collect(host):
    info = sys.version_info
    fields = ("major", "minor", "micro", "releaselevel", "serial")
    try:
        from importlib.util import find_spec

        secure = find_spec("_ssl") is not None
    except ImportError:
        secure = False
    return {
        "python": {
            "version": {name: getattr(info, name) for name in fields},
            "version_info": list(info),
            "executable": sys.executable,
            "has_sslcontext": secure,
            "type": sys.implementation.name,
        },
    }
