"""Kinds of containers."""

from collections.abc import Hashable, Iterable, Mapping, MutableMapping, Sequence


def is_string(seq):
    """True for text and bytes."""
    return isinstance(seq, (str, bytes))


def is_iterable(seq, include_strings=False):
    """True for what can be iterated; text only where ``include_strings``."""
    if is_string(seq) and not include_strings:
        return False
    try:
        iter(seq)
    except TypeError:
        return False
    return True


def is_sequence(seq, include_strings=False):
    """True for lists, tuples and the like; text only where ``include_strings``."""
    if is_string(seq) and not include_strings:
        return False
    return isinstance(seq, Sequence)


def count(seq):
    """How often each item of ``seq`` is in it."""
    if not is_iterable(seq):
        raise Exception("Argument provided  is not an iterable")
    counts = {}
    for item in seq:
        counts[item] = counts.get(item, 0) + 1
    return counts


class ImmutableDict(Hashable, Mapping):
    """A mapping that cannot be changed."""

    def __init__(self, *args, **kwargs):
        self._store = dict(*args, **kwargs)

    def __getitem__(self, key):
        return self._store[key]

    def __iter__(self):
        return iter(self._store)

    def __len__(self):
        return len(self._store)

    def __hash__(self):
        return hash(frozenset(self.items()))

    def __eq__(self, other):
        try:
            return isinstance(other, Hashable) and hash(self) == hash(other)
        except TypeError:
            return False

    def __repr__(self):
        return "%s(%r)" % (type(self).__name__, self._store)

    def union(self, overriding_mapping):
        """A copy with more or other items."""
        return ImmutableDict(self._store, **overriding_mapping)

    def difference(self, subtractive_iterable):
        """A copy without some keys."""
        return ImmutableDict((key, self[key]) for key in self if key not in frozenset(subtractive_iterable))


__all__ = ["Hashable", "ImmutableDict", "Iterable", "Mapping", "MutableMapping", "Sequence",
           "count", "is_iterable", "is_sequence", "is_string"]
