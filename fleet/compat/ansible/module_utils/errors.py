"""What is raised for arguments that are not as specified."""


class AnsibleValidationError(Exception):
    """One mistake: ``msg``."""

    def __init__(self, message):
        Exception.__init__(self, message)
        self.error_message = message

    @property
    def msg(self):
        return self.args[0]


class AnsibleValidationErrorMultiple(AnsibleValidationError):
    """All mistakes of one check: ``errors``; the first one is the message."""

    def __init__(self, errors=None):
        self.errors = list(errors or ())

    @property
    def msg(self):
        return self.errors[0].args[0]

    @property
    def messages(self):
        return [error.msg for error in self.errors]

    def __getitem__(self, index):
        return self.errors[index]

    def __setitem__(self, index, value):
        self.errors[index] = value

    def __delitem__(self, index):
        del self.errors[index]

    def append(self, error):
        self.errors.append(error)

    def extend(self, error):
        self.errors.extend(error.errors)


class ArgumentTypeError(AnsibleValidationError):
    """A value cannot become the argument's type."""


class RequiredError(AnsibleValidationError):
    """A required argument is missing."""


class UnsupportedError(AnsibleValidationError):
    """An argument nobody knows."""


class AliasError(AnsibleValidationError):
    """Something is wrong with an alias."""


class ArgumentValueError(AnsibleValidationError):
    """A value is none of the choices, or its content is wrong."""


class DeprecationError(AnsibleValidationError):
    """A note about an old name cannot be made."""


class ElementError(AnsibleValidationError):
    """An item of a list is not as it should be."""


class MutuallyExclusiveError(AnsibleValidationError):
    """Arguments exclude each other."""


class NoLogError(AnsibleValidationError):
    """A secret cannot be kept."""


class RequiredByError(AnsibleValidationError):
    """An argument needs another one."""


class RequiredDefaultError(AnsibleValidationError):
    """A required argument has a default."""


class RequiredIfError(AnsibleValidationError):
    """An argument is needed because of the value of another one."""


class RequiredOneOfError(AnsibleValidationError):
    """One of several arguments is needed."""


class RequiredTogetherError(AnsibleValidationError):
    """Arguments are only allowed together."""


class SubParameterTypeError(AnsibleValidationError):
    """A value inside another one cannot become its type."""
