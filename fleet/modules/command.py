"""Run a command without a shell.

Nothing in the command is special: no pipes, redirections or patterns. Use the module `shell` for those.
"""

import os
import shlex

from fleet.remote.command import GUARDS, INPUT, RETURNS, run_command
from fleet.remote.host import Failed
from fleet.remote.spec import Spec

SPEC = Spec(
    dict(INPUT, **GUARDS),
    free_form="_raw_params",
    exclusive=(("_raw_params", "cmd", "argv"),),
    one_of=(("_raw_params", "cmd", "argv"),),
    returns=RETURNS,
)
EXAMPLES = """
- name: What is the kernel
  command: uname -r
  register: kernel
  changed_when: false
- name: Make the database once
  command:
    cmd: /usr/local/bin/make-db app
    creates: /var/lib/app/db
- name: Words with blanks
  command:
    argv: [/usr/bin/logger, "a line with blanks"]
"""


def run(host, args):
    if args["argv"] is not None:
        words = list(args["argv"])
    else:
        words = split(args["_raw_params"] if args["_raw_params"] is not None else args["cmd"])
    if args["executable"]:
        host.warn(
            "As of Ansible 2.4, the parameter 'executable' is no longer supported with the 'command' module. "
            "Not using '%s'." % args["executable"]
        )
    if not words:
        raise Failed("no command given", rc=256)
    argv = [expand(word, host.env) for word in words] if args["expand_argument_vars"] else words
    return run_command(host, args, words, argv)


def split(text):
    """The words of a command line, quotes obeyed. Raises Failed for an unbalanced quote."""
    try:
        return shlex.split(text)
    except ValueError as error:
        raise Failed("cannot split the command into words: %s: %s" % (error, text))


def expand(word, env):
    """Replace ``~`` and ``$NAME`` by what the host, or the task's environment, says."""
    if "~" not in word and "$" not in word:
        return word
    before = {name: os.environ.get(name) for name in env}
    os.environ.update(env)
    try:
        return os.path.expandvars(os.path.expanduser(word))
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
