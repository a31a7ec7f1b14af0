"""Random passwords."""

from __future__ import annotations

import secrets
import string

DEFAULT_PASSWORD_LENGTH = 20


def random_password(
    length: int = DEFAULT_PASSWORD_LENGTH,
    chars: str = string.ascii_letters + string.digits + ".,:-_",
    seed: str | None = None,
) -> str:
    """``length`` characters out of ``chars``; the same ones for the same ``seed``."""
    if seed is None:
        return "".join(secrets.choice(chars) for _ in range(length))
    import random

    chosen = random.Random(seed)
    return "".join(chosen.choice(chars) for _ in range(length))
