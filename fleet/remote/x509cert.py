"""Certificates: read, described, and planned by an authority of our own or by their own key."""

import os

from fleet.remote import cryptofile, csrplan, der, oids, pem, pubkey, signing, x509ext, x509names, x509time
from fleet.remote.der import BadDer
from fleet.remote.host import Failed

OCSP, ISSUERS = "1.3.6.1.5.5.7.48.1", "1.3.6.1.5.5.7.48.2"


class Certificate(object):
    """A certificate as it was read."""

    def __init__(self, encoded):
        self.encoded = encoded
        whole = der.whole(encoded).parts()
        parts = whole[0].parts(der.SEQUENCE)
        self.version = 1
        if parts[0].tag == 0xA0:
            self.version = parts.pop(0).parts()[0].integer() + 1
        self.serial = parts[0].integer()
        self.algorithm = whole[1].parts(der.SEQUENCE)[0].oid()
        self.issuer, self.name = parts[2], parts[4]
        self.not_before, self.not_after = [x509time.read(part) for part in parts[3].parts(der.SEQUENCE)]
        self.public = parts[5].raw
        self.extensions = {}
        for part in parts[6:]:
            if part.tag == 0xA3:
                self.extensions = x509ext.read(part.parts()[0])


def read(content):
    """The first Certificate in PEM, or one in DER. Raises BadDer."""
    block = pem.first(content, "CERTIFICATE")
    try:
        return Certificate(block.data if block else content)
    except (IndexError, ValueError) as error:
        raise BadDer(str(error))


class Plan(object):
    """What a certificate is to be: subject, key, extensions, issuer, times and whose key signs. Raises Failed."""

    def __init__(self, host, args):
        self.args = args
        self.own = args["provider"] == "selfsigned"
        self.prefix = "selfsigned_" if self.own else "ownca_"
        self.request = self._request(host)
        if not self.own and args["ownca_path"] is None and args["ownca_content"] is None:
            raise Failed("One of ownca_path and ownca_content must be specified for the ownca provider.")
        self.key = self._key(host)
        self.authority = None if self.own else self._authority()
        self.digest = args[self.prefix + "digest"]
        signing.algorithm(self.key.kind, self.digest)
        self.public = self.key.public if self.own else self.request.public
        self.subject = self.request.name.raw if self.request else der.sequence()
        self.issuer = self.subject if self.own else self.authority.name.raw
        now = x509time.now()
        self.not_before, self.not_after = [
            x509time.parse(args[self.prefix + name], self.prefix + name, now) for name in ("not_before", "not_after")]
        if self.not_after < self.not_before:
            raise Failed("%snot_after is before %snot_before" % (self.prefix, self.prefix))
        self.serial = int.from_bytes(os.urandom(20), "big") >> 1
        self.extensions = self._extensions()

    def _request(self, host):
        content = cryptofile.content_of(self.args, "csr", "certificate signing request")
        if content is None:
            if not self.own:
                raise Failed("csr_path or csr_content is required for ownca provider")
            return None
        try:
            request = csrplan.read(content)
            right = signing.verify(host, request.encoded, request.public)
        except (BadDer, IndexError) as error:
            raise Failed("cannot read the certificate signing request: %s" % error)
        if not right:
            raise Failed("the certificate signing request has a wrong signature")
        return request

    def _key(self, host):
        prefix = "privatekey" if self.own else "ownca_privatekey"
        if self.args[prefix + "_path"] is None and self.args[prefix + "_content"] is None:
            names = "privatekey_path and privatekey_content" if self.own else \
                "ownca_privatekey_path and ownca_privatekey_content"
            raise Failed("One of %s must be specified for the %s provider." % (names, self.args["provider"]))
        return csrplan.load_key(host, self.args, prefix)

    def _authority(self):
        content = cryptofile.content_of(self.args, "ownca", "CA certificate")
        try:
            found = read(content)
        except BadDer as error:
            raise Failed("cannot read the CA certificate: %s" % error)
        if found.public != self.key.public:
            raise Failed("The CA private key does not belong to the CA certificate")
        return found

    def _extensions(self):
        """Those of the request, with the identifiers of the key and the authority's key."""
        found = dict(self.request.extensions) if self.request else {}
        mode = self.args[self.prefix + "create_subject_key_identifier"]
        if mode == "always_create" or mode == "create_if_not_provided" and oids.SUBJECT_KEY_ID not in found:
            found.pop(oids.SUBJECT_KEY_ID, None)
            found[oids.SUBJECT_KEY_ID] = (False, der.octets(x509ext.key_id(self.public)))
        if not self.own and self.args["ownca_create_authority_key_identifier"]:
            found.pop(oids.AUTHORITY_KEY_ID, None)
            _, known = self.authority.extensions.get(oids.SUBJECT_KEY_ID, (False, None))
            key_id = der.whole(known, der.OCTETS).data if known else x509ext.key_id(self.authority.public)
            found[oids.AUTHORITY_KEY_ID] = (False, der.sequence(der.encode(0x80, key_id)))
        return found

    def make(self, host):
        oid, _ = signing.algorithm(self.key.kind, self.digest)
        about = der.sequence(der.oid(oid), der.NULL_VALUE if self.key.kind == "RSA" else b"")
        times = der.sequence(x509time.write(self.not_before), x509time.write(self.not_after))
        more = der.encode(0xA3, x509ext.write(self.extensions)) if self.extensions else b""
        content = der.sequence(der.encode(0xA0, der.integer(2)), der.integer(self.serial), about, self.issuer, times,
                               self.subject, self.public, more)
        return pem.write("CERTIFICATE", signing.signed(host, self.key, self.digest, content))

    def fits(self, host, content):
        try:
            have = read(content)
            if have.public != self.public or have.issuer.raw != self.issuer:
                return False
            if self.request and have.name.raw != self.subject or not self._same_extensions(have):
                return False
            if not self.args["ignore_timestamps"] and (have.not_before, have.not_after) != (
                    self.not_before, self.not_after):
                return False
            return signing.verify(host, have.encoded, self.key.public)
        except (BadDer, IndexError):
            return False

    def _same_extensions(self, have):
        if self.request is None:
            return True
        found, wanted = dict(have.extensions), dict(self.extensions)
        if self.args[self.prefix + "create_subject_key_identifier"] == "create_if_not_provided" and \
                oids.SUBJECT_KEY_ID not in found and oids.SUBJECT_KEY_ID not in self.request.extensions:
            # A certificate made elsewhere need not have one.
            wanted.pop(oids.SUBJECT_KEY_ID)
        return {oid: x509ext.normal(oid, value) for oid, value in found.items()} == {
            oid: x509ext.normal(oid, value) for oid, value in wanted.items()}


def report(args, plan, content):
    """The return keys: times and serial of the certificate in ``content``, of the planned one without."""
    told = {"privatekey": args["privatekey_path"], "csr": args["csr_path"]}
    if plan is None:
        return dict(told, csr=None)
    if not plan.own:
        told.update(ca_cert=args["ownca_path"], ca_privatekey=args["ownca_privatekey_path"])
    try:
        found = plan if content is None else read(content)
    except BadDer:
        found = plan
    told.update(notBefore=x509time.shown(found.not_before), notAfter=x509time.shown(found.not_after),
                serial_number=found.serial)
    return told


def described(content, one_fingerprint=False):
    """The return keys of x509_certificate_info. Raises BadDer."""
    found = read(content)
    subject, issuer = x509names.read_subject(found.name), x509names.read_subject(found.issuer)
    prints, own = pubkey.fingerprints(found.public), pubkey.fingerprints(found.encoded)
    told = x509ext.described(found.extensions)
    told.update(
        version=found.version,
        serial_number=found.serial,
        signature_algorithm=signing.NAMES.get(found.algorithm, found.algorithm),
        not_before=x509time.shown(found.not_before),
        not_after=x509time.shown(found.not_after),
        expired=found.not_after < x509time.now(),
        subject={x509names.long_name(oid): text for oid, text in subject},
        subject_ordered=[[x509names.long_name(oid), text] for oid, text in subject],
        issuer={x509names.long_name(oid): text for oid, text in issuer},
        issuer_ordered=[[x509names.long_name(oid), text] for oid, text in issuer],
        public_key=pubkey.as_pem(found.public).decode("ascii"),
        public_key_type=pubkey.read(found.public)["kind"],
        public_key_data=pubkey.data(found.public),
        public_key_fingerprints={"sha256": prints["sha256"]} if one_fingerprint else prints,
        fingerprints={"sha256": own["sha256"]} if one_fingerprint else own,
        ocsp_uri=x509ext.access_uri(found.extensions, OCSP),
        issuer_uri=x509ext.access_uri(found.extensions, ISSUERS),
    )
    return told


def shown(content):
    """What a diff shows of a certificate."""
    if content is None:
        return {}
    try:
        return dict(described(content, True), can_parse_certificate=True)
    except (BadDer, IndexError):
        return {"can_parse_certificate": False}
