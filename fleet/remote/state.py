"""The one order in which a state module works: read, want, difference, apply, read again.

A state module is a file with

    SPEC      its arguments (remote.spec.Spec)
    EXAMPLES  a YAML list of tasks
    read(host, args) -> dict           looks, never changes
    want(args, now) -> dict            pure: which of read's keys should have which values
    apply(host, args, change)          makes the difference true; may return keys for the result
    report(host, args, outcome)        optional: the module's documented return keys
    diff(args, outcome)                optional: {"before": text, "after": text} (or a list of such)

Check mode, ``changed``, ``--diff`` and verification follow from these and are written here only.
An action module has ``run(host, args) -> dict`` instead (and honours ``host.check`` itself, or has
``supports_check=False`` in its SPEC).
"""

from fleet.remote.host import Failed


class Change(object):
    """What is to be changed: ``before`` and ``after`` hold only the keys that differ, nested alike."""

    def __init__(self, before, after):
        self.before = before
        self.after = after

    def __bool__(self):
        return bool(self.after)

    def __contains__(self, key):
        return key in self.after

    def __getitem__(self, key):
        return self.after[key]

    def get(self, key, default=None):
        return self.after.get(key, default)


class Outcome(object):
    """What a run of a state module came to.

    ``now`` and ``wanted`` are what ``read`` and ``want`` gave, ``change`` the difference, ``after`` the
    state afterwards (in check mode: now overlaid with wanted), ``told`` what ``apply`` returned.
    """

    def __init__(self, now, wanted, change, after, told):
        self.now = now
        self.wanted = wanted
        self.change = change
        self.after = after
        self.told = told


def difference(now, wanted):
    """The Change from ``now`` to ``wanted``; only keys that ``wanted`` names count, nested dicts likewise."""
    before, after = {}, {}
    for key, value in wanted.items():
        have = now.get(key)
        if isinstance(value, dict) and isinstance(have, dict):
            inner = difference(have, value)
            if inner:
                before[key], after[key] = inner.before, inner.after
        elif have != value or (key not in now and value is not None):
            before[key], after[key] = have, value
    return Change(before, after)


def overlay(now, wanted):
    """``now`` with the keys of ``wanted`` replaced, nested dicts merged."""
    merged = dict(now)
    for key, value in wanted.items():
        have = merged.get(key)
        merged[key] = overlay(have, value) if isinstance(value, dict) and isinstance(have, dict) else value
    return merged


def converge(module, host, args):
    """Bring the host to what ``args`` declare and tell what that took. Raises Failed."""
    now = module.read(host, args)
    wanted = module.want(args, now)
    change = difference(now, wanted)
    after, told = now, {}
    if change and host.check:
        after = overlay(now, wanted)
    elif change:
        told = module.apply(host, args, change) or {}
        after = module.read(host, args)
        left = difference(after, wanted)
        if left:
            raise Failed("%s: still not as wanted after the change: %s"
                         % (module.__name__.rpartition(".")[2], ", ".join(sorted(map(str, left.after)))),
                         unverified=plain(left.after), changed=True)
    outcome = Outcome(now, wanted, change, after, told)
    result = {"changed": bool(change)}
    if hasattr(module, "report"):
        result.update(module.report(host, args, outcome))
    result.update(told)
    if host.diff and change and "diff" not in result:
        result["diff"] = module.diff(args, outcome) if hasattr(module, "diff") else default_diff(change)
    return result


def default_diff(change):
    """A diff for modules without text of their own: the differing keys, one a line."""
    return {"before": as_lines(change.before), "after": as_lines(change.after)}


def as_lines(values, indent=""):
    lines = []
    for key in sorted(values, key=str):
        value = values[key]
        if isinstance(value, dict):
            lines.append("%s%s:\n%s" % (indent, key, as_lines(value, indent + "  ")))
        else:
            lines.append("%s%s: %s\n" % (indent, key, plain(value)))
    return "".join(lines)


def plain(value):
    """``value`` as something JSON can carry."""
    if isinstance(value, dict):
        return {str(key): plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(item) for item in value]
    if isinstance(value, (set, frozenset)):
        return sorted(plain(item) for item in value)
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    return value
