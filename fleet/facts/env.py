"""The environment of the user that the modules run as."""

import os

NAMES = ("env",)
SUBSETS = ("env",)


def collect(host):
    return {"env": dict(os.environ, **host.env)}
