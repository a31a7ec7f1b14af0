"""Names of what certificates hold: parts of a subject, purposes, algorithms, extensions."""

# Object identifier, long and short name.
SUBJECT = (
    ("2.5.4.3", "commonName", "CN"),
    ("2.5.4.4", "surname", "SN"),
    ("2.5.4.5", "serialNumber", "serialNumber"),
    ("2.5.4.6", "countryName", "C"),
    ("2.5.4.7", "localityName", "L"),
    ("2.5.4.8", "stateOrProvinceName", "ST"),
    ("2.5.4.9", "streetAddress", "street"),
    ("2.5.4.10", "organizationName", "O"),
    ("2.5.4.11", "organizationalUnitName", "OU"),
    ("2.5.4.12", "title", "title"),
    ("2.5.4.13", "description", "description"),
    ("2.5.4.15", "businessCategory", "businessCategory"),
    ("2.5.4.16", "postalAddress", "postalAddress"),
    ("2.5.4.17", "postalCode", "postalCode"),
    ("2.5.4.20", "telephoneNumber", "telephoneNumber"),
    ("2.5.4.41", "name", "name"),
    ("2.5.4.42", "givenName", "GN"),
    ("2.5.4.43", "initials", "initials"),
    ("2.5.4.44", "generationQualifier", "generationQualifier"),
    ("2.5.4.45", "x500UniqueIdentifier", "x500UniqueIdentifier"),
    ("2.5.4.46", "dnQualifier", "dnQualifier"),
    ("2.5.4.65", "pseudonym", "pseudonym"),
    ("2.5.4.97", "organizationIdentifier", "organizationIdentifier"),
    ("0.9.2342.19200300.100.1.1", "userId", "UID"),
    ("0.9.2342.19200300.100.1.25", "domainComponent", "DC"),
    ("1.2.840.113549.1.9.1", "emailAddress", "emailAddress"),
    ("1.2.840.113549.1.9.2", "unstructuredName", "unstructuredName"),
    ("1.3.6.1.4.1.311.60.2.1.1", "jurisdictionLocalityName", "jurisdictionL"),
    ("1.3.6.1.4.1.311.60.2.1.2", "jurisdictionStateOrProvinceName", "jurisdictionST"),
    ("1.3.6.1.4.1.311.60.2.1.3", "jurisdictionCountryName", "jurisdictionC"),
)
PURPOSES = (
    ("1.3.6.1.5.5.7.3.1", "TLS Web Server Authentication", "serverAuth"),
    ("1.3.6.1.5.5.7.3.2", "TLS Web Client Authentication", "clientAuth"),
    ("1.3.6.1.5.5.7.3.3", "Code Signing", "codeSigning"),
    ("1.3.6.1.5.5.7.3.4", "E-mail Protection", "emailProtection"),
    ("1.3.6.1.5.5.7.3.5", "IPSec End System", "ipsecEndSystem"),
    ("1.3.6.1.5.5.7.3.6", "IPSec Tunnel", "ipsecTunnel"),
    ("1.3.6.1.5.5.7.3.7", "IPSec User", "ipsecUser"),
    ("1.3.6.1.5.5.7.3.8", "Time Stamping", "timeStamping"),
    ("1.3.6.1.5.5.7.3.9", "OCSP Signing", "OCSPSigning"),
    ("1.3.6.1.5.5.7.3.10", "dvcs", "DVCS"),
    ("1.3.6.1.5.5.7.3.17", "ipsec Internet Key Exchange", "ipsecIKE"),
    ("1.3.6.1.5.5.7.3.21", "SSH Client", "secureShellClient"),
    ("1.3.6.1.5.5.7.3.22", "SSH Server", "secureShellServer"),
    ("1.3.6.1.5.5.7.3.27", "CMC Certificate Authority", "cmcCA"),
    ("1.3.6.1.5.5.7.3.28", "CMC Registration Authority", "cmcRA"),
    ("1.3.6.1.5.2.3.4", "PKINIT Client Auth", "pkInitClientAuth"),
    ("1.3.6.1.5.2.3.5", "Signing KDC Response", "pkInitKDC"),
    ("1.3.6.1.4.1.311.2.1.21", "Microsoft Individual Code Signing", "msCodeInd"),
    ("1.3.6.1.4.1.311.2.1.22", "Microsoft Commercial Code Signing", "msCodeCom"),
    ("1.3.6.1.4.1.311.10.3.1", "Microsoft Trust List Signing", "msCTLSign"),
    ("1.3.6.1.4.1.311.10.3.3", "Microsoft Server Gated Crypto", "msSGC"),
    ("1.3.6.1.4.1.311.10.3.4", "Microsoft Encrypted File System", "msEFS"),
    ("1.3.6.1.4.1.311.20.2.2", "Microsoft Smartcardlogin", "msSmartcardLogin"),
    ("2.16.840.1.113730.4.1", "Netscape Server Gated Crypto", "nsSGC"),
    ("2.5.29.37.0", "Any Extended Key Usage", "anyExtendedKeyUsage"),
)
# Number of the bit, long and short name.
USES = (
    (0, "Digital Signature", "digitalSignature"),
    (1, "Non Repudiation", "nonRepudiation"),
    (2, "Key Encipherment", "keyEncipherment"),
    (3, "Data Encipherment", "dataEncipherment"),
    (4, "Key Agreement", "keyAgreement"),
    (5, "Certificate Sign", "keyCertSign"),
    (6, "CRL Sign", "cRLSign"),
    (7, "Encipher Only", "encipherOnly"),
    (8, "Decipher Only", "decipherOnly"),
)
REASONS = ("unused", "key_compromise", "ca_compromise", "affiliation_changed", "superseded", "cessation_of_operation",
           "certificate_hold", "privilege_withdrawn", "aa_compromise")

SUBJECT_KEY_ID, KEY_USAGE, ALT_NAME, BASIC = "2.5.29.14", "2.5.29.15", "2.5.29.17", "2.5.29.19"
NAME_CONSTRAINTS, CRL_POINTS, AUTHORITY_KEY_ID = "2.5.29.30", "2.5.29.31", "2.5.29.35"
EXTENDED_USAGE, ACCESS, TLS_FEATURE = "2.5.29.37", "1.3.6.1.5.5.7.1.1", "1.3.6.1.5.5.7.1.24"
EXTENSION_REQUEST = "1.2.840.113549.1.9.14"

# Kind of key and digest, object identifier, OpenSSL's long name.
_RSA, _ECDSA, _NIST = "1.2.840.113549.1.1.", "1.2.840.10045.4.", "2.16.840.1.101.3.4.3."
SIGNATURES = (
    ("RSA", "md5", _RSA + "4", "md5WithRSAEncryption"),
    ("RSA", "sha1", _RSA + "5", "sha1WithRSAEncryption"),
    ("RSA", "sha224", _RSA + "14", "sha224WithRSAEncryption"),
    ("RSA", "sha256", _RSA + "11", "sha256WithRSAEncryption"),
    ("RSA", "sha384", _RSA + "12", "sha384WithRSAEncryption"),
    ("RSA", "sha512", _RSA + "13", "sha512WithRSAEncryption"),
    ("RSA", "sha3-224", _NIST + "13", "RSA-SHA3-224"),
    ("RSA", "sha3-256", _NIST + "14", "RSA-SHA3-256"),
    ("RSA", "sha3-384", _NIST + "15", "RSA-SHA3-384"),
    ("RSA", "sha3-512", _NIST + "16", "RSA-SHA3-512"),
    ("ECC", "sha1", _ECDSA + "1", "ecdsa-with-SHA1"),
    ("ECC", "sha224", _ECDSA + "3.1", "ecdsa-with-SHA224"),
    ("ECC", "sha256", _ECDSA + "3.2", "ecdsa-with-SHA256"),
    ("ECC", "sha384", _ECDSA + "3.3", "ecdsa-with-SHA384"),
    ("ECC", "sha512", _ECDSA + "3.4", "ecdsa-with-SHA512"),
    ("ECC", "sha3-224", _NIST + "9", "ecdsa_with_SHA3-224"),
    ("ECC", "sha3-256", _NIST + "10", "ecdsa_with_SHA3-256"),
    ("ECC", "sha3-384", _NIST + "11", "ecdsa_with_SHA3-384"),
    ("ECC", "sha3-512", _NIST + "12", "ecdsa_with_SHA3-512"),
    ("DSA", "sha1", "1.2.840.10040.4.3", "dsaWithSHA1"),
    ("DSA", "sha224", _NIST + "1", "dsa_with_SHA224"),
    ("DSA", "sha256", _NIST + "2", "dsa_with_SHA256"),
    ("DSA", "sha384", _NIST + "3", "dsa_with_SHA384"),
    ("DSA", "sha512", _NIST + "4", "dsa_with_SHA512"),
    ("Ed25519", "", "1.3.101.112", "ED25519"),
    ("Ed448", "", "1.3.101.113", "ED448"),
)
PSS = "1.2.840.113549.1.1.10"
DIGESTS = {
    "md5": "1.2.840.113549.2.5", "sha1": "1.3.14.3.2.26", "sha224": "2.16.840.1.101.3.4.2.4",
    "sha256": "2.16.840.1.101.3.4.2.1", "sha384": "2.16.840.1.101.3.4.2.2", "sha512": "2.16.840.1.101.3.4.2.3",
    "sha3-224": "2.16.840.1.101.3.4.2.7", "sha3-256": "2.16.840.1.101.3.4.2.8", "sha3-384": "2.16.840.1.101.3.4.2.9",
    "sha3-512": "2.16.840.1.101.3.4.2.10",
}
LONG = {oid: name for table in (SUBJECT, PURPOSES) for oid, name, _ in table}
SHORT = {oid: name for table in (SUBJECT, PURPOSES) for oid, _, name in table}
BY_NAME = {name: oid for table in (SUBJECT, PURPOSES) for oid, first, second in table for name in (first, second)}
BY_NAME.update(E="1.2.840.113549.1.9.1", S="2.5.4.8", G="2.5.4.42", T="2.5.4.12", STREET="2.5.4.9", uid=BY_NAME["UID"],
               SERIALNUMBER="2.5.4.5", domainComponent=BY_NAME["DC"])
