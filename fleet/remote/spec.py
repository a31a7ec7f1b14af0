"""What a module's arguments are: the one declaration behind checks, defaults, documentation and completion.

``Spec.normalize`` runs on the controller (offline for literal arguments, and again for every rendered
call); ``Spec.complete`` runs on the host, where defaults are filled in and ``~`` in paths has its meaning.
"""

import os

from fleet.remote.convert import CONVERT, FALSE, TRUE


class BadArgument(Exception):
    """An argument that does not fit its declaration. ``name`` is the argument's."""

    def __init__(self, message, name=None):
        Exception.__init__(self, message)
        self.name = name


class Arg(object):
    """One argument: its type, default, choices, other names and one or two sentences of help.

    ``null``: null is a value that can be given, not the same as nothing. ``env`` names the variable of the task's
    environment that stands in for the argument.
    """

    def __init__(
        self,
        type="str",
        default=None,
        required=False,
        choices=(),
        aliases=(),
        elements=None,
        options=None,
        no_log=False,
        help="",
        null=False,
        env="",
    ):
        self.type = type
        self.default = default
        self.required = required
        self.choices = choices
        self.aliases = aliases
        self.elements = elements
        self.options = options
        self.no_log = no_log
        self.help = help
        self.null = null
        self.env = env


class Spec(object):
    """All arguments of a module and what they demand of each other.

    Of ``exclusive`` arguments one may be given, if only as null, as with Ansible; of those ``apart`` one may have a value.
    ``free_form`` names the argument that takes the text of a one-line call (``command: ls``).
    ``supports_check`` False: the module is skipped in check mode.
    ``returns`` documents the keys of the result: name -> sentence.
    ``unknown`` words the mistake of an argument that does not exist, where Ansible words it in its own way:
    a text with places for the module and the names. ``missing`` does the same for required ones that are not given,
    with or without a place for their names.
    """

    def __init__(
        self,
        args,
        free_form=None,
        exclusive=(),
        apart=(),
        together=(),
        one_of=(),
        required_if=(),
        required_by=None,
        supports_check=True,
        returns=None,
        extra=False,
        unknown="",
        missing="",
    ):
        self.args = args
        self.free_form = free_form
        self.exclusive = exclusive
        self.apart = apart
        self.together = together
        self.one_of = one_of
        self.required_if = required_if
        self.required_by = required_by or {}
        self.supports_check = supports_check
        self.returns = returns or {}
        self.extra = extra
        self.unknown = unknown
        self.missing = missing
        self.names = {}
        for name, arg in args.items():
            self.names[name] = name
            for alias in arg.aliases:
                self.names[alias] = name

    def normalize(self, given, module="", literal=None):
        """Give canonical names and converted values; raise BadArgument with the first mistake, in Ansible's order.

        ``literal(value)`` says whether a value is final; others (templates) are passed through and
        rules that need their value are left for the next time.
        """
        args = {}
        for name, value in given.items():
            real = self.names.get(name, name)
            if real in args and name != real:
                continue
            args[real] = value
        self._given(args)
        for name in list(args):
            arg = self.args.get(name)
            if arg is None or (literal and not literal(args[name])) or (args[name] is None and (arg.required or arg.null)):
                continue
            args[name] = convert_argument(name, arg, args[name], literal)
        unknown = [name for name in given if name not in self.names and not str(name).startswith("_")]
        if unknown and not self.extra:
            if self.unknown:
                raise BadArgument(self.unknown % (module, ",".join(sorted(unknown))), unknown[0])
            raise BadArgument(
                "Unsupported parameters for (%s) module: %s. Supported parameters include: %s."
                % (module, ", ".join(sorted(map(str, unknown))), self._shown()),
                unknown[0],
            )
        self._rules(args, literal)
        return args

    def complete(self, args):
        """Fill in defaults and expand paths (on the host). Missing arguments without default are None."""
        full = {}
        for name, arg in self.args.items():
            value = args.get(name)
            if value is None and arg.env and os.environ.get(arg.env):
                value = convert_argument(name, arg, os.environ[arg.env])
            if value is None and not (arg.null and name in args):
                value = arg.default
            if value is not None:
                value = _expand(arg, value)
            full[name] = value
        for name, value in args.items():
            if name not in full:
                full[name] = value
        return full

    def secrets(self, args):
        """The values that must never be shown."""
        found = []
        for name, value in args.items():
            arg = self.args.get(name)
            if arg is None or value in (None, ""):
                continue
            if arg.no_log:
                found.extend(value if isinstance(value, list) else [value])
            elif arg.options:
                inner = Spec(arg.options)
                for item in value if isinstance(value, list) else [value]:
                    if isinstance(item, dict):
                        found.extend(inner.secrets(item))
        return [item for item in found if isinstance(item, str)]

    def _shown(self):
        """What may be given, as ansible-core lists it: the names, and behind them the aliases of all."""
        aliases = ", ".join(sorted(set(self.names) - set(self.args)))
        return ", ".join(sorted(self.args)) + (" (%s)" % aliases if aliases else "")

    def _given(self, args):
        """The rules about which arguments are there at all."""
        for names in self.exclusive:
            if sum(self.names.get(name) in args for name in names) > 1:
                raise BadArgument("parameters are mutually exclusive: %s" % "|".join(names), names[0])
        missing = [
            name
            for name, arg in self.args.items()
            if arg.required and args.get(name) is None and not (arg.null and name in args)
        ]
        if missing:
            what = self.missing or "missing required arguments: %s"
            raise BadArgument(what % ", ".join(sorted(missing)) if "%s" in what else what, missing[0])

    def _rules(self, args, literal):
        def present(name):
            return args.get(name) is not None

        for names in self.apart:
            if sum(map(present, names)) > 1:
                raise BadArgument("parameters are mutually exclusive: %s" % "|".join(names), names[0])
        for names in self.together:
            if any(map(present, names)) and not all(map(present, names)):
                raise BadArgument("parameters are required together: %s" % ", ".join(names), names[0])
        for names in self.one_of:
            if not any(map(present, names)):
                raise BadArgument("one of the following is required: %s" % ", ".join(names), names[0])
        for name, others in self.required_by.items():
            absent = [other for other in others if present(name) and not present(other)]
            if absent:
                raise BadArgument("missing parameter(s) required by '%s': %s" % (name, ", ".join(absent)), name)
        for rule in self.required_if:
            self._required_if(rule, args, literal)

    def _required_if(self, rule, args, literal):
        name, value, needed = rule[:3]
        some = len(rule) > 3 and rule[3]
        actual = args.get(name)
        if actual is None:
            actual = self.args[name].default
        if actual != value or (literal and not literal(actual)):
            return
        missing = [other for other in needed if args.get(other) is None]
        if not missing or (some and len(missing) < len(needed)):
            return
        raise BadArgument(
            "%s is %s but %s of the following are missing: %s"
            % (name, value, "any" if some else "all", ", ".join(missing)),
            name,
        )


def _expand(arg, value):
    if arg.type == "path":
        return expand_path(value)
    if arg.type == "list" and arg.elements == "path":
        return [expand_path(item) for item in value]
    if arg.options:
        inner = Spec(arg.options)
        if arg.type == "list":
            return [inner.complete(item) if isinstance(item, dict) else item for item in value]
        if isinstance(value, dict):
            return inner.complete(value)
    return value


def expand_path(value):
    """Expand ``~`` and ``$VAR`` as the user the runner is."""
    if "~" in value or "$" in value:
        return os.path.expanduser(os.path.expandvars(value))
    return value


def convert_argument(name, arg, value, literal=None):
    """Convert one value to its declared type and check choices and sub-options."""
    if value is None:
        return _null(name, arg)
    if isinstance(value, bool) and arg.type == "str" and arg.choices:
        # YAML makes a boolean of `yes`; a choice of that meaning is what was written.
        value = next((choice for choice in arg.choices if choice in (TRUE if value else FALSE)), value)
    value = convert_value(name, arg.type, value)
    if arg.type == "list" and arg.elements:
        value = [_convert_element(name, arg.elements, item, literal) for item in value]
    if arg.choices:
        _check_choice(name, arg, value, literal)
    if arg.options:
        inner = Spec(arg.options)
        if arg.type == "list":
            value = [inner.normalize(item, name, literal) if isinstance(item, dict) else item for item in value]
        elif isinstance(value, dict):
            value = inner.normalize(value, name, literal)
    return value


def _type_name(value):
    for kind in (bool, int, float, str, list, dict):
        if isinstance(value, kind):
            return kind.__name__
    return type(value).__name__


def convert_value(name, kind, value):
    """Convert a value to a type. Raises BadArgument."""
    try:
        return CONVERT[kind](value)
    except (ValueError, TypeError, OverflowError) as error:
        raise BadArgument(
            "argument '%s' is of type %s and we were unable to convert to %s: %s"
            % (name, _type_name(value), kind, error),
            name,
        )


def _null(name, arg):
    """Null is no value, and Ansible (2.19) takes it where that is the default, or for text. Raises BadArgument."""
    if arg.choices and not arg.null:
        _check_choice(name, arg, "None" if arg.default is None else "", None)
    if arg.default is not None and arg.type not in ("str", "path", "raw"):
        convert_value(name, arg.type, None)
    return None


def _convert_element(name, kind, value, literal):
    if literal and not literal(value):
        return value
    try:
        return CONVERT[kind](value)
    except (ValueError, TypeError, OverflowError) as error:
        raise BadArgument(
            "Elements value for option '%s' is of type %s and we were unable to convert to %s: %s"
            % (name, _type_name(value), kind, error),
            name,
        )


def _check_choice(name, arg, value, literal):
    for item in value if isinstance(value, list) else [value]:
        if item in arg.choices or (literal and not literal(item)):
            continue
        shown = ", ".join(str(choice) for choice in arg.choices if str(choice).isprintable())
        if arg.type == "list":
            raise BadArgument(
                "value of %s must be one or more of: %s. Got no match for: %s" % (name, shown, item), name
            )
        raise BadArgument("value of %s must be one of: %s, got: %s" % (name, shown, item), name)
