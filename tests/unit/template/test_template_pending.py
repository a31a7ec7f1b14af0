"""A value that is on its way: nothing that is written in a template can turn it into anything else."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest

from fleet.source.nodes import trust, trust_all
from fleet.template.errors import NeedsOrder, Pending
from fleet.template.scope import Scope
from fleet.template.templar import Templar

TEMPLAR = Templar()


class Late(Mapping[str, Any]):
    """A layer whose value ``late`` has not come, like a registered result; ``hostvars`` needs an order."""

    def __getitem__(self, name: str) -> Any:
        if name in ("late", "also"):
            raise Pending(("result", name))
        if name == "web2":
            raise NeedsOrder(("host", "web2"))
        raise KeyError(name)

    def __iter__(self) -> Iterator[str]:
        return iter(("late", "also"))

    def __len__(self) -> int:
        return 2

    def __contains__(self, name: object) -> bool:
        return name in ("late", "also")


VARIABLES = trust_all(
    {"via": "{{ late.stdout }}", "d": {"here": 1, "late": "{{ late }}"}, "l": [1, "{{ via }}"], "n": 1}
)


def scope() -> Scope:
    return Scope([VARIABLES, Late(), {"hostvars": Late()}], TEMPLAR)


@pytest.mark.parametrize(
    "template",
    [
        "{{ late }}",
        "{{ late.stdout }}",
        "{{ late['stdout'] }}",
        "{{ late | default('x') }}",
        "{{ late.stdout | default('x') }}",
        "{{ late is defined }}",
        "{{ late is undefined }}",
        "{{ late is none }}",
        "{{ late is failed }}",
        "{{ late | upper }}",
        "{{ late | type_debug }}",
        "{{ late == 1 }}",
        "{{ late ~ 'x' }}",
        "{{ not late }}",
        "{{ late() }}",
        "{{ late in [1] }}",
        "{{ [late] }}",
        "{{ {'a': late} | to_json }}",
        "{{ [late] | join }}",
        "{{ [[late]] | flatten | first | default('x') }}",
        "{{ 'a' | default(late) if late else 1 }}",
        "{{ lookup('env', late, errors='ignore') }}",
        "{{ lookup('vars', 'late', errors='ignore', default='x') }}",
        "{{ lookup('vars', 'via', default='x') }}",
        "{{ lookup('file', via, errors='warn') | default('x') }}",
        "{{ lookup('file', ['{{ late }}'], errors='ignore') }}",
        "{{ vars['late'] | default('x') }}",
        "{{ vars.via | default('x') }}",
        "{{ via | default('x') }}",
        "{{ via is defined }}",
        "{{ d.late | default('x') }}",
        "{{ d }}",
        "{{ d | dict2items }}",
        "{{ l | last | default('x') }}",
        "{{ l | map('default', 'x') | list }}",
        "{% for i in late %}{{ i }}{% endfor %}",
        "{% for i in l %}{{ i | default('x') }}{% endfor %}",
        "{% set x = late %}{{ x | default('y') }}",
        "{% macro m(a) %}{{ a | default('x') }}{% endmacro %}{{ m(late) }}",
        "{% if late is defined %}{% endif %}x",
    ],
)
def test_pending_passes_through(template: str) -> None:
    with pytest.raises(Pending) as caught:
        TEMPLAR.render(trust(template), scope())
    assert caught.value.key == ("result", "late")


@pytest.mark.parametrize(
    "condition", ["late is defined", "late is not defined", "late.rc == 0", "n == 1 and via", "late"]
)
def test_pending_passes_through_conditions(condition: str) -> None:
    with pytest.raises(Pending):
        TEMPLAR.condition(trust(condition), scope())


def test_needs_order_passes_through() -> None:
    with pytest.raises(NeedsOrder) as caught:
        TEMPLAR.render(trust("{{ hostvars['web2'].x | default('x') }}"), scope())
    assert caught.value.key == ("host", "web2")
    with pytest.raises(NeedsOrder):
        TEMPLAR.render(trust("{{ hostvars.web2 is defined }}"), scope())


def test_what_does_not_need_the_value_does_not_wait() -> None:
    variables = scope()
    assert TEMPLAR.render(trust("{{ d.here }}"), variables) == 1
    assert TEMPLAR.render(trust("{{ l[0] }} {{ l | length }}"), variables) == "1 2"
    assert TEMPLAR.render(trust("{{ n if n == 1 else late }}"), variables) == 1
    assert TEMPLAR.condition([trust("n == 2"), trust("late")], variables) is False
    assert TEMPLAR.condition(trust("n == 2 and late"), variables) is False
    assert "late" in variables


def test_the_value_is_there_when_it_has_come() -> None:
    results: dict[str, Any] = {}

    class Results(Late):
        def __getitem__(self, name: str) -> Any:
            return results[name] if name in results else super().__getitem__(name)

    variables = Scope([VARIABLES, Results()], TEMPLAR)
    with pytest.raises(Pending):
        TEMPLAR.render(trust("{{ d.late }} {{ l }} {{ via }}"), variables)
    results["late"] = {"stdout": "come"}
    assert TEMPLAR.render(trust("{{ d.late.stdout }} {{ l }} {{ via }}"), variables) == "come [1, 'come'] come"


def test_a_filter_that_swallows_every_exception_cannot_swallow_it() -> None:
    def swallow(value: Any) -> str:
        try:
            return str(value[0])
        except Exception:  # noqa: BLE001  (that is the point)
            return "swallowed"

    templar = Templar(filters={"swallow": swallow})
    variables = Scope([VARIABLES, Late()], templar)
    with pytest.raises(Pending):
        templar.render(trust("{{ [late] | swallow }}"), variables)


def test_an_error_caused_by_a_late_value_is_pending() -> None:
    def choke(value: Any) -> Any:
        raise TypeError(f"not serializable: {type(value[0])}")

    templar = Templar(filters={"choke": choke})
    with pytest.raises(Pending):
        templar.render(trust("{{ [late] | choke }}"), Scope([Late()], templar))


def test_template_files_and_their_includes_wait_too(tmp_path: Path) -> None:
    (tmp_path / "part.j2").write_text("{{ late | default('x') }}")
    variables = Scope([VARIABLES, Late()], TEMPLAR, (str(tmp_path),))
    for text in ("{% include 'part.j2' %}", "{% include 'part.j2' ignore missing %}", "a\n{{ via }}\n"):
        with pytest.raises(Pending):
            TEMPLAR.render_text(text, variables, name=str(tmp_path / "main.j2"))
