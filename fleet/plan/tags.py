"""Which tasks --tags and --skip-tags select.

Source: https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_tags.html
"""

from __future__ import annotations

from collections.abc import Iterable

ALL = frozenset({"all"})


def selected(tags: Iterable[str], only: frozenset[str], skip: frozenset[str]) -> bool:
    """True when a task with ``tags`` is to run under ``--tags only`` and ``--skip-tags skip``."""
    own = frozenset(tags) or frozenset({"untagged"})
    return _wanted(own, only or ALL) and not _skipped(own, skip)


def _wanted(own: frozenset[str], only: frozenset[str]) -> bool:
    if "always" in own or own & only:
        return True
    if "all" in only and "never" not in own:
        return True
    return "tagged" in only and own != {"untagged"} and "never" not in own


def _skipped(own: frozenset[str], skip: frozenset[str]) -> bool:
    if not skip:
        return False
    if "all" in skip and ("always" not in own or "always" in skip):
        return True
    return bool(own & skip) or ("tagged" in skip and own != {"untagged"})
