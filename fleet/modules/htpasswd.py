"""Users and passwords of a web server's user file (htpasswd)."""

import os

from fleet.remote import editing, files, textlines, webpasswords
from fleet.remote.host import Failed, Unmet
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    dict(
        files.ATTRIBUTES,
        path=Arg("path", required=True, aliases=("dest", "destfile"), help="The user file."),
        name=Arg(required=True, aliases=("username",), help="The user."),
        password=Arg(no_log=True, help="The user's password; needed for a user that is not there yet."),
        hash_scheme=Arg(default="apr_md5_crypt", aliases=("crypt_scheme",),
                        help="How a new password is hashed: apr_md5_crypt, bcrypt, sha256_crypt, sha512_crypt,"
                             " md5_crypt, des_crypt, ldap_sha1, plaintext. A right password of another scheme stays."),
        state=Arg(default="present", choices=("present", "absent"), help="Whether the user should be there."),
        create=Arg("bool", True, help="Make the file when it is missing."),
    ),
    returns={"msg": "What was done."},
)
EXAMPLES = """
- name: The monitoring may log in
  htpasswd:
    {path: /etc/nginx/users, name: monitor, password: "{{ monitor_password }}", owner: root, group: www-data,
     mode: "0640"}
"""


def read(host, args):
    """The file's attributes, whether it and the user are there and whether the password is right."""
    if not args["name"] or any(letter in args["name"] for letter in ":\n\r\t\0") or len(args["name"]) > 255:
        raise Failed("user contains invalid characters: %r" % args["name"])
    if args["password"] is not None and any(letter in args["password"] for letter in "\n\r\0"):
        raise Failed("the password contains a line end or a NUL character")
    content = files.read_bytes(args["path"])
    found = files.read_attributes(args["path"], args=args)
    entry = entry_of(content or b"", args["name"])
    right = entry is not None
    if right and args["password"] is not None and args["state"] == "present":
        right = webpasswords.verify(args["password"], entry)
    return dict(found, file=content is not None, user=entry is not None, right=right)


def entry_of(content, name):
    """The hash of a user, None for one that is not in the file. Pure."""
    for line in textlines.split(editing.decode(content)):
        user, colon, entry = line.partition(":")
        if colon and user == name:
            return entry.partition(":")[0].strip()
    return None


def want(args, now):
    if args["state"] == "absent":
        return dict(files.want_attributes(args, now), user=False, right=False) if now["file"] else {}
    if not now["file"] and not args["create"]:
        raise Unmet("Destination %s does not exist" % args["path"])
    if not now["user"] and args["password"] is None:
        raise Failed("password is needed: the user %s is not in %s yet" % (args["name"], args["path"]))
    return dict(files.want_attributes(args, now), file=True, user=True, right=True)


def apply(host, args, change):
    path = args["path"]
    if not set(change.after) & {"file", "user", "right"}:
        return files.set_attributes(path, change)
    line = None
    if args["state"] == "present":
        line = "%s:%s\n" % (args["name"], webpasswords.make(args["password"], args["hash_scheme"]))
    folder = os.path.dirname(os.path.realpath(path))
    if not os.path.isdir(folder):
        editing.make_folder(folder)
    content = with_line(files.read_bytes(path) or b"", args["name"], line)
    files.write_atomic(path, content, unsafe=args["unsafe_writes"], change=change.after)


def with_line(content, name, line):
    """The file with ``line`` in place of the user's, at the end, or (None) without the user. Pure."""
    lines, place = [], None
    for old in textlines.with_ends(editing.decode(content)):
        if old.partition(":")[0] != name or ":" not in old:
            lines.append(old if old.endswith("\n") else old + "\n")
        elif place is None:
            place = len(lines)
    if line is not None:
        lines.insert(len(lines) if place is None else place, line)
    return editing.encode("".join(lines))


def report(host, args, outcome):
    name, change = args["name"], outcome.change
    if args["state"] == "absent":
        done = "Remove %s" % name if "user" in change else "%s not present" % name
    elif "file" in change:
        done = "Create %s" % args["path"] if host.check else "Created %s and added %s" % (args["path"], name)
    else:
        done = "Add/update %s" % name if "right" in change else "%s already present" % name
    if not host.check and set(change.after) - {"file", "user", "right"}:
        done += " and " + editing.ATTRIBUTES_CHANGED
    return {"msg": done}


def diff(args, outcome):
    """Who is changed; hashes are not shown."""
    old, new = editing.attribute_diff(outcome.change)
    for side, told in ((outcome.now, old), (outcome.wanted, new)):
        if "user" in outcome.change or "right" in outcome.change:
            told[args["name"]] = ("password right" if side["right"] else "password differs") if side["user"] else "absent"
    return {"before": old, "after": new}
