"""A private key in a file, made with the host's openssl."""

from fleet.remote import cryptofile, files, keyplan, privkey
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    dict(
        files.ATTRIBUTES,
        path=Arg("path", required=True, help="The file; its mode is 0600 unless `mode` says otherwise."),
        state=cryptofile.STATE,
        force=cryptofile.FORCE,
        backup=cryptofile.BACKUP,
        return_content=Arg("bool", False, help="Return the key. It is a secret: use `no_log`."),
        **keyplan.ARGS
    ),
    required_if=keyplan.REQUIRED_IF,
    returns=dict(cryptofile.RETURNS, **keyplan.RETURNS),
)
EXAMPLES = """
- openssl_privatekey: {path: /etc/ssl/private/www.pem}
- name: An elliptic curve key for the web server
  openssl_privatekey:
    {path: /etc/ssl/private/www.pem, type: ECC, curve: secp384r1, owner: root, group: ssl-cert, mode: "0640"}
- name: A key with a passphrase; a key that does not fit is reported, not replaced
  openssl_privatekey:
    {path: /etc/ssl/private/ca.pem, passphrase: "{{ ca_passphrase }}", regenerate: fail}
"""
MODE = "0600"


def read(host, args):
    keyplan.check(args)
    now = cryptofile.read(args)
    if args["state"] == "absent":
        return dict(now, key=None)
    key, trouble = keyplan.read(host, now["content"], args)
    return dict(now, key=key, fits=not trouble, trouble=trouble)


def want(args, now):
    if args["state"] == "present":
        keyplan.refuse(args, now["trouble"])
    return cryptofile.want(args, now, MODE, keyplan.forced(args))


def apply(host, args, change):
    def make():
        return keyplan.make(host, args, files.read_bytes(args["path"]))

    return cryptofile.apply(args, change, make, 0o600)


def report(host, args, outcome):
    after = outcome.after
    told = dict(keyplan.report(args, after["key"]), filename=args["path"])
    if args["return_content"]:
        there = args["state"] == "present" and after["content"] is not None
        told["privatekey"] = privkey.as_result(after["content"]) if there else None
    return told


def diff(args, outcome):
    gone = args["state"] == "absent"
    now = {} if gone else keyplan.shown(outcome.now)
    return {"before": now, "after": {} if gone else keyplan.shown(outcome.after)}
