#!/usr/bin/env python3
"""Writes compatibility.md from the tables that the code runs on, and from the notes below.

usage: docs/compatibility.py            (a contract test fails while the page is not what this makes)
"""

from __future__ import annotations

import csv
import json
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path

HERE = Path(__file__).resolve().parent
sys.path.insert(0, str(HERE.parent))

from fleet.cli import moduledocs
from fleet.cli.settings import TABLE
from fleet.engine.variables import ANSIBLE_VERSION
from fleet.playbook import registry
from fleet.playbook.keywords import KEYWORDS, META_ACTIONS
from fleet.template.filters import FILTERS
from fleet.template.lookups import LOOKUPS
from fleet.template.tests import TESTS

MOST_USED = HERE / "most_used.csv"
"""The 120 modules that the most of 243 public repositories of playbooks and roles use; own modules count as one."""
CONFORMANCE = (
    ("make conformance", "conformance.md", "ansible-core's own integration targets that need nothing of the system"),
    ("make conformance-system", "conformance-system.md", "those that change the system, each on a fresh host"),
)
REASONS = HERE.parent / "tests" / "conformance" / "reasons.json"
PLACES = {"p": "play", "r": "role", "b": "block", "t": "task", "h": "handler"}
HANDED_DOWN = {"no": "", "closest": "the innermost counts", "append": "all count"}

KEYWORD_NOTES = {
    "any_errors_fatal": "hosts that a rescue brings back take part in later plays; in Ansible only those that failed",
    "force_handlers": "holds for hosts that others' failures end, too, whatever ended them; in Ansible a "
    "max_fail_percentage beside it stops nobody",
    "ignore_errors": "a template counts by what it comes to; in Ansible one that comes to false still keeps a failure "
    "from being fatal for all (any_errors_fatal)",
    "run_once": "where it fails, all hosts go on at the rescue around it; in Ansible those that did not run it leave the "
    "play silently, without their always sections where they had failed before",
    "handlers": "a flush runs all that are notified; in Ansible, after a handler that failed and was rescued, only those "
    "behind it",
    "connection": "ssh, local; others of Ansible's connection plugins are refused by name",
    "become_method": "sudo, su, doas; others are refused by name",
    "strategy": "hosts run freely wherever the play does not look across hosts; linear forces lockstep",
    "poll": "0 leaves the job to async_status; any other value waits for it, on the host",
    "src": "read and ignored, as ansible-playbook does",
    "version": "read and ignored, as ansible-playbook does",
    "fact_path": "folder of the local facts",
}
"""What is to be known of a keyword; all others are supported as documented."""

FILTER_NOTES = {
    "json_query": "needs jmespath on the controller (`pip install fleet-configurator[json-query]`)",
    "password_hash": "methods that the C library lacks need passlib (`fleet-configurator[passwords]`)",
}
TEST_NOTES = {"version": "`version_type: pep440` needs packaging (`fleet-configurator[versions]`)"}
LOOKUP_NOTES = {"url": "no GSSAPI", "config": "the settings of the table below"}

MAGIC = {
    "ansible_check_mode": "", "ansible_collection_name": "in roles of collections", "ansible_config_file": "",
    "ansible_dependent_role_names": "", "ansible_diff_mode": "", "ansible_facts": "", "ansible_forks": "",
    "ansible_failed_task": "in rescue and always", "ansible_failed_result": "in rescue and always",
    "ansible_index_var": "in loops with index_var", "ansible_inventory_sources": "", "ansible_limit": "",
    "ansible_local": "in facts", "ansible_loop": "in loops with `extended`", "ansible_loop_var": "in loops",
    "ansible_managed": "in templates", "ansible_parent_role_names": "in roles", "ansible_parent_role_paths": "in roles",
    "ansible_play_batch": "", "ansible_play_hosts": "", "ansible_play_hosts_all": "", "ansible_play_name": "",
    "ansible_play_role_names": "", "ansible_playbook_python": "", "ansible_role_name": "in roles",
    "ansible_role_names": "", "ansible_run_tags": "", "ansible_search_path": "", "ansible_skip_tags": "",
    "ansible_verbosity": "", "ansible_version": f"{ANSIBLE_VERSION['full']}: the level of the language",
    "environment": "", "group_names": "", "groups": "",
    "hostvars": "hosts meet at tasks that read it; a handler, or a task that reads it by a variable of the inventory, may see what another host has set since", "inventory_dir": "", "inventory_file": "",
    "inventory_hostname": "", "inventory_hostname_short": "", "omit": "", "play_hosts": "", "playbook_dir": "",
    "role_name": "in roles", "role_names": "", "role_path": "in roles", "vars": "",
}  # fmt: skip
"""Ansible's documented special variables; a contract test reads each of those that are there everywhere."""

SETTINGS_UNUSED = (
    ("`ANSIBLE_GALAXY_*`", "fleet installs no collections; ansible-galaxy does"),
    ("`ANSIBLE_COLOR_*`, `ANSIBLE_COW_*`, `ANSIBLE_NOCOWS`", "the terminal view has its own colours"),
    ("`ANSIBLE_PIPELINING`, `ANSIBLE_KEEP_REMOTE_FILES`, `ANSIBLE_REMOTE_TMP`, `ANSIBLE_MODULE_COMPRESSION`",
     "nothing is written to the hosts' disks"),
    ("`ANSIBLE_SSH_CONTROL_PATH*`, `ANSIBLE_SSH_EXECUTABLE`, `ANSIBLE_SSH_TRANSFER_METHOD`, `ANSIBLE_SCP_*`, `ANSIBLE_SFTP_*`",
     "connections are held by fleet itself, not by OpenSSH's client"),
    ("`ANSIBLE_PARAMIKO_*`, `ANSIBLE_PERSISTENT_*`, `ANSIBLE_NETCONF_*`, `ANSIBLE_NETWORK_*`, `ANSIBLE_WIN_*`",
     "other connections than SSH to Unix hosts are out of scope"),
    ("`ANSIBLE_*_PLUGINS` of action, become, callback, cliconf, connection, httpapi, strategy, terminal, vars plugins",
     "plugins of Ansible's Python API other than filters, tests, lookups, inventories and modules are out of scope; a message names them"),
    ("`ANSIBLE_RETRY_FILES_*`", "no retry files; `--limit @file` reads those that exist"),
    ("`ANSIBLE_DEVEL_WARNING`, `ANSIBLE_SYSTEM_WARNINGS`, `ANSIBLE_LOCALHOST_WARNING`", "there are no such warnings"),
    ("`ANSIBLE_UNSAFE_LOOKUPS`, `_ANSIBLE_*`", "what comes back from hosts and lookups is data; no setting changes that"),
)  # fmt: skip

PLUGINS = (
    ("filter, test, lookup plugins of playbooks, roles, collections", "supported", "with the small public surface of Ansible's Python names that they import"),
    ("modules in `library/` and collections", "supported", "Python modules for AnsibleModule, WANT_JSON, old-style, binary; 28 of community collections are compared with ansible-core by `pytest tests/differential/test_foreign.py`; they run on fleet's own `ansible.module_utils`, or on that of an ansible-core on this machine (`FLEET_ANSIBLE_MODULE_UTILS`)"),
    ("inventory plugins", "supported", "ini, yaml, toml, script, host_list, advanced_host_list, constructed, generator, auto; Python ones of others (inventory_plugins/, collections) on fleet's own ansible.plugins.inventory, with their caches"),
    ("cache plugins", "partly", "memory and jsonfile for facts; for inventories those of others too"),
    ("callback plugins", "no", "`--format jsonl`, `--junit` and the sinks take their place; stdout callbacks map to the nearest format"),
    ("action, strategy, connection, become, vars plugins", "no", "they are written against Ansible's engine; a message names the plugin"),
)  # fmt: skip


def page() -> str:
    """The whole page."""
    return "\n".join(_lines()) + "\n"


def _lines() -> Iterator[str]:
    yield "# Compatibility"
    yield ""
    yield f"The language is that of ansible-core {ANSIBLE_VERSION['major']}.{ANSIBLE_VERSION['minor']}. This page is"
    yield "printed from the tables that the code runs on (`docs/compatibility.py`); do not edit it. What is not on it is"
    yield "not supported; `fleet check` says so with the line and column before anything is done."
    yield from _section("Keywords", ("keyword", "stands in", "inherited", "notes"), _keywords())
    yield from _section("meta actions", ("action",), ((name,) for name in META_ACTIONS))
    yield from _section("Special variables", ("variable", "notes"), MAGIC.items())
    yield from _section("Filters", ("filter", "notes"), _named(FILTERS, FILTER_NOTES))
    yield from _section("Tests", ("test", "notes"), _named(TESTS, TEST_NOTES))
    yield from _section("Lookups", ("lookup, and `with_...`", "notes"), _named(LOOKUPS, LOOKUP_NOTES))
    yield from _section("Settings", ("setting", "environment", "ansible.cfg", "what it is here"), _settings())
    yield from _section("Settings without an equivalent", ("settings", "why"), SETTINGS_UNUSED, code=False)
    yield from _section("Plugins", ("kind", "supported", "notes"), PLUGINS, code=False)
    yield from _section("Modules", ("module", "what it does"), _modules(), code=False)
    yield from _coverage()
    yield from _conformance()


def most_used() -> Iterator[tuple[str, bool]]:
    """The most used modules in order, and whether fleet has each of its own (or, being a statement, in its language)."""
    with MOST_USED.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            yield row["module"], row["module"] == "import_playbook" or registry.resolve(row["module"]) is not None


def _coverage() -> Iterator[str]:
    used = dict(most_used())
    others = [name for name, own in used.items() if not own]
    yield ""
    yield f"Of the {len(used)} modules that public playbooks use most ([most_used.csv](most_used.csv), in the order of the"
    yield f"repositories that use them), fleet has {sum(used.values())} of its own. The others run as their collections bring them, on fleet's"
    yield "own `ansible.module_utils` (`pytest tests/differential/test_foreign.py` compares them with ansible-core):"
    yield f"{', '.join(f'`{name}`' if '.' in name else name for name in others)}."


def _conformance() -> Iterator[str]:
    yield ""
    yield "## Conformance"
    for command, page, what in CONFORMANCE:
        yield ""
        yield f"`{command}` runs {what} ([{page}]({page})):"
        yield ""
        yield from (line for line in (HERE / page).read_text(encoding="utf-8").splitlines() if line.startswith("- "))
    yield ""
    yield "These do not pass whole:"
    yield from _table(("target", "why"), json.loads(REASONS.read_text(encoding="utf-8")).items())


def _section(title: str, head: tuple[str, ...], rows: Iterable[tuple[str, ...]], code: bool = True) -> Iterator[str]:
    yield ""
    yield f"## {title}"
    yield from _table(head, rows, code)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]], code: bool = True) -> Iterator[str]:
    yield ""
    yield f"| {' | '.join(head)} |"
    yield "|" + "---|" * len(head)
    for first, *rest in rows:
        cells = [f"`{first}`" if code else first, *rest]
        yield f"| {' | '.join(cell.replace('|', chr(92) + '|') for cell in cells)} |"


def _keywords() -> Iterator[tuple[str, ...]]:
    for name, keyword in sorted(KEYWORDS.items()):
        where = ", ".join(PLACES[letter] for letter in keyword.where)
        yield name, where, HANDED_DOWN[keyword.inherit], KEYWORD_NOTES.get(name, "")


def _named(table: Mapping[str, object], notes: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    """Short names with the collections that have them; full names of short ones are left out."""
    for name in sorted(table):
        if "." not in name:
            yield name, notes.get(name, "")
    for name in sorted(table):
        if "." in name and name.rpartition(".")[2] not in table:
            yield name, notes.get(name, "")


def _settings() -> Iterator[tuple[str, ...]]:
    for name, setting in sorted(TABLE.items()):
        env = ", ".join(f"`{variable}`" for variable in setting.env)
        ini = ", ".join(f"`[{section}] {key}`" for section, key in setting.ini)
        yield name, env, ini, setting.help


def _modules() -> Iterator[tuple[str, str]]:
    for name, module in sorted(registry.known().items(), key=lambda item: item[1].full_name):
        link = f"[`{module.full_name}`](modules/{name}.md)" if (HERE / "modules" / f"{name}.md").exists() else name
        yield link, moduledocs.title(name)


if __name__ == "__main__":
    (HERE / "compatibility.md").write_text(page(), encoding="utf-8")
