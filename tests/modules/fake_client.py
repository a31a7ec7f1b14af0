"""What stand-ins for a server's client program share: a folder for the PATH, answers, and notes of every call."""

import json
from pathlib import Path


class FakeClient:
    """A folder for the PATH with programs that read ``answers.json`` and write a line of ``calls.jsonl`` a call."""

    def __init__(self, folder: Path, answers):
        self.folder = folder
        self.answers = answers
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
        """What every process noted of itself."""
        return [json.loads(line) for line in (self.folder / "calls.jsonl").read_text().splitlines()]
