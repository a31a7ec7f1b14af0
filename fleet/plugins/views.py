"""What a lookup plugin is handed: the variables, a loader of files and a renderer, as it knows them."""

from __future__ import annotations

import contextlib
import os
import sys
from collections.abc import Iterator, Mapping, MutableMapping, Sequence
from typing import Any

from fleet.errors import InputError
from fleet.source.nodes import Encrypted, Map, Seq, Trusted
from fleet.source.yaml import load
from fleet.template.plain import plain
from fleet.template.scope import Scope


class Variables(MutableMapping[str, Any]):
    """All variables of the host, each rendered when it is read. What a plugin sets, only it sees."""

    def __init__(self, scope: Scope, own: Mapping[str, Any] | None = None) -> None:
        self.scope = scope
        self.own = dict(own or {})

    def __getitem__(self, name: str) -> Any:
        if name in self.own:
            return self.own[name]
        if name == "ansible_search_path" and name not in self.scope:
            return list(self.scope.search_path)
        return plain(self.scope[name])

    def __setitem__(self, name: str, value: Any) -> None:
        self.own[name] = value

    def __delitem__(self, name: str) -> None:
        # The host's own stay: they belong to the run.
        del self.own[name]

    def __contains__(self, name: object) -> bool:
        return name == "ansible_search_path" or name in self.own or name in self.scope

    def __iter__(self) -> Iterator[str]:
        yield from self.own
        yield from (name for name in self.scope if name not in self.own)

    def __len__(self) -> int:
        return len({*self.own, *self.scope})

    def copy(self) -> Variables:
        """One that can be changed without this one."""
        return Variables(self.scope, self.own)


class Loader:
    """Finds and reads files of the controller."""

    def __init__(self, scope: Scope) -> None:
        self.scope = scope

    def get_basedir(self) -> str:
        """The playbook's folder."""
        return self.scope.search_path[-1] if self.scope.search_path else os.getcwd()

    def path_dwim(self, given: str) -> str:
        """``given``, below the playbook's folder where it is relative."""
        return os.path.abspath(os.path.join(self.get_basedir(), os.path.expanduser(given)))

    def path_dwim_relative(self, path: str, dirname: str, source: str, is_role: bool = False) -> str:
        """A file below ``dirname`` of ``path``, or in it."""
        return self.path_dwim_relative_stack([path], dirname, source)

    def path_dwim_relative_stack(self, paths: Sequence[str], dirname: str, source: str, is_role: bool = False) -> str:
        """The first that exists of ``source`` below ``dirname`` of each of ``paths``, or in it."""
        source = os.path.expanduser(source)
        tried = (
            [source]
            if os.path.isabs(source)
            else [
                os.path.join(path, *part)
                for path in [*paths, self.get_basedir()]
                for part in ((dirname, source), (source,))
            ]
        )
        for path in tried:
            if os.path.exists(path):
                return os.path.abspath(path)
        raise sys.modules["ansible.errors"].AnsibleFileNotFound(file_name=source, paths=tried)

    def path_exists(self, path: str) -> bool:
        """True when there is something of that name."""
        return os.path.exists(self.path_dwim(path))

    def is_file(self, path: str) -> bool:
        """True for a file."""
        return os.path.isfile(self.path_dwim(path)) or path == os.devnull

    def is_directory(self, path: str) -> bool:
        """True for a folder."""
        return os.path.isdir(self.path_dwim(path))

    def list_directory(self, path: str) -> list[str]:
        """The names in a folder."""
        return os.listdir(self.path_dwim(path))

    def get_text_file_contents(self, file_name: str, encoding: str | None = None) -> str:
        """The text of a file; one that is encrypted is opened."""
        try:
            return self.scope.templar.vault.text(self.path_dwim(file_name))
        except InputError as error:
            raise sys.modules["ansible.errors"].AnsibleParserError(error.what) from error

    def _get_file_contents(self, file_name: str) -> tuple[bytes, bool]:
        return self.get_text_file_contents(file_name).encode("utf-8", "surrogateescape"), True

    def load(
        self, data: str, file_name: str = "<string>", *_args: Any, trusted_as_template: bool = False, **_more: Any
    ) -> Any:
        """The value of a YAML or JSON text, whose texts may be templates where that is asked for."""
        found = load(data, file_name)
        return self._revealed(found) if trusted_as_template else plain(found)

    def _revealed(self, value: Any) -> Any:
        if isinstance(value, Encrypted):
            return str(self.scope.templar.render(value, self.scope))
        if isinstance(value, Mapping):
            return Map({plain(key): self._revealed(item) for key, item in value.items()})
        return Seq([self._revealed(item) for item in value]) if isinstance(value, list) else value

    def load_from_file(self, file_name: str, *_args: Any, **more: Any) -> Any:
        """The value in a YAML or JSON file."""
        return self.load(self.get_text_file_contents(file_name), file_name, **more)

    def templar(self) -> Templates:
        """A renderer with the same variables."""
        return Templates(self.scope)

    def extra_vars(self) -> dict[str, Any]:
        """The variables of the command line, where an inventory plugin may see them."""
        return {}

    def get_real_file(self, file_path: str, decrypt: bool = True) -> str:
        """The path of a file. An encrypted one stays so: its text is never written to a disk."""
        return self.path_dwim(file_path)


class Templates:
    """Renders. Only text that has the right to be a template is rendered, as everywhere."""

    def __init__(self, scope: Scope) -> None:
        self.scope = self.base = scope
        self._loader = Loader(scope)

    @property
    def available_variables(self) -> Mapping[str, Any]:
        """The variables it renders with."""
        return Variables(self.scope)

    @available_variables.setter
    def available_variables(self, variables: Mapping[str, Any]) -> None:
        self.scope = Templates(self.base)._with(variables).scope

    _available_variables = available_variables

    @property
    def environment(self) -> Any:
        """Jinja's environment."""
        return self.scope.templar.environment

    def template(self, variable: Any, **_options: Any) -> Any:
        """``variable`` with its templates rendered."""
        return self.scope.templar.render(variable, self.scope)

    do_template = template

    def is_template(self, data: Any) -> bool:
        """True for text that rendering may change."""
        return isinstance(data, Trusted) and data.is_template

    def evaluate_expression(self, expression: str, **_options: Any) -> Any:
        """The value of an expression of the plugin's own."""
        return self.scope.templar.expression(expression, self.scope)

    def evaluate_conditional(self, conditional: Any, **_options: Any) -> bool:
        """Whether a condition holds; of a list, whether all do."""
        return self.scope.templar.condition(conditional, self.scope)

    def _with(self, variables: Mapping[str, Any] | None) -> Templates:
        if variables is None:
            return self
        if isinstance(variables, Variables):
            return Templates(variables.scope.child(variables.own)) if variables.own else Templates(variables.scope)
        return Templates(self.scope.child(dict(variables)))

    def copy_with_new_env(self, available_variables: Mapping[str, Any] | None = None, **_more: Any) -> Templates:
        """One that sees other variables."""
        return self._with(available_variables)

    @contextlib.contextmanager
    def set_temporary_context(self, available_variables: Any = None, **_more: Any) -> Iterator[None]:
        """For a while, other variables."""
        before, self.scope = self.scope, self._with(available_variables).scope
        try:
            yield
        finally:
            self.scope = before
