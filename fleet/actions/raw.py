"""Run a shell command line on a host without Python."""

from __future__ import annotations

import shlex

from fleet.actions.base import ActionFailed, Call, Dialogue, Raw
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "_raw_params": Arg(help="The command line."),
        "executable": Arg(help="Full path of the shell that runs the command instead of the user's own."),
    },
    free_form="_raw_params",
    supports_check=False,
    returns={
        "rc": "The exit code.",
        "stdout": "What was printed.",
        "stdout_lines": "The same as a list of lines.",
        "stderr": "What was printed as errors.",
        "stderr_lines": "The same as a list of lines.",
    },
)
EXAMPLES = """
- name: Bring Python to a host that has none
  raw: test -e /usr/bin/python3 || (apt-get update && apt-get install -y python3-minimal)
  changed_when: false
- name: With another shell
  raw: echo $BASH_VERSION
  args:
    executable: /bin/bash
"""


def run(call: Call) -> Dialogue:
    """One ``Raw``. A code other than 0 is a failure."""
    if call.check:
        return {"changed": False, "skipped": True}
    command = str(call.args.get("_raw_params") or "")
    if not command.strip():
        raise ActionFailed("no command given", rc=256)
    if call.args.get("executable"):
        command = f"{call.args['executable']} -c {shlex.quote(command)}"
    result = yield Raw(command)
    if result.get("unreachable"):
        return result
    result = {"changed": True, **result}
    for name in ("stdout", "stderr"):
        result.setdefault(f"{name}_lines", str(result.get(name, "")).splitlines())
    if result.get("rc", 0) != 0:
        result.update(failed=True, msg=result.get("msg") or "non-zero return code")
    return result
