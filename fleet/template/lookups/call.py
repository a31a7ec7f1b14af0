"""How a lookup is called: its arguments, its options, what its errors mean, what it gives back."""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping
from typing import Any

from fleet.errors import FleetError
from fleet.record import record
from fleet.source.diagnostics import suggest
from fleet.template.errors import TemplateError, UndefinedVariable
from fleet.template.plain import plain
from fleet.template.scope import Scope
from fleet.template.undefined import Missing, handed_on

# Lookups of community.general that are not there, and what does the same.
INSTEAD = {
    "dig": "there is no DNS client here: use lookup('pipe', 'dig +short NAME') or the module getent",
    "passwordstore": "use lookup('pipe', 'pass show NAME')",
    "hiera": "use lookup('pipe', 'hiera NAME')",
    "onepassword": "use lookup('pipe', 'op read op://VAULT/ITEM/FIELD')",
    "bitwarden": "use lookup('pipe', 'bw get password NAME')",
}
_PREFIXES = ("ansible.builtin.", "ansible.legacy.")


@record
class LookupCall:
    """One call: ``terms`` are plain data; so are ``options`` (without ``errors`` and ``wantlist``)."""

    terms: list[Any]
    options: dict[str, Any]
    scope: Scope

    def option(self, name: str, default: Any = None) -> Any:
        """An option of the call, or ``default`` where it is not given."""
        return self.options.get(name, default)

    def flag(self, name: str, default: bool = False) -> bool:
        """A yes/no option, also as text."""
        value = self.options.get(name, default)
        if isinstance(value, str):
            return value.strip().lower() in ("1", "true", "yes", "on", "y", "t")
        return bool(value)

    def texts(self) -> list[str]:
        """The terms as text, lists among them taken apart."""
        return [str(term) for term in flat(self.terms)]

    def find(self, folder: str, name: str) -> str | None:
        """The path of a relative file as Ansible looks for it: below ``folder`` of each place, then in it."""
        name = os.path.expanduser(name)
        if os.path.isabs(name):
            return name if os.path.exists(name) else None
        for place in self.scope.search_path or (os.getcwd(),):
            # Made plain first: ``../vars/x`` is looked for where there is no ``folder`` as well.
            for path in map(os.path.abspath, (os.path.join(place, folder, name), os.path.join(place, name))):
                if os.path.exists(path):
                    return path
        return None

    def need(self, folder: str, name: str) -> str:
        """``find``, or an error that names the places that were tried."""
        path = self.find(folder, name)
        if path is None:
            places = ", ".join(self.scope.search_path or (os.getcwd(),))
            raise TemplateError(
                f"Unable to access the file '{name}': File not found.",
                hint="" if os.path.isabs(name) else f"looked in {folder}/ and in the folder itself of: {places}",
            )
        return path


Lookup = Callable[[LookupCall], list[Any]]


def flat(items: Any, depth: int = -1) -> list[Any]:
    """Lists within lists taken apart, ``depth`` levels (-1: all)."""
    made: list[Any] = []
    for item in items:
        if isinstance(item, list | tuple) and depth:
            made.extend(flat(item, depth - 1))
        else:
            made.append(item)
    return made


def find_lookup(table: Mapping[str, Lookup], name: str, more: Callable[[str], Lookup | None] | None = None) -> Lookup:
    """The lookup called ``name``, short or full. Raises ``TemplateError`` when there is none."""
    short = name
    for prefix in _PREFIXES:
        short = short.removeprefix(prefix)
    found = table.get(name) or table.get(short)
    if found is None and more is not None:
        found = more(name)
    if found is None:
        hint = INSTEAD.get(short.removeprefix("community.general."), "") or suggest(short, table)
        raise TemplateError(f"The lookup plugin '{name}' was not found.", hint=hint)
    return found


def run_lookup(
    table: Mapping[str, Lookup],
    scope: Scope,
    name: str,
    terms: tuple[Any, ...],
    options: dict[str, Any],
    made: Callable[[Any], Any] = plain,
) -> Any:
    """What ``lookup(name, *terms, **options)`` is worth in a template.

    A list for ``wantlist=True``; else the only result, or all joined with commas where all are text.
    With ``errors='ignore'`` or ``'warn'`` a failure is ``None``. ``Pending`` always passes. ``made``: how terms become
    plain data.
    """
    options = {key: value for key, value in options.items() if key not in ("_loop_vars", "_block_vars")}
    errors = str(options.pop("errors", "strict"))
    wantlist = bool(options.pop("wantlist", False))
    function = find_lookup(table, str(name), scope.templar.more_lookups)
    if errors not in ("strict", "warn", "ignore"):
        raise TemplateError(f"Invalid value for errors: '{errors}'", hint="strict, warn or ignore")
    keep = getattr(function, "takes_missing", ())
    for value in (*terms, *(value for key, value in options.items() if key not in keep)):
        if isinstance(value, Missing):
            return handed_on(value)
    call = LookupCall(
        [made(term) for term in terms],
        {key: value if key in keep else plain(value) for key, value in options.items()},
        scope,
    )
    try:
        found = function(call)
    except Exception as error:
        failure = _failure(str(name), error)
        if errors == "strict" and isinstance(failure, UndefinedVariable):
            # Whether it is defined may be just what is asked.
            return Missing(hint=failure.what, at=failure.at)
        if errors == "strict":
            raise failure from error.__cause__
        if errors == "warn":
            scope.templar.warn(failure.what)
        return [] if wantlist else None
    return found if wantlist else joined(found)


def joined(found: list[Any]) -> Any:
    """The results as ``lookup`` (not ``query``) gives them."""
    if len(found) == 1:
        return found[0]
    if found and all(isinstance(item, str) for item in found):
        return ",".join(found)
    return found


def _failure(name: str, error: Exception) -> FleetError:
    if isinstance(error, FleetError):
        if error.at is None and not error.what.startswith("The lookup plugin"):
            error.what = f"The lookup plugin '{name}' failed: {error.what}"
        return error
    what = str(error) or type(error).__name__
    return TemplateError(f"The lookup plugin '{name}' failed: {what}")
