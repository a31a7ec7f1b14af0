"""Answer debconf's questions before a package asks them, or tell the answers there are.

Answers are read from debconf's own database; debconf-set-selections runs only to change one. A package
that is installed already is not configured again by this.
"""

import os

from fleet.remote import files
from fleet.remote.attributes import why_refused
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "name": Arg(required=True, aliases=("pkg",), help="The package that asks."),
        "question": Arg(aliases=("selection", "setting"), help="The question, as `tzdata/Areas`."),
        "vtype": Arg(
            choices=(
                "boolean",
                "error",
                "multiselect",
                "note",
                "password",
                "seen",
                "select",
                "string",
                "text",
                "title",
            ),
            help="The kind of answer.",
        ),
        "value": Arg("raw", aliases=("answer",), help="The answer; a list for multiselect."),
        "unseen": Arg("bool", False, help="Do not mark the question as asked."),
    },
    together=(("question", "vtype", "value"),),
    returns={
        "current": "The answers of the package now, or the one that was set.",
        "previous": "The answer before, when it changed.",
    },
)

EXAMPLES = """
- name: Choose the time zone's area before tzdata is installed
  debconf: {name: tzdata, question: tzdata/Areas, value: Europe, vtype: select}
- name: Read a package's answers
  debconf: {name: tzdata}
"""

DATABASE, PASSWORDS = "/var/cache/debconf/config.dat", "/var/cache/debconf/passwords.dat"
OMITTED = "(password omitted)"


def read(host, args):
    """The package's answers by question, secrets apart."""
    answers, seen = parse_database(_text(DATABASE), args["name"])
    # Others than root may read the first alone.
    secrets, _ = parse_database(_text(PASSWORDS) if os.access(PASSWORDS, os.R_OK) else "", args["name"])
    return {"answers": answers, "secrets": secrets, "seen": seen}


def _text(path):
    return (files.read_bytes(path) or b"").decode("utf-8", "surrogateescape")


def parse_database(text, package):
    """(answers by question, seen by question) of what ``package`` owns in a debconf database file."""
    answers, seen = {}, {}
    for block in text.split("\n\n"):
        fields = dict(line.split(": ", 1) for line in block.splitlines() if ": " in line and line[0] != " ")
        if package in [owner.strip() for owner in fields.get("Owners", "").split(",")]:
            name = fields.get("Name", "")
            answers[name] = fields.get("Value", "")
            seen[name] = "seen" in fields.get("Flags", "").split(", ")
    return answers, seen


def spelled(args):
    """The answer as debconf stores it. Raises Failed for a list that is no multiselect."""
    value = args["value"]
    if isinstance(value, list):
        if args["vtype"] != "multiselect":
            raise Failed("value is a list, which only vtype multiselect takes")
        for item in value:
            if not isinstance(item, str):
                raise Failed("Invalid value provided for 'multiselect': %r is no text" % (item,))
        return ", ".join(value)
    text = str(value)
    return text.lower() if args["vtype"] == "boolean" else text


def want(args, now):
    if args["question"] is None:
        return {}
    question, value = args["question"], spelled(args)
    if args["vtype"] == "seen":
        return {"seen": {question: value.lower() == "true"}}
    if args["vtype"] == "password":
        return {"secrets": {question: value}}
    have = now["answers"].get(question)
    # A text is the answer as it stands; of a list the order says nothing.
    if isinstance(args["value"], list) and have is not None and _choices(have) == _choices(value):
        value = have
    return {"answers": {question: value}}


def _choices(text):
    return sorted(part.strip() for part in text.split(","))


def apply(host, args, change):
    argv = [host.need("debconf-set-selections", "debconf")] + (["--unseen"] if args["unseen"] else [])
    line = "%s %s %s %s\n" % (args["name"], args["question"], args["vtype"], spelled(args))
    ran = host.run(argv, ok=None, stdin=line)
    if ran.rc:
        raise Failed("debconf-set-selections failed with exit code %d: %s%s"
                     % (ran.rc, (ran.err or ran.out).strip(), why_refused(DATABASE)), rc=ran.rc, stderr=ran.err)


def report(host, args, outcome):
    shown = _shown(outcome.now)
    if not outcome.change:
        return {"msg": "", "current": shown}
    question = args["question"]
    value = OMITTED if args["vtype"] == "password" else spelled(args)
    previous = {question: shown[question]} if question in shown else dict(shown, **{question: ""})
    return {"msg": "", "current": {question: value}, "previous": previous}


def _shown(now):
    return dict(now["answers"], **{name: OMITTED if value else "" for name, value in now["secrets"].items()})


def diff(args, outcome):
    question = args["question"]
    value = OMITTED if args["vtype"] == "password" else spelled(args)
    return {"before": {question: _shown(outcome.now).get(question, "")}, "after": {question: value}}
