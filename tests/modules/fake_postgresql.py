"""A stand-in for psql: a real process on the PATH that answers statements from a table and notes how it was called."""

import sys
from pathlib import Path

from fake_client import FakeClient

PSQL = r"""#!{python} -IS
import json, os, re, sys
home = os.path.dirname(os.path.abspath(__file__))
secret = os.environ.get("PGPASSFILE")
with open(home + "/answers.json") as source:
    answers = json.load(source)
script = sys.stdin.read()
parts = re.findall(r"SELECT ( E)?'((?:[^'\\]|''|\\\\)*)' \\gexec\n\\echo (\S+)\n", script)
asked = [text.replace("''", "'").replace("\\\\", "\\") for _, text, _ in parts]
with open(home + "/calls.jsonl", "a") as notes:
    notes.write(json.dumps([sys.argv, dict(os.environ), open(secret).read() if secret else None, asked or [script]]) + "\n")
if answers.get("connect"):
    sys.exit(print("psql: error: " + answers["connect"], file=sys.stderr) or 2)
for number, text in enumerate(asked):
    known = max((start for start in answers if start in text), key=len, default=None)
    answer = answers.get(known, [])
    if isinstance(answer, str):
        sys.exit(print("psql:<stdin>:%d: ERROR:  %s" % (number + 2, answer), file=sys.stderr) or 3)
    rows = answer.pop(0) if answer and isinstance(answer[0], list) else answer
    for row in rows:
        print(json.dumps(row) if isinstance(row, dict) else row)
    print(parts[number][2])
"""


class FakePostgreSQL(FakeClient):
    """``answers``: part of a statement -> rows, or lists of rows in turn, or an error's text. A call notes command
    line, environment, password file, statements."""

    def __init__(self, folder: Path, answers):
        super().__init__(folder, answers)
        self.program("psql", PSQL.replace("{python}", sys.executable))

    @property
    def changes(self):
        """The statements that were not there to look."""
        return [text for call in self.calls for text in call[3] if not text.startswith("SELECT")]
