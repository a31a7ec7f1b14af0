"""The processors."""

import os

from fleet.remote import look

NAMES = (
    "flags",
    "processor",
    "processor_cores",
    "processor_count",
    "processor_nproc",
    "processor_threads_per_core",
    "processor_vcpus",
)
SUBSETS = ("hardware", "processor", "processor_cores", "processor_count")
SHOWN = ("processor", "vendor_id", "model name", "Processor", "cpu", "Vendor")


def collect(host):
    try:
        usable = len(os.sched_getaffinity(0))
    except OSError:
        usable = os.cpu_count() or 1
    return processors(look.lines("/proc/cpuinfo"), usable)


def processors(cpuinfo, usable):
    """The facts from the lines of /proc/cpuinfo; ``usable`` is how many may be used. Pure."""
    facts = {"processor": [], "processor_nproc": usable}
    number, sockets, physical, siblings, cores = 0, {}, "0", 0, 0
    for line in cpuinfo:
        name, _, value = line.partition(":")
        name, value = name.strip(), value.strip()
        if name in SHOWN:
            facts["processor"].append(value)
        if name == "processor":
            number += 1
        elif name == "physical id":
            physical = value
            sockets.setdefault(physical, 1)
        elif name == "cpu cores":
            cores = int(value)
            sockets[physical] = cores
        elif name == "siblings":
            siblings = int(value)
        elif name in ("flags", "Features") and "flags" not in facts:
            facts["flags"] = value.split()
    threads = siblings // cores if cores and siblings >= cores else 1
    facts["processor_count"] = len(sockets) or number
    facts["processor_cores"] = (sockets and list(sockets.values())[0]) or 1
    facts["processor_threads_per_core"] = threads
    facts["processor_vcpus"] = threads * facts["processor_count"] * facts["processor_cores"]
    return facts
