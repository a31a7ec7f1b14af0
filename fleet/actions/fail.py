"""Fail with a message."""

from __future__ import annotations

from fleet.actions.base import Call, Done, Order
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {"msg": Arg("raw", "Failed as requested from task", help="The message.")},
    returns={"msg": "The message."},
    unknown="Invalid options for %s: %s",
)
EXAMPLES = """
- name: Not on this system
  fail:
    msg: "{{ ansible_distribution }} is not supported"
  when: ansible_os_family != 'Debian'
"""


def run(call: Call) -> Order:
    """Known without the host."""
    msg = call.args.get("msg")
    return Done({"changed": False, "failed": True, "msg": "Failed as requested from task" if msg is None else msg})
