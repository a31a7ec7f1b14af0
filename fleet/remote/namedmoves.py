"""Package changes where a name is installed once: two states {name: version} compared, told, shown."""


def moves(before, after, compare=None):
    """[{name, old, new, action}], sorted by name. ``compare`` tells upgrades from downgrades where it can."""
    found = []
    for name in sorted(set(before) | set(after)):
        old, new = before.get(name, ""), after.get(name, "")
        if old != new:
            found.append({"name": name, "old": old, "new": new, "action": action(old, new, compare)})
    return found


def action(old, new, compare=None):
    if not old or not new:
        return "install" if new else "remove"
    return "downgrade" if compare and compare(new, old) < 0 else "upgrade"


def diff(changes):
    """``name-version`` lines before and after."""
    return {
        "before": "".join("%s-%s\n" % (each["name"], each["old"]) for each in changes if each["old"]),
        "after": "".join("%s-%s\n" % (each["name"], each["new"]) for each in changes if each["new"]),
    }


def shown(changes):
    """``name-version`` of each: the new one, the old one of what went."""
    return ["%s-%s" % (each["name"], each["new"] or each["old"]) for each in changes]
