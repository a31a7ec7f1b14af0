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
    returns={"mechanism": "How locales are made on this host."},
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
    listed = enabled((text or b"").decode("utf-8", "replace"))
    return {"made": {name: normal(name) in made for name in args["name"]},
            "listed": {name: name in listed for name in args["name"]}, "file": text is not None}


def normal(name):
    """``de_DE.UTF-8`` and ``de_DE.utf8`` are the same. Pure."""
    base, dot, rest = name.strip().partition(".")
    charset, at, modifier = rest.partition("@")
    return base + dot + charset.lower().replace("-", "") + at + modifier


def enabled(text):
    """The locales that a locale.gen lists. Pure."""
    return set(line.split()[0] for line in text.splitlines() if line.strip() and not line.lstrip().startswith("#"))


def want(args, now):
    if not now["file"]:
        raise Failed("%s is missing on the host; install the package locales" % LIST)
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
    """A locale.gen's text with ``name`` listed or commented out. Raises Failed for an unknown locale. Pure."""
    pattern = re.compile(r"^\s*(#\s*)?(%s\s+\S+.*)$" % re.escape(name), re.MULTILINE)
    if pattern.search(text):
        return pattern.sub(r"\2" if present else r"# \2", text)
    if not present:
        return text
    lines = [line for line in known if line.split()[:1] == [name]]
    if not lines:
        raise Failed("The locale %s is not available on your system; see %s" % (name, KNOWN))
    return text + ("" if text.endswith("\n") or not text else "\n") + lines[0] + "\n"


def report(host, args, outcome):
    return {"name": args["name"], "mechanism": "glibc"}
