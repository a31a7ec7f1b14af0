"""The full name of the host; apart from the platform because the resolver may have to ask for it."""

import os
import socket

NAMES = ("domain", "fqdn")
SUBSETS = ("platform",)


def collect(host):
    full = socket.getfqdn(os.uname().nodename)
    return {"fqdn": full, "domain": full.partition(".")[2]}
