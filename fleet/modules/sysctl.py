"""Manage kernel parameters in sysctl.conf(5) and, if asked, in the running kernel."""

from fleet.remote import files, look, textlines
from fleet.remote.convert import FALSE, TRUE
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "name": Arg(required=True, aliases=("key",), help="The parameter, such as `net.ipv4.ip_forward`."),
        "value": Arg(aliases=("val",), help="Its value."),
        "state": Arg(default="present", choices=("present", "absent"), help="Whether the file is to hold it."),
        "ignoreerrors": Arg("bool", False, help="Go on when the kernel does not know a parameter."),
        "reload": Arg("bool", True, help="Load the file into the kernel after it changed."),
        "sysctl_file": Arg("path", "/etc/sysctl.conf", help="The file."),
        "sysctl_set": Arg("bool", False, help="Compare with the running kernel too, and set it there."),
    },
    required_if=(("state", "present", ("value",)),),
)
EXAMPLES = """
- name: Forward packets, now and after a restart
  sysctl:
    name: net.ipv4.ip_forward
    value: "1"
    sysctl_file: /etc/sysctl.d/90-router.conf
    sysctl_set: true
"""


def read(host, args):
    data = files.read_bytes(args["sysctl_file"]) or b""
    text = data.decode("utf-8", "surrogateescape")
    live = look.text(proc_path(args["name"]), None) if args["sysctl_set"] else None
    return {"file": values(text).get(dotted(args["name"])), "live": live and spaced(live), "text": text}


def want(args, now):
    if not args["name"].strip():
        raise Failed("name cannot be blank")
    if args["state"] == "absent":
        return {"file": None}
    value = plain(args["value"])
    if value == "":
        raise Failed("value cannot be blank")
    wanted = {"file": value}
    if args["sysctl_set"] and (now["live"] is not None or not args["ignoreerrors"]):
        wanted["live"] = value
    return wanted


def apply(host, args, change):
    # The running kernel first: what it refuses must not be in the file.
    if "live" in change:
        _set(args["name"], change["live"])
    if "file" in change:
        before = (files.read_bytes(args["sysctl_file"]) or b"").decode("utf-8", "surrogateescape")
        after = edited(before, args["name"], change["file"])
        files.write_atomic(args["sysctl_file"], after.encode("utf-8", "surrogateescape"), mode=0o644)
    if "file" in change and args["reload"]:
        options = ["-e"] if args["ignoreerrors"] else []
        ran = host.run([host.need("sysctl", "procps")] + options + ["-p", args["sysctl_file"]], ok=None)
        if ran.rc != 0 and not args["ignoreerrors"]:
            raise Failed("Failed to reload sysctl: %s" % (ran.err or ran.out), rc=ran.rc)


def diff(args, outcome):
    before = outcome.now["text"]
    after = edited(before, args["name"], outcome.change["file"]) if "file" in outcome.change else before
    return {"before": before, "after": after, "before_header": args["sysctl_file"], "after_header": args["sysctl_file"]}


def _set(name, value):
    path = proc_path(name)
    try:
        with open(path, "w") as target:
            target.write(value + "\n")
    except OSError as error:
        raise Failed("setting %s to %s failed: %s: %s" % (name, value, path, error.strerror))


def proc_path(name):
    """The file of a parameter. A name may use dots or, for dots inside a part, slashes as separators."""
    return "/proc/sys/" + slashed(name)


def slashed(name):
    first = min((name.find(mark) for mark in "./" if mark in name), default=-1)
    return name.translate({46: 47, 47: 46}) if first >= 0 and name[first] == "." else name


def dotted(name):
    """One spelling of a name: dots as separators."""
    return slashed(name).translate({46: 47, 47: 46})


def plain(value):
    """A value as the kernel writes it: words for booleans as digits, single blanks. Pure."""
    word = value.strip().lower()
    if word in TRUE:
        return "1"
    if word in FALSE:
        return "0"
    return spaced(value)


def spaced(value):
    return " ".join(value.split())


def setting(line):
    """(name, value) of a line, or None for comments and blanks. Pure."""
    line = line.strip()
    if not line or line[0] in "#;" or "=" not in line:
        return None
    name, _, value = line.partition("=")
    return dotted(name.strip().lstrip("-")), spaced(value)


def values(text):
    """{name: value} of a sysctl.conf's text; the last line of a name counts. Pure."""
    return dict(filter(None, map(setting, textlines.split(text))))


def edited(text, name, value):
    """The text with the parameter set once, or (None) not at all; other lines as they are. Pure."""
    out, done = [], value is None
    for line in textlines.split(text):
        found = setting(line)
        if not found or found[0] != dotted(name):
            out.append(line)
        elif not done:
            out.append("%s=%s" % (name, value))
            done = True
    if not done:
        out.append("%s=%s" % (name, value))
    return "".join(line + "\n" for line in out)
