"""Add or remove SSH keys that may log in as a user."""

import os

from fleet.remote import authkeys, files, textlines, userfiles
from fleet.remote.accounts import find_user
from fleet.remote.host import Failed, Unmet
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "user": Arg(required=True, help="The user whose authorized_keys file is changed."),
        "key": Arg(required=True, help="Public keys, one a line, or an http(s) address to fetch them from."),
        "state": Arg(default="present", choices=("absent", "present"), help="Whether the keys may log in."),
        "path": Arg("path", help="The file, by default .ssh/authorized_keys in the home directory."),
        "manage_dir": Arg("bool", True, help="Make the folder and set owner and mode of folder and file."),
        "key_options": Arg(help="Options in front of the keys, such as `no-pty,from=\"10.0.0.0/8\"`."),
        "exclusive": Arg("bool", False, help="Remove all other keys."),
        "comment": Arg(help="Comment to give the keys instead of their own."),
        "follow": Arg("bool", False, help="Follow a link instead of replacing it."),
        "validate_certs": Arg("bool", True, help="Check the certificate of an https address."),
    },
    returns={"keyfile": "The file.", "key": "The keys as given.", "user": "The user."},
)
EXAMPLES = """
- name: Who may log in
  authorized_key:
    user: deploy
    key: "{{ lookup('file', 'deploy.pub') }}"
- name: Nobody else
  authorized_key:
    user: deploy
    key: |
      ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGxpbmUxbGluZTFsaW5lMWxpbmUxbGluZTFsaW5lMWxp one
      ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGxpbmUybGluZTJsaW5lMmxpbmUybGluZTJsaW5lMmxp two
    exclusive: true
"""


def read(host, args):
    user = find_user(args["user"])
    path = args["path"] or (os.path.join(user["home"], ".ssh", "authorized_keys") if user else None)
    if path is None:
        raise Unmet("Failed to lookup user %s: there is no such user on the host" % args["user"])
    if args["follow"]:
        path = os.path.realpath(path)
    text = (userfiles.content(path, user) if user else files.read_bytes(path) or b"").decode("utf-8", "surrogateescape")
    keys = args["key"]
    if keys.startswith(("http://", "https://")):
        keys = _fetch(host, keys, args["validate_certs"])
    return {"lines": textlines.split(text), "path": path, "keys": keys}


def _fetch(host, address, checked):
    """The text behind an address, asked for once a run."""
    known = host.cache.setdefault("authorized_key", {})
    if address not in known:
        import ssl
        from urllib.request import urlopen

        context = None if checked else ssl._create_unverified_context()
        try:
            with urlopen(address, timeout=30, context=context) as answer:
                known[address] = answer.read(1 << 20).decode("utf-8")
        except (OSError, ValueError) as error:
            raise Failed("Error getting key from: %s: %s" % (address, error))
    return known[address]


def want(args, now):
    keys = wanted_keys(now["keys"], args["key_options"], args["comment"])
    lines = authkeys.merged(now["lines"], keys, args["state"] == "present", args["exclusive"])
    return {"lines": lines} if lines != now["lines"] else {}


def wanted_keys(text, options=None, comment=None):
    """The keys of a text, with other options and comment where given. Raises Failed. Pure."""
    keys = []
    for line in text.splitlines():
        if not line.strip() or line.strip().startswith("#"):
            continue
        key = authkeys.parse(line)
        if key is None:
            raise Failed("invalid key specified: %s" % line.strip())
        if options is not None:
            key.options = authkeys.option_list(options)
        if comment is not None:
            key.comment = comment
        keys.append(key)
    return keys


def apply(host, args, change):
    user = find_user(args["user"])
    path = args["path"] or os.path.join(user["home"], ".ssh", "authorized_keys")
    if args["follow"]:
        path = os.path.realpath(path)
    folder = os.path.dirname(path)
    if not args["manage_dir"] and not os.path.isdir(folder):
        raise Failed("the folder %s does not exist; make it, or set manage_dir: true" % folder)
    if args["manage_dir"]:
        userfiles.make_folder(folder, user)
    text = "".join(line + "\n" for line in change["lines"]).encode("utf-8", "surrogateescape")
    if not user:
        return files.write_atomic(path, text, mode=0o600, follow=False)
    own = {"uid": user["uid"], "gid": user["gid"]}
    with userfiles.pinned(folder, user) as (handle, inside):
        if args["manage_dir"]:
            os.fchown(handle, own["uid"], own["gid"])
            os.fchmod(handle, 0o700)
        new = not os.path.isfile(path) or os.path.islink(path)
        given = dict(own, mode=0o600) if args["manage_dir"] or new else {}
        files.write_atomic(os.path.join(inside, os.path.basename(path)), text, mode=0o600, change=given, follow=False)


def report(host, args, outcome):
    names = ("user", "key", "state", "path", "manage_dir", "key_options", "exclusive", "comment", "follow", "validate_certs")
    result = dict({name: args[name] for name in names}, keyfile=outcome.now["path"])
    # As with Ansible, only a file that was named is described.
    found = files.describe(outcome.now["path"]) if args["path"] else {"state": "absent"}
    return result if found["state"] == "absent" else dict(result, **found)


def diff(args, outcome):
    path = outcome.now["path"]
    return {"before": "".join(line + "\n" for line in outcome.now["lines"]),
            "after": "".join(line + "\n" for line in outcome.change["lines"]),
            "before_header": path, "after_header": path}
