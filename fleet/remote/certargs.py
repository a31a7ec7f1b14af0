"""The arguments that x509_certificate and x509_certificate_pipe share."""

from fleet.remote import cryptofile
from fleet.remote.spec import Arg

_SKI = ("create_if_not_provided", "always_create", "never_create")
_TIME = "`+10w3d` from now, or a time as `20301231235959Z`"


def _provider(name, digest_of, aliases):
    return {
        name + "_version": Arg("int", 3, choices=(3,), help="Version of the certificate."),
        name + "_digest": Arg(default="sha256", help="Digest of the signature by %s." % digest_of),
        name + "_not_before": Arg(default="+0s", aliases=("selfsigned_notBefore",) if aliases else (),
                                  help="Since when it is valid: %s." % _TIME),
        name + "_not_after": Arg(default="+3650d", aliases=("selfsigned_notAfter",) if aliases else (),
                                 help="Until when it is valid: %s." % _TIME),
        name + "_create_subject_key_identifier": Arg(
            default=_SKI[0], choices=_SKI, help="Whether a subject key identifier is made, in place of the request's."),
    }


ARGS = dict(
    csr_path=Arg("path", help="File of the signing request."),
    csr_content=Arg(help="The signing request itself."),
    privatekey_path=Arg("path", help="File of the certificate's private key, which signs with `selfsigned`."),
    privatekey_content=Arg(no_log=True, help="That private key itself."),
    privatekey_passphrase=Arg(no_log=True, help="That private key's passphrase."),
    ignore_timestamps=Arg("bool", True, help="Leave a certificate alone whose times differ from those asked for."),
    ownca_path=Arg("path", help="File of the authority's certificate."),
    ownca_content=Arg(help="The authority's certificate itself."),
    ownca_privatekey_path=Arg("path", help="File of the authority's private key."),
    ownca_privatekey_content=Arg(no_log=True, help="The authority's private key itself."),
    ownca_privatekey_passphrase=Arg(no_log=True, help="The passphrase of the authority's private key."),
    ownca_create_authority_key_identifier=Arg("bool", True, help="Name the authority's key, in place of the request."),
    select_crypto_backend=cryptofile.BACKEND,
    **dict(_provider("selfsigned", "the own key", True), **_provider("ownca", "the authority", False))
)
EXCLUSIVE = [("csr_path", "csr_content"), ("privatekey_path", "privatekey_content"), ("ownca_path", "ownca_content"),
             ("ownca_privatekey_path", "ownca_privatekey_content")]
RETURNS = {
    "certificate": "The certificate, when its return was asked for.",
    "privatekey": "File of the private key.",
    "csr": "File of the signing request.",
    "ca_cert": "File of the authority's certificate.",
    "ca_privatekey": "File of the authority's private key.",
    "notBefore": "Since when it is valid.",
    "notAfter": "Until when it is valid.",
    "serial_number": "Its serial number.",
}
