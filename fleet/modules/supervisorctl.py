"""Programs and groups of programs that Supervisor runs: added, started, stopped, restarted, removed."""

import configparser
import os

from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "name": Arg(required=True, help="The program, the group (with a colon behind its name), or `all`."),
        "state": Arg(required=True, choices=("present", "started", "stopped", "restarted", "absent", "signalled"),
                     help="What is to become of it. `present` and `absent`: Supervisor knows it."),
        "stop_before_removing": Arg("bool", False, help="Stop it first when it is to be removed."),
        "signal": Arg(help="The signal to send, for `signalled`."),
        "config": Arg("path", help="Supervisor's configuration file."),
        "server_url": Arg(help="Where supervisord listens."),
        "username": Arg(help="User for supervisord."),
        "password": Arg(no_log=True, help="Its password."),
        "supervisorctl_path": Arg("path", help="The supervisorctl to use."),
    },
    required_if=[("state", "signalled", ["signal"])],
    returns={"name": "The program or group.", "state": "The state asked for.", "affected": "Processes it was done to."},
)
EXAMPLES = """
- supervisorctl: {name: worker, state: restarted}
- name: The group is stopped and forgotten
  supervisorctl: {name: "queue:", state: absent, stop_before_removing: true}
- supervisorctl: {name: worker, state: signalled, signal: USR1}
"""
CONFIGS = ("/etc/supervisor/supervisord.conf", "/etc/supervisord.conf")
STATES = ("STOPPED", "STARTING", "RUNNING", "BACKOFF", "STOPPING", "EXITED", "FATAL", "UNKNOWN")
UP = ("RUNNING", "STARTING")
ACTIONS = {"started": ("start", False, "started"), "stopped": ("stop", True, "stopped"),
           "restarted": ("restart", None, "started"), "signalled": ("signal", True, "signalled")}
"""State: the command, which processes it is for (running, not running, None for all), what it says of each."""


def run(host, args):
    control = Control(host, args)
    name = args["name"].rstrip(":")
    if args["state"] == "present":
        changed = present(host, args, control, name)
    elif args["state"] == "absent":
        changed = absent(host, args, control, name)
    else:
        return act(host, args, control, name)
    return {"changed": True} if changed and host.check else {"changed": changed, "name": name, "state": args["state"]}


def present(host, args, control, name):
    if control.processes():
        return False
    if not host.check:
        control.call("reread")
        told = control.call("add", name)
        if "added process group" not in told:
            raise Failed(told.strip(), name=name, state=args["state"])
    return True


def absent(host, args, control, name):
    if not control.processes():
        return False
    if not host.check:
        control.call("reread")
        if args["stop_before_removing"]:
            control.call("stop", args["name"] if args["name"] != name else control.names()[0])
        told = control.call("remove", name)
        if "removed process group" not in told:
            raise Failed(told.strip(), name=name, state=args["state"])
    return True


def act(host, args, control, name):
    """Start, stop, restart or signal the processes it is due for."""
    command, for_running, done = ACTIONS[args["state"]]
    if args["state"] == "restarted" and not host.check:
        # What the configuration says anew is what is started.
        control.call("update")
    processes = control.processes()
    if not processes:
        raise Failed("ERROR (no such process)", name=name)
    due = [process for process, state in processes if for_running is None or (state in UP) == for_running]
    if host.check:
        return {"changed": True} if due else {"changed": False, "name": name, "state": args["state"]}
    for process in due:
        words = [command] + ([args["signal"]] if command == "signal" else []) + [process]
        told = control.call(*words)
        if "%s: %s" % (process, done) not in told and "%s: %s" % (process.rpartition(":")[2], done) not in told:
            raise Failed(told.strip() or "%s of %s failed" % (command, process), name=name, state=args["state"],
                         cmd=" ".join([control.program] + words), stdout=told)
    told = {"changed": bool(due), "name": name, "state": args["state"]}
    return dict(told, affected=due) if due else told


class Control(object):
    """supervisorctl with what holds for each of its commands."""

    def __init__(self, host, args):
        self.host = host
        self.args = args
        wished = args["supervisorctl_path"]
        if wished and host.which(wished) is None:
            raise Failed("Provided path to supervisorctl does not exist or isn't executable: %s" % wished)
        self.program = wished or host.need("supervisorctl", "supervisor")
        self.stdin = None
        self.options = ["-c", args["config"]] if args["config"] else []
        self.options += ["-s", args["server_url"]] if args["server_url"] else []
        self.options += ["-u", args["username"]] if args["username"] else []
        if args["password"] is not None:
            # As an argument every user of the host could read it.
            self.options, self.stdin = ["-c", "/dev/stdin"], configuration(args)

    def call(self, *words):
        ran = self.host.run([self.program] + self.options + list(words), ok=None, stdin=self.stdin)
        text = ran.out or ran.err
        if ran.rc == 2:
            raise Failed(text.strip().partition("\n")[0] or "supervisorctl failed", rc=ran.rc, cmd=" ".join(words))
        return text

    def processes(self):
        """[(process, its state)] of those that are meant."""
        text = self.call("status")
        found = parse(text)
        if not found and text.strip():
            raise Failed(text.strip().partition("\n")[0], name=self.args["name"].rstrip(":"))
        return [each for each in found if meant(self.args["name"], each[0])]

    def names(self):
        return [process for process, _ in self.processes()]


def meant(name, process):
    """Whether a process is one that ``name`` means. Pure."""
    group = process.partition(":")[0] if ":" in process else None
    return name == "all" or process == name or (group is not None and group == name.rstrip(":"))


def parse(text):
    """[(process, state)] of what `supervisorctl status` prints. Pure."""
    lines = [line.split() for line in text.splitlines()]
    return [(words[0], words[1]) for words in lines if len(words) > 1 and words[1] in STATES]


def configuration(args):
    """A configuration for supervisorctl with the password in it. Raises Failed."""
    url = args["server_url"]
    for path in [] if url else [args["config"]] if args["config"] else CONFIGS:
        parser = configparser.RawConfigParser(inline_comment_prefixes=(";", "#"), strict=False)
        try:
            parser.read(path)
            url = parser.get("supervisorctl", "serverurl")
        except (configparser.Error, UnicodeDecodeError):
            continue
        url = url.replace("%(here)s", os.path.dirname(path))
        break
    values = (("serverurl", url or "http://localhost:9001"), ("username", args["username"] or ""),
              ("password", args["password"].replace("%", "%%")))
    if any("\n" in value for _, value in values):
        raise Failed("user, password and address must not contain a line end")
    return "[supervisorctl]\n" + "".join("%s=%s\n" % pair for pair in values if pair[1])
