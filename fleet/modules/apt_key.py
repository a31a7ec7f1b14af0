"""Add and remove keys apt trusts.

The keyrings are read and written directly: neither apt-key, which newer releases no longer have, nor
gpg is needed. A key for one source is better given to `deb822_repository` with `signed_by`.
"""

import glob
import os
import re

from fleet.remote import download, openpgp
from fleet.remote.files import read_bytes, remove, write_atomic
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "id": Arg(help="Id or fingerprint of the key; with it nothing is fetched when the key is there."),
        "data": Arg(help="The key itself, armored."),
        "file": Arg("path", help="A file on the host with the key."),
        "url": Arg(help="Where to fetch the key."),
        "keyserver": Arg(help="A key server to fetch the key `id` from."),
        "keyring": Arg("path", help="The keyring to work on, instead of /etc/apt/trusted.gpg for new keys."),
        "state": Arg(default="present", choices=("absent", "present"), help="Whether the key is trusted."),
        "validate_certs": Arg("bool", True, help="Whether the certificate of the URL is checked."),
    },
    exclusive=(("data", "file", "keyserver", "url"),),
    required_if=(("state", "absent", ("id",)),),
    returns={
        "id": "The key's id as given or found.",
        "fp": "The key's id or fingerprint.",
        "key_id": "The long id.",
        "short_id": "The last eight digits.",
        "before": "Short ids of the keys before.",
        "after": "Short ids of the keys after a change.",
    },
)

EXAMPLES = """
- name: Trust a key
  apt_key: {url: "https://example.com/key.asc", id: 36A1D7869245C8950F966E92D8576A8BA88D21E9}
- name: Trust it no more
  apt_key: {id: 36A1D7869245C8950F966E92D8576A8BA88D21E9, state: absent}
"""

DEFAULT = "/etc/apt/trusted.gpg"


def run(host, args):
    """Look into the keyrings, then add or cut out the key."""
    rings = {path: _keys(path) for path in keyrings(args["keyring"])}
    before = _ids(rings)
    wanted, key = args["id"], None
    if wanted is not None and not re.match(r"^(0x)?[0-9a-fA-F\s]{8,64}$", wanted):
        raise Failed("Invalid key_id", id=wanted)
    if args["state"] == "present" and (wanted is None or not _holders(rings, wanted)):
        key = obtain(args)
        wanted = wanted or key.fingerprint[-16:]
    holders = _holders(rings, wanted)
    changed = bool(holders) if args["state"] == "absent" else not holders
    if changed and not host.check:
        _change(args, wanted, key, holders)
    return _told(args, wanted, before, changed, host.check)


def keyrings(keyring=None, root="/etc/apt"):
    """The files apt takes keys from."""
    if keyring:
        return [keyring]
    return [os.path.join(root, "trusted.gpg")] + sorted(
        glob.glob(os.path.join(root, "trusted.gpg.d", "*.gpg"))
        + glob.glob(os.path.join(root, "trusted.gpg.d", "*.asc"))
    )


def _keys(path):
    data = read_bytes(path)
    try:
        return openpgp.keys(data) if data else []
    except ValueError:
        return []


def _ids(rings):
    return [
        each[-16:] for found in rings.values() for key in found for each in [key.fingerprint] + key.subkeys
    ]


def _holders(rings, wanted):
    return [path for path, found in rings.items() if any(openpgp.is_named(key, wanted) for key in found)]


def obtain(args):
    """The key the task brings. Raises Failed when it cannot be had or is not the one named."""
    data, where = _data(args)
    try:
        found = openpgp.keys(data)
    except ValueError as error:
        raise Failed("Unable to extract key from '%s': %s" % (where, error))
    if not found:
        raise Failed("Unable to extract key from '%s'" % where)
    if args["id"] is None:
        return found[0]._replace(data=b"".join(key.data for key in found))
    for key in found:
        if openpgp.is_named(key, args["id"]):
            return key._replace(data=b"".join(each.data for each in found))
    raise Failed("The key from '%s' is %s, not %s" % (where, found[0].fingerprint, args["id"]), id=args["id"])


def _data(args):
    if args["data"] is not None:
        return args["data"].encode("utf-8"), "inline data"
    if args["file"] is not None:
        data = read_bytes(args["file"])
        if data is None:
            raise Failed("the key file %s is not there" % args["file"])
        return data, args["file"]
    url = args["url"]
    if args["keyserver"] is not None:
        if args["id"] is None:
            raise Failed("missing key_id, required with keyserver.")
        url = keyserver_url(args["keyserver"], args["id"])
    if url is None:
        raise Failed(
            "the key %s is not there and there is nothing to take it from; give url, data, file or keyserver"
            % args["id"]
        )
    return download.fetch_bytes(url, "Failed to download key at %s" % url, args["validate_certs"]), url


def keyserver_url(server, wanted):
    """Where a key server gives a key out. hkp:// is plain HTTP on port 11371."""
    scheme, _, place = server.rpartition("://")
    place = place.rstrip("/")
    if scheme in ("", "hkps"):
        base = "https://" + place
    elif scheme == "hkp":
        base = "http://" + (place if re.search(r":\d+$", place) else place + ":11371")
    else:
        base = scheme + "://" + place
    wanted = re.sub(r"\s", "", wanted)
    return "%s/pks/lookup?op=get&options=mr&search=0x%s" % (
        base,
        wanted[2:] if wanted[:2] in ("0x", "0X") else wanted,
    )


def _change(args, wanted, key, holders):
    if args["state"] == "present":
        path = args["keyring"] or DEFAULT
        _write(path, _packets(path) + key.data)
        return
    for path in holders:
        left = openpgp.without(read_bytes(path), wanted)
        if left:
            _write(path, left)
        else:
            remove(path)


def _packets(path):
    """What a keyring holds. Raises Failed for a file that is none: gpg and apt would refuse it with the key, too."""
    data = read_bytes(path) or b""
    try:
        openpgp.keys(data)
    except ValueError as error:
        raise Failed("%s is no keyring that a key could be added to: %s" % (path, error), path=path)
    return openpgp.dearmor(data)


def _write(path, data):
    # apt goes by the name: what ends in .asc has to be armored.
    write_atomic(path, openpgp.armor(data) if path.endswith(".asc") else data, mode=0o644)


def _told(args, wanted, before, changed, check):
    plain = re.sub(r"^0[xX]|\s", "", wanted).upper()
    result = {
        "changed": changed,
        "id": args["id"] or wanted,
        "fp": plain,
        "key_id": plain[-16:],
        "short_id": plain[-8:],
        "before": before,
    }
    if changed and not check:
        result["after"] = _ids({path: _keys(path) for path in keyrings(args["keyring"])})
    return result
