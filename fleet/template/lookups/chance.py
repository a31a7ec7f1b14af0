"""``community.general.random_string``: text by chance."""

from __future__ import annotations

import base64
import random
import string
from typing import Any

from fleet.template.errors import TemplateError
from fleet.template.lookups.call import LookupCall

# option -> its characters
KINDS: dict[str, str] = {
    "numbers": string.digits,
    "upper": string.ascii_uppercase,
    "lower": string.ascii_lowercase,
    "special": string.punctuation,
}
MINIMA = {"min_numeric": "numbers", "min_upper": "upper", "min_lower": "lower", "min_special": "special"}


def random_string(call: LookupCall) -> list[Any]:
    """``length`` (8) characters of the kinds not switched off; ``seed`` makes them the same each time."""
    seed = call.option("seed")
    chooser: Any = random.SystemRandom() if seed is None else random.Random(str(seed))
    kinds = {**KINDS, "special": str(call.option("override_special") or KINDS["special"])}
    if call.flag("ignore_similar_chars"):
        similar = str(call.option("similar_chars", "il1LoO0"))
        kinds = {name: "".join(c for c in letters if c not in similar) for name, letters in kinds.items()}
    whole = call.option("override_all")
    letters = str(whole) if whole else "".join(kinds[name] for name in kinds if call.flag(name, True))
    if not letters:
        raise TemplateError("there are no characters to choose from", hint="switch on lower, upper, ...")
    made = []
    if not whole:
        for option, name in MINIMA.items():
            made += chooser.choices(kinds[name], k=int(call.option(option, 0)))
    missing = int(call.option("length", 8)) - len(made)
    if missing < 0:
        raise TemplateError("the minima are more than the length")
    made += chooser.choices(letters, k=missing)
    chooser.shuffle(made)
    text = "".join(made)
    return [base64.b64encode(text.encode()).decode() if call.flag("base64") else text]
