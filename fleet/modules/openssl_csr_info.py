"""What a certificate signing request holds."""

from fleet.remote import cryptofile, csrplan, x509names
from fleet.remote.der import BadDer
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "path": Arg("path", help="The request's file."),
        "content": Arg(help="The request itself."),
        "name_encoding": Arg(default="ignore", choices=("ignore", "idna", "unicode"),
                             help="How international domain names are returned; `ignore` and `idna` as they stand."),
        "select_crypto_backend": cryptofile.BACKEND,
    },
    exclusive=[("path", "content")],
    one_of=[("path", "content")],
    returns={
        "signature_valid": "Whether the signature is right; the module fails where it is not.",
        "subject": "The subject by part; the last one of a part that is there several times.",
        "subject_ordered": "All parts of the subject in order.",
        "subject_alt_name": "The alternative names.",
        "key_usage": "What the key may do.",
        "extended_key_usage": "Purposes of the key.",
        "basic_constraints": "Whether it is an authority, and how deep.",
        "name_constraints_permitted": "Names an authority may issue for.",
        "name_constraints_excluded": "Names an authority must not issue for.",
        "ocsp_must_staple": "Whether OCSP answers must be stapled.",
        "extensions_by_oid": "All extensions, encoded.",
        "public_key": "The public key in PEM.",
        "public_key_type": "Its kind.",
        "public_key_data": "Its numbers.",
        "public_key_fingerprints": "Its fingerprints, by hash.",
        "subject_key_identifier": "Identifier of the key.",
        "authority_key_identifier": "Identifier of the authority's key.",
        "authority_cert_issuer": "Names of the issuer of the authority's certificate.",
        "authority_cert_serial_number": "Serial number of the authority's certificate.",
    },
)
EXAMPLES = """
- openssl_csr_info: {path: /etc/ssl/www.csr}
  register: request
"""


def run(host, args):
    content = cryptofile.given(args, "CSR")
    try:
        told = csrplan.described(host, content)
    except (BadDer, IndexError) as error:
        raise Failed("Unable to load PEM file: no certificate signing request (%s)" % error)
    if args["name_encoding"] == "unicode":
        for name in ("subject_alt_name", "name_constraints_permitted", "name_constraints_excluded",
                     "authority_cert_issuer"):
            told[name] = told[name] and [x509names.in_unicode(text) for text in told[name]]
    if not told["signature_valid"]:
        raise Failed("CSR signature is invalid!", **told)
    return dict(told, changed=False)
