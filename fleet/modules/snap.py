"""Snaps: installed from a channel, removed, enabled, disabled, and their options."""

import json
import re

from fleet.remote.host import Failed, Unmet
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "name": Arg("list", elements="str", required=True, help="Snaps, or files of snaps on the host."),
        "state": Arg(default="present", choices=("absent", "present", "enabled", "disabled"),
                     help="Whether they are installed, or whether those that are can be used."),
        "classic": Arg("bool", False, help="Install without confinement, where the snap asks for it."),
        "channel": Arg(help="The channel to install from and to follow, such as `edge` or `2.0/stable`."),
        "options": Arg("list", elements="str", help="Options, as `key=value` for all snaps or `snap:key=value` for one."),
        "dangerous": Arg("bool", False, help="Install a file that nobody has signed."),
    },
    returns={
        "classic": "Whether they were installed without confinement.",
        "channel": "The channel.",
        "cmd": "The commands that changed something.",
        "snap_names": "The names.",
        "snaps_installed": "Snaps that were installed or brought to the channel.",
        "snaps_removed": "Snaps that were removed.",
        "snaps_enabled": "Snaps that were enabled.",
        "snaps_disabled": "Snaps that were disabled.",
        "options_changed": "Options that were set.",
        "version": "Versions of snap's parts.",
    },
)
EXAMPLES = """
- snap: {name: [lxd, jq]}
- snap: {name: certbot, classic: true}
- snap: {name: nextcloud, options: [ports.http=81]}
"""
RISKS = ("stable", "candidate", "beta", "edge")
OPTION = re.compile(r"(?:([^:=]+):)?([^=\s]+)=(.*)$", re.DOTALL)


def run(host, args):
    snap = Snap(host, args)
    told = {"version": versions(snap.call(["version"]).out)}
    work = {"present": present, "absent": absent}.get(args["state"], switch)
    done = work(snap, args)
    told.update(done, changed=any(done.get(key) for key in done if key.startswith(("snaps_", "options_"))))
    if snap.commands:
        told["cmd"] = snap.commands[0] if len(snap.commands) == 1 else "; ".join(snap.commands)
    return told


def present(snap, args):
    wanted = [parse_option(text, args["name"]) for text in args["options"] or []]
    names = [snap.real_name(name) for name in args["name"]]
    new, moved = [], []
    for asked, name in zip(args["name"], names):
        found = snap.installed.get(name)
        if found is None:
            new.append((asked, name))
        elif args["channel"] and full_channel(args["channel"]) != full_channel(found["tracking"]):
            moved.append(name)
    install(snap, args, [asked for asked, _ in new])
    for name in moved:
        snap.change(["refresh", "--channel", args["channel"], name])
    options = set_options(snap, args, wanted)
    told = {"classic": args["classic"], "channel": args["channel"] or "stable", "snap_names": args["name"]}
    if new or moved:
        told["snaps_installed"] = [asked for asked, _ in new] + moved
    return dict(told, options_changed=options) if options else told


def install(snap, args, names):
    flags = ["--classic"] if args["classic"] else []
    flags += ["--channel", args["channel"]] if args["channel"] else []
    flags += ["--dangerous"] if args["dangerous"] else []
    # Flags are taken for a single snap only.
    for group in [[name] for name in names] if flags else [names] if names else []:
        snap.change(["install"] + flags + group)


def set_options(snap, args, wanted):
    """Set what differs and give it as ``snap:key=value``. Snaps that are disabled take no options."""
    changed = []
    for name in args["name"]:
        mine = [(key, value) for only, key, value in wanted if only in (None, name)]
        found = snap.installed.get(name)
        if not mine or (found and "disabled" in found["notes"]):
            continue
        now = snap.options(name) if found else {}
        due = [(key, value) for key, value in mine if look_up(now, key) != value]
        if due:
            snap.change(["set", name] + ["%s=%s" % pair for pair in due])
            changed += ["%s:%s=%s" % ((name,) + pair) for pair in due]
    return changed


def absent(snap, args):
    names = [name for name in args["name"] if name in snap.installed]
    if names:
        snap.change(["remove"] + names)
    return {"snaps_removed": names} if names else {}


def switch(snap, args):
    """Enable or disable what is installed."""
    off = args["state"] == "disabled"
    missing = [name for name in args["name"] if name not in snap.installed]
    if missing and not off:
        raise Unmet("snap %s is not installed" % ", ".join(missing))
    names = [name for name in args["name"] if name not in missing and ("disabled" in snap.installed[name]["notes"]) != off]
    for name in names:
        snap.change(["disable" if off else "enable", name])
    return {"snaps_" + args["state"]: names} if names else {}


class Snap(object):
    """The snap program: what is installed, and the commands that change it."""

    def __init__(self, host, args):
        self.host = host
        self.program = host.need("snap", "snapd")
        self.commands = []
        self.installed = parse_list(self.call(["list"]).out)

    def call(self, words):
        argv = [self.program] + words
        ran = self.host.run(argv, ok=None)
        if ran.rc != 0:
            told = ran.err.strip() or "snap %s failed" % words[0]
            if "classic confinement" in ran.err and words[0] == "install":
                told = "Couldn't install %s because it requires classic confinement: set `classic`" % words[-1]
            elif words[0] == "set":
                told = "Cannot set options '%s' for snap '%s': error=%s" % (" ".join(words[2:]), words[1], ran.err)
            elif words[0] in ("install", "refresh"):
                told = ("Ooops! Snap installation failed while executing '%s', please examine logs and error output for "
                        "more details." % " ".join(argv))
            raise Failed(told, rc=ran.rc, cmd=" ".join(argv), stdout=ran.out, stderr=ran.err)
        return ran

    def change(self, words):
        self.commands.append(" ".join([self.program] + words))
        if not self.host.check:
            self.call(words)

    def real_name(self, name):
        """The name of a snap that is given as a file."""
        if not name.endswith(".snap"):
            return name
        found = re.search(r"^name:\s+(\S+)", self.call(["info", name]).out, re.MULTILINE)
        if not found:
            raise Failed("%s is no file of a snap" % name)
        return found.group(1)

    def options(self, name):
        ran = self.host.run([self.program, "get", "-d", name], ok=None)
        # A snap without any option is an error to snap.
        try:
            return json.loads(ran.out) if ran.rc == 0 and ran.out.strip() else {}
        except ValueError as error:
            raise Failed("snap get told no JSON: %s" % error, stdout=ran.out, stderr=ran.err)


def parse_list(text):
    """{name: tracking, notes} of `snap list`. Pure."""
    rows = [line.split() for line in text.splitlines()]
    return {row[0]: {"tracking": row[3], "notes": row[5].split(",")}
            for row in rows if len(row) >= 6 and row[0] != "Name"}


def versions(text):
    """{part: version} of `snap version`. Pure."""
    rows = [line.split(None, 1) for line in text.splitlines()]
    return {row[0]: row[1].strip() for row in rows if len(row) == 2}


def full_channel(name):
    """``track/risk[/branch]`` of a channel however short it is written. Pure."""
    parts = name.rstrip("…").split("/")
    if parts[0] in RISKS:
        return "/".join(["latest"] + parts)
    return "/".join(parts if len(parts) > 1 else parts + ["stable"])


def parse_option(text, names):
    """(snap or None, key, value). Raises Failed."""
    match = OPTION.match(text)
    if not match:
        raise Failed("Cannot parse set option '%s'" % text)
    if match.group(1) and match.group(1) not in names:
        raise Failed("Snap option '%s' refers to snap which is not in the list of snap names" % text)
    return match.groups()


def look_up(options, key):
    """The value of a key with dots in it, as it is written in `snap set`; None when it is not set. Pure."""
    for part in key.split("."):
        if not isinstance(options, dict) or part not in options:
            return None
        options = options[part]
    return options if isinstance(options, str) else json.dumps(options)
