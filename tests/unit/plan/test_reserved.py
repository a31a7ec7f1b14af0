"""Warnings about variables whose names mean something else."""

from __future__ import annotations

from fleet.plan import reserved
from fleet.source.yaml import load


def test_reserved_names_are_warned_about_where_they_stand():
    said = []
    reserved.warn_of(load("a: 1\nquery: 2\nport: 3\nvars: 4\nansible_port: 5\n", "v.yml"), said.append)
    assert said == [
        "Found variable using reserved name 'query'.\nOrigin: v.yml:2:1\n",
        "Found variable using reserved name 'port'.\nOrigin: v.yml:3:1\n",
    ]


def test_other_names_and_other_values_are_silent():
    said = []
    reserved.warn_of({"app": 1}, said.append)
    reserved.warn_of("port", said.append)
    assert said == []
