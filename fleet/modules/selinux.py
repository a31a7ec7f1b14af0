"""Set SELinux's mode and policy in its configuration file and, where that needs no reboot, at once."""

import os
import re

from fleet.remote import editing, files
from fleet.remote.host import Failed, Unmet
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "state": Arg(required=True, choices=("enforcing", "permissive", "disabled"), help="The mode."),
        "policy": Arg(help="Name of the policy, such as targeted; needed unless the mode is disabled."),
        "configfile": Arg(default="/etc/selinux/config", aliases=("conf", "file"), help="The configuration file."),
        "update_kernel_param": Arg("bool", False, help="Set selinux=0 or 1 for the kernel too, with grubby."),
    },
    returns={
        "state": "The mode asked for.",
        "policy": "The policy.",
        "configfile": "The configuration file.",
        "msg": "What was changed.",
        "reboot_required": "Whether the mode holds after a reboot only.",
    },
)

EXAMPLES = """
- selinux: {policy: targeted, state: enforcing}
- selinux: {state: disabled}
"""

ENFORCE = "/sys/fs/selinux/enforce"


def run(host, args):
    """The file first, then the running kernel."""
    path, state = args["configfile"], args["state"]
    if not args["policy"] and state != "disabled":
        raise Failed("Policy is required if state is not 'disabled'")
    data = files.read_bytes(path)
    if data is None:
        raise Unmet("Unable to find file %s; SELinux is not installed on this host" % path)
    text = editing.decode(data)
    policy = args["policy"] or value(text, "SELINUXTYPE") or None
    if policy and not os.path.isdir(os.path.join(os.path.dirname(path), policy)) and state != "disabled":
        raise Failed("Policy %s does not exist in %s/" % (policy, os.path.dirname(path)))
    if args["update_kernel_param"]:
        # Before anything is written.
        host.need("grubby", "grubby")
    new, said = text, []
    for name, shown, wanted in (("SELINUX", "state", state), ("SELINUXTYPE", "policy", policy)):
        if wanted is not None and value(text, name) != wanted:
            new = assign(new, name, wanted)
            said.append("Config SELinux %s changed from '%s' to '%s'" % (shown, value(text, name), wanted))
    live = running()
    reboot = (live is None) != (state == "disabled")
    if live and state != "disabled" and live != state:
        said.append("SELinux state temporarily changed from '%s' to '%s'" % (live, state))
        if not host.check:
            host.run([host.need("setenforce", "libselinux-utils"), "1" if state == "enforcing" else "0"])
    if new != text and not host.check:
        files.write_atomic(path, editing.encode(new), mode=0o644)
    if args["update_kernel_param"] and kernel_parameter(host, state):
        said.append("Updated the kernel's parameter selinux")
    result = {"changed": bool(said), "msg": ", ".join(said), "configfile": path, "policy": policy, "state": state,
              "reboot_required": reboot}
    if host.diff and new != text:
        result["diff"] = {"before": text, "after": new, "before_header": path, "after_header": path}
    return result


def running():
    """enforcing, permissive, or None where SELinux is off."""
    try:
        with open(ENFORCE) as source:
            return "enforcing" if source.read().strip() == "1" else "permissive"
    except OSError:
        return None


def value(text, name):
    found = re.findall(r"^%s=(\S*)" % name, text, re.M)
    return found[-1] if found else ""


def assign(text, name, new):
    """The file's text with ``name`` set; a line that is missing is added."""
    if re.search(r"^%s=" % name, text, re.M):
        return re.sub(r"(?m)^%s=.*$" % name, lambda _: "%s=%s" % (name, new), text)
    return text + ("" if text.endswith("\n") or not text else "\n") + "%s=%s\n" % (name, new)


def kernel_parameter(host, state):
    """Set selinux=0 or 1 for all kernels; gives whether that changed something."""
    grubby = host.need("grubby", "grubby")
    wanted = "selinux=0" if state == "disabled" else "selinux=1"
    lines = [line for line in host.run([grubby, "--info=ALL"]).lines if line.startswith("args=")]
    has = [re.findall(r"\bselinux=[01]", line) for line in lines]
    if all(each[-1:] == [wanted] or (not each and wanted == "selinux=1") for each in has):
        return False
    if not host.check:
        host.run([grubby, "--update-kernel=ALL", "--remove-args", "selinux"])
        host.run([grubby, "--update-kernel=ALL", "--args", wanted])
    return True
