"""Add keys to and remove them from rpm's database.

A key counts as there when its fingerprint (or that of a subkey) is; keys are read without gpg.
"""

import os
import re

from fleet.remote import openpgp
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "key": Arg(required=True, help="A file on the host, a URL, or the id of a key that is there."),
        "state": Arg(default="present", choices=("absent", "present"), help="Whether the key is there."),
        "fingerprint": Arg("list", elements="str", help="Fingerprints the key must have one of."),
        "validate_certs": Arg("bool", True, help="Whether the certificate of a https URL is checked."),
    },
    returns={"keyids": "Short ids of the keys the task is about."},
)

EXAMPLES = """
- rpm_key: {key: /etc/pki/rpm-gpg/RPM-GPG-KEY-example}
- rpm_key: {key: https://example.com/key.asc, fingerprint: 0123 4567 89AB CDEF 0123 4567 89AB CDEF 0123 4567}
- rpm_key: {key: DEADBEEF, state: absent}
"""

_ID = re.compile(r"^(0x)?[0-9A-Fa-f]{8}([0-9A-Fa-f]{8}|[0-9A-Fa-f]{32})?$")


def read(host, args):
    """``installed`` ids (8 hex digits -> rpm's package), and the key asked about."""
    rpm = host.need("rpm", "rpm")
    ran = host.run([rpm, "-q", "gpg-pubkey", "--qf", "%{VERSION} %{NAME}-%{VERSION}-%{RELEASE}\n"], ok=None)
    installed = parse_installed(ran.out)
    data, found = wanted_key(args)
    if args["state"] == "present" and data is None and found[0] not in installed:
        raise Failed("When importing a key, a valid file must be given")
    return {
        "present": all(one in installed for one in found),
        "any": [one for one in found if one in installed],
        "installed": installed,
        "data": data,
        "ids": found,
    }


def parse_installed(text):
    """Short id -> package of rpm's list; newer rpm tells the whole fingerprint as version."""
    rows = [line.split() for line in text.splitlines()]
    return {row[0].lower()[-8:]: row[1] for row in rows if len(row) == 2 and row[1].startswith("gpg-pubkey-")}


def wanted_key(args):
    """(content or None, short ids) of ``key``. Raises Failed."""
    key = args["key"]
    if "://" in key:
        from fleet.remote import download

        data = download.fetch_bytes(key, "failed to fetch key at %s" % key, args["validate_certs"])
    elif os.path.isfile(key):
        with open(key, "rb") as source:
            data = source.read()
    elif _ID.match(key.replace(" ", "")):
        return None, [key.replace(" ", "").lower()[-8:]]
    else:
        raise Failed("Not a valid key %s" % key)
    try:
        keys = openpgp.keys(openpgp.dearmor(data))
    except ValueError as error:
        raise Failed("%s holds no public key: %s" % (key, error))
    if not keys:
        raise Failed("Not a valid key %s" % key)
    check_fingerprint(args["fingerprint"], keys)
    return data, [each.fingerprint.lower()[-8:] for each in keys]


def check_fingerprint(wanted, keys):
    """Refuse keys with none of the fingerprints asked for."""
    if not wanted:
        return
    asked = set(each.replace(" ", "").upper() for each in wanted)
    have = set(each.fingerprint for each in keys).union(*[each.subkeys for each in keys])
    if not asked & have:
        raise Failed(
            "The specified fingerprint, '{%s}', does not match any key fingerprints in '{%s}'"
            % tuple(", ".join(repr(each) for each in sorted(side)) for side in (asked, have))
        )


def want(args, now):
    if args["state"] == "present":
        return {"present": True}
    return {"any": []}


def apply(host, args, change):
    rpm = host.need("rpm", "rpm")
    now = read(host, args)
    if args["state"] == "absent":
        host.run([rpm, "--erase", "--allmatches"] + [now["installed"][one] for one in now["any"]])
        return
    import tempfile

    with tempfile.NamedTemporaryFile(prefix="fleet-key-") as sink:
        sink.write(now["data"])
        sink.flush()
        host.run([rpm, "--import", sink.name])


def report(host, args, outcome):
    return {"keyids": outcome.now["ids"]}


def diff(args, outcome):
    return {
        "before": "".join(one + "\n" for one in outcome.now["any"]),
        "after": "".join(one + "\n" for one in outcome.now["ids"] if args["state"] == "present"),
    }
