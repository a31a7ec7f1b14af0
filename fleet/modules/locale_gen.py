"""Make or remove locales of the host."""

import re

from fleet.remote import files
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "name": Arg("list", elements="str", required=True, help="Locales, such as `de_DE.UTF-8`."),
        "state": Arg(default="present", choices=("absent", "present"), help="Whether they are to exist."),
    },
    returns={"mechanism": "How locales are made on this host.", "ubuntu_mode": "False: the old way of Ubuntu."},
)
EXAMPLES = """
- name: German and English
  locale_gen:
    name: [de_DE.UTF-8, en_US.UTF-8]
"""
LIST, KNOWN = "/etc/locale.gen", "/usr/share/i18n/SUPPORTED"


def read(host, args):
    made = set(normal(line) for line in host.run([host.need("locale", "libc-bin"), "-a"], ok=None).lines)
    text = files.read_bytes(LIST)
    shown = (text or b"").decode("utf-8", "replace")
    listed = set(map(normal, enabled(shown)))
    known = mentioned(shown) | mentioned((files.read_bytes(KNOWN) or b"").decode("utf-8", "replace"))
    return {"made": {name: normal(name) in made for name in args["name"]},
            "listed": {name: normal(name) in listed for name in args["name"]}, "file": text is not None,
            "unknown": [name for name in args["name"] if name not in known and normal(name) not in made]}


def normal(name):
    """``de_DE.UTF-8`` and ``de_DE.utf8`` are the same. Pure."""
    base, dot, rest = name.strip().partition(".")
    charset, at, modifier = rest.partition("@")
    return base + dot + charset.lower().replace("-", "") + at + modifier


def enabled(text):
    """The locales that a locale.gen lists. Pure."""
    return set(line.split()[0] for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))


def mentioned(text):
    """The locales of a list, also those that are commented out. Pure."""
    return set(re.findall(r"^[#\s]*(\S+) +\S+ *$", text, re.MULTILINE))


def want(args, now):
    if not now["file"]:
        raise Failed("%s is missing on the host; install the package locales" % LIST)
    if now["unknown"]:
        raise Failed("The following locales you have entered are not available on your system: %s; see %s"
                     % (", ".join(now["unknown"]), KNOWN))
    present = args["state"] == "present"
    wanted = {"made": {name: present for name in args["name"]}}
    if not all(have == present for have in now["made"].values()) or not present:
        wanted["listed"] = {name: present for name in args["name"]}
    return wanted


def apply(host, args, change):
    text = (files.read_bytes(LIST) or b"").decode("utf-8", "surrogateescape")
    known = (files.read_bytes(KNOWN) or b"").decode("utf-8", "replace").splitlines()
    for name in args["name"]:
        text = edited(text, name, args["state"] == "present", known)
    files.write_atomic(LIST, text.encode("utf-8", "surrogateescape"), mode=0o644)
    host.run([host.need("locale-gen", "locales")])


def edited(text, name, present, known=()):
    """A locale.gen's text with ``name``, under any of its spellings, listed or commented out. Pure."""
    pattern = re.compile(r"^\s*(?:#\s*)?((\S+) +\S+) *$")
    lines, found = [], False
    for line in text.split("\n"):
        match = pattern.match(line)
        if match and normal(match.group(2)) == normal(name):
            found, line = True, match.group(1) if present else "# " + match.group(1)
        lines.append(line)
    if not found and present:
        new = [line for line in known if line.split()[:1] == [name]]
        lines[-1:] = ([lines[-1]] if lines[-1] else []) + new[:1] + [""]
    return "\n".join(lines)


def report(host, args, outcome):
    return {"name": args["name"], "mechanism": "glibc", "ubuntu_mode": False}
