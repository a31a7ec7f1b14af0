"""Run apt-get and apt-cache: never a question, a bounded wait for locks, output taken apart.

Modules that change packages or sources share this; what is installed is read by ``remote.dpkg``.
"""

import collections
import os
import re
import time

from fleet.remote import dpkg
from fleet.remote.host import Failed, Unmet

LISTS = "/var/lib/apt/lists"
STAMP = "/var/lib/apt/periodic/update-success-stamp"
LOCKS = ("/var/lib/dpkg/lock-frontend", "/var/lib/dpkg/lock", LISTS + "/lock", "/var/cache/apt/archives/lock")
QUIET = {
    "DEBIAN_FRONTEND": "noninteractive",
    "DEBIAN_PRIORITY": "critical",
    "APT_LISTCHANGES_FRONTEND": "none",
    "APT_LISTBUGS_FRONTEND": "none",
    "NEEDRESTART_SUSPEND": "1",
}

Offer = collections.namedtuple("Offer", "installed candidate versions")
"""What apt-cache policy says of one name: versions or "", and all versions to be had, best first."""


def need_apt(host):
    """The full path of apt-get; Failed on a host that has none."""
    found = host.which("apt-get")
    if found is None:
        raise Failed(
            "apt-get was not found: this host does not use apt; the module `package` picks the right manager"
        )
    return found


def apt(host, argv, timeout=60):
    """Run an apt-get command line, waiting up to ``timeout`` seconds for locks others hold. Raises Failed."""
    shown = "'%s'" % " ".join(argv)
    deadline = time.time() + timeout
    while True:
        ran = host.run(argv, ok=None, env=QUIET)
        if ran.rc == 0:
            return ran
        if not is_locked(ran.err) or time.time() >= deadline:
            break
        time.sleep(min(1.0, max(0.1, deadline - time.time())))
    told = squeeze(ran.out)
    raise failure(host, "%s failed: %s" % (shown, ran.err or ran.out), ran, told)


def failure(host, msg, ran, told):
    """The Failed for an apt-get that failed: the cause in plain words and what to do about it."""
    keys = dict(rc=ran.rc, stdout=told, stderr=ran.err)
    unknown = re.search(r"E: Unable to locate package (\S+)", ran.err)
    if unknown:
        return Unmet("No package matching '%s' is available" % unknown.group(1))
    missing = re.search(r"E: Version '([^']+)' for '([^']+)' was not found", ran.err)
    if missing:
        return Unmet(
            "no available installation candidate for %s=%s" % (missing.group(2), missing.group(1)), **keys
        )
    if is_locked(ran.err):
        return Failed("%s\nThe package database is locked%s" % (msg.rstrip(), held_by(ran.err)), **keys)
    if "dpkg --configure -a" in ran.err:
        return Failed(
            "%s\nAn earlier dpkg run was cut off; `apt: {state: fixed}` finishes it (or run "
            "'dpkg --configure -a' on the host)" % msg.rstrip(),
            **keys,
        )
    if "--allow-change-held-packages" in ran.err:
        return Failed(
            "%s\nOn hold: %s; set allow_change_held_packages: true to change them"
            % (msg.rstrip(), ", ".join(dpkg.read_status(host).held()) or "unknown"),
            **keys
        )
    return Failed(msg, **keys)


def kept_back(text):
    """The packages that an upgrade left at their old version, from apt-get's output."""
    found = re.search(r"^The following packages have been kept back:\n((?: .*\n)+)", text, re.M)
    return found.group(1).split() if found else []


def is_locked(err):
    return (
        "Could not get lock" in err
        or "Unable to acquire the dpkg frontend lock" in err
        or ("Unable to lock" in err)
        or "is locked by another process" in err
    )


def held_by(err=""):
    """`` by process 812 (apt-get)`` for whoever holds apt's locks now, "" when nobody does."""
    found = re.search(r"held by process (\d+) \(([^)]*)\)", err)
    if found:
        return " by process %s (%s)" % found.groups()
    holders = lock_holders(LOCKS)
    return "".join(" by process %d (%s) on %s" % holder for holder in holders[:1])


def lock_holders(paths, table="/proc/locks"):
    """[(pid, command, path)] of the processes that hold a lock on one of ``paths``."""
    inodes = {}
    for path in paths:
        try:
            inodes[os.stat(path).st_ino] = path
        except OSError:
            pass
    try:
        with open(table) as source:
            lines = source.read().splitlines()
    except OSError:
        return []
    found = []
    for line in lines:
        pid, inode = parse_lock(line)
        if inode in inodes and pid > 0:
            found.append((pid, command_of(pid), inodes[inode]))
    return found


def parse_lock(line):
    """(pid, inode) of a line of /proc/locks, (0, 0) for a waiter or a line of another form."""
    words = line.split()
    if len(words) < 6 or words[1] == "->" or words[5].count(":") != 2:
        return 0, 0
    try:
        return int(words[4]), int(words[5].rsplit(":", 1)[1])
    except ValueError:
        return 0, 0


def command_of(pid):
    try:
        with open("/proc/%d/comm" % pid) as source:
            return source.read().strip()
    except OSError:
        return "unknown"


def policy(host, names, release=None):
    """name -> Offer for ``names``; those apt has never heard of are missing. One apt-cache run."""
    argv = [host.need("apt-cache", "apt"), "policy"]
    if release:
        argv += ["-o", "APT::Default-Release=%s" % release]
    ran = host.run(argv + list(names), ok=None, env=QUIET)
    if ran.rc != 0:
        raise Failed("%s" % (ran.err.strip() or ran.out), rc=ran.rc)
    return parse_policy(ran.out)


def parse_policy(text):
    """``apt-cache policy`` output as name -> Offer."""
    found = {}
    for line in text.splitlines():
        if line and not line[0].isspace() and line.rstrip().endswith(":"):
            versions = []
            entry = found[line.rstrip()[:-1]] = ["", "", versions]
        elif line.startswith("  Installed: "):
            entry[0] = _version(line)
        elif line.startswith("  Candidate: "):
            entry[1] = _version(line)
        elif re.match(r"^ (   |\*\*\*) \S", line):
            versions.append(line.split()[1 if "***" in line else 0])
    return {name: Offer(*entry) for name, entry in found.items()}


def _version(line):
    value = line.split(": ", 1)[1].strip()
    return "" if value == "(none)" else value


_STEP = re.compile(r"^(Inst|Remv|Purg) (\S+)(?: \[([^\]]*)\])?(?: \(([^ )]+)([^)]*)\))?", re.M)


def parse_simulation(text, native=""):
    """What ``apt-get -s`` would do: [{name, old, new, action}] as ``dpkg.moves`` tells afterwards."""
    found = []
    for verb, name, old, new, rest in _STEP.findall(text):
        if verb == "Inst":
            if ":" in name and name.endswith(":" + native):
                name = name.partition(":")[0]
            found.append(
                {
                    "name": name,
                    "old": old,
                    "new": new,
                    "action": dpkg.action(old, new) if old != new else "reinstall",
                }
            )
        else:
            found.append({"name": name, "old": old, "new": "", "action": "remove"})
    return sorted(found, key=lambda item: item["name"])


def squeeze(text):
    """Output without the counting-up of dpkg's progress."""
    return re.sub(r"\(Reading database \.\.\. (?:\d+%)?\s*(?=\(Reading)", "", text.replace("\r\n", "\n"))


def summary(text):
    """The part of apt-get's output that says what is to happen, for a diff."""
    lines = text.splitlines()
    heads = [index for index, line in enumerate(lines) if line.startswith("Building dependency tree")]
    start = heads[0] + 1 if heads else 0
    if start < len(lines) and lines[start].startswith("Reading state information"):
        start += 1
    for index in range(start, len(lines)):
        if re.match(r"^\d+ upgraded, \d+ newly installed", lines[index]):
            return "\n".join(lines[start : index + 1])
    return "\n".join(lines[start:])


def updated_at():
    """When the package lists were last fetched (seconds since 1970), 0 if never; and the file that says so."""
    for path in (STAMP, LISTS):
        try:
            return int(os.stat(path).st_mtime), path
        except OSError:
            pass
    return 0, ""


def update(host, retries=5, max_delay=12, timeout=60, more=()):
    """``apt-get update`` with retries. Raises Failed naming what could not be fetched.

    A run that finds nothing new leaves no trace on the disk; the time of the lists is set then, so
    that ``cache_valid_time`` counts from now. Gives whether the lists changed.
    """
    argv = [need_apt(host), "update", "-q"] + list(more)
    before = updated_at()[0]
    ran = None
    for attempt in range(max(1, retries + 1)):
        if attempt:
            time.sleep(min(2 ** (attempt - 1), max_delay))
        ran = _update_once(host, argv, timeout)
        if ran.rc == 0 and not fetch_errors(ran):
            after, path = updated_at()
            _touch(path)
            return after != before or not before
    told = ", ".join(fetch_errors(ran)) or (ran.err or ran.out).strip()
    raise Failed(
        "Failed to update apt cache after %d retries: %s" % (retries, told),
        rc=ran.rc,
        stdout=ran.out,
        stderr=ran.err,
    )


def _update_once(host, argv, timeout):
    deadline = time.time() + timeout
    while True:
        ran = host.run(argv, ok=None, env=QUIET)
        if not is_locked(ran.err) or time.time() >= deadline:
            break
        time.sleep(1)
    if ran.rc != 0 and is_locked(ran.err):
        raise failure(host, "Failed to update apt cache: %s" % ran.err, ran, ran.out)
    return ran


def fetch_errors(ran):
    """The lines that say what was not fetched. apt-get ends with 0 when old lists remain."""
    found = [
        line
        for line in ran.err.splitlines()
        if line.startswith("E:") or (line.startswith("W: Failed to fetch"))
    ]
    useful = [line for line in found if not line.startswith("E: Some index files failed")]
    return [line.strip() for line in useful or found]


def _touch(path):
    try:
        os.utime(path, None)
    except OSError:
        pass
