"""Python on the host: none, the wrong one, an old one."""

import glob
import shutil

import pytest

pytestmark = pytest.mark.e2e
PING = "    - ping:\n"
OLD = sorted(glob.glob("/root/.pyenv/versions/3.6*/bin/python"))


@pytest.fixture
def no_python(site):
    """``sick`` has no Python any more, but one that can be had with ``mv``."""
    site.sick.run("mkdir -p /opt/away; mv /usr/bin/python3* /opt/away/")
    yield
    site.sick.run("mv /opt/away/* /usr/bin/ 2>/dev/null; true")


def test_none(site, no_python):
    ran = site.run(PING, inventory=site.inventory(ansible_python_interpreter="auto"))
    assert ran.code == 4 and ran.recap("well")["ok"] == 1, ran.text
    assert "Python" in ran.fatal("sick") and "install python3" in ran.fatal("sick")


def test_raw_works_without_and_can_bring_it(site, no_python):
    plays = """
- hosts: sick
  gather_facts: false
  tasks:
    - raw: command -v python3 || echo none
      register: found
    - debug: var=found.stdout_lines
    - raw: mv /opt/away/* /usr/bin/
- hosts: all
  tasks:
    - debug: msg="{{ ansible_facts['distribution'] }} it is"
"""
    ran = site.run(plays, inventory=site.inventory(ansible_python_interpreter="auto"))
    assert ran.code == 0 and '"none"' in ran.out and ran.out.count("Debian it is") == 2, ran.text


def test_interpreter_that_is_not_there(site):
    ran = site.run(PING, inventory=site.inventory(ansible_python_interpreter="/opt/nowhere/python3.9"))
    assert ran.code == 4 and ran.recap("well")["ok"] == 1, ran.text
    assert "/opt/nowhere/python3.9" in ran.fatal("sick") and "ansible_python_interpreter" in ran.fatal("sick")


def test_interpreter_that_is_no_python(site):
    ran = site.run(PING, inventory=site.inventory(ansible_python_interpreter="/bin/cat"))
    assert ran.code == 4 and ran.recap("well")["ok"] == 1, ran.text


def test_raw_that_fails(site):
    ran = site.run("    - raw: 'echo oh; exit 3'\n    - ping:\n")
    assert ran.code == 2 and "non-zero return code" in ran.fatal("sick") and '"rc": 3' in ran.fatal("sick")


@pytest.mark.skipif(not OLD, reason="pyenv has no Python 3.6 here")
def test_python_3_6(site):
    """The travelling code runs on the oldest Python it promises to."""
    here = site.folder / "there"
    tasks = f"""
    - setup:
    - file: {{path: {here}, state: directory}}
    - copy: {{content: "a\\n", dest: {here}/a}}
    - lineinfile: {{path: {here}/a, line: b}}
    - stat: {{path: {here}/a}}
      register: found
    - command: cat {here}/a
      register: text
    - assert:
        that:
          - found.stat.exists
          - text.stdout_lines == ['a', 'b']
          - ansible_facts['python_version'] is version('3.7', '<')
    - ping: data=crash
"""
    line = f"old ansible_connection=local ansible_python_interpreter={OLD[-1]}"
    ran = site.run(tasks, inventory=site.inventory(line))
    assert ran.code == 2 and ran.recap("old") == dict(ran.recap("old"), ok=7, failed=1), ran.text
    assert "boom" in ran.fatal("old")
    shutil.rmtree(here)
