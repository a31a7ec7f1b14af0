"""Certificate signing requests: made from arguments, read, compared. What openssl_csr and openssl_csr_pipe share."""

from fleet.remote import cryptofile, der, oids, pem, privkey, pubkey, signing, x509ext, x509names
from fleet.remote.der import BadDer
from fleet.remote.host import Failed
from fleet.remote.spec import Arg


def _critical(name, *aliases):
    return Arg("bool", False, aliases=aliases, help="Whether %s is critical." % name)


def _names(help, *aliases):
    return Arg("list", elements="str", aliases=aliases, help=help)


FIELDS = (("C", "country_name"), ("ST", "state_or_province_name"), ("L", "locality_name"), ("O", "organization_name"),
          ("OU", "organizational_unit_name"), ("CN", "common_name"), ("emailAddress", "email_address"))
ARGS = {
    "privatekey_path": Arg("path", help="File of the private key."),
    "privatekey_content": Arg(no_log=True, help="The private key itself."),
    "privatekey_passphrase": Arg(no_log=True, help="The private key's passphrase."),
    "digest": Arg(default="sha256", help="Digest of the signature."),
    "version": Arg("int", 1, choices=(1,), help="Version of the request."),
    "subject": Arg("dict", help="Parts of the subject; a list as value gives the part several times."),
    "subject_ordered": Arg("list", elements="dict", help="Parts of the subject in this order, one to an entry."),
    "country_name": Arg(aliases=("C", "countryName"), help="Country in the subject, two letters."),
    "state_or_province_name": Arg(aliases=("ST", "stateOrProvinceName"), help="State or province in the subject."),
    "locality_name": Arg(aliases=("L", "localityName"), help="Town in the subject."),
    "organization_name": Arg(aliases=("O", "organizationName"), help="Organization in the subject."),
    "organizational_unit_name": Arg(aliases=("OU", "organizationalUnitName"), help="Unit in the subject."),
    "common_name": Arg(aliases=("CN", "commonName"), help="Common name in the subject."),
    "email_address": Arg(aliases=("E", "emailAddress"), help="Email address in the subject."),
    "subject_alt_name": _names("Names the certificate is for: `DNS:`, `IP:`, `email:`, `URI:`, `RID:`, `dirName:`,"
                               " `otherName:` in front. The common name when left out.", "subjectAltName"),
    "subject_alt_name_critical": _critical("subject_alt_name", "subjectAltName_critical"),
    "use_common_name_for_san": Arg("bool", True, aliases=("useCommonNameForSAN",),
                                   help="The common name is the alternative name when there is no other."),
    "key_usage": _names("What the key may do, such as `digitalSignature`.", "keyUsage"),
    "key_usage_critical": _critical("key_usage", "keyUsage_critical"),
    "extended_key_usage": _names("Purposes, such as `serverAuth`, or object identifiers.", "extKeyUsage",
                                 "extendedKeyUsage"),
    "extended_key_usage_critical": _critical("extended_key_usage", "extKeyUsage_critical", "extendedKeyUsage_critical"),
    "basic_constraints": _names("Such as `CA:TRUE` and `pathlen:0`.", "basicConstraints"),
    "basic_constraints_critical": _critical("basic_constraints", "basicConstraints_critical"),
    "ocsp_must_staple": Arg("bool", False, aliases=("ocspMustStaple",), help="Servers must staple an OCSP answer."),
    "ocsp_must_staple_critical": _critical("ocsp_must_staple", "ocspMustStaple_critical"),
    "name_constraints_permitted": _names("Names below which an authority may issue certificates."),
    "name_constraints_excluded": _names("Names below which an authority must not issue certificates."),
    "name_constraints_critical": _critical("the name constraints"),
    "create_subject_key_identifier": Arg("bool", False, help="Make the subject key identifier from the key."),
    "subject_key_identifier": Arg(help="The subject key identifier in hex, with colons."),
    "authority_key_identifier": Arg(help="The authority key identifier in hex, with colons."),
    "authority_cert_issuer": _names("Names of the authority certificate's issuer."),
    "authority_cert_serial_number": Arg("int", help="Serial number of the authority's certificate."),
    "crl_distribution_points": Arg("list", elements="dict", help="Where revocation lists are.", options={
        "full_name": _names("Where the list is, such as `URI:https://ca.example/ca.crl`."),
        "relative_name": _names("Where the list is, below the issuer's name."),
        "crl_issuer": _names("Who issues the list."),
        "reasons": Arg("list", elements="str", choices=oids.REASONS[1:], help="Reasons the list is for."),
    }),
    "select_crypto_backend": cryptofile.BACKEND,
}
EXCLUSIVE = [("privatekey_path", "privatekey_content"), ("subject", "subject_ordered")]
TOGETHER = [("authority_cert_issuer", "authority_cert_serial_number")]
RETURNS = {
    "privatekey": "File of the private key.",
    "subject": "The subject as pairs of name and value.",
    "subjectAltName": "The alternative names.",
    "keyUsage": "What the key may do.",
    "extendedKeyUsage": "Purposes of the key.",
    "basicConstraints": "The basic constraints.",
    "ocspMustStaple": "Whether OCSP answers must be stapled.",
    "name_constraints_permitted": "Permitted names of an authority.",
    "name_constraints_excluded": "Excluded names of an authority.",
    "csr": "The request, when its return was asked for.",
}


class Request(object):
    """A request as it was read: ``subject`` (pairs of object identifier and text), ``public`` and ``extensions``."""

    def __init__(self, encoded):
        self.encoded = encoded
        about = der.whole(encoded).parts()[0].parts(der.SEQUENCE)
        self.name = about[1]
        self.subject = x509names.read_subject(about[1])
        self.public = about[2].raw
        self.extensions = {}
        for attribute in about[3].parts() if len(about) > 3 else ():
            kind, values = attribute.parts(der.SEQUENCE)[:2]
            if kind.oid() == oids.EXTENSION_REQUEST:
                self.extensions = x509ext.read(values.parts(der.SET)[0])


def read(content):
    """The Request in PEM or DER. Raises BadDer."""
    block = pem.first(content, "CERTIFICATE REQUEST")
    try:
        return Request(block.data if block else content)
    except (IndexError, ValueError) as error:
        raise BadDer(str(error))


def subject_of(args):
    """(name, value) of all parts of the subject, in order. Raises Failed."""
    if args["subject_ordered"] is not None:
        if any(args[name] is not None for _, name in FIELDS):
            raise Failed("subject_ordered cannot be combined with any other subject field")
        pairs = []
        for place, entry in enumerate(args["subject_ordered"], 1):
            if len(entry) != 1:
                raise Failed("Entry #%d in subject_ordered must be a dictionary with exactly one key-value pair" % place)
            pairs += _pairs(entry, "subject_ordered")
        return pairs
    fixed = [(short, args[name]) for short, name in FIELDS if args[name]]
    return fixed + _pairs(args["subject"] or {}, "subject")


def _pairs(given, what):
    pairs = []
    for name, value in given.items():
        values = value if isinstance(value, list) else [value]
        if not all(isinstance(item, str) for item in values):
            raise Failed("Value for %s in %s must be either a string or a list of strings" % (name, what))
        pairs += [(name, item) for item in values]
    return pairs


def alternative_names(args, subject):
    if args["subject_alt_name"] or not args["use_common_name_for_san"]:
        return args["subject_alt_name"]
    return next((["DNS:" + value] for name, value in subject if name in ("CN", "commonName")), None)


def load_key(host, args, prefix="privatekey"):
    content = cryptofile.content_of(args, prefix, "private key")
    try:
        return privkey.load(host, content, args[prefix + "_passphrase"])
    except privkey.Unreadable as error:
        raise Failed(error.refusal())


class Plan(object):
    """What the arguments ask for: subject, extensions and the key. Raises Failed."""

    def __init__(self, host, args):
        if args["create_subject_key_identifier"] and args["subject_key_identifier"] is not None:
            raise Failed("subject_key_identifier cannot be specified if create_subject_key_identifier is true")
        self.key = load_key(host, args)
        self.digest = args["digest"]
        signing.algorithm(self.key.kind, self.digest)
        self.subject = subject_of(args)
        self.name = x509names.write_subject(self.subject)
        self.ordered = args["subject_ordered"] is not None
        self.names = alternative_names(args, self.subject)
        self.extensions = x509ext.wanted(args, self.names, self.key.public)

    def make(self, host):
        asked = b""
        if self.extensions:
            asked = der.sequence(der.oid(oids.EXTENSION_REQUEST), der.encode(der.SET, x509ext.write(self.extensions)))
        about = der.sequence(der.integer(0), self.name, self.key.public, der.encode(0xA0, asked))
        return pem.write("CERTIFICATE REQUEST", signing.signed(host, self.key, self.digest, about))

    def fits(self, host, content):
        """Whether a request is as planned: subject, extensions and key, with a right signature."""
        try:
            have = read(content)
            if have.public != self.key.public or not self._same_subject(have):
                return False
            if not self._same_extensions(have):
                return False
            return signing.verify(host, have.encoded, have.public)
        except (BadDer, IndexError):
            return False

    def _same_subject(self, have):
        pairs = [(x509names.find_oid(name), value) for name, value in self.subject]
        return have.subject == pairs if self.ordered else sorted(have.subject) == sorted(pairs)

    def _same_extensions(self, have):
        if set(have.extensions) & KNOWN != set(self.extensions):
            return False
        return all(x509ext.normal(oid, have.extensions[oid]) == x509ext.normal(oid, wanted)
                   for oid, wanted in self.extensions.items())


KNOWN = {oids.ALT_NAME, oids.KEY_USAGE, oids.EXTENDED_USAGE, oids.BASIC, oids.TLS_FEATURE, oids.NAME_CONSTRAINTS,
         oids.SUBJECT_KEY_ID, oids.AUTHORITY_KEY_ID, oids.CRL_POINTS}


def report(args, plan):
    return {
        "privatekey": args["privatekey_path"],
        "subject": [list(pair) for pair in (plan.subject if plan else subject_of(args))],
        "subjectAltName": plan.names if plan else args["subject_alt_name"],
        "keyUsage": args["key_usage"],
        "extendedKeyUsage": args["extended_key_usage"],
        "basicConstraints": args["basic_constraints"],
        "ocspMustStaple": args["ocsp_must_staple"],
        "name_constraints_permitted": args["name_constraints_permitted"] or [],
        "name_constraints_excluded": args["name_constraints_excluded"] or [],
    }


def described(host, content, one_fingerprint=False):
    """The return keys of openssl_csr_info. Raises BadDer."""
    found = read(content)
    prints = pubkey.fingerprints(found.public)
    told = dict(x509ext.described(found.extensions), **x509ext.constraints(found.extensions))
    told.update(
        subject={x509names.long_name(oid): text for oid, text in found.subject},
        subject_ordered=[[x509names.long_name(oid), text] for oid, text in found.subject],
        public_key=pubkey.as_pem(found.public).decode("ascii"),
        public_key_type=pubkey.read(found.public)["kind"],
        public_key_data=pubkey.data(found.public),
        public_key_fingerprints={"sha256": prints["sha256"]} if one_fingerprint else prints,
        signature_valid=signing.verify(host, found.encoded, found.public),
    )
    return told


def shown(host, content):
    """What a diff shows of a request."""
    if content is None:
        return {}
    try:
        return dict(described(host, content, True), can_parse_csr=True)
    except (BadDer, IndexError, Failed):
        return {"can_parse_csr": False}
