"""Tell whether the host is to be restarted, and why: a newer kernel, or packages that ask for it.

A kernel is newer when a package of the running one's flavour brings a later release, or the same release built anew.
"""

from fleet.remote import kernels, look
from fleet.remote.spec import Spec

FLAGS = ("/run/reboot-required", "/var/run/reboot-required")
SPEC = Spec(
    {},
    returns={
        "required": "Whether a restart is due.",
        "reasons": "Why, a sentence each.",
        "packages": "The packages that ask for it.",
        "kernel": "`running` and `newest`, as releases; `newest` is empty where kernels come from elsewhere.",
    },
)
EXAMPLES = """
- name: Look whether a restart is due
  fleet.builtin.reboot_required:
  register: due
- name: Restart
  reboot:
  when: due.required
"""


def run(host, args):
    kernel = kernels.judge(host)
    flag = next((path for path in FLAGS if look.text(path, None) is not None), None)
    packages = sorted(set(look.lines(flag + ".pkgs"))) if flag else []
    packages = [name.strip() for name in packages if name.strip()]
    reasons = [kernel.pop("reason")]
    if flag:
        reasons.append("%s is there%s" % (flag, ", for " + ", ".join(packages) if packages else ""))
    reasons = [reason for reason in reasons if reason]
    return {"changed": False, "required": bool(reasons), "reasons": reasons, "packages": packages, "kernel": kernel}
