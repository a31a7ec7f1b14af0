"""The lookup ``template``: a template file rendered; a file that is one expression keeps its type."""

from __future__ import annotations

from typing import Any

from fleet.template.errors import TemplateError
from fleet.template.lookups.call import LookupCall
from fleet.template.lookups.files import read
from fleet.template.plain import plain
from fleet.template.textfile import FLAGS, TEXTS


def template(call: LookupCall) -> list[Any]:
    """The rendered template files; ``template_vars`` adds variables, which are not rendered."""
    options: dict[str, Any] = {key: call.options[key] for key in (*FLAGS, *TEXTS) if key in call.options}
    scope = call.scope
    extra = call.option("template_vars")
    if extra:
        scope = scope.child(extra)
    made = []
    for name in call.texts():
        path = call.find("templates", name)
        if path is None:
            raise TemplateError(f"the template file {name} could not be found for the lookup")
        value = scope.templar.files.render(read(call, path), scope, path, options)
        made.append(plain(value))
    return made
