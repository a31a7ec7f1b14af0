"""Main memory and swap."""

from fleet.remote import look

NAMES = ("memfree_mb", "memory_mb", "memtotal_mb", "swapfree_mb", "swaptotal_mb")
SUBSETS = ("hardware",)


def collect(host):
    return memory(look.lines("/proc/meminfo"))


def memory(meminfo):
    """The facts in MiB from the lines of /proc/meminfo. Pure."""
    size = {}
    for line in meminfo:
        name, _, rest = line.partition(":")
        words = rest.split()
        if words and words[0].isdigit():
            size[name] = int(words[0]) // 1024
    get = lambda name: size.get(name, 0)  # noqa: E731
    total, free = get("MemTotal"), get("MemFree")
    cacheless = free + get("Cached") + get("Buffers")
    return {
        "memtotal_mb": total,
        "memfree_mb": free,
        "swaptotal_mb": get("SwapTotal"),
        "swapfree_mb": get("SwapFree"),
        "memory_mb": {
            "real": {"total": total, "used": total - free, "free": free},
            "nocache": {"free": cacheless, "used": total - cacheless},
            "swap": {
                "total": get("SwapTotal"),
                "free": get("SwapFree"),
                "used": get("SwapTotal") - get("SwapFree"),
                "cached": get("SwapCached"),
            },
        },
    }
