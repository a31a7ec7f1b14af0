"""Filters that digest text: hashes and name-based UUIDs."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from fleet.template.filters.guard import refuse, text

# Ansible's own, so that the same name gives the same UUID in both.
NAMESPACE = "361E6D51-FAEC-444A-9079-341386DA8E2E"


def digest(value: Any, hashtype: str = "sha1") -> str:
    """The hexadecimal digest of ``value`` by any algorithm Python knows."""
    import hashlib

    if hashtype not in hashlib.algorithms_available:
        refuse(f"unsupported hash type {hashtype!r}, use one of {', '.join(sorted(hashlib.algorithms_guaranteed))}")
    return hashlib.new(hashtype, text(value).encode("utf-8", "surrogateescape")).hexdigest()


def md5(value: Any) -> str:
    """The MD5 digest."""
    return digest(value, "md5")


def sha1(value: Any) -> str:
    """The SHA-1 digest."""
    return digest(value, "sha1")


def to_uuid(value: Any, namespace: str = NAMESPACE) -> str:
    """The UUID (version 5) of a name."""
    import uuid

    try:
        space = namespace if isinstance(namespace, uuid.UUID) else uuid.UUID(str(namespace))
    except ValueError:
        refuse(f"Invalid value {namespace!r} for 'namespace': it is no UUID")
    return str(uuid.uuid5(space, text(value)))


FILTERS: dict[str, Callable[..., Any]] = {
    "hash": digest,
    "checksum": sha1,
    "sha1": sha1,
    "md5": md5,
    "to_uuid": to_uuid,
}
