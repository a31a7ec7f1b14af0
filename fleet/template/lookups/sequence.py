"""The lookup ``sequence``: numbers as text; ``start=1 end=9 stride=2 format=web%02d``, ``1-9/2:web%02d``."""

from __future__ import annotations

import re
import shlex
from typing import Any

from fleet.template.errors import TemplateError
from fleet.template.lookups.call import LookupCall

_NUMBER = r"(0x[0-9a-fA-F]+|0[0-7]+|\d+)"
_SHORT = rf"^(?:{_NUMBER}-)?{_NUMBER}(?:/(-?{_NUMBER}))?(?::(.+))?$"
_LOOSE = r"^(?:([^-=\s]+)-)([^/:=\s]+)(?:/([^:=\s]+))?(?::(.+))?$"
_KEYS = ("start", "end", "count", "stride", "format")


def sequence(call: LookupCall) -> list[Any]:
    """The numbers of each term (or of the options, without terms), formatted."""
    made: list[Any] = []
    if not call.terms and not call.options:
        return made
    for term in call.terms or [""]:
        made.extend(_numbers({**{key: call.options[key] for key in _KEYS if key in call.options}, **parse(str(term))}))
    return made


def parse(term: str) -> dict[str, Any]:
    """The settings in one term, in the short or in the long form. Raises ``TemplateError``."""
    short = re.match(_SHORT, term)
    if short:
        start, end, stride, _, form = short.groups()
        found = {"start": start, "end": end, "stride": stride, "format": form}
        return {key: value for key, value in found.items() if value is not None}
    made = {}
    if (loose := re.match(_LOOSE, term)) is not None:
        # Of the short form, with something in it that is no number: told by its name.
        start, end, stride, form = loose.groups()
        found = {"start": start, "end": end, "stride": stride, "format": form}
        return {key: value for key, value in found.items() if value is not None}
    for word in shlex.split(term):
        key, equals, value = word.partition("=")
        if not equals or key not in _KEYS:
            raise TemplateError(f"unrecognized arguments to with_sequence: {word}")
        made[key] = value
    return made


def _numbers(settings: dict[str, Any]) -> list[str]:
    start, stride = _number(settings, "start"), _number(settings, "stride")
    form = str(settings.get("format", "%d"))
    if "count" in settings and "end" in settings:
        raise TemplateError("can't specify both count and end in with_sequence")
    if "count" in settings:
        count = _number(settings, "count")
        if count == 0:
            return []
        # Backwards, too: count=3 stride=-1 gives five numbers, as it does in Ansible.
        end = start + count * stride - 1
    elif "end" in settings:
        end = _number(settings, "end")
    else:
        raise TemplateError("must specify count or end in with_sequence")
    if stride > 0 and end < start:
        raise TemplateError("to count backwards make stride negative")
    if stride < 0 and end > start:
        raise TemplateError("to count forward don't make stride negative")
    if form.count("%") != 1:
        raise TemplateError(f"bad formatting string: {form}")
    if stride == 0:
        return []
    try:
        return [form % number for number in range(start, end + (1 if stride > 0 else -1), stride)]
    except (ValueError, TypeError):
        raise TemplateError(f"problem formatting {start} with '{form}'") from None


def _number(settings: dict[str, Any], name: str, default: int = 1) -> int:
    text = str(settings.get(name, default))
    try:
        return int(text, 8) if re.fullmatch(r"0[0-7]+", text) else int(text, 0)
    except ValueError:
        raise TemplateError(f"'{name}' has an invalid value: {text!r} is no whole number, in with_sequence") from None
