"""Names that code for two Pythons imports; here there is one Python."""

import builtins
import functools
import importlib
import operator
import sys
import types
from importlib.machinery import ModuleSpec

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


def _checked(convert):
    def checked(text, encoding="utf-8", errors="strict"):
        if not isinstance(text, (str, bytes)):
            raise TypeError("not expecting type '%s'" % type(text))
        return convert(text, encoding, errors)
    return checked


ensure_binary, ensure_text, ensure_str = _checked(ensure_binary), _checked(ensure_text), _checked(ensure_str)
viewkeys, viewvalues, viewitems = (operator.methodcaller(name) for name in ("keys", "values", "items"))
get_method_function, get_method_self = operator.attrgetter("__func__"), operator.attrgetter("__self__")
get_function_closure, get_function_code = operator.attrgetter("__closure__"), operator.attrgetter("__code__")
get_function_defaults, get_function_globals = operator.attrgetter("__defaults__"), operator.attrgetter("__globals__")
create_bound_method, iterbytes, exec_, callable, wraps = types.MethodType, iter, builtins.exec, builtins.callable, functools.wraps
Iterator = object


def create_unbound_method(function, cls):
    return function


def get_unbound_function(unbound):
    return unbound


def iterlists(mapping, **kwargs):
    return iter(mapping.lists(**kwargs))


def python_2_unicode_compatible(cls):
    return cls


_MOVED = {
    "_dummy_thread": "_thread", "_thread": "_thread", "BaseHTTPServer": "http.server", "CGIHTTPServer": "http.server",
    "SimpleHTTPServer": "http.server", "builtins": "builtins", "collections_abc": "collections.abc",
    "configparser": "configparser", "copyreg": "copyreg", "cPickle": "pickle", "dbm_gnu": "dbm.gnu",
    "email_mime_base": "email.mime.base", "email_mime_image": "email.mime.image",
    "email_mime_multipart": "email.mime.multipart", "email_mime_nonmultipart": "email.mime.nonmultipart",
    "email_mime_text": "email.mime.text", "html_entities": "html.entities", "html_parser": "html.parser",
    "http_client": "http.client", "http_cookiejar": "http.cookiejar", "http_cookies": "http.cookies", "queue": "queue",
    "reprlib": "reprlib", "socketserver": "socketserver", "tkinter": "tkinter", "urllib": "urllib",
    "urllib.error": "urllib.error", "urllib.parse": "urllib.parse", "urllib.request": "urllib.request",
    "urllib.response": "urllib.response", "urllib.robotparser": "urllib.robotparser", "urllib_error": "urllib.error",
    "urllib_parse": "urllib.parse", "urllib_request": "urllib.request", "urllib_response": "urllib.response",
    "urllib_robotparser": "urllib.robotparser", "xmlrpc_client": "xmlrpc.client", "xmlrpc_server": "xmlrpc.server",
}
_NAMES = {
    "cStringIO": ("io", "StringIO"), "filter": ("builtins", "filter"), "filterfalse": ("itertools", "filterfalse"),
    "getcwd": ("os", "getcwd"), "getcwdb": ("os", "getcwdb"), "getoutput": ("subprocess", "getoutput"),
    "input": ("builtins", "input"), "intern": ("sys", "intern"), "map": ("builtins", "map"),
    "range": ("builtins", "range"), "reduce": ("functools", "reduce"), "reload_module": ("importlib", "reload"),
    "shlex_quote": ("shlex", "quote"), "StringIO": ("io", "StringIO"), "UserDict": ("collections", "UserDict"),
    "UserList": ("collections", "UserList"), "UserString": ("collections", "UserString"), "xrange": ("builtins", "range"),
    "zip": ("builtins", "zip"), "zip_longest": ("itertools", "zip_longest"),
}
"""Source: https://six.readthedocs.io/#module-six.moves."""


class _Moves(types.ModuleType):
    __path__ = []

    def __getattr__(self, name):
        if name in _NAMES:
            return getattr(importlib.import_module(_NAMES[name][0]), _NAMES[name][1])
        if name == "urllib":
            for part in ("parse", "error", "request", "response", "robotparser"):
                importlib.import_module("urllib." + part)
        if name in _MOVED:
            return importlib.import_module(_MOVED[name])
        raise AttributeError("module %r has no attribute %r" % (self.__name__, name))


class _Finder(object):
    """Lets ``from six.moves.NAME import`` find the module by its name of today."""

    def find_spec(self, name, path=None, target=None):
        if name.startswith(_PREFIX) and name[len(_PREFIX):] in _MOVED:
            return ModuleSpec(name, self, is_package=name == _PREFIX + "urllib")
        return None

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        sys.modules[module.__name__] = importlib.import_module(_MOVED[module.__name__[len(_PREFIX):]])


__path__ = []
_PREFIX = __name__ + ".moves."
moves = _Moves(_PREFIX[:-1])
sys.modules[_PREFIX[:-1]] = moves
sys.meta_path.append(_Finder())
