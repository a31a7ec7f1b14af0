"""Restart the host, wait until it is back and answers.

The controller's half leads the dialogue; here are the steps of it that happen on the host.
"""

import os
import shlex
import subprocess

from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

BOOT_ID = "cat /proc/sys/kernel/random/boot_id"
SPEC = Spec(
    {
        "pre_reboot_delay": Arg("int", 0, aliases=("pre_reboot_delay_sec",),
                                help="Seconds before the restart; whole minutes count."),
        "post_reboot_delay": Arg("int", 0, aliases=("post_reboot_delay_sec",),
                                 help="Seconds to wait after the restart, before the test command."),
        "reboot_timeout": Arg("int", 600, aliases=("reboot_timeout_sec",),
                              help="Seconds for the restart, and again for the test command."),
        "connect_timeout": Arg("int", aliases=("connect_timeout_sec",), help="Seconds for one attempt to connect."),
        "test_command": Arg(default="whoami", help="Command that must succeed before the host counts as back."),
        "msg": Arg(default="Reboot initiated by Ansible", help="Message to users who are logged in."),
        "search_paths": Arg("list", ["/sbin", "/bin", "/usr/sbin", "/usr/bin", "/usr/local/sbin"], elements="str",
                            help="Folders that hold the restart command."),
        "boot_time_command": Arg(default=BOOT_ID, help="Command whose output differs after a restart."),
        "reboot_command": Arg(help="Command that restarts the host instead of shutdown, with its arguments."),
    },
    returns={"rebooted": "Whether the host was restarted.", "elapsed": "Seconds it took."},
    unknown="Invalid options for %s: %s",
)
EXAMPLES = """
- name: Restart
  reboot:
- name: Restart a slow host
  reboot:
    reboot_timeout: 3600
    test_command: systemctl is-active app
"""
LAG = 1
"""Seconds between the answer and the restart, so that the answer gets away."""


def run(host, args):
    """``_phase``: boot (what tells boots apart), go (restart), test. ``_report`` is what ``go`` named."""
    return {"boot": _boot, "go": _go, "test": _test}[args["_phase"]](host, args)


def _boot(host, args):
    if args["boot_time_command"] == BOOT_ID and os.path.exists("/proc/sys/kernel/random/boot_id"):
        with open("/proc/sys/kernel/random/boot_id") as source:
            result = {"boot": source.read().strip()}
    else:
        ran = host.run(args["boot_time_command"], ok=None, shell="/bin/sh")
        if ran.rc != 0:
            raise Failed("reboot: failed to get host boot time info, rc: %d, stdout: %s, stderr: %s"
                         % (ran.rc, ran.out.strip(), ran.err.strip()), reboot=False)
        result = {"boot": ran.out.strip()}
    result["problem"] = _problem(args.get("_report"))
    return dict(result, changed=False)


def _problem(report):
    """Why the restart command failed, or "" when it did not (yet)."""
    try:
        with open(report or "") as source:
            text = source.read()
    except OSError:
        return ""
    said, mark, rc = text.rstrip("\n").rpartition("exit code ")
    if not mark or rc == "0":
        return ""
    os.unlink(report)
    return "exit code %s: %s" % (rc, said.strip())


def _go(host, args):
    import tempfile

    command = command_line(args, os.path.exists)
    handle, report = tempfile.mkstemp(prefix="fleet-reboot-", dir="/run" if os.access("/run", os.W_OK) else None)
    line = 'sleep %d; %s; echo "exit code $?"' % (LAG, command)
    with os.fdopen(handle, "wb") as sink:
        subprocess.Popen(["/bin/sh", "-c", line], stdin=subprocess.DEVNULL, stdout=sink, stderr=sink,
                         env=dict(os.environ, **host.env), cwd="/", start_new_session=True)
    return {"changed": True, "report": report, "command": command}


def command_line(args, exists):
    """The shell command that restarts the host. Pure but for ``exists``. Raises Failed."""
    text = args["reboot_command"] or "shutdown"
    program, _, rest = text.partition(" ")
    if not program.startswith("/"):
        found = [os.path.join(folder, program) for folder in args["search_paths"]]
        found = [path for path in found if exists(path)]
        if not found:
            raise Failed("Unable to find command \"%s\" in search paths: %s" % (program, args["search_paths"]))
        program = found[0]
    if args["reboot_command"]:
        return (shlex.quote(program) + " " + rest).strip()
    return "%s -r %d %s" % (shlex.quote(program), args["pre_reboot_delay"] // 60, shlex.quote(args["msg"]))


def _test(host, args):
    ran = host.run(args["test_command"], ok=None, shell="/bin/sh", timeout=args.get("_timeout"))
    return {"changed": False, "rc": ran.rc, "stdout": ran.out, "stderr": ran.err}
