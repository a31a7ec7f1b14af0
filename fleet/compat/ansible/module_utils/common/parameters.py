"""An argument specification applied to what a task gave. All mistakes are collected; the first one counts for modules."""

import os
import re
from collections.abc import Iterable, Mapping

from ansible.module_utils import errors
from ansible.module_utils.common.masking import (  # noqa: F401
    remove_values,
    sanitize_keys,
    texts,
)
from ansible.module_utils.common.validation import (
    CONVERSIONS,
    check_mutually_exclusive,
    check_required_arguments,
    check_required_by,
    check_required_if,
    check_required_one_of,
    check_required_together,
    check_type_dict,
)

RULES = ("mutually_exclusive", "required_together", "required_one_of", "required_if", "required_by")
DEFAULT_TYPE_VALIDATORS = CONVERSIONS
PASSWORD = re.compile(r"(?:^|[ _-])pass(?:wd|word|-?phrase)?(?:[ _-]|$)", re.IGNORECASE)


class AnsibleFallbackNotFound(Exception):
    """A fallback has no value."""


def env_fallback(*args, **kwargs):
    """The value of the first of the environment's variables ``args`` that is set."""
    for name in args:
        if name in os.environ:
            return os.environ[name]
    raise AnsibleFallbackNotFound


class Applied(object):
    """``params`` as the module sees them; ``secrets``, notes and ``errors`` (exceptions) found on the way."""

    def __init__(self):
        self.params = {}
        self.secrets = set()
        self.deprecations = []
        self.warnings = []
        self.errors = []
        self.unknown = {}
        """Name of an argument nobody knows -> the specification it is not in."""

    def below(self):
        """One for suboptions: everything but the arguments is shared."""
        other = Applied()
        other.secrets, other.deprecations, other.warnings = self.secrets, self.deprecations, self.warnings
        other.errors, other.unknown = self.errors, self.unknown
        return other


def apply(argument_spec, given, rules=None, name="module"):
    """The Applied of everything the specification says."""
    applied = Applied()
    try:
        _secrets(argument_spec, given, applied.secrets)
        _step(argument_spec, given, rules or {}, applied)
    except (TypeError, ValueError) as error:
        # Mistakes of the specification, or suboptions that are no mapping: nothing below them can be looked at.
        applied.errors.insert(0, errors.AnsibleValidationError(str(error)))
    if applied.unknown:
        applied.errors.append(_unsupported(applied.unknown, name))
    return applied


def _step(spec, given, rules, applied, context=(), place=""):
    """One level. ``context``: the arguments around it; ``place``: the same as notes name it, ``outer[0].``."""
    params = applied.params = dict(given)
    _aliases(spec, params, applied, place)
    applied.secrets |= set(set_fallbacks(spec, params))
    for key, one in spec.items():
        if one.get("no_log"):
            applied.secrets.update(texts(params.get(key)))
        elif not context and one.get("no_log") is None and PASSWORD.search(key):
            applied.warnings.append("Module did not set no_log for %s" % key)
    if not context:
        _removed(spec, params, applied)
    known = set(spec).union(*[one.get("aliases") or () for one in spec.values()])
    for key in params:
        if key not in known:
            applied.unknown[".".join([*context, str(key)])] = spec
    _checked(applied, errors.MutuallyExclusiveError, check_mutually_exclusive, rules.get("mutually_exclusive"), context)
    for key, one in spec.items():
        if one.get("default") is not None:
            if one.get("required"):
                raise ValueError("internal error: required and default are mutually exclusive for %s" % key)
            if one.get("no_log"):
                applied.secrets.update(texts(one["default"]))
            params.setdefault(key, one["default"])
    _checked(applied, errors.RequiredError, check_required_arguments, spec, context)
    for key, one in spec.items():
        _convert_one(key, one, params, applied, context)
    for key, one in spec.items():
        _choose(key, one, params, applied, context)
    for kind, check, rule in ((errors.RequiredTogetherError, check_required_together, "required_together"),
                              (errors.RequiredOneOfError, check_required_one_of, "required_one_of"),
                              (errors.RequiredIfError, check_required_if, "required_if"),
                              (errors.RequiredByError, check_required_by, "required_by")):
        _checked(applied, kind, check, rules.get(rule), context)
    for key in spec:
        params.setdefault(key, None)
    for key, one in spec.items():
        if one.get("options") is not None:
            params[key] = _inner(key, one, params[key], applied, context, place)


def _checked(applied, kind, check, rule, context):
    try:
        check(rule, applied.params, list(context))
    except TypeError as error:
        applied.errors.append(kind(str(error)))


def _aliases(spec, params, applied, place):
    """Values also under the arguments' own names; the aliases stay where they are."""
    for key, one in spec.items():
        others = one.get("aliases")
        if others is None:
            continue
        if isinstance(others, (str, bytes)) or not isinstance(others, Iterable):
            raise TypeError("internal error: aliases must be a list or tuple")
        old = dict((item["name"], item) for item in one.get("deprecated_aliases") or ())
        for alias in others:
            if alias in params:
                if key in params:
                    applied.warnings.append("Both option %s%s and its alias %s%s are set." % (place, key, place, alias))
                params[key] = params[alias]
                if alias in old:
                    applied.deprecations.append(_note("Alias '%s%s'" % (place, alias), old[alias], ""))


def _note(what, one, prefix):
    return {"msg": "%s is deprecated. See the module docs for more information" % what,
            "version": one.get("removed_in_version" if prefix else "version"),
            "date": one.get("removed_at_date" if prefix else "date"),
            "collection_name": one.get("removed_from_collection" if prefix else "collection_name")}


def _removed(spec, params, applied, place=""):
    """Notes about arguments that will go, those of suboptions too."""
    for key, one in spec.items():
        shown = '%s["%s"]' % (place, key) if place else key
        if key in params and (one.get("removed_in_version") or one.get("removed_at_date")):
            note = _note("Param '%s'" % shown, one, "removed")
            if note not in applied.deprecations:
                applied.deprecations.append(note)
        if one.get("options") and params.get(key):
            for item in params[key] if isinstance(params[key], list) else [params[key]]:
                if isinstance(item, Mapping):
                    _removed(one["options"], item, applied, shown)


def _unsupported(unknown, name):
    spec = unknown[min(unknown, key=lambda key: key.count("."))]
    others = sorted(alias for one in spec.values() for alias in one.get("aliases") or ())
    supported = ", ".join(sorted(spec)) + (" (%s)" % ", ".join(others) if others else "")
    return errors.UnsupportedError("Unsupported parameters for (%s) module: %s. Supported parameters include: %s."
                                   % (name, ", ".join(sorted(unknown)), supported))


def set_fallbacks(argument_spec, parameters):
    """Put in what fallbacks give; the values that are secrets."""
    secrets = set()
    for key, one in argument_spec.items():
        how = one.get("fallback", (None,))
        if key in parameters or how[0] is None:
            continue
        args, named = [], {}
        for item in how[1:]:
            if isinstance(item, dict):
                named = item
            else:
                args = item
        try:
            parameters[key] = how[0](*args, **named)
        except AnsibleFallbackNotFound:
            continue
        if one.get("no_log"):
            secrets.update(texts(parameters[key]))
    return secrets


def _secrets(spec, given, found):
    """Add the values of all secret arguments as they were given. TypeError where suboptions are no mapping."""
    for key, one in spec.items():
        names = [key] + [alias for alias in one.get("aliases") or () if isinstance(one.get("aliases"), (list, tuple))]
        for value in [given[name] for name in names if given.get(name) is not None]:
            if one.get("no_log"):
                found.update(texts(value))
            if one.get("options") is None or not _of_options(one):
                continue
            for item in value if isinstance(value, list) else [value]:
                item = check_type_dict(item) if isinstance(item, str) else item
                if not isinstance(item, Mapping):
                    raise TypeError("Value '%s' in the sub parameter field '%s' must be a %s, not '%s'"
                                    % (item, key, one["type"], type(item).__name__))
                _secrets(one["options"], item, found)


def _list_no_log_values(argument_spec, params):
    found = set()
    _secrets(argument_spec, params, found)
    return found


def _of_options(one):
    """True when the argument holds suboptions: a mapping, or a list of them."""
    return one.get("type") == "dict" or (one.get("type") == "list" and one.get("elements") == "dict")


def _convert_one(key, one, params, applied, context):
    """Make an argument what its type and ``elements`` say."""
    if key not in params or (params[key] is None and not one.get("required") and one.get("default") is None):
        return
    kind, elements = one.get("type") or "str", one.get("elements")
    try:
        params[key] = _convert(key, kind, params[key], context)
        if not elements or params[key] is None:
            return
        if kind != "list" or not isinstance(params[key], list):
            raise errors.AnsibleValidationError(
                "Invalid type %s for option '%s', elements value check is supported only with 'list' type"
                % (type(params[key]).__name__, params[key]))
        params[key] = [_convert(key, elements, item, context, True) for item in params[key]]
    except errors.AnsibleValidationError as error:
        applied.errors.append(error)


def _convert(key, kind, value, context, element=False):
    function = kind if callable(kind) else CONVERSIONS.get(kind)
    try:
        return function(value)
    except (TypeError, ValueError) as error:
        place = " found in '%s'" % " -> ".join(context) if context else ""
        shown = kind if not callable(kind) else getattr(kind, "__name__", type(kind))
        if element:
            raise errors.ElementError(
                "Elements value for option '%s'%s is of type %s and we were unable to convert to %s: %s"
                % (key, place, type(value).__name__, shown, error))
        raise errors.ArgumentTypeError("argument '%s' is of type %s%s and we were unable to convert to %s: %s"
                                       % (key, type(value).__name__, place and place + ".", shown, error))


def _choose(key, one, params, applied, context):
    """Check an argument with choices; yes and no of YAML count for the texts "True" and so on."""
    choices = one.get("choices")
    if choices is None or key not in params:
        return
    if isinstance(choices, (str, bytes, Mapping)) or not isinstance(choices, Iterable):
        raise TypeError("internal error: choices for argument %s are not iterable: %s" % (key, choices))
    value, shown = params[key], ", ".join(map(str, choices))
    place = " found in %s" % " -> ".join(context) if context else ""
    if isinstance(value, list):
        wrong = ", ".join(str(item) for item in value if item not in choices)
        if wrong:
            applied.errors.append(errors.ArgumentValueError(
                "value of %s must be one or more of: %s. Got no match for: %s%s" % (key, shown, wrong, place)))
        return
    if value in choices:
        return
    words = ("no", "off", "false") if value in ("False", False) else ("yes", "on", "true")
    fitting = [item for item in choices if str(item).lower() in words]
    if isinstance(value, (str, bool)) and value in ("False", "True", False, True) and len(fitting) == 1:
        params[key] = fitting[0]
        return
    applied.errors.append(errors.ArgumentValueError(
        "value of %s must be one of: %s, got: %s%s" % (key, shown, value, place)))


def _inner(key, one, value, applied, context, place):
    """The suboptions of an argument."""
    if value is None and one.get("apply_defaults"):
        value = {}
    if value is None or not _of_options(one):
        return value
    many, made = isinstance(value, list), []
    rules = dict((rule, one.get(rule)) for rule in RULES)
    for number, item in enumerate(value if many else [value]):
        if isinstance(item, Mapping):
            below = applied.below()
            inside = "%s%s%s." % (place, key, "[%d]" % number if many else "")
            _step(one["options"], item, rules, below, (*context, key), inside)
            item = below.params
        made.append(item)
    return made if many else made[0]
