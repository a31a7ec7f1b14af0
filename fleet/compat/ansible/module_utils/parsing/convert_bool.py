"""Yes and no in all their spellings."""

BOOLEANS_TRUE = frozenset(("y", "yes", "on", "1", "true", "t", 1, 1.0, True))
BOOLEANS_FALSE = frozenset(("n", "no", "off", "0", "false", "f", 0, 0.0, False))
BOOLEANS = BOOLEANS_TRUE.union(BOOLEANS_FALSE)


def boolean(value, strict=True):
    """``value`` as a bool. What is neither is False, or a TypeError where ``strict``."""
    if isinstance(value, bool):
        return value
    plain = value.decode("utf-8", "replace") if isinstance(value, bytes) else value
    plain = plain.lower().strip() if isinstance(plain, str) else plain
    try:
        if plain in BOOLEANS_TRUE:
            return True
        if plain in BOOLEANS_FALSE or not strict:
            return False
    except TypeError:
        if not strict:
            return False
    raise TypeError("The value '%s' is not a valid boolean. Valid booleans include: %s"
                    % (value, ", ".join(repr(item) for item in sorted(BOOLEANS, key=str))))
