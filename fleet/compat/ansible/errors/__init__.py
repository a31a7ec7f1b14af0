"""The exceptions that plugins raise and catch."""

from __future__ import annotations

from typing import Any


class AnsibleError(Exception):
    """The base of all; ``message`` is the text, ``orig_exc`` what caused it."""

    def __init__(
        self,
        message: Any = "",
        obj: Any = None,
        show_content: bool = True,
        suppress_extended_error: Any = None,
        orig_exc: BaseException | None = None,
        **_more: Any,
    ) -> None:
        super().__init__(str(message))
        self.message = str(message)
        self.obj = obj
        self.orig_exc = orig_exc
        if orig_exc is not None and self.__cause__ is None:
            self.__cause__ = orig_exc

    def __str__(self) -> str:
        return self.message or (str(self.__cause__) if self.__cause__ else "")


class AnsibleOptionsError(AnsibleError):
    """Options are missing or contradict each other."""


class AnsibleRequiredOptionError(AnsibleOptionsError):
    """An option that must be given is not."""


class AnsibleParserError(AnsibleError):
    """A file cannot be understood."""


class AnsibleInternalError(AnsibleError):
    """Something that cannot happen did."""


class AnsibleAssertionError(AnsibleError, AssertionError):
    """A value is not what the plugin was promised."""


class AnsibleRuntimeError(AnsibleError):
    """Something went wrong while a play ran."""


class AnsibleModuleError(AnsibleRuntimeError):
    """A module failed."""


class AnsibleConnectionFailure(AnsibleRuntimeError):
    """A host cannot be reached."""


class AnsibleAuthenticationFailure(AnsibleConnectionFailure):
    """A host refused the login."""


class AnsibleCallbackError(AnsibleRuntimeError):
    """A callback failed."""


class AnsibleTemplateError(AnsibleRuntimeError):
    """A template failed."""


class AnsibleTemplateSyntaxError(AnsibleTemplateError):
    """A template cannot be compiled."""


class AnsibleBrokenConditionalError(AnsibleTemplateError):
    """A condition is no boolean."""


class AnsibleFilterError(AnsibleTemplateError):
    """A filter failed."""


class AnsibleTypeError(AnsibleTemplateError, TypeError):
    """A filter or test got a value of the wrong type."""


AnsibleFilterTypeError = AnsibleTypeError


class AnsibleLookupError(AnsibleTemplateError):
    """A lookup failed."""


class AnsibleUndefinedVariable(AnsibleTemplateError):
    """A variable does not exist."""


class AnsibleValueOmittedError(AnsibleTemplateError):
    """A template gave ``omit`` where a value is needed."""


class AnsibleVariableTypeError(AnsibleRuntimeError):
    """A value is of a type that variables cannot have."""


class AnsibleFileNotFound(AnsibleRuntimeError):
    """A file does not exist."""

    def __init__(self, message: Any = "", *args: Any, file_name: Any = None, paths: Any = None, **more: Any) -> None:
        where = ":".join(map(str, paths)) if isinstance(paths, list | tuple) else ""
        if file_name is not None:
            message = (
                f"{message}\nCould not find file {file_name} on the Ansible Controller"
                if message
                else (f"Could not find or access '{file_name}'")
            )
        super().__init__(f"{message} (searched in {where})" if where else message, *args, **more)


class AnsiblePluginError(AnsibleError):
    """A plugin cannot be used."""


class AnsiblePluginNotFound(AnsiblePluginError):
    """There is no such plugin."""


class AnsiblePluginRemovedError(AnsiblePluginError):
    """A plugin is there no more."""


class AnsibleCollectionUnsupportedVersionError(AnsiblePluginError):
    """A collection wants another version."""


class AnsibleUndefinedConfigEntry(AnsibleError):
    """There is no such setting."""


class AnsibleAction(AnsibleRuntimeError):
    """An action ends early; ``result`` is its result so far."""

    def __init__(self, message: Any = "", *args: Any, result: Any = None, **more: Any) -> None:
        super().__init__(message, *args, **more)
        self.result = dict(result or {})


class AnsibleActionSkip(AnsibleAction):
    """The task counts as skipped."""


class AnsibleActionFail(AnsibleAction):
    """The task fails."""
