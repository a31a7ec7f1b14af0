"""Users and groups: /etc/passwd, group and shadow read in-process, the name service only where they know nothing."""

import grp
import os
import pwd
import time

from fleet.remote.attributes import why_refused
from fleet.remote.host import Failed

PASSWD, GROUP, SHADOW = "/etc/passwd", "/etc/group", "/etc/shadow"
DAY = 86400


def entries(path):
    """The colon-separated lines of a database file as {first field: fields}; {} when it cannot be read."""
    found = {}
    try:
        with open(path, "rb") as source:
            for line in source.read().decode("utf-8", "surrogateescape").split("\n"):
                fields = line.split(":")
                if len(fields) > 2 and line[0] not in "+-#":
                    found.setdefault(fields[0], fields)
    except OSError:
        pass
    return found


def find_user(name, local=False):
    """uid, gid, comment, home, shell of a user, or None. ``local`` asks only /etc/passwd."""
    fields = entries(PASSWD).get(name)
    if fields and len(fields) >= 7:
        return {"uid": int(fields[2]), "gid": int(fields[3]), "comment": fields[4], "home": fields[5],
                "shell": fields[6], "password": fields[1], "local": True}
    if local:
        return None
    try:
        entry = pwd.getpwnam(name)
    except KeyError:
        return None
    return {"uid": entry.pw_uid, "gid": entry.pw_gid, "comment": entry.pw_gecos, "home": entry.pw_dir,
            "shell": entry.pw_shell, "password": entry.pw_passwd, "local": False}


def find_group(name, local=False):
    """The number of a group given by name, or None."""
    fields = entries(GROUP).get(name)
    if fields:
        return int(fields[2])
    if local:
        return None
    try:
        return grp.getgrnam(name).gr_gid
    except KeyError:
        return None


def group_number(text, local=False):
    """The number of a group given by name or number, or None when there is no such group."""
    number = find_group(text, local)
    if number is None and text.isdigit():
        try:
            number = grp.getgrgid(int(text)).gr_gid
        except KeyError:
            return None
    return number


def group_names(numbers):
    """{number: name} of local groups, for the numbers asked for."""
    if not numbers:
        return {}
    known = {int(fields[2]): name for name, fields in entries(GROUP).items() if fields[2].isdigit()}
    return {number: known.get(number, str(number)) for number in numbers}


def memberships(name, user):
    """The sorted names of a user's groups without the primary one."""
    if user["local"]:
        return sorted(group for group, fields in entries(GROUP).items()
                      if len(fields) > 3 and name in fields[3].split(",") and fields[2] != str(user["gid"]))
    found = []
    for number in os.getgrouplist(name, user["gid"]):
        if number != user["gid"]:
            try:
                found.append(grp.getgrgid(number).gr_name)
            except KeyError:
                found.append(str(number))
    return sorted(found)


SHADOW_NUMBERS = (("min", 3), ("max", 4), ("warn", 5), ("inactive", 6), ("expires", 7))


def find_shadow(name):
    """Password hash and ages of a user in days (None: not set); {} when the file tells nothing."""
    fields = entries(SHADOW).get(name)
    if not fields or len(fields) < 8:
        return {}
    ages = {key: int(fields[at]) if fields[at].lstrip("-").isdigit() else None for key, at in SHADOW_NUMBERS}
    return dict(ages, password=fields[1])


def date_of(days):
    """Days since the epoch as the date that useradd(8) takes."""
    return time.strftime("%Y-%m-%d", time.gmtime(days * DAY))


def tool(host, argv, name, stdin=None):
    """Run one of the shadow programs. Raises Failed with what it says and why that may be, ``name`` and ``rc``."""
    program = host.need(argv[0], "passwd")
    ran = host.run([program] + argv[1:], ok=None, stdin=stdin)
    if ran.rc != 0:
        said = ran.err or ran.out or "%s failed with exit code %d" % (argv[0], ran.rc)
        hints = [why_refused(path) for path in ("/etc/group", "/etc/passwd")]
        raise Failed(said + next(filter(None, hints), "").lstrip(), name=name, rc=ran.rc)
    return ran
