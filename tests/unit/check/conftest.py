"""Small projects that are checked offline: their mistakes as ``file:line:column: what | hint``."""

from __future__ import annotations

import textwrap
from collections.abc import Callable
from pathlib import Path

import pytest

from fleet.cli.given import Given
from fleet.cli.session import open_session
from fleet.engine.prepare import prepare
from fleet.plan.check import check
from fleet.source.diagnostics import Diagnostic

Check = Callable[..., "Found"]
INVENTORY = "[web]\nweb1 rack=7\n[db]\ndb1\n"


class Found:
    """What a check found, one line of text each."""

    def __init__(self, errors: list[Diagnostic], warnings: list[Diagnostic], root: Path) -> None:
        self.errors = [self._line(item, root) for item in errors]
        self.late = [self._line(item, root) for item in errors if item.late]
        self.warnings = [self._line(item, root) for item in warnings]

    @staticmethod
    def _line(item: Diagnostic, root: Path) -> str:
        where = str(item.at).removeprefix(f"{root}/") if item.at else "-"
        return f"{where}: {item.what}" + (f" | {item.hint}" if item.hint else "")


@pytest.fixture
def project(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Check:
    """Write files (``site.yml`` is the playbook) and check them. Keyword ``extra``: values for -e."""
    monkeypatch.chdir(tmp_path)

    def run(files: dict[str, str] | str, *, extra: tuple[str, ...] = (), hosts: str = INVENTORY) -> Found:
        files = {"site.yml": files} if isinstance(files, str) else files
        for name, text in {"inv": hosts, **files}.items():
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(textwrap.dedent(text), encoding="utf-8")
        session = open_session(
            Given(playbooks=[str(tmp_path / "site.yml")], inventory=[str(tmp_path / "inv")], extra_vars=extra)
        )
        problems, world = session.problems, session.world
        plays = prepare(session.options, world, problems)
        check(plays, world.templar, problems, world.inventory, session.options.extra_vars)
        return Found(problems.errors, problems.warnings, tmp_path)

    return run


@pytest.fixture
def tasks(project: Check) -> Check:
    """Check a list of tasks for the hosts of group web; they start at line 3, column 3 of site.yml."""

    def run(text: str, files: dict[str, str] | None = None, **options: object) -> Found:
        body = textwrap.indent(textwrap.dedent(text).strip("\n"), "  ")
        return project({"site.yml": f"- hosts: web\n  tasks:\n{body}\n", **(files or {})}, **options)

    return run
