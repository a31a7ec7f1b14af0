"""Secrets out of values, and values that are secrets."""

import datetime
from collections.abc import Mapping, Set

MASK = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"


def texts(value):
    """Every text in ``value`` (numbers as texts), for masking."""
    if isinstance(value, bool) or value is None:
        return []
    if isinstance(value, Mapping):
        return [text for item in value.values() for text in texts(item)]
    if isinstance(value, (list, tuple, Set)):
        return [text for item in value for text in texts(item)]
    text = value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)
    return [text] if text else []


def remove_values(value, no_log_strings):
    """``value`` with every secret in it masked. TypeError for what is no data."""
    return _mask(value, sorted((text for text in no_log_strings if text), key=len, reverse=True))


def _mask(value, secrets):
    if isinstance(value, Mapping):
        return dict((key, _mask(item, secrets)) for key, item in value.items())
    if isinstance(value, (list, tuple)):
        return [_mask(item, secrets) for item in value]
    if isinstance(value, Set):
        return set(_mask(item, secrets) for item in value)
    if isinstance(value, bytes):
        return _mask(value.decode("utf-8", "surrogateescape"), secrets).encode("utf-8", "surrogateescape")
    if isinstance(value, bool) or value is None:
        return value
    if isinstance(value, (int, float)):
        return MASK if any(secret in str(value) for secret in secrets) else value
    if isinstance(value, (datetime.date, datetime.time)):
        return value
    if not isinstance(value, str):
        raise TypeError("Value of unknown type: %s, %s" % (type(value), value))
    if value in secrets:
        return MASK
    for secret in secrets:
        value = value.replace(secret, "*" * 8)
    return value


def sanitize_keys(obj, no_log_strings, ignore_keys=frozenset()):
    """``obj`` with secrets in the names of its keys masked."""
    if isinstance(obj, Mapping):
        return dict((_clean(key, no_log_strings, ignore_keys), sanitize_keys(item, no_log_strings, ignore_keys))
                    for key, item in obj.items())
    if isinstance(obj, (list, tuple)):
        return [sanitize_keys(item, no_log_strings, ignore_keys) for item in obj]
    if isinstance(obj, Set):
        return set(sanitize_keys(item, no_log_strings, ignore_keys) for item in obj)
    return obj


def _clean(key, secrets, ignored):
    if key in ignored or str(key).startswith("_ansible"):
        return key
    return remove_values(key, secrets)
