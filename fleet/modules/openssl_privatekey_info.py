"""What a private key is: its kind, size and public half."""

from fleet.remote import cryptofile, der, privkey, pubkey
from fleet.remote.host import Failed
from fleet.remote.opensslrun import Handed, openssl
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "path": Arg("path", help="The key's file."),
        "content": Arg(no_log=True, help="The key itself."),
        "passphrase": Arg(no_log=True, help="The key's passphrase."),
        "return_private_key_data": Arg("bool", False, help="Return the secret numbers too: use `no_log`."),
        "check_consistency": Arg("bool", False, help="Check that the numbers fit each other; fail where they do not."),
        "select_crypto_backend": cryptofile.BACKEND,
    },
    exclusive=[("path", "content")],
    one_of=[("path", "content")],
    returns={
        "can_load_key": "Whether there is a file.",
        "can_parse_key": "Whether it is a key that can be read.",
        "key_is_consistent": "Whether the numbers fit; none where that was not looked at or cannot be.",
        "public_key": "The public key in PEM.",
        "public_key_fingerprints": "Its fingerprints, by hash.",
        "type": "The kind of key.",
        "public_data": "The public numbers.",
        "private_data": "The secret numbers, when asked for.",
    },
)
EXAMPLES = """
- openssl_privatekey_info: {path: /etc/ssl/private/www.pem}
  register: key
"""


def run(host, args):
    told = {"can_load_key": False, "can_parse_key": False, "key_is_consistent": None}
    try:
        content = cryptofile.given(args, "private key")
    except Failed as failure:
        raise type(failure)(failure.result["msg"], **told)
    told["can_load_key"] = True
    try:
        key = privkey.load(host, content, args["passphrase"])
    except privkey.Unreadable as failure:
        raise Failed(failure.refusal(), **told)
    told.update(
        can_parse_key=True,
        public_key=pubkey.as_pem(key.public).decode("ascii"),
        public_key_fingerprints=pubkey.fingerprints(key.public),
        type=key.kind,
        public_data=pubkey.data(key.public),
    )
    if args["return_private_key_data"]:
        told["private_data"] = secrets(key)
    if args["check_consistency"] and key.kind not in ("X25519", "X448"):
        told["key_is_consistent"] = consistent(host, key)
        if not told["key_is_consistent"]:
            raise Failed("Private key is not consistent! Its numbers do not belong together: it may be a fake.", **told)
    return dict(told, changed=False)


def secrets(key):
    """The secret numbers of a Key, named as Ansible does."""
    if key.kind == "RSA":
        numbers = [part.integer() for part in der.whole(key.inner).parts()]
        return {"p": numbers[4], "q": numbers[5], "exponent": numbers[3]}
    if key.kind == "DSA":
        return {"x": der.whole(key.inner, der.INTEGER).integer()}
    if key.kind == "ECC":
        return {"multiplier": int.from_bytes(der.whole(key.inner).parts()[1].data, "big")}
    return {}


def consistent(host, key):
    """Whether the numbers belong together. Where the public half is reckoned from the secret one, it does."""
    if key.kind in ("Ed25519", "Ed448", "DSA"):
        return True
    ran = openssl(host, ["pkey", "-check", "-noout", "-in", Handed(privkey.write(host, key, "pkcs8"))], ok=None)
    return ran.rc == 0 and b"valid" in ran.out + ran.err and b"invalid" not in ran.out + ran.err
