"""Run a command line in a shell.

Pipes, redirections, patterns and variables work as at a prompt of `/bin/sh`, or of the shell that
`executable` names.
"""

from fleet.remote.command import GUARDS, INPUT, RETURNS, run_command, without
from fleet.remote.host import Failed
from fleet.remote.spec import Spec

SPEC = Spec(
    without(dict(INPUT, **GUARDS), "argv", "expand_argument_vars"),
    free_form="_raw_params",
    exclusive=(("_raw_params", "cmd"),),
    one_of=(("_raw_params", "cmd"),),
    returns=RETURNS,
    unknown="Unsupported parameters for (%s) module: %s",
)
EXAMPLES = """
- name: Count the users with a shell
  shell: grep -c 'sh$' /etc/passwd
  register: users
  changed_when: false
- name: With bash, in a folder
  shell:
    cmd: set -o pipefail; ls | wc -l
    chdir: /var/log
    executable: /bin/bash
"""


def run(host, args):
    text = args["_raw_params"] if args["_raw_params"] is not None else args["cmd"]
    if not text.strip():
        raise Failed("no command given", rc=256)
    return run_command(host, args, text, [args["executable"] or "/bin/sh", "-c", text])
