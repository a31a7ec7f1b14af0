"""Add or remove a host's key in a known_hosts file."""

import base64
import binascii
import hashlib
import hmac
import os

from fleet.remote import files, textlines
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "name": Arg(required=True, aliases=("host",), help="The host as ssh is called with it; `[name]:port` too."),
        "key": Arg(help="A line as ssh-keyscan prints it: names, kind, key."),
        "path": Arg("path", "~/.ssh/known_hosts", help="The file."),
        "hash_host": Arg("bool", False, help="Write the host's name hashed."),
        "state": Arg(default="present", choices=("absent", "present"), help="Whether the key is to be known."),
    },
    returns={"name": "The host.", "key": "Its key.", "path": "The file."},
)
EXAMPLES = """
- name: Know the server of our repositories
  known_hosts:
    name: git.example.com
    key: git.example.com ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGxpbmUxbGluZTFsaW5lMWxpbmUxbGluZTFsaW5lMWxp
    path: /etc/ssh/ssh_known_hosts
"""


def read(host, args):
    content = files.read_bytes(args["path"])
    text = (content or b"").decode("utf-8", "surrogateescape")
    return {"lines": textlines.split(text), "exists": content is not None}


def want(args, now):
    key = None
    if "," in args["name"]:
        raise Failed("Comma separated list of names is not supported. "
                     "Please pass a single name to lookup in the known_hosts file.")
    if args["state"] == "present":
        if not args["key"]:
            raise Failed("No key specified when adding a host")
        key = parse(args["key"])
        if key is None or not covers(key[0], args["name"]):
            raise Failed("Host parameter does not match hashed host field in supplied key" if key else
                         "the key is no line of a known_hosts file: names, kind, key")
    elif args["key"]:
        key = parse(args["key"])
    lines = merged(now["lines"], args["name"], key, args["state"] == "present", args["hash_host"])
    return {"lines": lines} if lines != now["lines"] else {}


def parse(line):
    """(names, kind, blob, marker such as @revoked, comment) of a line, or None. Pure."""
    words = line.split()
    marker = words.pop(0) if words and words[0].startswith("@") else ""
    if len(words) < 3 or words[0].startswith("#"):
        return None
    return words[0], words[1], words[2], marker, " ".join(words[3:])


def covers(names, name):
    """Whether the first field of a line stands for the host, in clear or hashed. Pure."""
    if names.startswith("|1|"):
        try:
            salt, digest = [base64.b64decode(part) for part in names[3:].split("|")]
        except (ValueError, binascii.Error):
            return False
        return hmac.new(salt, name.encode("utf-8"), hashlib.sha1).digest() == digest
    return name in names.split(",")


def hashed(name, salt):
    """A host's name as ssh hashes it. Pure."""
    digest = hmac.new(salt, name.encode("utf-8"), hashlib.sha1).digest()
    return "|1|%s|%s" % (base64.b64encode(salt).decode("ascii"), base64.b64encode(digest).decode("ascii"))


def merged(lines, name, key, present, hash_host):
    """The file's lines with the key known, or without the host's key (or keys of all kinds)."""
    out, found = [], False
    for line in lines:
        have = parse(line)
        if have is None or not covers(have[0], name) or (key and (have[1], have[3]) != (key[1], key[3])):
            out.append(line)
        elif key and have[3] and have[2] != key[2]:
            # There may be many authorities and revoked keys for one name.
            out.append(line)
        elif present and have[2] == key[2] and have[0].startswith("|1|") == hash_host and not found:
            found = True
            out.append(line)
        elif not present and key and have[2] != key[2]:
            out.append(line)
    if present and not found:
        names = hashed(name, os.urandom(20)) if hash_host else key[0]
        out.append(" ".join(word for word in (key[3], names, key[1], key[2], key[4]) if word))
    return out


def apply(host, args, change):
    folder = os.path.dirname(args["path"])
    if not os.path.isdir(folder):
        try:
            os.makedirs(folder, 0o700)
        except OSError as error:
            raise Failed("Failed to create %s: %s" % (folder, error.strerror))
    text = "".join(line + "\n" for line in change["lines"])
    files.write_atomic(args["path"], text.encode("utf-8", "surrogateescape"), mode=0o644)


def report(host, args, outcome):
    result = {name: args[name] for name in ("name", "key", "path", "hash_host", "state")}
    result["diff"] = diff(args, outcome)
    if os.path.exists(args["path"]):
        result.update(files.describe(args["path"]))
    return result


def diff(args, outcome):
    """What is always in the result, whether a diff was asked for or not, as Ansible's is."""
    before = outcome.now["lines"]
    after = outcome.wanted.get("lines", before)
    return {"before": "".join(line + "\n" for line in before),
            "after": "".join(line + "\n" for line in after),
            "before_header": args["path"] if outcome.now["exists"] else "/dev/null",
            "after_header": args["path"]}
