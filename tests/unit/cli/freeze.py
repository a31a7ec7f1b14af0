"""Write ``expected.json``: what ansible-core says about ``cases``. Usage: freeze.py FOLDER/OF/ITS/PROGRAMS"""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).parent
BOOKS = ["site.yml", "second.yml", "arguments.yml"]
LISTINGS = [
    "--list-hosts", "--list-tasks", "--list-tags", "--list-hosts --list-tasks --list-tags",
    "--list-tasks --tags base1,zed", "--list-tasks --tags tagged", "--list-tags --skip-tags dep",
    "--list-tags --tags base1", "--list-hosts --limit d1", "--list-tasks --tags never",
]  # fmt: skip
STARTS = ["four", "thr*", "base : In a block", "Base one", "base : debug", "alw", "six", "seven"]
OPTION = re.compile(r"(?:^|[ ,\[|])(-[A-Za-z]\b|--[a-z][a-z-]+)")


def settled(text: str) -> str:
    """A listing without what is left to chance: the order of hosts and of a play's tags."""
    lines: list[str] = []
    hosts: list[str] = []
    for line in text.splitlines():
        if re.fullmatch(r"      \S+", line):
            hosts.append(line)
            continue
        lines += [*sorted(hosts), line]
        hosts = []
    return "\n".join([*lines, *sorted(hosts)])


def banners(text: str) -> list[str]:
    """The titles of plays and tasks in a run's output."""
    return re.findall(r"^((?:PLAY|TASK|RUNNING HANDLER) \[.*\]) \*+$", text, re.MULTILINE)


def ask(*words: str) -> str:
    """What a program prints, run in the folder of cases."""
    return subprocess.run(words, cwd=HERE / "cases", capture_output=True, text=True, check=False).stdout


def main(folder: str) -> None:
    """Ask for everything and write it down."""
    book = f"{folder}/ansible-playbook"
    options = {
        tool: sorted(set(OPTION.findall(ask(f"{folder}/{tool}", "--help")))) for tool in ("ansible", "ansible-playbook")
    }
    listings = {
        words: settled(ask(book, "-i", "inventory.ini", *BOOKS, "-e", "pname=P", *words.split())) for words in LISTINGS
    }
    starts = {name: banners(ask(book, "-i", "inventory.ini", "start.yml", "--start-at-task", name)) for name in STARTS}
    found = {"options": options, "listings": listings, "starts": starts}
    (HERE / "expected.json").write_text(json.dumps(found, indent=1) + "\n")


if __name__ == "__main__":
    main(sys.argv[1])
