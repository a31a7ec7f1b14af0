"""Which system this is."""

import platform
import re


def _release():
    found = {}
    try:
        with open("/etc/os-release") as source:
            for line in source:
                key, _, value = line.strip().partition("=")
                found[key] = value.strip("\"'")
    except OSError:
        pass
    return found


def get_distribution():
    """The name of the distribution, as modules compare it: ``Debian``, ``Redhat``, ``Amazon`` ..."""
    if platform.system() != "Linux":
        return platform.system()
    name = _release().get("ID", "").capitalize()
    return {"Amzn": "Amazon", "Rhel": "Redhat", "": "OtherLinux"}.get(name, name)


def get_distribution_version():
    if platform.system() != "Linux":
        return None
    return _finer() or _release().get("VERSION_ID", "")


def _finer():
    """The version with its minor part, of distributions whose os-release leaves it out."""
    name = {"debian": "/etc/debian_version", "centos": "/etc/centos-release"}.get(_release().get("ID"))
    try:
        with open(name or "") as source:
            match = re.search(r"^\d+(\.\d+)?|(?<=release )\d+(\.\d+)?", source.read())
    except OSError:
        return ""
    return match.group(0) if match else ""


def get_distribution_codename():
    return _release().get("VERSION_CODENAME") or None


def get_platform_subclass(cls):
    """The subclass whose ``platform`` (and ``distribution``) are this host's, else ``cls``."""
    system, distribution = platform.system(), get_distribution()
    below, todo = [], list(cls.__subclasses__())
    while todo:
        one = todo.pop()
        below.append(one)
        todo += one.__subclasses__()
    fitting = [one for one in below if getattr(one, "platform", None) == system]
    for one in fitting:
        if distribution is not None and getattr(one, "distribution", None) == distribution:
            return one
    for one in fitting:
        if getattr(one, "distribution", None) is None:
            return one
    return cls
