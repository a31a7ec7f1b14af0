"""An argument specification applied to what a task gave. Mistakes are raised as ArgumentError, the first one first."""

import os

from ansible.module_utils.common.validation import (
    CONVERSIONS,
    check_mutually_exclusive,
    check_required_arguments,
    check_required_by,
    check_required_if,
    check_required_one_of,
    check_required_together,
)

RULES = ("mutually_exclusive", "required_together", "required_one_of", "required_if", "required_by")


class ArgumentError(Exception):
    """The arguments are not what the specification wants."""


class AnsibleFallbackNotFound(Exception):
    """A fallback has no value."""


def env_fallback(*args, **kwargs):
    """The value of the first of the environment's variables ``args`` that is set."""
    for name in args:
        if name in os.environ:
            return os.environ[name]
    raise AnsibleFallbackNotFound


class Applied(object):
    """``params`` as the module sees them; ``secrets``, ``deprecations`` and ``warnings`` found on the way."""

    def __init__(self):
        self.params = {}
        self.secrets = set()
        self.deprecations = []
        self.warnings = []


def apply(argument_spec, given, rules=None, context=(), applied=None, name="module"):
    """Everything the specification says, done to ``given``. Raises ArgumentError."""
    applied = applied or Applied()
    params = aliases(argument_spec, given, applied)
    for key, one in argument_spec.items():
        if key not in params and "fallback" in one:
            fallback(key, one["fallback"], params)
    for key, one in argument_spec.items():
        if one.get("no_log") and params.get(key):
            applied.secrets.update(texts(params[key]))
        if one.get("removed_in_version") or one.get("removed_at_date"):
            if key in params:
                applied.deprecations.append({
                    "msg": "Param '%s' is deprecated. See the module docs for more information" % key,
                    "version": one.get("removed_in_version"), "date": one.get("removed_at_date"),
                    "collection_name": one.get("removed_from_collection")})
    unknown = sorted(str(key) for key in params if key not in argument_spec)
    if unknown:
        _unsupported(unknown, argument_spec, context, name)
    rules = rules or {}
    try:
        check_mutually_exclusive(rules.get("mutually_exclusive"), _set(params), list(context))
        for key, one in argument_spec.items():
            if key not in params and one.get("default") is not None:
                params[key] = one["default"]
        check_required_arguments(argument_spec, params, list(context))
    except TypeError as error:
        raise ArgumentError(str(error))
    for key, one in argument_spec.items():
        if params.get(key) is not None:
            params[key] = convert(key, one, params[key], context)
            if one.get("choices"):
                choose(key, one, params, context)
    try:
        check_required_together(rules.get("required_together"), _set(params), list(context))
        check_required_one_of(rules.get("required_one_of"), _set(params), list(context))
        check_required_if(rules.get("required_if"), params, list(context))
        check_required_by(rules.get("required_by"), params, list(context))
    except TypeError as error:
        raise ArgumentError(str(error))
    for key, one in argument_spec.items():
        params.setdefault(key, None)
        if one.get("options") is not None:
            params[key] = inner(key, one, params[key], context, applied, name)
    applied.params = params
    return applied


def _set(params):
    return [key for key, value in params.items() if value is not None]


def _unsupported(unknown, argument_spec, context, name):
    supported = []
    for key in sorted(argument_spec):
        other = argument_spec[key].get("aliases")
        supported.append("%s (%s)" % (key, ", ".join(sorted(other))) if other else key)
    place = " ".join(("%s.%s" % (".".join(context), key)) for key in unknown) if context else ", ".join(unknown)
    raise ArgumentError("Unsupported parameters for (%s) module: %s. Supported parameters include: %s."
                        % (name, place, ", ".join(supported)))


def aliases(argument_spec, given, applied):
    """``given`` under the arguments' own names."""
    params = dict(given)
    for key, one in argument_spec.items():
        for alias in one.get("aliases") or ():
            if alias in params:
                value = params.pop(alias)
                if key in params:
                    applied.warnings.append("Both option %s and its alias %s are set." % (key, alias))
                params[key] = value
                for old in one.get("deprecated_aliases") or ():
                    if old["name"] == alias:
                        applied.deprecations.append({
                            "msg": "Alias '%s' is deprecated. See the module docs for more information" % alias,
                            "version": old.get("version"), "date": old.get("date"),
                            "collection_name": old.get("collection_name")})
    return params


def fallback(key, how, params):
    """The value from the environment, where there is one."""
    args, named = [], {}
    for item in how[1:]:
        if isinstance(item, dict):
            named = item
        else:
            args = item
    try:
        params[key] = how[0](*args, **named)
    except AnsibleFallbackNotFound:
        pass


def kind_of(one):
    return one.get("type") or ("raw" if one.get("type", "") is None else "str")


def convert(key, one, value, context=()):
    """``value`` as the argument's type."""
    kind = kind_of(one)
    value = _convert(key, kind, value, context)
    elements = one.get("elements")
    if kind == "list" and elements:
        value = [_convert(key, elements, item, context, "Elements value for option '%s'") for item in value]
    return value


def _convert(key, kind, value, context, what="argument '%s'"):
    function = kind if callable(kind) else CONVERSIONS.get(kind)
    if function is None:
        raise ArgumentError("implementation error: unknown type %s requested for %s" % (kind, key))
    try:
        return function(value)
    except (TypeError, ValueError) as error:
        place = " found in '%s'" % " -> ".join(context) if context else ""
        raise ArgumentError("%s%s is of type %s and we were unable to convert to %s: %s"
                            % (what % key, place, type(value).__name__, getattr(kind, "__name__", kind), error))


def choose(key, one, params, context=()):
    """Check an argument with choices; yes and no of YAML count for the texts "True" and so on."""
    value, choices = params[key], one["choices"]
    place = " found in %s" % " -> ".join(context) if context else ""
    if isinstance(value, list):
        wrong = [str(item) for item in value if item not in choices]
        if wrong:
            raise ArgumentError("value of %s must be one or more of: %s. Got no match for: %s%s"
                                % (key, ", ".join(map(str, choices)), ", ".join(wrong), place))
        return
    if value in choices:
        return
    words = ("no", "off", "false") if value in ("False", False) else ("yes", "on", "true")
    if value in ("False", "True", False, True):
        fitting = [item for item in choices if str(item).lower() in words]
        if len(fitting) == 1:
            params[key] = fitting[0]
            return
    raise ArgumentError("value of %s must be one of: %s, got: %s%s"
                        % (key, ", ".join(map(str, choices)), value, place))


def inner(key, one, value, context, applied, name):
    """The suboptions of an argument."""
    if value is None:
        if not one.get("apply_defaults"):
            return None
        value = {}
    many = isinstance(value, list)
    if not many and not isinstance(value, dict):
        return value
    rules = dict((rule, one.get(rule)) for rule in RULES)
    made = []
    for item in value if many else [value]:
        if not isinstance(item, dict):
            raise ArgumentError("value of '%s' must be of type dict or list of dicts" % key)
        below = Applied()
        apply(one["options"], item, rules, tuple(context) + (key,), below, name)
        applied.secrets |= below.secrets
        applied.deprecations += below.deprecations
        applied.warnings += below.warnings
        made.append(below.params)
    return made if many else made[0]


def texts(value):
    """Every text in ``value`` (numbers as texts), for masking."""
    if isinstance(value, bool) or value is None:
        return []
    if isinstance(value, dict):
        return [text for item in value.values() for text in texts(item)]
    if isinstance(value, (list, tuple, set)):
        return [text for item in value for text in texts(item)]
    text = value.decode("utf-8", "surrogateescape") if isinstance(value, bytes) else str(value)
    return [text] if text else []


def remove_values(value, no_log_strings):
    """``value`` with every secret in it masked."""
    secrets = sorted((text for text in no_log_strings if text), key=len, reverse=True)
    return _mask(value, secrets) if secrets else value


def _mask(value, secrets):
    if isinstance(value, dict):
        return dict((key, _mask(item, secrets)) for key, item in value.items())
    if isinstance(value, (list, tuple, set)):
        return [_mask(item, secrets) for item in value]
    if isinstance(value, bytes):
        value = value.decode("utf-8", "surrogateescape")
    if isinstance(value, bool) or value is None:
        return value
    if not isinstance(value, str):
        return "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER" if str(value) in secrets else value
    if value in secrets:
        return "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
    for secret in secrets:
        value = value.replace(secret, "*" * 8)
    return value


def sanitize_keys(obj, no_log_strings, ignore_keys=frozenset()):
    """``obj`` with secrets in the names of its keys masked."""
    if isinstance(obj, dict):
        return dict((key if key in ignore_keys or str(key).startswith("_ansible") else
                     remove_values(key, no_log_strings), sanitize_keys(item, no_log_strings, ignore_keys))
                    for key, item in obj.items())
    if isinstance(obj, (list, tuple)):
        return [sanitize_keys(item, no_log_strings, ignore_keys) for item in obj]
    return obj
