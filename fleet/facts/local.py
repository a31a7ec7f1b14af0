"""The host's own facts: files and programs named ``*.fact`` in a folder (``ansible_local``)."""

import json
import os

from fleet.remote import look
from fleet.remote.host import Failed

NAMES = ("local",)
SUBSETS = ("local",)
FOLDER = "/etc/ansible/facts.d"


def collect(host, fact_path=None):
    folder = fact_path or FOLDER
    facts = {}
    for name in look.names(folder):
        if not name.endswith(".fact"):
            continue
        path = os.path.join(folder, name)
        if not os.path.exists(path):
            facts[name[: -len(".fact")]] = "Could not stat fact (%s): no such file or directory" % path
            host.warn(facts[name[: -len(".fact")]])
            continue
        key = name[: -len(".fact")]
        text = _output(host, path) if os.access(path, os.X_OK) else _content(path)
        facts[key] = text if isinstance(text, Problem) else parse(text, path, host.warn)
        if isinstance(facts[key], Problem):
            facts[key] = str(facts[key])
    return {"local": facts}


class Problem(str):
    """Text that says why a fact could not be had; it stands in for the fact."""


def _output(host, path):
    try:
        ran = host.run([path], ok=None)
    except Failed as error:
        ran, told = None, error.result["msg"]
    if ran is not None and ran.rc == 0:
        return ran.out
    problem = "Failure executing fact script (%s), rc: %s, err: %s" % (
        path, ran.rc if ran else 1, (ran.err if ran else told).strip())
    host.warn(problem)
    return Problem(problem)


def _content(path):
    try:
        with open(path, "rb") as source:
            return source.read().decode("utf-8")
    except UnicodeDecodeError:
        return Problem("error loading fact - output of running \"%s\" was not utf-8" % path)
    except OSError as error:
        return Problem("error loading facts as %s is not readable: %s" % (path, error.strerror))


def parse(text, path="", warn=None):
    """A fact file's text as JSON, or else as INI: {section: {option: value}}. Pure."""
    try:
        return json.loads(text)
    except ValueError:
        pass
    import configparser

    parser = configparser.ConfigParser(strict=False)
    try:
        parser.read_string(text)
        return {section: dict(parser.items(section)) for section in parser.sections()}
    except configparser.InterpolationError as error:
        problem = "error loading facts as ini - please check content (%%%% stands for a percent sign): %s" % path
        if warn:
            warn("%s: %s" % (problem, str(error).splitlines()[0]))
        return Problem(problem)
    except configparser.Error as error:
        problem = "error loading facts as JSON or ini - please check content: %s" % path
        if warn:
            warn("%s: %s" % (problem, str(error).splitlines()[0]))
        return Problem(problem)
