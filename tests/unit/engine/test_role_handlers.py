"""Handlers of roles that are used more than once: the last use counts, with its conditions and variables."""

from __future__ import annotations

import pytest
from engine_kit import Game

ROLE = {
    "tasks/main.yml": "- command: role\n",
    "handlers/main.yml": """
- name: rh
  command: rh {{ kept | default('none') }}
- name: rl
  command: rl {{ kept | default('none') }}
  listen: top
""",
}


@pytest.fixture
def ran(tmp_path):
    for name, text in ROLE.items():
        path = tmp_path / "roles" / "ra" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)

    def play(text: str, **options) -> list[str]:
        game = Game(tmp_path, text, **options).finish()
        return [line for line in game.ran if line not in ("role", "go")]

    return play


NOTIFY = "\n  - command: go\n    notify: [rh, top]\n"


@pytest.mark.parametrize(
    "use",
    [
        "roles: [{role: ra, when: false}]\ntasks:",
        "tasks:\n  - import_role: {name: ra}\n    when: false",
        "tasks:\n  - include_role: {name: ra, apply: {when: false}}",
        "tasks:\n  - block: [{import_role: {name: ra}}]\n    when: false",
    ],
)
def test_the_condition_of_a_use_is_one_of_its_handlers(ran, use):
    assert ran(use + NOTIFY) == []


def test_the_condition_of_the_include_itself_is_not(ran):
    assert ran("tasks:\n  - include_role: {name: ra}\n    when: go is not defined" + NOTIFY) == ["rh none", "rl none"]


def test_of_several_uses_the_last_counts_and_listeners_run_once(ran):
    uses = "".join(f"\n  - import_role: {{name: ra}}\n    vars: {{kept: i{number}}}" for number in (1, 2))
    roles = "roles: [{role: ra, kept: r}]\nhandlers: [{name: mine, command: mine, listen: top}]\ntasks:"
    assert ran(roles + NOTIFY) == ["rh r", "rl r", "mine"]
    assert ran(roles + uses + NOTIFY) == ["mine", "rh i2", "rl i2"]
    include = "\n  - include_role: {name: ra}\n    vars: {kept: '{{ item }}'}\n    loop: [d1, d2]"
    assert ran(roles + uses + include + NOTIFY) == ["mine", "rh d2", "rl d2"]


def test_an_include_after_the_notification_takes_the_handlers_over(ran):
    first, second = ("\n  - include_role: {name: ra}\n    vars: {kept: %s}" % name for name in ("d1", "d2"))
    assert ran("tasks:" + first + NOTIFY + second) == ["rh d2", "rl d2"]


def test_notified_before_and_after_another_include_of_the_role_they_run_once(ran):
    first, second = ("\n  - include_role: {name: ra}\n    vars: {kept: %s}" % name for name in ("d1", "d2"))
    assert ran("tasks:" + first + NOTIFY + second + NOTIFY) == ["rh d2", "rl d2"]
