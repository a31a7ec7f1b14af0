"""Checks arguments against a specification, without running as a module."""

from ansible.module_utils.common import parameters, warnings
from ansible.module_utils.errors import AnsibleValidationErrorMultiple


class ValidationResult(object):
    """What came of it: ``validated_parameters``, ``errors``, ``error_messages``, ``unsupported_parameters``."""

    def __init__(self, parameters):
        self._no_log_values = set()
        self._unsupported_parameters = set()
        self._validated_parameters = dict(parameters)
        self._deprecations = []
        self._warnings = []
        self._aliases = {}
        self.errors = AnsibleValidationErrorMultiple()

    @property
    def validated_parameters(self):
        return self._validated_parameters

    @property
    def unsupported_parameters(self):
        return self._unsupported_parameters

    @property
    def error_messages(self):
        return self.errors.messages


class ArgumentSpecValidator(object):
    """Holds a specification and its rules."""

    def __init__(self, argument_spec, mutually_exclusive=None, required_together=None, required_one_of=None,
                 required_if=None, required_by=None):
        self.argument_spec = argument_spec
        self._rules = {"mutually_exclusive": mutually_exclusive, "required_together": required_together,
                       "required_one_of": required_one_of, "required_if": required_if, "required_by": required_by}
        self._valid_parameter_names = set()
        for name in sorted(argument_spec):
            others = argument_spec[name].get("aliases")
            self._valid_parameter_names.add("%s (%s)" % (name, ", ".join(sorted(others))) if others else name)

    def validate(self, parameters, *args, **kwargs):
        """The ValidationResult of ``parameters``."""
        return self._validate(parameters)

    def _validate(self, given, name="module"):
        result = ValidationResult(given)
        applied = parameters.apply(self.argument_spec, given, self._rules, name)
        result._validated_parameters = applied.params or dict(given)
        result._unsupported_parameters = set(tuple(key.split(".")) for key in applied.unknown)
        result.errors.errors += applied.errors
        result._no_log_values, result._deprecations = applied.secrets, applied.deprecations
        result._warnings = applied.warnings
        return result


class ModuleArgumentSpecValidator(ArgumentSpecValidator):
    """The same; what it has to tell comes with the module's result."""

    def validate(self, parameters):
        result = self._validate(parameters)
        for note in result._deprecations:
            warnings.deprecate(**note)
        for text in result._warnings:
            warnings.warn(text)
        return result
