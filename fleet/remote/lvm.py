"""LVM's reports (vgs, lvs, pvs) as dicts, its commands with the words a failure needs."""

import shlex

from fleet.remote.host import Failed

PACKAGE = "lvm2"


def report(host, program, fields, words=(), units="b"):
    """[{field: text}] of a report, or None where LVM does not know what ``words`` name (exit code 5)."""
    argv = [host.need(program, PACKAGE), "--noheadings", "--nosuffix", "--units", units, "--separator", ";", "-o", ",".join(fields)]
    ran = host.run(argv + list(words), ok=None)
    rows = table(ran.out, fields)
    if ran.rc == 5:
        # Also when one group of many cannot be read; the others are told.
        return rows or None
    if ran.rc != 0:
        raise Failed("Failed executing %s command." % program, rc=ran.rc, err=ran.err)
    return rows


def table(text, fields):
    """The lines of a report whose columns are parted by ; . Pure."""
    found = []
    for line in text.splitlines():
        values = [value.strip() for value in line.strip().split(";")]
        if len(values) == len(fields):
            found.append(dict(zip(fields, values)))
    return found


def command(host, message, program, words):
    """Run one of LVM's programs; raise Failed with ``message``, ``rc`` and ``err``."""
    ran = host.run([host.need(program, PACKAGE)] + words, ok=None)
    if ran.rc != 0:
        raise Failed(message, rc=ran.rc, err=ran.err)
    return ran


def volume_sizes(host, device):
    """Of a physical volume: its bytes, those it could take, those by which it grows at least (a group's extent)."""
    fields = ("pv_size", "dev_size", "pe_start", "vg_extent_size")
    rows = report(host, "pvs", fields, [device])
    if not rows:
        raise Failed("%s is no physical volume" % device)
    size, room, start, extent = [int(float(rows[0][name] or 0)) for name in fields]
    return (size, room - start, extent) if extent else (size, room, 1)


def words(text, name):
    """Options as a user writes them in one line."""
    try:
        return shlex.split(text or "")
    except ValueError as error:
        raise Failed("%s: %s: %s" % (name, error, text))
