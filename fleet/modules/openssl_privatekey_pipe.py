"""A private key that is returned, not written to a file. It is made on the task's host."""

import base64
import binascii

from fleet.remote import keyplan, privkey
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    dict(
        keyplan.ARGS,
        content=Arg(no_log=True, help="The key that there is; it is kept if it fits."),
        content_base64=Arg("bool", False, help="`content` is in base64."),
        return_current_key=Arg("bool", False, help="Return the key also when it is the one that was there."),
    ),
    required_if=keyplan.REQUIRED_IF,
    returns=keyplan.RETURNS,
)
EXAMPLES = """
- openssl_privatekey_pipe: {type: Ed25519, content: "{{ stored_key | default(omit) }}"}
  no_log: true
  register: key
"""


def run(host, args):
    keyplan.check(args)
    content = given(args)
    key, trouble = keyplan.read(host, content, args)
    keyplan.refuse(args, trouble)
    changed = bool(trouble) or keyplan.forced(args)
    before = {"content": content, "key": key}
    if changed:
        # In a check run too: a key that is only returned changes nothing on the host.
        content = keyplan.make(host, args, content)
        key = privkey.load(host, content, args["passphrase"], args["type"])
    told = dict(keyplan.report(args, key), changed=changed)
    if content is not None and (changed or args["return_current_key"]):
        told["privatekey"] = privkey.as_result(content)
    if host.diff and changed:
        told["diff"] = {"before": keyplan.shown(before), "after": keyplan.shown({"content": content, "key": key})}
    return told


def given(args):
    if args["content"] is None:
        return None
    data = args["content"].encode("utf-8", "surrogateescape")
    if not args["content_base64"]:
        return data
    try:
        return base64.b64decode(b"".join(data.split()), validate=True)
    except binascii.Error as error:
        raise Failed("Cannot decode Base64 encoded data: %s" % error)
