"""What modules return and do: every key of every result, and the state of the host, equal to ansible-core's
in a check run of a fresh host, a first run, a check run behind it and a second run.

A script ``NAME.prepare`` beside a playbook installs first what ansible-core needs on the host."""

from __future__ import annotations

import shutil
from pathlib import Path

import hosts
import oracle
import pytest
import results

NEEDS = {"synchronize": "rsync"}
"""What ansible-core starts on this machine."""
HERE = Path(__file__).parent
BOOKS = HERE / "playbooks" / "modules"

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def pair_of_hosts(lab, ansible_collections_bin):
    return lab.hosts(2)


@pytest.fixture
def pair(pair_of_hosts, lab, tmp_path, make_sides):
    return hosts.fresh_pair(pair_of_hosts, lab, tmp_path, make_sides, BOOKS, oracle.WHOLE)


@pytest.mark.parametrize("name", sorted(path.stem for path in BOOKS.glob("*.yml")))
def test_the_same_results(pair, pair_of_hosts, name):
    if name in NEEDS and not shutil.which(NEEDS[name]):
        pytest.skip(f"ansible-core needs {NEEDS[name]} on this machine")
    wrong: dict[str, str] = {}
    prepare = BOOKS / f"{name}.prepare"
    for host in pair_of_hosts if prepare.exists() else ():
        host.run(prepare.read_text(), timeout=900)
    before = hosts.states(pair_of_hosts)
    for number, flags in enumerate((("--check",), (), ("--check",), ())):
        (code, _, mine), (oracle_code, _, theirs) = (side.play(f"{name}.yml", "-v", *flags) for side in pair)
        assert code == oracle_code, f"{mine.out}{mine.err}\n{theirs.out}{theirs.err}"
        found, wanted = (results.read(ran.out, side.own) for ran, side in zip((mine, theirs), pair, strict=True))
        after = hosts.states(pair_of_hosts)
        different = results.differences(found, wanted)
        different += hosts.differences(after[0], before[0] if flags else after[1])
        for text in different:
            wrong.setdefault(text, f"in run {number + 1} {' '.join(flags)}")
        before = after
    if wrong:
        pytest.fail("\n".join(f"{text}\n    {when}" for text, when in wrong.items()), pytrace=False)
