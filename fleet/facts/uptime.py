"""How long the host runs."""

from fleet.remote import look

NAMES = ("uptime_seconds",)
SUBSETS = ("hardware",)


def collect(host):
    return {"uptime_seconds": int(float((look.text("/proc/uptime") or "0").split()[0]))}
