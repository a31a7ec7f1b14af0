"""Stand-ins for MySQL's programs: real processes on the PATH that answer from a table and note how they were called."""

import sys
from pathlib import Path

from fake_client import FakeClient

CLIENT = r"""#!{python} -IS
import html, json, os, sys
home = os.path.dirname(os.path.abspath(__file__))
if "--version" in sys.argv:
    sys.exit(print("mysql Ver 15.1 Distrib 10.11-MariaDB"))
option = [word for word in sys.argv if word.startswith("--defaults-file=")][0]
with open(option.partition("=")[2]) as source:
    options = source.read()
with open(home + "/answers.json") as source:
    answers = json.load(source)
script, statements = sys.stdin.read(), []
if script.startswith("DELIMITER "):
    head, _, rest = script.partition("\n")
    statements = [text.strip("\n") for text in rest.split("\n" + head.split()[1] + "\n")][:-1]
with open(home + "/calls.jsonl", "a") as notes:
    asked = [text for text in statements if not text.startswith("SELECT ROW_COUNT()")] or [script]
    notes.write(json.dumps([os.path.basename(sys.argv[0]), sys.argv[1:], dict(os.environ), options, asked]) + "\n")
if "--column-type-info" in sys.argv:
    for number, kind in enumerate(answers.get("types", [])):
        print("Field %3d:  `x`\nType:       %s\n" % (number + 1, kind))
    sys.exit(0)
def show(columns, rows):
    print('<?xml version="1.0"?>\n\n<resultset statement="" xmlns:xsi="x">')
    for row in rows:
        print("  <row>")
        for name, value in zip(columns, row):
            if value is None:
                print('\t<field name="%s" xsi:nil="true" />' % html.escape(name))
            else:
                print('\t<field name="%s">%s</field>' % (html.escape(name), html.escape(str(value), quote=True)))
        print("  </row>")
    print("</resultset>")
for text in statements:
    if text.startswith("SELECT ROW_COUNT() AS "):
        show([text.split()[-1]], [[1]])
        continue
    known = max((start for start in answers if text.startswith(start)), key=len, default=None)
    if known is None and not text.startswith("SET "):
        sys.exit(print("ERROR 1064 (42000) at line 1: no answer for: " + text, file=sys.stderr) or 1)
    answer = answers.get(known) or {}
    if "error" in answer:
        sys.exit(print("ERROR %d (HY000) at line 3: %s" % tuple(answer["error"]), file=sys.stderr) or 1)
    if "columns" in answer:
        show(answer["columns"], answer["rows"])
"""


class FakeMySQL(FakeClient):
    """``answers``: beginning of a statement -> {"columns", "rows"} or {"error"} or {}. A call notes program, arguments,
    environment, option file, statements."""

    def __init__(self, folder: Path, answers):
        super().__init__(folder, answers)
        self.program("mariadb", CLIENT.replace("{python}", sys.executable))

    def run(self, module, args, check=False, diff=False):
        """Run a module against the stand-in; forgets earlier calls."""
        given = {"config_file": str(self.folder / "none.cnf"), "login_unix_socket": "/run/x.sock", **args}
        return super().run(module, given, check=check, diff=diff)

    @property
    def changes(self):
        """The statements that were not there to look."""
        asked = [text for call in self.calls for text in call[4]]
        return [text for text in asked if not text.startswith(("SELECT", "SHOW", "SET "))]
