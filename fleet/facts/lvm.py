"""LVM's physical volumes, volume groups and logical volumes."""

import os

NAMES = ("lvm",)
SUBSETS = ("hardware",)
OPTIONS = ["--noheadings", "--nosuffix", "--units", "g", "--separator", ","]

# Fact: program and the fields asked for; the first is the key
REPORTS = {
    "vgs": ("vgs", ("vg_name", "num_pvs:pv_count", "num_lvs:lv_count", "size_g:vg_size", "free_g:vg_free")),
    "lvs": ("lvs", ("lv_name", "vg:vg_name", "size_g:lv_size")),
    "pvs": ("pvs", ("pv_name", "vg:vg_name", "size_g:pv_size", "free_g:pv_free")),
}


def collect(host):
    if os.getuid() != 0 or not host.which("vgs"):
        return {"lvm": "N/A"}
    return {"lvm": {name: _report(host, *REPORTS[name]) for name in REPORTS}}


def _report(host, program, fields):
    columns = ",".join(field.rpartition(":")[2] for field in fields)
    ran = host.run([host.need(program, "lvm2")] + OPTIONS + ["-o", columns], ok=None)
    return table(ran.lines, [field.partition(":")[0] for field in fields])


def table(lines, names):
    """Comma-separated lines as {first column: {name: value}}. Pure."""
    found = {}
    for line in lines:
        values = line.strip().split(",")
        if len(values) == len(names):
            found[values[0]] = dict(zip(names[1:], values[1:]))
    return found
