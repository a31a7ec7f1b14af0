"""Between text and bytes, without an exception for bytes that are no UTF-8."""

import codecs
import datetime
import json
from collections.abc import Mapping, Set

_HANDLERS = {None: "surrogateescape", "surrogate_or_strict": "surrogateescape",
             "surrogate_or_replace": "surrogateescape", "surrogate_then_replace": "surrogateescape"}


def _errors(errors):
    name = _HANDLERS.get(errors, errors)
    codecs.lookup_error(name)
    return name


def _rest(obj, nonstring, who):
    """What an object that is neither text nor bytes becomes: (done, value)."""
    if nonstring == "simplerepr":
        try:
            return False, str(obj)
        except UnicodeError:
            return False, repr(obj)
    if nonstring == "passthru":
        return True, obj
    if nonstring == "empty":
        return False, ""
    if nonstring == "strict":
        raise TypeError("obj must be a string type")
    raise TypeError("Invalid value %s for %s nonstring parameter" % (nonstring, who))


def to_bytes(obj, encoding="utf-8", errors=None, nonstring="simplerepr"):
    """``obj`` as bytes; ``nonstring`` says what happens to numbers and the like."""
    if isinstance(obj, bytes):
        return obj
    if not isinstance(obj, str):
        done, obj = _rest(obj, nonstring, "to_bytes'")
        if done:
            return obj
    try:
        return str.encode(obj, encoding, _errors(errors))
    except UnicodeEncodeError:
        if errors not in (None, "surrogate_then_replace"):
            raise
        return obj.encode("utf-8", "surrogateescape").decode("utf-8", "replace").encode(encoding, "replace")


def to_text(obj, encoding="utf-8", errors=None, nonstring="simplerepr"):
    """``obj`` as text; ``nonstring`` says what happens to numbers and the like."""
    if isinstance(obj, str):
        return obj
    if isinstance(obj, bytes):
        return obj.decode(encoding, _errors(errors))
    return _rest(obj, nonstring, "to_text's")[1]


to_native = to_text


def _jsonable(value):
    if isinstance(value, Mapping):
        return dict(value)
    if isinstance(value, Set):
        return list(value)
    if isinstance(value, (datetime.date, datetime.datetime)):
        return value.isoformat()
    if isinstance(value, bytes):
        return to_text(value)
    raise TypeError("Object of type %s is not JSON serializable" % type(value).__name__)


def jsonify(data, **kwargs):
    """``data`` as JSON."""
    kwargs.setdefault("default", _jsonable)
    return json.dumps(data, **kwargs)


def _deep(value, convert):
    if isinstance(value, dict):
        return dict((_deep(key, convert), _deep(item, convert)) for key, item in value.items())
    if isinstance(value, list):
        return [_deep(item, convert) for item in value]
    if isinstance(value, tuple):
        return tuple(_deep(item, convert) for item in value)
    return convert(value)


def container_to_bytes(d, encoding="utf-8", errors="surrogate_or_strict"):
    """``d`` with every text in it as bytes."""
    return _deep(d, lambda item: to_bytes(item, encoding, errors) if isinstance(item, str) else item)


def container_to_text(d, encoding="utf-8", errors="surrogate_or_strict"):
    """``d`` with all bytes in it as text."""
    return _deep(d, lambda item: to_text(item, encoding, errors) if isinstance(item, bytes) else item)
