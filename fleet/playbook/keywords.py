"""The keywords of plays, roles, blocks, tasks and handlers: where each may stand and how it is inherited.

Source: https://docs.ansible.com/ansible/latest/reference_appendices/playbooks_keywords.html. The loader,
the offline check, inheritance and docs/compatibility.md all read this one table.
"""

from __future__ import annotations

from typing import Literal

from fleet.record import record

Inherit = Literal["no", "closest", "append"]
"""``no``: not handed down; ``closest``: the innermost one counts; ``append``: all count, outermost first."""


@record
class Keyword:
    """One keyword. ``where`` holds letters: p(lay), r(ole), b(lock), t(ask), h(andler). ``types`` "" is anything."""

    where: str
    inherit: Inherit = "closest"
    types: str = ""


_COMMON = {
    "any_errors_fatal": Keyword("prbth", types="bool"),
    "become": Keyword("prbth", types="bool"),
    "become_exe": Keyword("prbth", types="str"),
    "become_flags": Keyword("prbth", types="str"),
    "become_method": Keyword("prbth", types="str"),
    "become_user": Keyword("prbth", types="str"),
    "check_mode": Keyword("prbth", types="bool"),
    "collections": Keyword("prbth", "append", types="list"),
    "connection": Keyword("prbth", types="str"),
    "debugger": Keyword("prbth", types="str"),
    "diff": Keyword("prbth", types="bool"),
    "environment": Keyword("prbth", "append"),
    "ignore_errors": Keyword("prbth", types="bool"),
    "ignore_unreachable": Keyword("prbth", types="bool"),
    "module_defaults": Keyword("prbth", "append"),
    "no_log": Keyword("prbth", types="bool"),
    "port": Keyword("prbth", types="int"),
    "remote_user": Keyword("prbth", types="str"),
    "run_once": Keyword("prbth", types="bool"),
    "tags": Keyword("prbth", "append"),
    "throttle": Keyword("prbth", types="int"),
    "timeout": Keyword("prbth", types="int"),
    "vars": Keyword("prbth", "append", types="dict"),
    "name": Keyword("prbth", "no", types="str"),
}
_BELOW_PLAY = {
    "delegate_facts": Keyword("rbth", types="bool"),
    "delegate_to": Keyword("rbth", types="str"),
    "when": Keyword("rbth", "append"),
    "notify": Keyword("bth", "append"),
}
_PLAY = {
    "hosts": Keyword("p", "no"),
    "user": Keyword("p", "no", types="str"),
    "fact_path": Keyword("p", "no", types="str"),
    "force_handlers": Keyword("p", "no", types="bool"),
    "gather_facts": Keyword("p", "no", types="bool"),
    "gather_subset": Keyword("p", "no"),
    "gather_timeout": Keyword("p", "no", types="int"),
    "handlers": Keyword("p", "no", types="list"),
    "max_fail_percentage": Keyword("pr", "no"),
    "order": Keyword("p", "no", types="str"),
    "post_tasks": Keyword("p", "no", types="list"),
    "pre_tasks": Keyword("p", "no", types="list"),
    "roles": Keyword("p", "no", types="list"),
    "serial": Keyword("p", "no"),
    "strategy": Keyword("p", "no", types="str"),
    "tasks": Keyword("p", "no", types="list"),
    "validate_argspec": Keyword("p", "no"),
    "vars_files": Keyword("p", "no"),
    "vars_prompt": Keyword("p", "no", types="list"),
}
_BLOCK = {
    "block": Keyword("b", "no", types="list"),
    "rescue": Keyword("b", "no", types="list"),
    "always": Keyword("b", "no", types="list"),
}
_TASK = {
    "action": Keyword("th", "no"),
    "args": Keyword("th", "no"),
    "async": Keyword("th", "no", types="int"),
    "changed_when": Keyword("th", "no"),
    "delay": Keyword("th", "no", types="float"),
    "failed_when": Keyword("th", "no"),
    "local_action": Keyword("th", "no"),
    "loop": Keyword("th", "no"),
    "loop_control": Keyword("th", "no", types="dict"),
    "poll": Keyword("th", "no", types="int"),
    "register": Keyword("th", "no", types="str"),
    "retries": Keyword("th", "no", types="int"),
    "until": Keyword("th", "no"),
    "listen": Keyword("h", "no"),
}
_ROLE = {"role": Keyword("r", "no", types="str"), "src": Keyword("r", "no"), "version": Keyword("r", "no")}

KEYWORDS: dict[str, Keyword] = {**_COMMON, **_BELOW_PLAY, **_PLAY, **_BLOCK, **_TASK, **_ROLE}

INCLUDES = ("include_tasks", "include_role", "import_tasks", "import_role")
INCLUDE_ARGS: dict[str, frozenset[str]] = {
    "include_tasks": frozenset({"file", "apply", "_raw_params"}),
    "import_tasks": frozenset({"file", "_raw_params"}),
    "include_role": frozenset(
        (
            "name role tasks_from vars_from defaults_from handlers_from apply public allow_duplicates rolespec_validate"
        ).split()
    ),
    "import_role": frozenset(
        "name role tasks_from vars_from defaults_from handlers_from allow_duplicates public rolespec_validate".split()
    ),
}
INCLUDE_KEYWORDS = frozenset(
    (
        "action args collections debugger ignore_errors listen loop loop_control name no_log register "
        "run_once tags timeout vars when"
    ).split()
)
"""The keywords that include_tasks and include_role take themselves."""
META_ACTIONS = (
    "clear_facts clear_host_errors end_batch end_host end_play end_role flush_handlers noop "
    "refresh_inventory reset_connection role_complete"
).split()


def names(where: str) -> list[str]:
    """The keywords that may stand in a play (p), role (r), block (b), task (t) or handler (h)."""
    return [name for name, keyword in KEYWORDS.items() if where in keyword.where]
