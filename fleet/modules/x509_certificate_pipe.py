"""A certificate that is returned, not written to a file."""

from fleet.remote import certargs, x509cert
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    dict(
        certargs.ARGS,
        provider=Arg(required=True, choices=("ownca", "selfsigned"), help="Who signs: its own key, or our authority."),
        content=Arg(help="The certificate that there is; it is kept if it fits."),
        force=Arg("bool", False, help="Make it anew even if the one that is there fits."),
    ),
    exclusive=certargs.EXCLUSIVE,
    returns=certargs.RETURNS,
)
EXAMPLES = """
- x509_certificate_pipe:
    provider: ownca
    csr_content: "{{ request.csr }}"
    ownca_path: /etc/ssl/ca.crt
    ownca_privatekey_path: /etc/ssl/private/ca.pem
  register: certificate
"""


def run(host, args):
    plan = x509cert.Plan(host, args)
    before = None if args["content"] is None else args["content"].encode("utf-8", "surrogateescape")
    changed = args["force"] or before is None or not plan.fits(host, before)
    after = plan.make(host) if changed else before
    told = dict(x509cert.report(args, plan, after), changed=changed,
                certificate=after.decode("utf-8", "surrogateescape"))
    if host.diff and changed:
        told["diff"] = {"before": x509cert.shown(before), "after": x509cert.shown(after)}
    return told
