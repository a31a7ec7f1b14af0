"""The classic mistakes, each with its place, its text and what to do about it."""

from __future__ import annotations

import pytest


def test_all_files_are_reported_at_once(project):
    found = project(
        {
            "site.yml": """
            - hosts: web
              vars_files: [nosuch.yml]
              roles: [nginks, broken]
            - hosts: db
              tasks:
                - atp: {name: x}
            """,
            "roles/nginx/tasks/main.yml": "- ping:\n",
            "roles/broken/tasks/main.yml": "- ping:\n  when: [\n",
            "roles/broken/vars/main.yml": "a: b: c\n",
        }
    )
    assert [line.split(" | ")[0] for line in found.errors] == [
        "roles/broken/tasks/main.yml:3:1: YAML syntax error: did not find expected node content",
        "roles/broken/vars/main.yml:1:5: YAML syntax error: mapping values are not allowed in this context",
        "site.yml:3:16: vars file nosuch.yml was not found",
        found.errors[3].split(" | ")[0],
        "site.yml:7:7: couldn't resolve module/action 'atp'",
    ]
    assert found.errors[3].startswith("site.yml:4:11: the role 'nginks' was not found in ")
    assert found.errors[3].endswith("| did you mean 'nginx'?")
    assert found.errors[4].endswith("| did you mean 'apt'?")


ONE = [
    ("- atp: {name: x}", "3:5: couldn't resolve module/action 'atp' | did you mean 'apt'?"),
    (
        "- acme.tools.frob: {name: x}",
        "3:5: couldn't resolve module/action 'acme.tools.frob' | fleet has no module of this name",
    ),
    ("- ping:\n  becom: true", "4:5: 'becom' is not a valid attribute for a Task | did you mean 'become'?"),
    ("- copy:\n    scr: a\n    dest: /x", "4:7: 'copy' has no argument 'scr' | did you mean 'src'?"),
    (
        "- service: {name: x, state: startd}",
        "3:24: value of state must be one of: reloaded, restarted, started, stopped, got: startd"
        " | did you mean 'started'?",
    ),
    ("- file: {state: directory}", "3:5: missing required arguments: path"),
    (
        "- apt: {name: x, cache_valid_time: soon}",
        "3:20: argument 'cache_valid_time' is of type str and we were unable to convert to int: "
        "\"'soon'\" cannot be converted to an int",
    ),
    ("- ping: pong", "3:5: 'ping' does not take free text: 'pong' | write its arguments as key=value or as a mapping"),
    (
        "- copy: content=two words dest=/x",
        "3:5: 'copy' does not take free text: 'words' | write its arguments as key=value or as a mapping",
    ),
    ("- meta: flush_handler", "3:11: invalid meta action requested: flush_handler | did you mean 'flush_handlers'?"),
    (
        "- ping:\n  register: my-result",
        "4:15: Invalid 'register' specified: Invalid variable name 'my-result' | write 'my_result'",
    ),
    ("- ping:\n  vars: {my-var: 1}", "4:12: Invalid variable name 'my-var' | write 'my_var'"),
    (
        "- ping:\n  loop: [1]\n  loop_control: {loopvar: x}",
        "5:20: 'loopvar' is not a valid attribute for a LoopControl | did you mean 'loop_var'?",
    ),
    ("- ping:\n  loop: names", "4:11: 'loop' needs a list, not 'names' | write: loop: \"{{ names }}\""),
    ("- ping:\n  with_itmes: [1]", "4:5: there is no lookup 'itmes' for with_itmes | did you mean 'items'?"),
    ("- ping:\n  loop: [1]\n  with_items: [2]", "5:5: more than one loop: loop, with_items"),
    (
        "- ping:\n  become: true\n  become_method: sodu",
        "5:20: become method 'sodu' is not known | did you mean 'sudo'?",
    ),
    (
        "- ping:\n  when: ''",
        "4:11: 'when' must be an expression, not '' | "
        "an expression that holds ': ' or starts with a quote must be quoted whole",
    ),
    (
        "- include_tasks: x.yml\n  become: true",
        "4:5: 'become' is not a valid attribute for a TaskInclude | "
        "put it under apply: to give it to the included tasks: apply: {become: ...}",
    ),
    (
        "- include_role: {name: r, task_from: x}",
        "3:29: 'include_role' has no argument 'task_from' | did you mean 'tasks_from'?",
    ),
    (
        "- debug:\n    msg: \"{{ 'a' | uper }}\"",
        "4:22: No filter named 'uper'. | did you mean 'upper'?",
    ),
    ("- debug: {msg: x}\n  when: 1 is evn", "4:16: No test named 'evn'. | did you mean 'even'?"),
    (
        '- debug: {msg: "{{ 1 + }}"}',
        "3:19: Syntax error in template: unexpected 'end of print statement'",
    ),
    (
        "- ping:\n  when: 1 == {{ inventory_hostname }}",
        None,
    ),
    ("- ping:\n  tasks: []", "4:5: 'tasks' is not a valid attribute for a Task"),
    ("- ping:\n  async: soon", "4:5: 'async' must be a number, not 'soon'"),
    ("- debug: 5", "3:5: the arguments of debug must be a mapping or text, not 5"),
    ("- block:", "3:5: a list of tasks is needed here, not nothing"),
    ("- name: empty", "3:5: no module/action detected in task | a task needs one module, such as apt or copy"),
    ("- rescue: []", "3:5: 'rescue' without 'block' | put the tasks it guards under block:"),
    ("- ping", "3:5: a task must be a mapping, not 'ping' | write: - module: {argument: value}"),
    ("- ping:\n  debug: msg=x", "4:5: conflicting action statements: ping, debug | make it two tasks"),
]


@pytest.mark.parametrize(("text", "expected"), ONE, ids=[text for text, _ in ONE])
def test_one_mistake(tasks, text, expected):
    found = tasks(text, {"x.yml": "[]", "roles/r/tasks/main.yml": "[]"})
    if expected is None:
        assert len(found.errors) == 1
        assert found.errors[0].startswith("site.yml:4:")
        assert "Template delimiters are not supported in expressions" in found.errors[0]
        assert found.errors[0].endswith("| a condition is an expression already: leave out the braces")
        return
    got = found.errors[0].removeprefix("site.yml:")
    assert got == expected or got.startswith(f"{expected} | ")
    assert len(found.errors) == 1


def test_every_mistake_of_a_task_is_reported(tasks):
    found = tasks("- copy: {scr: a, dset: /x, mode: '0644', backup: perhaps}")
    assert [line.split(" | ")[0].split(" is of type")[0] for line in found.errors] == [
        "site.yml:3:12: 'copy' has no argument 'scr'",
        "site.yml:3:20: 'copy' has no argument 'dset'",
        "site.yml:3:44: argument 'backup'",
    ]


def test_play_keywords(project):
    found = project(
        """
        - hosts: web
          strategy: linaer
          serial: half
          order: sortd
          vars: {2nd: x}
          tasks: 5
        - hosts: []
        - name: no hosts
          tasks: []
        - 7
        """
    )
    assert found.errors == [
        "site.yml:3:13: 'strategy' cannot be 'linaer' | did you mean 'linear'?",
        "site.yml:4:11: 'serial' must be a number of hosts or a percentage, not 'half' | "
        'write for example: serial: 2, serial: "30%" or serial: [1, "50%"]',
        "site.yml:5:10: 'order' cannot be 'sortd' | did you mean 'sorted'?",
        "site.yml:6:10: Invalid variable name '2nd' | a variable's name starts with a letter or _ and holds only "
        "letters, digits and _",
        "site.yml:7:3: A malformed block was encountered while loading tasks: 5 should be a list or None",
        "site.yml:8:3: Hosts list cannot be empty. Please check your playbook",
        "site.yml:9:3: the field 'hosts' is required but was not set | write: - hosts: all",
        "site.yml:11:3: a play must be a mapping",
    ]


def test_missing_files(tasks):
    found = tasks(
        """
        - template: {src: nginx.conf, dest: /x}
        - copy: {src: motdd, dest: /x}
        - script: setup.sh --fast
        - include_tasks: instal.yml
        - import_tasks: nosuch.yml
        - include_role: {name: nosuch}
        """,
        {"templates/nginx.conf.j2": "x", "files/motd": "x", "tasks/install.yml": "- ping:\n"},
    )
    assert [line for line in found.errors if "role" not in line] == [
        "site.yml:3:21: Could not find or access the template 'nginx.conf' | did you mean 'nginx.conf.j2'?",
        "site.yml:4:17: Could not find or access the file 'motdd' | did you mean 'motd'?",
        "site.yml:5:13: Could not find or access the file 'setup.sh' | looked for files/setup.sh, setup.sh",
        "site.yml:6:20: Could not find or access the task file instal.yml | did you mean 'install.yml'?",
        "site.yml:7:19: Could not find or access the task file nosuch.yml",
    ]
    assert any("the role 'nosuch' was not found" in line for line in found.errors)


def test_template_files_are_checked(tasks):
    found = tasks(
        """
        - template: {src: a.j2, dest: /x}
        - template: {src: b.j2, dest: /x}
        """,
        {
            "templates/a.j2": "{% if true %}\n{{ 'x' | uper }}\n",
            "templates/b.j2": "#jinja2: trim_blocks: True\nlisten {{ prot }}\n{{ 'x' | uper }}\n",
        },
    )
    assert [line.split(" | ")[0] for line in found.errors] == [
        "templates/a.j2:2: Syntax error in template: Unexpected end of template. Jinja was looking for the following "
        "tags: 'elif' or 'else' or 'endif'. The innermost block that needs to be closed is 'if'.",
        "templates/b.j2:2:11: 'prot' is undefined",
        "templates/b.j2:3: No filter named 'uper'.",
    ]


def test_handlers(project):
    found = project(
        {
            "site.yml": """
            - hosts: web
              roles: [r]
              tasks:
                - command: ls
                  notify: [restart nignx, restart nginx, topic, from role, "r : from role"]
              handlers:
                - {name: restart nginx, service: {name: nginx, state: restartd}}
                - {name: other, ping: , listen: topic}
            """,
            "roles/r/handlers/main.yml": "- {name: from role, ping: }\n",
            "roles/r/tasks/main.yml": "- {command: ls, notify: resart}\n",
        }
    )
    assert [line.split(", got")[0] for line in found.errors] == [
        "roles/r/tasks/main.yml:1:25: no handler answers to 'resart' | "
        "known handlers: from role, other, r : from role, r: from role, restart nginx, topic",
        "site.yml:6:16: no handler answers to 'restart nignx' | did you mean 'restart nginx'?",
        "site.yml:8:52: value of state must be one of: reloaded, restarted, started, stopped",
    ]


def test_groups_and_hosts_of_the_inventory(project):
    found = project(
        """
        - hosts: wbe
          tasks:
            - debug: {msg: "{{ groups['wbe'] }} {{ groups.wev[0] }} {{ hostvars['web2'].x }}"}
            - debug: {msg: "{{ groups['x'] | default([]) }} {{ hostvars['db1'].rack }} {{ groups.keys() }}"}
        """
    )
    assert found.errors == []
    assert found.warnings == [
        "site.yml:2:10: Could not match supplied host pattern, ignoring: wbe | did you mean 'web'?",
        "site.yml:4:32: the inventory has no group 'wbe' | did you mean 'web'?",
        "site.yml:4:51: the inventory has no group 'wev'",
        "site.yml:4:74: the inventory has no host 'web2' | did you mean 'web1'?",
    ]


def test_recursion(project):
    found = project(
        {
            "site.yml": "- import_playbook: site.yml\n- hosts: web\n  roles: [a]\n  tasks:\n  - include_tasks: t.yml\n"
            "  - import_tasks: i.yml\n",
            "t.yml": "- ping:\n- include_tasks: t.yml\n",
            "i.yml": "- import_tasks: i.yml\n",
            "roles/a/meta/main.yml": "dependencies: [b]\n",
            "roles/b/meta/main.yml": "dependencies: [a]\n",
        }
    )
    assert [line.split(" | ")[0].split(": /")[0] for line in found.errors] == [
        f"{line}"
        for line in (
            "i.yml:1:17: recursive import of" + found.errors[0].split("recursive import of")[1].split(" | ")[0],
            "roles/b/meta/main.yml:1:16: the role 'a' depends on itself",
            "site.yml:1:3: recursive import_playbook",
            "t.yml:2:18: recursive include of" + found.errors[3].split("recursive include of")[1].split(" | ")[0],
        )
    ]


def test_recursion_that_a_condition_may_end_is_none(tasks):
    found = tasks("- include_tasks: t.yml", {"t.yml": "- ping:\n- include_tasks: t.yml\n  when: rack > 9\n"})
    assert (found.errors, found.warnings) == ([], [])


def test_what_a_loop_may_never_come_to_is_late(tasks):
    found = tasks("""
        - debug: {msg: "{{ item | uper }}"}
          when: (item == 1))
          loop: "{{ list }}"
        - template: {src: a.j2, dest: /x}
          with_items: ["{{ list }}"]
        - debug: {msg: "{{ item | uper }}"}
          with_items: [1]
        """, {"templates/a.j2": "{{ 'x' | uper }}\n"}, extra=("list=[]",))  # fmt: skip
    assert found.late == [
        "site.yml:4:11: Syntax error in expression: unexpected ')'",
        "templates/a.j2:1: No filter named 'uper'. | did you mean 'upper'?",
    ]
    assert found.errors[1] == "site.yml:8:29: No filter named 'uper'. | did you mean 'upper'?"


def test_a_mistake_is_told_once(project):
    found = project("""
        - hosts: web
          tasks: &tasks
            - debug: {msg: "{{ 'x' | uper }}"}
        - hosts: nobody
          tasks: *tasks
        """)  # fmt: skip
    assert (len(found.errors), found.late) == (1, [])
