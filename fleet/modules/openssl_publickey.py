"""The public half of a private key in a file."""

from fleet.remote import cryptofile, csrplan, der, files, pem, pubkey
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    dict(
        files.ATTRIBUTES,
        path=Arg("path", required=True, help="The public key's file."),
        state=cryptofile.STATE,
        force=cryptofile.FORCE,
        backup=cryptofile.BACKUP,
        return_content=cryptofile.RETURN_CONTENT,
        format=Arg(default="PEM", choices=("OpenSSH", "PEM"), help="Format of the file."),
        privatekey_path=Arg("path", help="The private key's file."),
        privatekey_content=Arg(no_log=True, help="The private key itself."),
        privatekey_passphrase=Arg(no_log=True, help="The private key's passphrase."),
        select_crypto_backend=cryptofile.BACKEND,
    ),
    exclusive=[("privatekey_path", "privatekey_content")],
    required_if=[("state", "present", ("privatekey_path", "privatekey_content"), True)],
    returns=dict(
        cryptofile.RETURNS,
        privatekey="The private key's file.",
        format="Format of the file.",
        fingerprint="Fingerprints of the key, by hash.",
        publickey="The key, when its return was asked for.",
    ),
)
EXAMPLES = """
- openssl_publickey: {path: /etc/ssl/www.pub, privatekey_path: /etc/ssl/private/www.pem}
"""


def read(host, args):
    now = cryptofile.read(args)
    if args["state"] == "absent":
        return dict(now, made=None)
    made, public = wanted(host, args)
    return dict(now, fits=now["content"] is not None and now["content"].split() == made.split(), made=made, public=public)


def wanted(host, args):
    """The file's content as it should be, and the encoded key. Raises Failed."""
    public = csrplan.load_key(host, args).public
    if args["format"] == "PEM":
        return pubkey.as_pem(public), public
    try:
        return pubkey.as_openssh(public), public
    except ValueError as error:
        raise Failed(str(error))


def want(args, now):
    return cryptofile.want(args, now, force=args["force"])


def apply(host, args, change):
    return cryptofile.apply(args, change, lambda: wanted(host, args)[0])


def report(host, args, outcome):
    # Ansible tells no fingerprint in a check run.
    there = outcome.after["file"] and args["state"] == "present" and not host.check
    told = {"filename": args["path"], "format": args["format"], "privatekey": args["privatekey_path"],
            "fingerprint": pubkey.fingerprints(outcome.after["public"]) if there else {}}
    if args["return_content"]:
        content = outcome.after["content"] if args["state"] == "present" else None
        told["publickey"] = None if content is None else content.decode("utf-8", "replace")
    return told


def diff(args, outcome):
    gone = args["state"] == "absent"
    return {"before": shown(outcome.now["content"]), "after": {} if gone else shown(outcome.after["content"])}


def shown(content):
    """What a diff shows of a public key's file."""
    if content is None:
        return {}
    block = pem.first(content, "PUBLIC KEY")
    if block is None:
        return {"can_parse_key": False}
    try:
        return {"can_parse_key": True, "type": pubkey.read(block.data)["kind"], "public_data": pubkey.data(block.data)}
    except (der.BadDer, IndexError, ValueError):
        return {"can_parse_key": False}
