"""Names that code for two Pythons imports; here there is one Python."""

import builtins
import importlib
import sys
import types

PY2, PY3, PY34 = False, True, True
string_types = (str,)
integer_types = (int,)
class_types = (type,)
text_type = str
binary_type = bytes
MAXSIZE = sys.maxsize
b, u = (lambda text: text.encode("latin-1")), (lambda text: text)
unichr, int2byte, byte2int, indexbytes = chr, (lambda number: bytes((number,))), (lambda data: data[0]), (lambda data, i: data[i])
next = advance_iterator = builtins.next
print_ = builtins.print
from io import BytesIO, StringIO  # noqa: E402, F401


def iteritems(mapping, **kwargs):
    return iter(mapping.items(**kwargs))


def iterkeys(mapping, **kwargs):
    return iter(mapping.keys(**kwargs))


def itervalues(mapping, **kwargs):
    return iter(mapping.values(**kwargs))


def with_metaclass(meta, *bases):
    """A base class whose metaclass is ``meta``."""
    return meta("temporary_class", bases or (object,), {})


def add_metaclass(metaclass):
    """Decorates a class to have ``metaclass``."""
    def again(cls):
        inside = dict((key, value) for key, value in cls.__dict__.items() if key not in ("__dict__", "__weakref__"))
        return metaclass(cls.__name__, cls.__bases__, inside)
    return again


def reraise(kind, value, trace=None):
    """Raise an exception again."""
    raise (kind() if value is None else value).with_traceback(trace)


def raise_from(value, cause):
    raise value from cause


def ensure_binary(text, encoding="utf-8", errors="strict"):
    return text.encode(encoding, errors) if isinstance(text, str) else text


def ensure_text(text, encoding="utf-8", errors="strict"):
    return text.decode(encoding, errors) if isinstance(text, bytes) else text


ensure_str = ensure_text


def python_2_unicode_compatible(cls):
    return cls


_MOVED = {
    "configparser": "configparser", "http_client": "http.client", "http_cookiejar": "http.cookiejar",
    "cPickle": "pickle", "queue": "queue", "builtins": "builtins", "html_entities": "html.entities",
    "urllib_parse": "urllib.parse", "urllib_error": "urllib.error", "xmlrpc_client": "xmlrpc.client",
    "socketserver": "socketserver", "reprlib": "reprlib", "email_mime_text": "email.mime.text",
}
_NAMES = {"zip": zip, "map": map, "filter": filter, "range": range, "xrange": range, "input": input, "intern": sys.intern}


class _Moves(types.ModuleType):
    __path__ = []

    def __getattr__(self, name):
        if name in _NAMES:
            return _NAMES[name]
        lazy = {"reduce": ("functools", "reduce"), "shlex_quote": ("shlex", "quote"),
                "zip_longest": ("itertools", "zip_longest"), "StringIO": ("io", "StringIO"),
                "reload_module": ("importlib", "reload"), "UserDict": ("collections", "UserDict")}
        if name in lazy:
            return getattr(importlib.import_module(lazy[name][0]), lazy[name][1])
        if name in _MOVED:
            return importlib.import_module(_MOVED[name])
        if name == "urllib":
            for part in ("parse", "error", "request", "response"):
                importlib.import_module("urllib." + part)
            return importlib.import_module("urllib")
        raise AttributeError(name)


__path__ = []
moves = _Moves(__name__ + ".moves")
sys.modules[__name__ + ".moves"] = moves
for _name in ("urllib", "urllib.parse", "urllib.error", "urllib.request"):
    sys.modules["%s.moves.%s" % (__name__, _name)] = importlib.import_module(_name)
sys.modules[__name__ + ".moves.collections_abc"] = importlib.import_module("collections.abc")
for _name in ("configparser", "http_client", "http_cookiejar", "queue", "builtins"):
    sys.modules["%s.moves.%s" % (__name__, _name)] = importlib.import_module(_MOVED[_name])
