"""Warnings of code that has no AnsibleModule at hand."""

WARNINGS = []
DEPRECATIONS = []


def warn(warning, **kwargs):
    if warning not in WARNINGS:
        WARNINGS.append(warning)


def deprecate(msg, version=None, date=None, collection_name=None, **kwargs):
    entry = {"msg": msg, "collection_name": collection_name}
    entry.update({"date": date} if date is not None else {"version": version})
    if entry not in DEPRECATIONS:
        DEPRECATIONS.append(entry)


def get_warning_messages():
    return tuple(WARNINGS)


def get_deprecation_messages():
    return tuple(DEPRECATIONS)
