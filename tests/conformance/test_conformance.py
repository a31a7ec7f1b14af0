"""A quick part of the conformance suite; ``make conformance`` runs all of it.

Skipped where the source distribution of ansible-core is neither cached nor to be had.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).resolve().parent))

from outcome import Outcome, from_data  # noqa: E402
from report import write_system  # noqa: E402
from run import Runner  # noqa: E402
from source import NotFetched, targets  # noqa: E402
from target import REASONS, catalogue, choose, reasons  # noqa: E402
from tree import fleet  # noqa: E402

QUICK = (
    "add_host,any_errors_fatal,blockinfile,blocks,changed_when,check_mode,conditionals,environment,failed_when,"
    "filter_mathstuff,group_by,hash,ignore_errors,include_when_parent_is_dynamic,includes,inventory_constructed,"
    "inventory_ini,jinja2_native_types,limit_inventory,lineinfile,lookup_sequence,lookup_template,play_iterator,"
    "register,replace,special_vars_hosts,stat,task_ordering,template_jinja2_non_native,undefined,var_inheritance"
)
"""A few seconds each; together they touch most of the language."""


@pytest.fixture(scope="module")
def sources() -> Path:
    try:
        return targets()
    except NotFetched as error:
        pytest.skip(f"the conformance suite cannot be fetched: {error}")


@pytest.mark.slow
@pytest.mark.parametrize("target", choose(QUICK, catalogue()), ids=lambda target: target.name)
def test_target_passes(target, sources: Path, tmp_path: Path) -> None:
    outcome = Runner(fleet(), tmp_path, sources).run(target)
    assert outcome.status == "pass", "\n".join(outcome.tail)
    if target.oracle and target.oracle.calls:
        assert [code for code, _ in outcome.calls] == list(target.oracle.calls)


def test_what_a_host_wrote_reads_back() -> None:
    seen = Outcome("copy", "fail", 2.5, 7, ((0, "ansible-playbook a.yml"), (2, "ansible all")), ("last", "lines"))
    assert from_data(json.loads(json.dumps(seen.data()))) == seen


def test_the_table_of_changed_hosts_counts_what_ansible_passes(tmp_path: Path) -> None:
    chosen = choose("copy,file,apt_key", catalogue())
    mine = {
        name: Outcome(name, status, 1.0) for name, status in (("copy", "pass"), ("file", "fail"), ("apt_key", "fail"))
    }
    theirs = {
        name: Outcome(name, status, 1.0) for name, status in (("copy", "pass"), ("file", "pass"), ("apt_key", "fail"))
    }
    write_system(tmp_path / "table.md", chosen, {"fleet": mine, "ansible": theirs}, "told")
    text = (tmp_path / "table.md").read_text()
    assert "- of 2 targets that pass with Ansible there, 1 (50%) pass whole with fleet" in text
    # What Ansible came to is on record where it was not run again.
    write_system(tmp_path / "again.md", chosen, {"fleet": mine}, "told")
    assert "- of 2 targets" in (tmp_path / "again.md").read_text()
    rows = [line.split(" | ")[0] for line in text.splitlines() if line.startswith("| ")]
    assert rows[1:] == ["| file", "| copy", "| apt_key"]


def test_reasons_are_given_for_targets_of_the_catalogue() -> None:
    assert set(reasons()) <= set(catalogue()), f"{REASONS.name} names targets that do not exist"
