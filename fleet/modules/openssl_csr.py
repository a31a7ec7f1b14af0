"""A certificate signing request in a file."""

from fleet.remote import cryptofile, csrplan, files
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    dict(
        files.ATTRIBUTES,
        path=Arg("path", required=True, help="The file."),
        state=cryptofile.STATE,
        force=cryptofile.FORCE,
        backup=cryptofile.BACKUP,
        return_content=cryptofile.RETURN_CONTENT,
        **csrplan.ARGS
    ),
    exclusive=csrplan.EXCLUSIVE,
    together=csrplan.TOGETHER,
    required_if=[("state", "present", ("privatekey_path", "privatekey_content"), True)],
    returns=dict(cryptofile.RETURNS, **csrplan.RETURNS),
)
EXAMPLES = """
- openssl_csr: {path: /etc/ssl/www.csr, privatekey_path: /etc/ssl/private/www.pem, common_name: www.example.com}
- name: A request of an authority of our own
  openssl_csr:
    path: /etc/ssl/ca.csr
    privatekey_path: /etc/ssl/private/ca.pem
    privatekey_passphrase: "{{ ca_passphrase }}"
    common_name: Our authority
    use_common_name_for_san: false
    basic_constraints: ["CA:TRUE"]
    basic_constraints_critical: true
    key_usage: [keyCertSign]
    key_usage_critical: true
"""


def read(host, args):
    now = cryptofile.read(args)
    if args["state"] == "absent":
        return dict(now, plan=None)
    plan = csrplan.Plan(host, args)
    shown = csrplan.shown(host, now["content"]) if host.diff else {}
    return dict(now, plan=plan, fits=now["file"] and plan.fits(host, now["content"]), shown=shown)


def want(args, now):
    return cryptofile.want(args, now, force=args["force"])


def apply(host, args, change):
    return cryptofile.apply(args, change, lambda: csrplan.Plan(host, args).make(host))


def report(host, args, outcome):
    told = dict(csrplan.report(args, outcome.now["plan"]), filename=args["path"])
    if args["return_content"]:
        content = outcome.after["content"] if args["state"] == "present" else None
        told["csr"] = None if content is None else content.decode("utf-8", "replace")
    return told


def diff(args, outcome):
    return {"before": outcome.now.get("shown", {}), "after": outcome.after.get("shown", {})}
