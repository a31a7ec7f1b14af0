"""Capabilities that a program gets when it is started (capabilities(7)), kept with its file.

They are compared by what they mean: `cap_net_raw+ep` is `cap_net_raw=ep`. No program of libcap is needed.
"""

import errno
import os
import stat

from fleet.remote import filecaps
from fleet.remote.host import Failed, Unmet
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "path": Arg(required=True, aliases=("key",), help="The program's file; not a link to it."),
        "capability": Arg(required=True, aliases=("cap",),
                          help="One or more, parted by commas, with operator and flags as for setcap(8): `cap_net_raw+ep`. "
                               "+ and = give them these flags, - takes flags away. For `absent` the names are enough."),
        "state": Arg(default="present", choices=("absent", "present"), help="Whether the file is to have them."),
    },
    returns={"state": "As asked for.", "msg": "That they changed.", "stdout": "Always empty, for playbooks that look at it."},
)
EXAMPLES = """
- name: The server may use port 80 without being root
  capabilities:
    path: /usr/local/bin/server
    capability: cap_net_bind_service+ep
"""


def read(host, args):
    descriptor = opened(args["path"])
    try:
        data = os.getxattr(descriptor, filecaps.ATTRIBUTE)
    except OSError as error:
        if error.errno not in (errno.ENODATA, errno.EOPNOTSUPP):
            raise failure("get", args["path"], error.strerror)
        return {"caps": {}, "capabilities": ""}
    finally:
        os.close(descriptor)
    try:
        caps = filecaps.decode(data)
    except ValueError as error:
        raise failure("get", args["path"], str(error))
    return {"caps": caps, "capabilities": filecaps.text(caps)}


def opened(path):
    """A descriptor of the file itself: who may replace it by a link must not choose what gets capabilities."""
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        if error.errno == errno.ENOENT:
            raise Unmet("Unable to get capabilities of %s" % path, stdout="", stderr="%s (%s)\n" % (path, error.strerror))
        raise failure("get", path, "a symbolic link" if error.errno == errno.ELOOP else error.strerror)
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise failure("get", path, "not a regular file")
    return descriptor


def failure(what, path, reason):
    return Failed("Unable to %s capabilities of %s" % (what, path), stdout="", stderr="%s (%s)\n" % (path, reason))


def want(args, now):
    try:
        numbers, operator, flags = filecaps.parse(args["capability"])
    except ValueError as error:
        raise Failed(str(error))
    caps = dict(now["caps"])
    if args["state"] == "present" and not operator:
        raise Failed("Couldn't find operator (one of: ('=', '-', '+'))")
    for number in numbers:
        left = "" if args["state"] == "absent" else flags
        if args["state"] == "present" and operator == "-":
            left = "".join(letter for letter in caps.get(number, "") if letter not in flags)
        caps[number] = left
    caps = {number: flags for number, flags in caps.items() if flags}
    try:
        filecaps.encode(caps)
    except ValueError as error:
        raise failure("set", args["path"], "%s: %s" % (filecaps.text(caps), error))
    return {"capabilities": filecaps.text(caps)}


def apply(host, args, change):
    path, caps = args["path"], {}
    for clause in change["capabilities"].split():
        numbers, _, flags = filecaps.parse(clause)
        caps.update(dict.fromkeys(numbers, flags))
    descriptor = opened(path)
    try:
        # An empty attribute is what setcap leaves behind, too, when the last one goes.
        os.setxattr(descriptor, filecaps.ATTRIBUTE, filecaps.encode(caps))
    except OSError as error:
        raise failure("set", path, error.strerror)
    finally:
        os.close(descriptor)
    return {"stdout": ""}


def report(host, args, outcome):
    if not outcome.change:
        return {"state": args["state"]}
    # A check run has no state in its result with ansible either.
    return dict({} if host.check else {"state": args["state"]}, msg="capabilities changed")
