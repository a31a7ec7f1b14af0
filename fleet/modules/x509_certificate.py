"""A certificate in a file, signed by its own key or by an authority of our own."""

from fleet.remote import certargs, cryptofile, files, x509cert
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    dict(
        files.ATTRIBUTES,
        path=Arg("path", required=True, help="The file."),
        state=cryptofile.STATE,
        force=cryptofile.FORCE,
        backup=cryptofile.BACKUP,
        return_content=cryptofile.RETURN_CONTENT,
        provider=Arg(choices=("acme", "ownca", "selfsigned"),
                     help="Who signs: its own key, or an authority whose key is on the host. `acme` is refused."),
        acme_accountkey_path=Arg("path", help="Accepted; `acme` is refused."),
        acme_challenge_path=Arg("path", help="Accepted; `acme` is refused."),
        acme_chain=Arg("bool", False, help="Accepted; `acme` is refused."),
        acme_directory=Arg(default="https://acme-v02.api.letsencrypt.org/directory", help="Accepted; `acme` is refused."),
        **certargs.ARGS
    ),
    exclusive=certargs.EXCLUSIVE,
    required_if=[("state", "present", ("provider",))],
    returns=dict(cryptofile.RETURNS, **certargs.RETURNS),
)
EXAMPLES = """
- name: For trying out
  x509_certificate:
    {path: /etc/ssl/www.crt, privatekey_path: /etc/ssl/private/www.pem, csr_path: /etc/ssl/www.csr, provider: selfsigned}
- name: By our own authority, for a year
  x509_certificate:
    path: /etc/ssl/www.crt
    csr_path: /etc/ssl/www.csr
    provider: ownca
    ownca_path: /etc/ssl/ca.crt
    ownca_privatekey_path: /etc/ssl/private/ca.pem
    ownca_not_after: +365d
"""


def read(host, args):
    if args["provider"] == "acme" and args["state"] == "present":
        raise Failed("the provider acme is not supported: run an ACME client such as certbot or acme-tiny as a command")
    now = cryptofile.read(args)
    if args["state"] == "absent":
        return dict(now, plan=None)
    plan = x509cert.Plan(host, args)
    # With a relative time and ignore_timestamps off, only what was made just now fits.
    fits = now["fresh"] or now["file"] and plan.fits(host, now["content"])
    shown = x509cert.shown(now["content"]) if host.diff else {}
    return dict(now, plan=plan, fits=fits, shown=shown)


def want(args, now):
    return cryptofile.want(args, now, force=args["force"])


def apply(host, args, change):
    return cryptofile.apply(args, change, lambda: x509cert.Plan(host, args).make(host))


def report(host, args, outcome):
    anew = host.check and not outcome.now.get("fits")
    told = x509cert.report(args, outcome.now["plan"], None if anew else outcome.after["content"])
    told["filename"] = args["path"]
    if args["return_content"]:
        content = outcome.after["content"] if args["state"] == "present" else None
        told["certificate"] = None if content is None else content.decode("utf-8", "replace")
    return told


def diff(args, outcome):
    return {"before": outcome.now.get("shown", {}), "after": outcome.after.get("shown", {})}
