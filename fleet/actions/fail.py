"""Fail with a message of your own."""

from __future__ import annotations

from fleet.actions.base import Call, Done
from fleet.remote.spec import Arg, Spec

SPEC = Spec({"msg": Arg(default="Failed as requested from task", help="Why it failed.")})

EXAMPLES = """
- fail: {msg: this role needs Debian}
  when: ansible_facts.os_family != 'Debian'
"""


def run(call: Call) -> Done:
    return Done({"changed": False, "failed": True, "msg": call.args.get("msg", "Failed as requested from task")})
