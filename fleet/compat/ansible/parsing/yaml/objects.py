"""The types that values of YAML files once had. Plugins get plain values; these are for ``isinstance``."""

from __future__ import annotations


class AnsibleMapping(dict):  # type: ignore[type-arg]
    """A mapping."""


class AnsibleSequence(list):  # type: ignore[type-arg]
    """A list."""


class AnsibleUnicode(str):
    """A text."""

    __slots__ = ()


class AnsibleVaultEncryptedUnicode(str):
    """An encrypted text. Values are opened before a plugin sees them."""

    __slots__ = ()
