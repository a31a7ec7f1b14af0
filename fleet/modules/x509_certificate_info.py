"""What a certificate holds, and whether it is valid at given times."""

from fleet.remote import cryptofile, x509cert, x509names, x509time
from fleet.remote.der import BadDer
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "path": Arg("path", help="The certificate's file, PEM or DER."),
        "content": Arg(help="The certificate itself, in PEM."),
        "valid_at": Arg("dict", help="Times by name, such as `+2w` or `20301231235959Z`, to look at."),
        "name_encoding": Arg(default="ignore", choices=("ignore", "idna", "unicode"),
                             help="How international domain names are returned; `ignore` and `idna` as they stand."),
        "select_crypto_backend": cryptofile.BACKEND,
    },
    exclusive=[("path", "content")],
    one_of=[("path", "content")],
    returns={
        "expired": "Whether its time is over.",
        "valid_at": "Whether it is valid at each of the times asked for.",
        "not_before": "Since when it is valid.",
        "not_after": "Until when it is valid.",
        "serial_number": "Its serial number.",
        "version": "Its version.",
        "signature_algorithm": "How it is signed.",
        "fingerprints": "Its fingerprints, by hash.",
        "subject": "The subject by part; the last one of a part that is there several times.",
        "subject_ordered": "All parts of the subject in order.",
        "issuer": "The issuer by part.",
        "issuer_ordered": "All parts of the issuer in order.",
        "subject_alt_name": "The alternative names.",
        "key_usage": "What the key may do.",
        "extended_key_usage": "Purposes of the key.",
        "basic_constraints": "Whether it is an authority, and how deep.",
        "ocsp_must_staple": "Whether OCSP answers must be stapled.",
        "ocsp_uri": "Where OCSP answers come from.",
        "issuer_uri": "Where the issuer's certificate is.",
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
- x509_certificate_info: {path: /etc/ssl/www.crt, valid_at: {soon: +3w}}
  register: certificate
- assert: {that: certificate.valid_at.soon}
"""


def run(host, args):
    times = args["valid_at"] or {}
    wrong = [name for name, text in times.items() if not isinstance(text, str)]
    if wrong:
        raise Failed('The value for valid_at.%s must be of type string (got %s)' % (wrong[0], type(times[wrong[0]])))
    moments = {name: x509time.parse(text, "valid_at.%s" % name, x509time.now()) for name, text in times.items()}
    content = cryptofile.given(args, "certificate")
    try:
        told = x509cert.described(content)
        found = x509cert.read(content)
    except (BadDer, IndexError) as error:
        raise Failed("Unable to load PEM file: no certificate (%s)" % error)
    if args["name_encoding"] == "unicode":
        for name in ("subject_alt_name", "authority_cert_issuer"):
            told[name] = told[name] and [x509names.in_unicode(text) for text in told[name]]
    valid = {name: found.not_before <= moment <= found.not_after for name, moment in moments.items()}
    return dict(told, valid_at=valid, changed=False)
