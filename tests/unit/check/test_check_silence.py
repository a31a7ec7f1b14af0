"""Correct playbooks pass without a word, and a large one passes quickly."""

from __future__ import annotations

import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from fleet.cli.given import Given
from fleet.cli.session import open_session
from fleet.engine.prepare import prepare
from fleet.plan.check import check
from fleet.source.diagnostics import show

ROOT = Path(__file__).resolve().parents[3]
OWN = sorted(ROOT.glob("playbooks/*.yml")) + sorted(ROOT.glob("bench/**/site.yml"))

CORRECT = {
    "site.yml": """\
- name: Everything in one play
  hosts: web:&all:!db
  become: true
  serial: [1, "50%"]
  max_fail_percentage: 30
  gather_facts: true
  vars:
    port: 80
    packages: [nginx, curl]
    url: "http://{{ inventory_hostname }}:{{ port }}"
  vars_files:
    - [missing_one.yml, more.yml]
  module_defaults:
    copy: {owner: root, dest: /etc/from_defaults}
  environment: {PROXY: "{{ proxy | default(omit) }}"}
  pre_tasks:
    - ansible.builtin.assert:
        that: [port | int > 0, "'web' in group_names", url is match('http')]
        fail_msg: "{{ port }} is wrong"
      tags: always
  roles:
    - common
    - {role: common, vars: {level: 2}, tags: [again], when: port == 80}
  tasks:
    - name: Arguments may come from defaults
      copy: {content: x}
    - name: Old style
      apt: name={{ item }} state=present update_cache=yes
      with_items: "{{ packages }}"
      register: installed
      until: installed is succeeded
      retries: 3
      delay: 1
    - name: Modules of others behind conditions
      community.windows.win_thing: {a: 1}
      when: ansible_facts.os_family == 'Windows'
    - shell: |
        set -e
        echo {{ item.key }}={{ item.value }}
      args: {executable: /bin/bash}
      loop: "{{ {'a': 1} | dict2items }}"
      loop_control: {label: "{{ item.key }}", index_var: i}
      changed_when: false
      failed_when: shown.rc not in [0, 1]
      register: shown
      notify: [restart nginx, "common : from common", reload]
    - template: {src: app.conf.j2, dest: /etc/app.conf, mode: "0644"}
    - copy: {src: motd, dest: /etc/motd}
    - copy: {src: "/on/host", dest: /x, remote_src: true}
    - script: files/setup.sh --port {{ port }}
    - block:
        - command: /bin/false
      rescue:
        - debug: {msg: "{{ ansible_failed_result.rc }} {{ ansible_failed_task.name }}"}
      always:
        - meta: flush_handlers
    - include_tasks: "{{ inventory_hostname }}.yml"
      when: false
    - include_tasks:
        file: more_tasks.yml
        apply: {become: false, tags: [x]}
      vars: {given: 1}
      loop: [1, 2]
    - include_role: {name: common, tasks_from: other}
    - import_tasks: "{{ playbook_dir }}/more_tasks.yml"
      vars: {given: 2}
    - action: debug msg="{{ url }}"
    - local_action: {module: ping}
    - command: hostname
      delegate_to: "{{ item }}"
      loop: "{{ groups['db'] }}"
      run_once: true
    - debug: {msg: "{{ hostvars[groups.db[0]].inventory_hostname }} {{ vars['port'] }} {{ lookup('env', 'HOME') }}"}
    - set_fact:
        "{{ 'dyn' ~ 'amic' }}": 1
        cacheable: true
    - debug: {msg: "{{ dynamic }}", verbosity: "1"}
    - wait_for: {port: "{{ port }}", timeout: "{{ wait | default(30) }}"}
  handlers:
    - name: restart nginx
      service: {name: nginx, state: restarted}
    - name: say so
      debug: {msg: reloaded}
      listen: reload
- import_playbook: second.yml
  tags: second
""",
    "second.yml": "- hosts: db\n  gather_facts: no\n  tasks:\n    - debug: var=hostvars\n",
    "more.yml": "proxy_port: 1\n",
    "more_tasks.yml": "- debug: {msg: '{{ given }} {{ item | default(0) }}'}\n",
    "files/motd": "hello\n",
    "files/setup.sh": "echo $1\n",
    "templates/app.conf.j2": "#jinja2: lstrip_blocks: True\n# {{ ansible_managed }}\n{% import 'lib.j2' as lib %}\n"
    "{% for p in packages %}\n{{ loop.index }} {{ p }} {{ lib.show(p) }}\n{% endfor %}\n{{ proxy_port }}\n",
    "templates/lib.j2": "{% macro show(x) %}<{{ x }}>{% endmacro %}\n",
    "roles/common/defaults/main.yml": "level: 1\n",
    "roles/common/tasks/main.yml": "- debug: {msg: '{{ level }} {{ role_path }}'}\n- template: {src: r.j2, dest: /x}\n"
    '- include_vars: "{{ ansible_facts.distribution }}.yml"\n',
    "roles/common/tasks/other.yml": "- debug: {msg: '{{ level }}'}\n",
    "roles/common/templates/r.j2": "{{ level }}\n",
    "roles/common/handlers/main.yml": "- {name: from common, ping: }\n",
}


def test_correct_playbook(project):
    found = project(CORRECT)
    assert found.errors == []
    assert [line for line in found.warnings if "win_thing" not in line] == []


@pytest.mark.parametrize("path", OWN, ids=[str(path.relative_to(ROOT)) for path in OWN])
def test_own_playbooks(path, monkeypatch):
    monkeypatch.chdir(ROOT)
    session = open_session(Given(playbooks=[str(path)]))
    plays = prepare(session.options, session.world, session.problems)
    check(plays, session.world.templar, session.problems, session.world.inventory)
    assert [show(item) for item in session.problems.errors] == []


def large(folder: Path, tasks: int, hosts: int) -> None:
    """Write a playbook of ``tasks`` tasks and an inventory of ``hosts`` hosts."""
    shapes = (
        "- name: Copy {0}\n  copy:\n    dest: /etc/app/{0}.conf\n    content: 'port={{{{ port + {0} }}}}'\n  notify: restart\n",
        "- name: Package {0}\n  apt: {{name: pkg{0}, state: present}}\n  when: ansible_facts.os_family == 'Debian' and {0} > 0\n",
        "- name: Command {0}\n  command: /bin/check {0} {{{{ inventory_hostname }}}}\n  register: result{0}\n"
        "  changed_when: result{0}.rc == 2\n",
        "- name: Template {0}\n  template: {{src: a.j2, dest: /etc/{0}}}\n  become: true\n",
        "- name: Loop {0}\n  file: {{path: '/srv/{{{{ item }}}}/{0}', state: directory}}\n  loop: '{{{{ dirs }}}}'\n",
    )
    written = "".join(shapes[number % len(shapes)].format(number) for number in range(tasks))
    body = "".join(f"    {line}\n" for line in written.splitlines())
    (folder / "templates").mkdir()
    (folder / "templates/a.j2").write_text("{{ port }} {{ dirs }}\n")
    (folder / "site.yml").write_text(
        f"- hosts: web\n  vars: {{port: 80, dirs: [a, b]}}\n  tasks:\n{body}"
        "    - debug: {msg: '{{ prot }}'}\n"
        "  handlers:\n    - {name: restart, service: {name: app, state: restarted}}\n"
    )
    lines = (
        f"host{number:05d} ansible_host=10.0.{number // 256}.{number % 256} rack={number % 20}"
        for number in range(hosts)
    )
    (folder / "inv").write_text("[web]\n" + "\n".join(lines) + "\n")


def spent() -> float:
    """Seconds of processor time of the processes that ended: on a busy machine the clock says little."""
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


@pytest.mark.slow
def test_a_thousand_tasks_for_a_thousand_hosts_take_two_seconds(tmp_path):
    large(tmp_path, 1000, 1000)
    env = {**os.environ, "PYTHONPATH": str(ROOT)}
    env.pop("PYTHONDONTWRITEBYTECODE", None)
    command = [sys.executable, "-m", "fleet", "check", "-i", "inv", "site.yml"]
    took = []
    for _ in range(3):
        start = spent()
        ran = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=False)
        took.append(spent() - start)
    # The one mistake stands behind all the other tasks: everything was really looked at.
    assert "'prot' is undefined" in ran.stderr + ran.stdout
    assert ran.returncode == 4
    assert min(took) < 2.0
