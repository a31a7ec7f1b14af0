"""Action plugins that are another name of one of Ansible's own, and those that are more."""

from __future__ import annotations

from pathlib import Path

import pytest

from fleet.plugins.aliases import another_name

SAME = "from ansible.plugins.action.debug import ActionModule\n"


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (SAME, "debug"),
        (f'"""Says it."""\nfrom __future__ import annotations\n{SAME}assert ActionModule\n', "debug"),
        (f"{SAME}__all__ = ['ActionModule']\n", "debug"),
        (f"{SAME}ActionModule.run = print\n", ""),
        (f"{SAME}class ActionModule(ActionModule): pass\n", ""),
        (f"{SAME}print(1)\n", ""),
        (f"{SAME}other = 1\n", ""),
        ("from ansible.plugins.action.debug import ActionModule as Base\n", ""),
        ("from ansible.plugins.action import ActionBase\n", ""),
        ("not python\n", ""),
        ("", ""),
    ],
)
def test_only_what_hands_on_the_class_is_another_name(tmp_path: Path, text: str, name: str) -> None:
    path = tmp_path / "shout.py"
    path.write_text(text)
    assert another_name(str(path)) == name


def test_a_file_that_cannot_be_read_is_none(tmp_path: Path) -> None:
    (tmp_path / "odd.py").write_bytes(b"\xff\x00")
    assert another_name(str(tmp_path / "odd.py")) == another_name(str(tmp_path / "nosuch.py")) == ""
