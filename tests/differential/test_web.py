"""What asks web servers: the same answers of the tests' own server make the same results."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest
from httpserver import serving

HERE = Path(__file__).parent

LOCAL = """\
[group]
a
[all:vars]
ansible_connection=local
ansible_python_interpreter={python}
place=PLACE
"""


@pytest.mark.parametrize("name", ["get_url", "uri"])
def test_the_same_answers(tmp_path, ansible_bin, make_sides, same, name):
    text = LOCAL.format(python=sys.executable)
    both = make_sides(tmp_path, HERE / "playbooks" / "web", (text, text), ({}, {}))
    with serving() as web:
        web.put("/hello.txt", b"hello\n", "text/plain")
        web.put("/sums", f"{hashlib.sha256(b'hello').hexdigest()}  hello.txt\n".encode())
        same(both, f"{name}.yml", "-e", f"web={web.base}")
