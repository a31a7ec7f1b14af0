"""Package changes as text: one line a package with its old and new version, for --diff."""


def diff(packages):
    """A prepared diff of [{name, old, new, action}]."""
    return {"before": side(packages, "old"), "after": side(packages, "new")}


def side(packages, which):
    return "".join("%s %s\n" % (each["name"], each[which]) for each in packages if each[which])


def lines(packages):
    """``upgrade bash 5.1 -> 5.2``, one a package."""
    return [
        "%s %s %s"
        % (each["action"], each["name"], " -> ".join(part for part in (each["old"], each["new"]) if part))
        for each in packages
    ]
