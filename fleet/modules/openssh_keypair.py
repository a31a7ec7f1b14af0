"""An OpenSSH key pair in two files, made with the host's ssh-keygen."""

import os

from fleet.remote import cryptofile, files, sshkey, sshprivate, temporary
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SIZES = {"rsa": 4096, "dsa": 1024, "ecdsa": 256, "ed25519": 256}
SPEC = Spec(
    dict(
        files.ATTRIBUTES,
        path=Arg("path", required=True, help="The private key's file; the public key's has `.pub` behind it."),
        state=Arg(default="present", choices=("present", "absent"), help="Whether the two files should be there."),
        type=Arg(default="rsa", choices=("rsa", "dsa", "rsa1", "ecdsa", "ed25519"), help="Kind of key."),
        size=Arg("int", help="Size in bits: 4096 (or at least 1024) for rsa, 256, 384 or 521 for ecdsa."),
        comment=Arg(help="Comment in the public key; any when left out."),
        passphrase=Arg(no_log=True, help="Passphrase that protects the private key."),
        force=cryptofile.FORCE,
        regenerate=Arg(default="partial_idempotence",
                       choices=("never", "fail", "partial_idempotence", "full_idempotence", "always"),
                       help="What is done with a key that does not fit: `never` keeps any key that can be read, `fail`"
                            " reports it, `partial_idempotence` replaces a key that can be read, `full_idempotence`"
                            " also one that cannot, `always` every key."),
        backend=Arg(default="auto", choices=("auto", "cryptography", "opensshbin"),
                    help="The host's ssh-keygen is used in any case; `cryptography` makes `private_key_format` count."),
        private_key_format=Arg(default="auto", choices=("auto", "pkcs1", "pkcs8", "ssh"),
                               help="Format of the private key, with `backend=cryptography` or a passphrase."),
    ),
    returns={
        "filename": "The private key's file.",
        "size": "Size in bits.",
        "type": "Kind of key.",
        "fingerprint": "Fingerprint as ssh-keygen shows it.",
        "public_key": "The public key without comment.",
        "comment": "The comment.",
    },
)
EXAMPLES = """
- openssh_keypair: {path: /etc/ssh/backup_key, type: ed25519, comment: nightly backup}
- name: With a passphrase; a key with another one is an error
  openssh_keypair: {path: /home/ann/.ssh/id_rsa, owner: ann, size: 3072, passphrase: "{{ ann_phrase }}"}
"""
UNREADABLE = (
    "Unable to read the key. The key is protected with a passphrase or broken. Will not proceed. To force regeneration,"
    " call the module with `generate` set to `full_idempotence` or `always`, or with `force=true`."
)
DIFFERENT = (
    "Key has wrong type and/or size. Will not proceed. To force regeneration, call the module with `generate` set to"
    " `partial_idempotence`, `full_idempotence` or `always`, or with `force=true`."
)
FORMS = {"pkcs1": "PEM", "pkcs8": "PKCS8", "ssh": "RFC4716"}
SHOWN = {"ssh": "OpenSSH", "pkcs1": "PKCS1", "pkcs8": "PKCS8"}


def check(args):
    kind, size = args["type"], args["size"]
    if kind == "rsa1":
        raise Failed("unknown key type rsa1")
    if kind == "rsa" and size_of(args) < 1024:
        raise Failed("For RSA keys, the minimum size is 1024 bits and the default is 4096 bits. Attempting to use bit"
                     " lengths under 1024 will cause the module to fail.")
    if kind == "dsa" and size not in (None, 1024):
        raise Failed("DSA keys must be exactly 1024 bits as specified by FIPS 186-2.")
    if kind == "ecdsa" and size not in (None, 256, 384, 521):
        raise Failed("For ECDSA keys, size determines the key length by selecting from one of three elliptic curve sizes:"
                     " 256, 384 or 521 bits. Attempting to use bit lengths other than these three values for ECDSA keys"
                     " will cause this module to fail.")
    if args["comment"] is not None and "\n" in args["comment"]:
        raise Failed("comment must be a single line")
    if args["passphrase"] and len(args["passphrase"]) < 5:
        raise Failed("passphrase is too short (minimum five characters)")
    if os.path.isdir(args["path"]):
        raise Failed("%s is a directory. Please specify a path to a file." % args["path"])


def size_of(args):
    return SIZES[args["type"]] if args["size"] is None or args["type"] == "ed25519" else args["size"]


def format_of(args):
    """The private key's format asked for, "" for any."""
    counts = args["private_key_format"] != "auto" and (args["backend"] == "cryptography" or args["passphrase"])
    return args["private_key_format"] if counts and args["type"] != "ed25519" else ""


def read(host, args):
    """Besides cryptofile's keys: the ``pair``, its ``comment``, and the public file's attributes (``public``)."""
    check(args)
    now = cryptofile.read(args)
    public_file = args["path"] + ".pub"
    public = files.read_bytes(public_file)
    pair = sshprivate.look(host, now["content"], args["passphrase"]) if now["file"] else None
    trouble = "missing" if not now["file"] else "unreadable" if pair is None or not opens(host, args, pair) else ""
    if not trouble and args["regenerate"] != "never" and not fits(pair, args):
        trouble = "kind"
    comment = sshprivate.comment_of(public, pair) if pair and public is not None else None
    return dict(now, pair=pair, trouble=trouble, fits=not trouble, comment=comment, halves=comment is not None,
                public=files.read_attributes(public_file, args=args), both=[now["file"], public is not None])


def opens(host, args, pair):
    """Whether the passphrase is the key's. One that is not needed is a wrong one."""
    if pair.encrypted != bool(args["passphrase"]):
        return False
    if not pair.encrypted or pair.form != "ssh":
        return True
    try:
        sshkey.typed([host.need("ssh-keygen", "openssh-client"), "-y", "-f", args["path"]], args["passphrase"],
                     host.environ())
    except Failed:
        return False
    return True


def fits(pair, args):
    return (pair.kind, pair.size) == (args["type"], size_of(args)) and pair.form == (format_of(args) or pair.form)


def want(args, now):
    if args["state"] == "absent":
        return {"both": [False, False]}
    trouble, forced = now["trouble"], args["force"] or args["regenerate"] == "always"
    if trouble == "unreadable" and not forced and args["regenerate"] != "full_idempotence":
        raise Failed(UNREADABLE)
    if trouble == "kind" and not forced and args["regenerate"] == "fail":
        raise Failed(DIFFERENT)
    wanted = cryptofile.want(args, now, force=forced)
    wanted.update(halves=True, public=files.want_attributes(args, now["public"], fresh=0o644))
    if args["comment"] is not None:
        wanted["comment"] = args["comment"]
    return wanted


def apply(host, args, change):
    path = args["path"]
    if args["state"] == "absent":
        for each in (path, path + ".pub"):
            files.remove(each)
        return None
    attributes = {name: value for name, value in change.after.items() if name in ("mode", "uid", "gid", "flags", "context")}
    if "fits" in change or "fresh" in change:
        private, public = made(host, args)
        args["_made"] = private
        files.write_atomic(path, private, mode=0o600, unsafe=args["unsafe_writes"], change=attributes, follow=False)
    else:
        files.set_attributes(path, attributes)
        public = None
        if "comment" in change or "halves" in change:
            pair = sshprivate.look(host, files.read_bytes(path), args["passphrase"])
            if "comment" in change and pair.form == "ssh":
                comment_inside(host, args, pair)
            public = (pair.line(args["comment"] or "") + "\n").encode("utf-8", "surrogateescape")
    more = change.get("public") or {}
    if public is not None:
        files.write_atomic(path + ".pub", public, mode=0o644, unsafe=args["unsafe_writes"], change=more, follow=False)
    elif more:
        files.set_attributes(path + ".pub", more)
    return {}


def made(host, args):
    """Contents of the private and the public file of a new pair, made in a folder that only we can look into."""
    try:
        with temporary.folder(args["path"]) as folder:
            place = os.path.join(folder, "key")
            size = size_of(args) if args["type"] != "ed25519" else None
            sshkey.generate(host, place, args["type"], size, args["comment"] or "", args["passphrase"],
                            FORMS.get(format_of(args)))
            return files.read_bytes(place), files.read_bytes(place + ".pub")
    except OSError as error:
        raise Failed("cannot write in %s: %s" % (os.path.dirname(args["path"]), error.strerror), path=args["path"])


def comment_inside(host, args, pair):
    """Put the comment into the private file too, which holds it a second time."""
    argv = [host.need("ssh-keygen", "openssh-client"), "-q", "-c", "-C", args["comment"], "-f", args["path"]]
    if pair.encrypted:
        sshkey.typed(argv, args["passphrase"], host.environ())
    else:
        host.run(argv + ["-P", ""])


def report(host, args, outcome):
    state = outcome.now if args["state"] == "absent" or host.check else outcome.after
    pair = state["pair"]
    return {
        "filename": args["path"],
        "size": size_of(args),
        "type": args["type"],
        "fingerprint": pair.fingerprint() if pair else "",
        "public_key": pair.line() if pair else "",
        "comment": state["comment"] or "",
    }


def diff(args, outcome):
    after = {} if args["state"] == "absent" else shown(args, outcome.after)
    return {"before": shown(args, outcome.now), "after": after}


def shown(args, state):
    pair = state["pair"]
    if pair is None:
        return {}
    named = args["backend"] == "cryptography" or args["passphrase"]
    return {"comment": state["comment"] or "", "fingerprint": pair.fingerprint(), "size": pair.size, "type": pair.kind,
            "format": SHOWN[pair.form] if named else ""}
