"""A key, its certificate and others in one PKCS#12 file, or what is in such a file as PEM."""

import base64
import hashlib

from fleet.remote import cryptofile, csrplan, der, files, pem, pkcs12, x509cert
from fleet.remote.host import Failed, Unmet
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    dict(
        files.ATTRIBUTES,
        path=Arg("path", required=True, help="The file to write; its mode is 0400 unless `mode` says otherwise."),
        action=Arg(
            default="export",
            choices=("export", "parse"),
            help="`export` makes a PKCS#12 file, `parse` writes what is in one as PEM, not encrypted.",
        ),
        state=cryptofile.STATE,
        src=Arg("path", help="The PKCS#12 file to parse."),
        friendly_name=Arg(aliases=("name",), help="Name of the key and certificate in the file; `export` needs it."),
        passphrase=Arg(no_log=True, help="Passphrase of the PKCS#12 file. Without it, nothing in it is encrypted."),
        privatekey_path=Arg("path", help="The private key's file."),
        privatekey_content=Arg(no_log=True, help="The private key itself."),
        privatekey_passphrase=Arg(no_log=True, help="The private key's passphrase."),
        certificate_path=Arg("path", help="The certificate's file; its first certificate counts."),
        certificate_content=Arg(help="The certificate itself."),
        other_certificates=Arg(
            "list",
            elements="path",
            aliases=("ca_certificates",),
            help="Files of more certificates, such as those of the authorities.",
        ),
        other_certificates_content=Arg("list", elements="str", help="More certificates themselves."),
        other_certificates_parse_all=Arg(
            "bool", False, help="Take every certificate of each of them, not only the first."
        ),
        encryption_level=Arg(
            default="auto",
            choices=("auto", "compatibility2022"),
            help="`auto` is AES-256, `compatibility2022` is what older programs read. Not compared.",
        ),
        iter_size=Arg(
            "int", help="Rounds that make the key of the passphrase, for `compatibility2022`: 50000. Not compared."
        ),
        maciter_size=Arg("int", help="Accepted, without effect."),
        force=cryptofile.FORCE,
        backup=cryptofile.BACKUP,
        return_content=Arg("bool", False, help="Return the file's content in base64. It is a secret: use `no_log`."),
        select_crypto_backend=cryptofile.BACKEND,
    ),
    exclusive=[
        ("privatekey_path", "privatekey_content"),
        ("certificate_path", "certificate_content"),
        ("other_certificates", "other_certificates_content"),
    ],
    required_if=[("action", "parse", ("src",))],
    returns=dict(
        cryptofile.RETURNS,
        privatekey_path="The private key's file, when one was given.",
        pkcs12="The content in base64, when its return was asked for.",
        mode="The file's mode.",
    ),
)
EXAMPLES = """
- name: What a Java server reads
  openssl_pkcs12:
    path: /etc/tomcat/www.p12
    friendly_name: www
    privatekey_path: /etc/ssl/private/www.pem
    certificate_path: /etc/ssl/www.crt
    other_certificates: [/etc/ssl/ca-bundle.crt]
    other_certificates_parse_all: true
    passphrase: "{{ store_passphrase }}"
    owner: tomcat
- name: Key and certificates as PEM
  openssl_pkcs12:
    {action: parse, src: /root/from-the-authority.p12, path: /etc/ssl/private/www.pem, passphrase: "{{ passphrase }}"}
"""
MODE = "0400"


def read(host, args):
    now = cryptofile.read(args)
    if args["state"] == "absent":
        return now
    if args["action"] == "parse":
        return dict(now, fits=now["content"] == source(host, args).as_pem())
    wanted, there = bundle(host, args), None
    if now["file"]:
        try:
            there = pkcs12.read(host, now["content"], args["passphrase"])
        except pkcs12.Unreadable:
            # Another passphrase, or no PKCS#12: it is made anew.
            pass
    return dict(now, fits=there is not None and there.resembles(wanted), wanted=wanted, there=there)


def source(host, args):
    """The Bundle in ``src``. Raises Failed."""
    content = files.read_bytes(args["src"])
    if content is None:
        raise Unmet("[Errno 2] No such file or directory: '%s'" % args["src"], path=args["src"])
    return pkcs12.read(host, content, args["passphrase"])


def bundle(host, args):
    """The Bundle that the arguments ask for. Raises Failed."""
    if not args["friendly_name"]:
        raise Failed("Friendly_name is required")
    pkcs12.check_name(args["friendly_name"])
    if args["iter_size"] is not None and not 0 < args["iter_size"] < 1 << 31:
        raise Failed("iter_size must be a positive number")
    key = certificate = None
    if args["privatekey_path"] is not None or args["privatekey_content"] is not None:
        key = csrplan.load_key(host, args)
    content = cryptofile.content_of(args, "certificate", "certificate")
    if content is not None:
        certificate = certificates(content, args["certificate_path"] or "certificate_content")[0]
    others = [other for other in more(args) if other != certificate]
    if key is None and certificate is None and not others:
        raise Failed("You must supply at least one of key, cert, or cas")
    if key and certificate and x509cert.Certificate(certificate).public != key.public:
        raise Failed("Failed to create PKCS12 (does the key match the certificate?)")
    return pkcs12.Bundle(key, certificate, others, args["friendly_name"])


def more(args):
    """The other certificates, encoded, each once."""
    found = []
    for number, text in enumerate(args["other_certificates_content"] or []):
        found.append(("other_certificates_content[%d]" % number, text.encode("utf-8", "surrogateescape")))
    for path in args["other_certificates"] or []:
        content = files.read_bytes(path)
        if content is None:
            raise Unmet("The certificate file %s does not exist" % path, path=path)
        found.append((path, content))
    encoded = []
    for origin, content in found:
        all_of_it = args["other_certificates_parse_all"]
        taken = certificates(content, origin, all_of_it) if all_of_it else certificates(content, origin)[:1]
        encoded += [certificate for certificate in taken if certificate not in encoded]
    return encoded


def certificates(content, origin, or_none=False):
    """The encoded certificates in PEM. Raises Failed for one that is broken and, unless ``or_none``, for none."""
    found = [block.data for block in pem.blocks(content) if block.label in ("CERTIFICATE", "X509 CERTIFICATE")]
    try:
        for encoded in found:
            x509cert.Certificate(encoded)
    except (der.BadDer, IndexError, ValueError) as error:
        raise Failed("cannot read the certificate in %s: %s" % (origin, error))
    if not found and not or_none:
        raise Failed("there is no certificate in %s" % origin)
    return found


def want(args, now):
    return cryptofile.want(args, now, MODE, args["force"])


def apply(host, args, change):
    def make():
        if args["action"] == "parse":
            return source(host, args).as_pem()
        rounds = args["iter_size"] if args["encryption_level"] == "compatibility2022" else None
        return pkcs12.make(host, bundle(host, args), args["passphrase"], args["encryption_level"], rounds)

    return cryptofile.apply(args, change, make, 0o400)


def report(host, args, outcome):
    told, after = {"filename": args["path"]}, outcome.after
    if args["privatekey_path"] is not None:
        told["privatekey_path"] = args["privatekey_path"]
    if args["state"] == "absent":
        return told
    if after["content"] is not None and not host.check:
        told["mode"] = "%04o" % after["mode"]
    if args["return_content"]:
        told["pkcs12"] = None if after["content"] is None else base64.b64encode(after["content"]).decode("ascii")
    return told


def diff(args, outcome):
    """The names and the certificates' fingerprints; of keys nothing."""
    gone = args["state"] == "absent"
    return {"before": shown(outcome.now.get("there")), "after": {} if gone else shown(outcome.now.get("wanted"))}


def shown(held):
    if held is None:
        return {}
    name = held.name.decode("utf-8", "replace") if isinstance(held.name, bytes) else held.name
    return {
        "friendly_name": name,
        "private_key": held.key is not None,
        "certificates": [hashlib.sha256(encoded).hexdigest() for encoded in held.certificates()],
    }
