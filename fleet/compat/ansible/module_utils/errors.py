"""What is raised for arguments that are not as specified."""


class AnsibleValidationError(Exception):
    """One mistake: ``msg``."""

    def __init__(self, message):
        Exception.__init__(self, message)
        self.error_message = self.msg = message


class ArgumentTypeError(AnsibleValidationError):
    """A value cannot become the argument's type."""


class RequiredError(AnsibleValidationError):
    """A required argument is missing."""


class UnsupportedError(AnsibleValidationError):
    """An argument nobody knows."""
