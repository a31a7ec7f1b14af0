"""The clock of the host, in its own time zone."""

import time

NAMES = ("date_time",)
SUBSETS = ("date_time",)

# Fact: format of strftime(3) for local time
LOCAL = {
    "year": "%Y",
    "month": "%m",
    "weekday": "%A",
    "weekday_number": "%w",
    "weeknumber": "%W",
    "day": "%d",
    "hour": "%H",
    "minute": "%M",
    "second": "%S",
    "date": "%Y-%m-%d",
    "time": "%H:%M:%S",
    "tz": "%Z",
    "tz_offset": "%z",
    "iso8601_basic_short": "%Y%m%dT%H%M%S",
}


def collect(host):
    return {"date_time": date_time(time.time())}


def date_time(now):
    """The facts for a time in seconds since the epoch."""
    local, universal = time.localtime(now), time.gmtime(now)
    micro = "%06d" % int(now % 1 * 1000000)
    facts = {name: time.strftime(form, local) for name, form in LOCAL.items()}
    facts["epoch"] = facts["epoch_int"] = str(int(now))
    facts["tz_dst"] = time.tzname[1]
    facts["iso8601"] = time.strftime("%Y-%m-%dT%H:%M:%SZ", universal)
    facts["iso8601_micro"] = time.strftime("%Y-%m-%dT%H:%M:%S.", universal) + micro + "Z"
    facts["iso8601_basic"] = facts["iso8601_basic_short"] + micro
    return facts
