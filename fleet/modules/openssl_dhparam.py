"""Diffie-Hellman parameters in a file, made with the host's openssl."""

from fleet.remote import cryptofile, der, files, pem
from fleet.remote.host import Failed
from fleet.remote.opensslrun import openssl
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    dict(
        files.ATTRIBUTES,
        path=Arg("path", required=True, help="The file."),
        state=cryptofile.STATE,
        size=Arg("int", 4096, help="Size in bits."),
        force=cryptofile.FORCE,
        backup=cryptofile.BACKUP,
        return_content=cryptofile.RETURN_CONTENT,
        select_crypto_backend=Arg(default="auto", choices=("auto", "cryptography", "openssl"),
                                  help="Accepted; the host's openssl is used."),
    ),
    returns=dict(cryptofile.RETURNS, size="Size asked for, in bits.",
                 dhparams="The parameters, when their return was asked for."),
)
EXAMPLES = """
- openssl_dhparam: {path: /etc/ssl/dhparams.pem, size: 2048}
"""


def read(host, args):
    if args["size"] < 512 and args["state"] == "present":
        raise Failed("DH key_size must be at least 512 bits")
    now = cryptofile.read(args)
    return dict(now, fits=size_of(now["content"]) == args["size"])


def size_of(content):
    """Bits of the prime in a file's content, None for what are no parameters. Pure."""
    block = pem.first(content or b"", "DH PARAMETERS")
    try:
        prime, generator = [part.integer() for part in der.whole(block.data).parts()[:2]]
    except (AttributeError, ValueError):
        return None
    return prime.bit_length() if generator > 1 and prime % 2 else None


def want(args, now):
    return cryptofile.want(args, now, force=args["force"])


def apply(host, args, change):
    return cryptofile.apply(args, change, lambda: openssl(host, ["dhparam", str(args["size"])]).out)


def report(host, args, outcome):
    told = {"filename": args["path"], "size": args["size"]}
    if args["return_content"]:
        content = outcome.after["content"] if args["state"] == "present" else None
        told["dhparams"] = None if content is None else content.decode("utf-8", "replace")
    return told
