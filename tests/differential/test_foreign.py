"""Modules of the community's collections, as fleet's own ``ansible.module_utils`` runs them."""

from __future__ import annotations

import sys
from pathlib import Path

import oracle
import results
import tools

HERE = Path(__file__).parent


def test_the_same_results(tmp_path, make_sides):
    text = tools.LOCAL.format(python=sys.executable)
    both = make_sides(tmp_path, HERE / "playbooks" / "foreign", (text, text), ({}, {}), oracle.WHOLE)
    collections = next(oracle.find(oracle.WHOLE).parent.glob("lib/python*/site-packages"))
    for flags in (("--check",), (), ()):
        ran = [
            side.play("collections.yml", "-v", *flags, ANSIBLE_COLLECTIONS_PATH=str(collections))[2] for side in both
        ]
        found, wanted = (results.read(each.out, side.own) for each, side in zip(ran, both, strict=True))
        assert len(wanted) > 20, ran[1].err
        different = results.differences(found, wanted)
        assert not different, f"{different}\n{ran[0].out[-2000:]}{ran[0].err[-2000:]}"
        assert ran[0].code == ran[1].code
