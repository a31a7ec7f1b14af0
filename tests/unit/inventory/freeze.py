"""Write ``expected.json``: what ansible-inventory says about ``cases``. Usage: freeze.py PATH/OF/ansible-inventory"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
SINGLE = "hosts.ini hosts.yml shared.ini yaml-without-extension script.sh script-without-meta.sh"
# name: (sources, playbook folder, hash_behaviour)
CASES: dict[str, tuple[list[str], str, str]] = {
    **{name: ([f"single/{name}"], ".", "replace") for name in SINGLE.split()},
    "host list": (["h1:22,h2,[::1]:23,"], ".", "replace"),
    "folder": (["folder"], ".", "replace"),
    "precedence": (["precedence/inventory"], "precedence/playbook", "replace"),
    "precedence, merged": (["precedence/inventory"], "precedence/playbook", "merge"),
    "two sources": (["precedence/inventory/hosts", "precedence/second"], "precedence/playbook", "replace"),
    "other order": (["precedence/second/hosts", "precedence/inventory"], "precedence/playbook", "replace"),
}
VIEWS = {
    "list": ["--list"],
    "export": ["--list", "--export"],
    "graph": ["--graph", "--vars"],
    "yaml": ["--list", "--yaml"],
}


def ask(tool: str, case: tuple[list[str], str, str], view: list[str]) -> str:
    """The tool's output for one case and view."""
    sources, playbook, behaviour = case
    words = [
        tool,
        *[word for source in sources for word in ("-i", source)],
        "--playbook-dir",
        playbook,
        *view,
    ]
    env = {**os.environ, "ANSIBLE_HASH_BEHAVIOUR": behaviour, "ANSIBLE_DEPRECATION_WARNINGS": "0"}
    return subprocess.run(words, cwd=HERE / "cases", env=env, capture_output=True, text=True, check=True).stdout


def main(tool: str) -> None:
    """Ask for every case and view."""
    answers = {name: {view: ask(tool, case, words) for view, words in VIEWS.items()} for name, case in CASES.items()}
    (HERE / "expected.json").write_text(json.dumps(answers, indent=1, ensure_ascii=False) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
