"""Generated playbooks and inventories, for what the baseline is too small for."""

from __future__ import annotations

from pathlib import Path

# One of each in turn: arguments of many modules, templates, loops, conditions, registered results, handlers.
TASKS = (
    """\
    - name: package {n}
      apt: {{name: "{{{{ packages[{n} % 3] }}}}", state: present}}
""",
    """\
    - name: setting {n}
      lineinfile: {{path: /etc/app/{n}.conf, regexp: "^limit=", line: "limit={{{{ limit | default({n}) }}}}"}}
      notify: restart app
""",
    """\
    - name: file {n}
      copy: {{dest: "/srv/app/{n}.txt", content: "host={{{{ inventory_hostname }}}}\\nnumber={n}\\n", mode: "0644"}}
      when: ansible_facts['os_family'] == 'Debian'
""",
    """\
    - name: directory {n}
      file: {{path: "/srv/app/{{{{ item }}}}/{n}", state: directory, mode: "0755"}}
      loop: [api, web, worker]
""",
    """\
    - name: command {n}
      command: /usr/bin/test -e /srv/app/{n}
      register: answer_{n}
      changed_when: false
      failed_when: answer_{n}.rc > 1
""",
    """\
    - name: remember {n}
      set_fact: {{seen_{n}: "{{{{ {n} * 2 }}}}"}}
""",
    """\
    - name: template {n}
      template: {{src: app.j2, dest: /etc/app/{n}.ini, mode: "0640"}}
      notify: restart app
""",
    """\
    - name: service {n}
      service: {{name: app{n}, state: started, enabled: true}}
      tags: [services]
""",
)
HEAD = """\
- name: many tasks
  hosts: all
  become: true
  vars: {packages: [curl, rsync, cron]}
  handlers:
    - name: restart app
      service: {name: app, state: restarted}
  tasks:
"""


def large(folder: Path, hosts: int, tasks: int) -> tuple[Path, Path]:
    """An inventory of so many hosts in ten groups, and a playbook of so many tasks. Nothing of it exists."""
    (folder / "templates").mkdir(parents=True, exist_ok=True)
    (folder / "templates" / "app.j2").write_text(
        "[app]\nname={{ inventory_hostname }}\nlimit={{ limit | default(1) }}\n"
    )
    lines = []
    for group in range(10):
        lines.append(f"[rack{group}]")
        lines += [f"host{n:04} ansible_host=10.0.{n // 250}.{n % 250 + 1} limit={n}" for n in range(group, hosts, 10)]
        lines += [f"[rack{group}:vars]", f"rack={group}", ""]
    inventory = folder / "hosts.ini"
    inventory.write_text("\n".join(lines))
    playbook = folder / "site.yml"
    playbook.write_text(HEAD + "".join(TASKS[n % len(TASKS)].format(n=n) for n in range(tasks)))
    return inventory, playbook


def loop(folder: Path, items: int) -> Path:
    """A playbook that keeps so many small files in one task."""
    playbook = folder / "loop.yml"
    playbook.write_text(f"""\
- name: many small files
  hosts: lab
  gather_facts: false
  tasks:
    - name: their folder
      file: {{path: /srv/bench, state: directory, mode: "0755"}}
    - name: small files
      copy: {{dest: "/srv/bench/{{{{ item }}}}.conf", content: "number={{{{ item }}}}\\n", mode: "0644"}}
      loop: "{{{{ range({items}) | list }}}}"
""")
    return playbook
