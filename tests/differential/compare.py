"""The output of two runs made comparable: what may differ is evened out, see the table in README.md."""

from __future__ import annotations

import json
import re

HEADER = re.compile(r"(PLAY|TASK|RUNNING HANDLER|PLAY RECAP)\b.*\*{3}")
ENTRY = re.compile(r"(?:(ok|changed|skipping|fatal|failed|included|FAILED - RETRYING|\.\.\.ignoring)\b)")


def _in_order(found: re.Match[str]) -> str:
    return found[1] + ", ".join(sorted(found[2].split(", ")))


EVENED = (
    # Times and process numbers.
    (re.compile(r'"(delta|start|end|atime|ctime|mtime|birthtime|elapsed)": ("[^"]*"|[\d.]+)'), r'"\1": "T"'),
    # What speaks to a database.
    (re.compile(r'"connector_(name|version)": "[^"]*"'), r'"connector_\1": "C"'),
    (re.compile(r" using pymysql [\d.]+"), ""),
    (re.compile(r'"execution_time_ms": \[[\d., ]+\]'), '"execution_time_ms": "T"'),
    (re.compile(r"\b\d{4}-\d\d-\d\d[T @]\d\d:\d\d:\d\d(\.\d+)?"), "TIME"),
    (re.compile(r"\.\d+\.TIME~"), ".BACKUP~"),
    # Where a copied file waits while it is validated or put in place.
    (re.compile(r"/(root|tmp)/\.ansible[-_/][\w./-]+|/[\w./-]+/\.fleet-\w+(?:/\.source)?"), "TMP"),
    (re.compile(r"(Paused for \d+)\.\d+"), r"\1"),
    (re.compile(r"[ \t]+$", re.MULTILINE), ""),
    # What Ansible keeps in a set comes in another order every time.
    (re.compile(r"\b((?:granted|revoked) \[)([^\]]*)"), _in_order),
    # The words of a few errors.
    (re.compile(r" at '[^']*:\d+:\d+'"), ""),
    (re.compile(r"(Error executing command)[^\"\n]*"), r"\1"),
    (re.compile(r"(argument '\w+' is of type )(?:[^\"\\\n]|\\.)*"), r"\1..."),
    (re.compile(r"(Recursive loop detected in template)[^\"\n]*"), r"\1"),
    (re.compile(r"(Error while resolving value for '\w+': )[^\"\n]*[Mm]andatory[^\"\n]*"), r"\1mandatory"),
    (re.compile(r"(Could not find or access '[^']*')[^\"\n]*"), r"\1"),
)
"""What may differ in any line."""
SAID = frozenset({"msg", "changed", "cmd", "stdout", "stderr", "item", "ansible_loop_var", "censored", "failed_when_result",
                  "changed_when_result", "attempts", "assertion", "evaluated_to"})  # fmt: skip
"""The keys of a failure that are compared."""
Block = tuple[str, list[list[str]]]
"""A header and its entries, each a list of lines."""
TRACE = re.compile(r'"exception": "(?:[^"\\]|\\.)*"(, )?')


def evened(text: str, own: dict[str, str]) -> str:
    """``text`` with the words of ``own`` and everything volatile replaced."""
    for word, instead in own.items():
        text = re.sub(re.escape(word) + r"(?!\d)", instead, text)
    for pattern, instead in EVENED:
        text = pattern.sub(instead, text)
    return TRACE.sub("", text)


def blocks(text: str) -> list[str]:
    """The output as lines: those of one task in the order of hosts (who is first is a matter of speed),
    headers without results and explanations of failures left out."""
    made: list[Block] = [("", [])]
    told = meta = False
    for line in text.splitlines():
        if not line.strip() or line.startswith(("...ignoring", "NO MORE HOSTS LEFT")):
            continue
        if HEADER.match(line):
            told = False
            if line.startswith("RUNNING HANDLER"):
                made.append(_again(line, made))
            elif line != made[-1][0] or line.startswith("PLAY"):
                made.append((line, []))
            meta = line.startswith("TASK [meta]")
        elif line.startswith(("[ERROR]", "[WARNING]", "[DEPRECATION")):
            told = True
        elif meta:
            continue
        elif ENTRY.match(line):
            told = False
            made[-1][1].append([_failure(_included(line))])
        elif made[-1][0].startswith("PLAY RECAP"):
            made[-1][1].append([" ".join(line.split())])
        elif not told and made[-1][1]:
            made[-1][1][-1].append(line)
    lines = []
    for header, entries in made:
        if header.startswith("PLAY") or entries:
            lines.append(header)
        for entry in sorted(entries, key=lambda entry: _host(entry[0])):
            lines += entry
    return lines


def _again(header: str, made: list[Block]) -> Block:
    """The block of that handler which this flush already has, else a new one."""
    place = len(made)
    while place and made[place - 1][0].startswith("RUNNING HANDLER"):
        place -= 1
        if made[place][0] == header:
            return made.pop(place)
    return (header, [])


def _included(line: str) -> str:
    """``included: FILE for HOSTS`` with the hosts sorted."""
    found = re.fullmatch(r"(included: .* for )([^=]*?)( => .*)?", line)
    return f"{found[1]}{', '.join(sorted(found[2].split(', ')))}{found[3] or ''}" if found else line


def _failure(line: str) -> str:
    """A failure in one line, without the keys that modules add to their message."""
    head, arrow, payload = line.partition("! => {" if line.startswith("fatal") else ") => {")
    if not line.startswith(("fatal", "failed")) or not payload.endswith("}"):
        return line
    found = json.loads("{" + payload)
    rc = {"rc"} if "cmd" in found else set()
    return head + arrow + json.dumps({key: found[key] for key in sorted(found.keys() & (SAID | rc))})[1:]


def _host(line: str) -> str:
    found = re.search(r"\[([^\]]*)\]", line)
    return found[1].partition(" ->")[0] if found else line
