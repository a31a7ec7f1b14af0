"""Run a command and answer what it asks.

The dialogue is held by fleet itself, on a terminal of its own: pexpect is not needed on the host.
"""

import datetime
import os
import re

from fleet.remote import dialogue
from fleet.remote.command import guarded
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "command": Arg(required=True, help="The command; no shell looks at it."),
        "responses": Arg("dict", required=True,
                         help="Regular expressions for questions, and the answer to each; a list answers the first"
                              " time, the second and so on."),
        "timeout": Arg("raw", default=30, null=True, help="Seconds to wait for a question or the end; null waits for ever."),
        "chdir": Arg("path", help="Folder to change to first."),
        "creates": Arg("path", help="File; when it exists the command is not run."),
        "removes": Arg("path", help="File; when it does not exist the command is not run."),
        "echo": Arg("bool", False, help="Show answers in the output."),
    },
    supports_check=False,
    returns={
        "cmd": "The command.",
        "rc": "Its exit code.",
        "stdout": "What it printed, questions among it.",
        "start": "When it started.",
        "end": "When it ended.",
        "delta": "How long it ran.",
    },
)
EXAMPLES = """
- name: The password of a certificate authority
  expect:
    command: /opt/ca/init.sh
    responses: {"(?i)new password": "{{ ca_password }}", "Continue": "yes"}
    creates: /opt/ca/key.pem
  no_log: true
"""


def run(host, args):
    seconds = timeout(args["timeout"])
    command = args["command"]
    try:
        words = dialogue.split(command)
    except ValueError as error:
        raise Failed("cannot split the command into words: %s: %s" % (error, command))
    if not words:
        raise Failed("no command given", rc=256)
    folder = os.path.abspath(args["chdir"]) if args["chdir"] else os.getcwd()
    if not os.path.isdir(folder):
        raise Failed("Unable to change directory before execution. There is no folder %s" % folder, cmd=command)
    stop = guarded(args, folder)
    if stop:
        return {"changed": False, "cmd": command, "rc": 0, "stdout": stop[1]}
    try:
        answers = dialogue.Answers(args["responses"])
    except re.error as error:
        raise Failed("a question of responses is no regular expression: %s" % error, cmd=command)
    return talk(host, args, words, answers, seconds, folder)


def timeout(value):
    """Seconds, None for ever. Raises Failed."""
    if value is None or value == "" or str(value).lower() in ("none", "null"):
        return None
    try:
        seconds = float(value)
    except (TypeError, ValueError):
        raise Failed("argument 'timeout' is of type %s and we were unable to convert to int: %s"
                     % (type(value).__name__, value))
    return max(0.0, seconds)


def talk(host, args, words, answers, seconds, folder):
    command, held = args["command"], dialogue.Talk()
    start, trouble = datetime.datetime.now(), None
    try:
        dialogue.hold(host, words, answers, held, cwd=folder, timeout=seconds, echo=args["echo"])
    except OSError as error:
        raise Failed("The command was not found or was not executable: %s (%s)." % (words[0], error.strerror),
                     cmd=command)
    except dialogue.Silence:
        trouble = "command exceeded timeout"
    except dialogue.Unanswered as error:
        raise Failed("No remaining responses for '%s', output was '%s'" % (error, held.out), cmd=command)
    end = datetime.datetime.now()
    result = {"changed": True, "cmd": command, "rc": held.rc, "start": str(start), "end": str(end),
              "delta": str(end - start), "stdout": held.out.rstrip("\r\n")}
    if held.rc == 0:
        return result
    if trouble is None:
        trouble = "non-zero return code" if held.rc is not None else "the command was ended by a signal"
    raise Failed(trouble, **result)
