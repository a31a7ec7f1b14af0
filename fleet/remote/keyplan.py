"""When a private key is kept, converted or made anew: what openssl_privatekey and openssl_privatekey_pipe share."""

import hashlib

from fleet.remote import cryptofile, privkey, pubkey
from fleet.remote.host import Failed
from fleet.remote.spec import Arg

CURVES = (
    "secp224r1", "secp256k1", "secp256r1", "secp384r1", "secp521r1", "secp192r1", "brainpoolP256r1", "brainpoolP384r1",
    "brainpoolP512r1", "sect163k1", "sect163r2", "sect233k1", "sect233r1", "sect283k1", "sect283r1", "sect409k1",
    "sect409r1", "sect571k1", "sect571r1",
)
ARGS = {
    "size": Arg("int", 4096, help="Size of an RSA or DSA key in bits."),
    "type": Arg(default="RSA", choices=("DSA", "ECC", "Ed25519", "Ed448", "RSA", "X25519", "X448"), help="Kind of key."),
    "curve": Arg(choices=CURVES, help="Curve of an ECC key."),
    "passphrase": Arg(no_log=True, help="Passphrase that protects the key."),
    "cipher": Arg(default="auto", help="How a key with a passphrase is encrypted; only `auto` (AES-256) is possible."),
    "format": Arg(default="auto_ignore", choices=("pkcs1", "pkcs8", "raw", "auto", "auto_ignore"),
                  help="Format of the file. `auto` is pkcs1 for RSA, DSA and ECC, pkcs8 for the rest; `auto_ignore`"
                       " leaves a key in another format alone."),
    "format_mismatch": Arg(default="regenerate", choices=("regenerate", "convert"),
                           help="What is done with a right key in another format: a new key, or the same converted."),
    "regenerate": Arg(default="full_idempotence",
                      choices=("never", "fail", "partial_idempotence", "full_idempotence", "always"),
                      help="What is done with a key that does not fit: `never` keeps any key that can be read, `fail`"
                           " reports it, `partial_idempotence` replaces a key that can be read, `full_idempotence` also"
                           " one that cannot, `always` every key."),
    "select_crypto_backend": cryptofile.BACKEND,
}
REQUIRED_IF = (("type", "ECC", ("curve",)),)
RETURNS = {
    "size": "Size asked for, in bits.",
    "type": "Kind of key asked for.",
    "curve": "Curve of an ECC key.",
    "fingerprint": "Fingerprints of the public key, by hash.",
    "privatekey": "The key, when its return was asked for.",
}
UNREADABLE = (
    "Unable to read the key. The key is protected with a another passphrase / no passphrase or broken. Will not proceed."
    " To force regeneration, call the module with `generate` set to `full_idempotence` or `always`, or with `force=true`."
)
DIFFERENT = (
    "Key has wrong %s. Will not proceed. To force regeneration, call the module with `generate` set to"
    " `partial_idempotence`, `full_idempotence` or `always`, or with `force=true`."
)
CONVERT = " To convert the key, set `format_mismatch` to `convert`."


def check(args):
    if args["cipher"] != "auto" and args["passphrase"]:
        raise Failed('Cryptography backend can only use "auto" for cipher option.')
    if args["type"] in ("RSA", "DSA") and args["size"] < 512:
        raise Failed("size must be at least 512, not %d" % args["size"])
    form = format_of(args)
    if form == "pkcs1" and args["type"] not in privkey.TRADITIONAL or form == "raw" and (
            args["type"] not in privkey.RAW_SIZES or args["passphrase"]):
        raise Failed('Cryptography backend cannot serialize the private key in the required format "%s"' % form)


def format_of(args):
    """The format a new key is written in."""
    if args["format"] in ("auto", "auto_ignore"):
        return "pkcs1" if args["type"] in privkey.TRADITIONAL else "pkcs8"
    return args["format"]


def forced(args):
    return bool(args.get("force")) or args["regenerate"] == "always"


def read(host, content, args):
    """The Key in ``content`` (or None) and what is wrong with it: "", missing, unreadable, kind, format."""
    if content is None:
        return None, "missing"
    try:
        key = privkey.load(host, content, args["passphrase"], args["type"])
    except privkey.Unreadable:
        return None, "unreadable"
    if args["regenerate"] == "never":
        return key, ""
    if not fits(key, args):
        return key, "kind"
    if args["format"] != "auto_ignore" and privkey.format_of(content) != format_of(args):
        return key, "format"
    return key, ""


def fits(key, args):
    have = pubkey.read(key.public)
    if have["kind"] != args["type"]:
        return False
    if key.kind == "ECC":
        return have["curve"] == args["curve"]
    return key.kind not in ("RSA", "DSA") or have["size"] == args["size"]


def refuse(args, trouble):
    """Raise Failed where ``regenerate`` forbids to replace the key."""
    if forced(args) or not trouble or trouble == "missing":
        return
    if trouble == "unreadable" and args["regenerate"] != "full_idempotence":
        raise Failed(UNREADABLE)
    if args["regenerate"] == "fail" and not (trouble == "format" and args["format_mismatch"] == "convert"):
        text = DIFFERENT % ("type and/or size" if trouble == "kind" else "format")
        raise Failed(text if trouble == "kind" else text + CONVERT)


def make(host, args, content):
    """The content of the wanted key file: ``content`` converted, or a new key."""
    key, trouble = read(host, content, args)
    if forced(args) or trouble != "format" or args["format_mismatch"] != "convert":
        key = privkey.generate(host, args["type"], args["size"], args["curve"])
    return privkey.write(host, key, format_of(args), args["passphrase"])


def report(args, key):
    told = {"size": args["size"], "type": args["type"], "fingerprint": key and pubkey.fingerprints(key.public)}
    if args["type"] == "ECC":
        told["curve"] = args["curve"]
    return told


def shown(state):
    """What a diff shows of a key: its public side."""
    if state.get("content") is None:
        return {}
    key = state["key"]
    if key is None:
        return {"can_parse_key": False}
    return {
        "can_parse_key": True,
        "key_is_consistent": None,
        "public_data": pubkey.data(key.public),
        "public_key": pubkey.as_pem(key.public).decode("ascii"),
        "public_key_fingerprints": {"sha256": pubkey.colons(hashlib.sha256(key.public).hexdigest())},
        "type": key.kind,
    }
