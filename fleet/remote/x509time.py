"""Points in time as certificates and their modules have them: ``+32w1d2h``, ``20301231235959Z``. Pure."""

import datetime
import re

from fleet.remote import der
from fleet.remote.host import Failed

_RELATIVE = re.compile(r"([+-])(?:(\d+)[wW])?(?:(\d+)[dD])?(?:(\d+)[hH])?(?:(\d+)[mM])?(?:(\d+)[sS]?)?$")
_FORMATS = ((r"\d{14}Z$", "%Y%m%d%H%M%SZ"), (r"\d{12}Z$", "%Y%m%d%H%MZ"), (r"\d{14}[+-]\d{4}$", "%Y%m%d%H%M%S%z"),
            (r"\d{12}[+-]\d{4}$", "%Y%m%d%H%M%z"))


def parse(text, name, now):
    """The time that ``text`` names, in UTC without fractions. Raises Failed naming the argument ``name``."""
    found = _RELATIVE.match(text.strip())
    try:
        if found and any(found.groups()[1:]):
            weeks, days, hours, minutes, seconds = [int(part or 0) for part in found.groups()[1:]]
            delta = datetime.timedelta(weeks=weeks, days=days, hours=hours, minutes=minutes, seconds=seconds)
            return now + delta if found.group(1) == "+" else now - delta
    except OverflowError:
        raise Failed('The time spec "%s" for %s is invalid: out of range' % (text, name))
    for pattern, form in _FORMATS:
        if not re.match(pattern, text.strip()):
            continue
        try:
            time = datetime.datetime.strptime(text.strip(), form)
        except ValueError:
            continue
        return time.astimezone(datetime.timezone.utc).replace(tzinfo=None) if time.tzinfo else time
    raise Failed('The time spec "%s" for %s is invalid' % (text, name))


def now():
    return datetime.datetime.utcfromtimestamp(int(datetime.datetime.now().timestamp()))


def write(time):
    if 1950 <= time.year < 2050:
        return der.encode(der.UTC_TIME, time.strftime("%y%m%d%H%M%SZ").encode())
    return der.encode(der.GENERALIZED_TIME, shown(time).encode())


def shown(time):
    return "%04d" % time.year + time.strftime("%m%d%H%M%SZ")


def read(value):
    """The time in a Value. Raises BadDer."""
    text = value.expect(der.UTC_TIME, der.GENERALIZED_TIME).data.decode("ascii", "replace")
    try:
        if value.tag == der.UTC_TIME:
            text = ("19" if text[:2] >= "50" else "20") + text
        return datetime.datetime.strptime(text, "%Y%m%d%H%M%SZ")
    except ValueError:
        raise der.BadDer("no time: %s" % text)
