"""Makes the files in cases/ with the real ansible-vault: ``python freeze.py /path/to/ansible-vault``.

``*.vault`` are encrypted with random salts, ``*.salted`` with the salt "pepper": whoever knows the password
makes the same bytes. The password is that of ``password``; ``other.vault`` has another one.
"""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

CASES = Path(__file__).parent / "cases"
PASSWORD, OTHER = "correct horse ünd so", "another"
CONTENT = {
    "text": b"user: admin\npassword: '{{ not_a_template }}'\n",
    "empty": b"",
    "block": b"sixteen bytes...",
    "binary": bytes(range(256)),
    "unicode": "schlüssel: ☃\n".encode(),
}


def main(program: str) -> None:
    """Write all files."""
    (CASES / "password").write_text(PASSWORD + "\n")
    (CASES / "other-password").write_text(OTHER + "\n")
    for name, content in CONTENT.items():
        for ending, salt in (("vault", None), ("salted", "pepper")):
            _run(program, content, CASES / f"{name}.{ending}", "password", salt)
    _run(program, CONTENT["text"], CASES / "labelled.vault", "dev@password")
    _run(program, CONTENT["text"], CASES / "labelled.salted", "dev@password", "pepper")
    _run(program, CONTENT["text"], CASES / "other.vault", "other@other-password")


def _run(program: str, content: bytes, target: Path, password: str, salt: str | None = None) -> None:
    env = {**os.environ, **({"ANSIBLE_VAULT_ENCRYPT_SALT": salt} if salt else {})}
    command = [program, "encrypt", "--vault-id", password, "--output", str(target), "-"]
    subprocess.run(command, input=content, env=env, cwd=CASES, check=True)
    target.chmod(0o644)


if __name__ == "__main__":
    main(sys.argv[1])
