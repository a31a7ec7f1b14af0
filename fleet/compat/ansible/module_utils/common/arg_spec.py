"""Checks arguments against a specification, without running as a module."""

from ansible.module_utils.common import parameters


class ValidationResult(object):
    """What came of it: ``validated_parameters``, ``error_messages``, ``unsupported_parameters``."""

    def __init__(self, values):
        self.validated_parameters = dict(values)
        self.unsupported_parameters = set()
        self.error_messages = []
        self.errors = []
        self._no_log_values = set()
        self._deprecations = []
        self._warnings = []


class ArgumentSpecValidator(object):
    """Holds a specification and its rules."""

    def __init__(self, argument_spec, mutually_exclusive=None, required_together=None, required_one_of=None,
                 required_if=None, required_by=None):
        self.argument_spec = argument_spec
        self.rules = {"mutually_exclusive": mutually_exclusive, "required_together": required_together,
                      "required_one_of": required_one_of, "required_if": required_if, "required_by": required_by}

    def validate(self, values, *args, **kwargs):
        """The ValidationResult of ``values``."""
        result = ValidationResult(values)
        applied = parameters.Applied()
        try:
            parameters.apply(self.argument_spec, values, self.rules, applied=applied)
            result.validated_parameters = applied.params
        except parameters.ArgumentError as error:
            result.error_messages.append(str(error))
        result._no_log_values = applied.secrets
        result._deprecations = applied.deprecations
        result._warnings = applied.warnings
        return result


class ModuleArgumentSpecValidator(ArgumentSpecValidator):
    """The same, as modules import it."""
