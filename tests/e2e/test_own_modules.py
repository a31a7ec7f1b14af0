"""A role that ships modules of its own, copied into ``roles/``, runs on a real host and leaves nothing of them there."""

import subprocess
import sys

import pytest

pytestmark = pytest.mark.e2e

PYTHON = """#!/usr/bin/python
import os

from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.words import shout


def main():
    module = AnsibleModule(
        argument_spec=dict(path=dict(type="path", required=True), text=dict(default="hi"), secret=dict(no_log=True)),
        supports_check_mode=True,
    )
    path, wanted = module.params["path"], shout(module.params["text"])
    try:
        with open(path) as file:
            have = file.read()
    except OSError:
        have = None
    if have != wanted and not module.check_mode:
        with open(path, "w") as file:
            file.write(wanted)
    module.exit_json(changed=have != wanted, wrote=wanted, told=module.params["secret"])


main()
"""
SHELL = """#!/bin/sh
# WANT_JSON
grep -q '"word": "shell"' "$1" && echo '{"changed": false, "said": "shell"}'
"""
TASKS = """
- sign: {path: /var/tmp/sign, text: hello, secret: hush}
  register: signed
- said: {word: shell}
  register: said
- assert:
    that:
      - signed.wrote == "HELLO"
      - said.said == "shell"
"""


@pytest.fixture
def apply(lab, tmp_path):
    """Run a play with the role on a host of the lab; give exit code and output."""
    role = tmp_path / "roles" / "signs"
    for name, text in (
        ("library/sign.py", PYTHON),
        ("library/said", SHELL),
        ("module_utils/words.py", "def shout(text):\n    return text.upper()\n"),
        ("tasks/main.yml", TASKS),
    ):
        path = role / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    host = lab.hosts(1)[0]
    host.run("rm -f /var/tmp/sign")
    book = tmp_path / "book.yml"
    book.write_text(f"- hosts: {host.name}\n  gather_facts: false\n  roles: [signs]\n")

    def run(*options):
        argv = [sys.executable, "-m", "fleet", "apply", "-i", str(lab.inventory), str(book), *options]
        done = subprocess.run(argv, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, encoding="utf-8", timeout=120)
        return host, done.returncode, done.stdout

    return run


def test_a_role_brings_its_modules(apply):
    host, code, output = apply("--check")
    assert code == 0 and "changed=1 " in output, output
    assert host.run("test -e /var/tmp/sign", check=False).returncode
    host, code, output = apply("-v")
    assert code == 0 and "changed=1 " in output, output
    assert "hush" not in output
    assert host.run("cat /var/tmp/sign").stdout == "HELLO"
    host, code, output = apply()
    assert code == 0 and "changed=0 " in output, output
    left = host.run("find / -xdev -newer /var/tmp/sign '(' -name sign.py -o -name said -o -name words.py ')'").stdout
    assert left == ""
