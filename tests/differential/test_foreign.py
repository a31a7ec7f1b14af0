"""Modules of the community's collections, on fleet's own ``ansible.module_utils`` and on ansible-core's."""

from __future__ import annotations

import sys
from pathlib import Path

import oracle
import pytest
import results
import tools

HERE = Path(__file__).parent


@pytest.mark.parametrize("surface", ["fleet", "ansible-core"])
def test_the_same_results(tmp_path, make_sides, surface):
    text = tools.LOCAL.format(python=sys.executable)
    both = make_sides(tmp_path, HERE / "playbooks" / "foreign", (text, text), ({}, {}), oracle.WHOLE)
    collections = next(oracle.find(oracle.WHOLE).parent.glob("lib/python*/site-packages"))
    settings = {"ANSIBLE_COLLECTIONS_PATH": str(collections)}
    if surface == "ansible-core":
        settings["FLEET_ANSIBLE_MODULE_UTILS"] = str(collections / "ansible" / "module_utils")
    for flags in (("--check",), (), ()):
        ran = [side.play("collections.yml", "-v", *flags, **settings)[2] for side in both]
        found, wanted = (results.read(each.out, side.own) for each, side in zip(ran, both, strict=True))
        assert len(wanted) > 20, ran[1].err
        different = results.differences(found, wanted)
        assert not different, f"{different}\n{ran[0].out[-2000:]}{ran[0].err[-2000:]}"
        assert ran[0].code == ran[1].code
