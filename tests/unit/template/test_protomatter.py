"""The names that ansible-core keeps for itself."""

from __future__ import annotations

from fleet.source.nodes import Revealed, Trusted, trust
from fleet.template.templar import Scope, Templar


def render(text, **variables):
    templar = Templar()
    return templar.render(trust(text), Scope([variables], templar))


def test_marks_tell_the_users_text_from_data():
    text = "{{ a is ansible._protomatter.tagged_with('TrustedAsTemplate') }}"
    assert render(text, a=Trusted("x")) is True
    assert render(text, a="x") is False
    assert render("{{ (a ~ '') is ansible._protomatter.tagged_with('TrustedAsTemplate') }}", a=Trusted("x")) is False
    assert render("{{ a is ansible._protomatter.tagged_with('VaultedValue') }}", a=Revealed("x", "armour")) is True


def test_an_unknown_mark_is_an_error():
    try:
        render("{{ 1 is ansible._protomatter.tagged_with('Nothing') }}")
    except Exception as error:
        assert "Unknown tag name 'Nothing'" in str(error)
    else:
        raise AssertionError


def test_finalize_makes_lists_of_tuples():
    assert render("{{ (a | groupby('k') | ansible._protomatter.finalize) == [[1, [{'k': 1}]]] }}", a=[{"k": 1}]) is True


def test_they_have_no_short_names():
    from fleet.template.filters import FILTERS

    assert "origin" not in FILTERS and "finalize" not in FILTERS


def test_unvault_takes_a_value_that_no_password_of_the_run_opens():
    from fleet.source.nodes import Encrypted
    from fleet.vault.crypt import encrypt

    armour = encrypt(b"inside", b"pw", None, None).decode()
    assert render("{{ secret | unvault('pw') }}", secret=Encrypted(armour)) == "inside"
