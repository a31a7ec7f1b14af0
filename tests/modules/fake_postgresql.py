"""A stand-in for psql: a real process on the PATH that answers statements from a table and notes how it was called."""

import json
import sys
from pathlib import Path

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


class FakePostgreSQL:
    """A folder for the PATH. ``answers``: part of a statement -> rows, or lists of rows in turn, or an error's text."""

    def __init__(self, folder: Path, answers):
        self.folder = folder
        self.answers = answers
        self.program("psql", PSQL.replace("{python}", sys.executable))
        self.env = {"PATH": f"{folder}:/usr/bin:/bin"}

    def program(self, name, text):
        (self.folder / name).write_text(text)
        (self.folder / name).chmod(0o755)

    def run(self, module, args, check=False, diff=False):
        """Run a module against the stand-in; forgets earlier calls."""
        from run_module import run_module

        (self.folder / "answers.json").write_text(json.dumps(self.answers))
        (self.folder / "calls.jsonl").write_text("")
        return run_module(module, args, check=check, diff=diff, env=self.env)

    @property
    def calls(self):
        """(command line, environment, password file, statements) of every process."""
        return [json.loads(line) for line in (self.folder / "calls.jsonl").read_text().splitlines()]

    @property
    def changes(self):
        """The statements that were not there to look."""
        return [text for call in self.calls for text in call[3] if not text.startswith("SELECT")]
