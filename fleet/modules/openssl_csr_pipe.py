"""A certificate signing request that is returned, not written to a file."""

from fleet.remote import csrplan
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    dict(csrplan.ARGS, content=Arg(help="The request that there is; it is kept if it fits.")),
    exclusive=csrplan.EXCLUSIVE,
    together=csrplan.TOGETHER,
    one_of=[("privatekey_path", "privatekey_content")],
    returns=csrplan.RETURNS,
)
EXAMPLES = """
- openssl_csr_pipe: {privatekey_path: /etc/ssl/private/www.pem, common_name: www.example.com}
  register: request
"""


def run(host, args):
    plan = csrplan.Plan(host, args)
    before = None if args["content"] is None else args["content"].encode("utf-8", "surrogateescape")
    changed = before is None or not plan.fits(host, before)
    after = plan.make(host) if changed else before
    told = dict(csrplan.report(args, plan), changed=changed, csr=after.decode("utf-8", "surrogateescape"))
    if host.diff and changed:
        told["diff"] = {"before": csrplan.shown(host, before), "after": csrplan.shown(host, after)}
    return told
