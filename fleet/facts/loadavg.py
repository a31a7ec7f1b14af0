"""How busy the host is."""

import os

NAMES = ("loadavg",)
SUBSETS = ("loadavg",)


def collect(host):
    return {"loadavg": dict(zip(("1m", "5m", "15m"), os.getloadavg()))}
