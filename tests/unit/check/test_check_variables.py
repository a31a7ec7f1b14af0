"""Undefined variables: an error where the read is certain, silence where something may define or forgive it."""

from __future__ import annotations

import pytest

UNDEFINED = [
    ("- debug: {msg: '{{ prot }}'}", "3:22: 'prot' is undefined | did you mean 'port'?"),
    ("- debug: {msg: '{{ nosuch.a | upper }}'}", "3:22: 'nosuch' is undefined"),
    ("- ping:\n  when: nosuch == 1", "4:11: 'nosuch' is undefined"),
    ("- ping:\n  when:\n    - nosuch == 1\n    - port == 1", "5:9: 'nosuch' is undefined"),
    ("- ping:\n  when: nosuch and port", "4:11: 'nosuch' is undefined"),
    (
        "- command: ls\n  register: result\n- debug: {msg: x}\n  when: resutl.rc == 0",
        "6:11: 'resutl' is undefined | did you mean 'result'?",
    ),
    (
        "- command: ls\n  register: result\n- ping:\n  when: reslt is failed",
        "6:11: 'reslt' is undefined | did you mean 'result'?",
    ),
    ("- command: ls\n  register: result\n  until: resutl.rc == 0", None),
    ("- command: 'ls {{ item }}'\n  loop: [1, '{{ nosuch }}']", "4:19: 'nosuch' is undefined"),
    ("- command: 'ls {{ itme }}'\n  loop: [1]", "3:21: 'itme' is undefined"),
    ("- command: 'ls {{ item }}'", "3:21: 'item' is undefined"),
    ("- assert: {that: [nosuch > 1]}", "3:21: 'nosuch' is undefined"),
    ("- ping:\n  environment: {A: '{{ nosuch }}'}", "4:26: 'nosuch' is undefined"),
    ("- ping:\n  delegate_to: '{{ nosuch }}'", "4:22: 'nosuch' is undefined"),
    ("- debug: {msg: \"{{ 'a' if nosuch else 'b' }}\"}", "3:29: 'nosuch' is undefined"),
    ("- debug:\n    msg: |\n      one\n      {% for x in nosuch %}{{ x }}{% endfor %}", "6:21: 'nosuch' is undefined"),
    ("- set_fact: {a: '{{ nosuch }}'}", "3:23: 'nosuch' is undefined"),
    ("- block:\n    - debug: {msg: '{{ nosuch }}'}", "4:26: 'nosuch' is undefined"),
]


@pytest.mark.parametrize(("text", "expected"), UNDEFINED, ids=[text for text, _ in UNDEFINED])
def test_certain_reads(project, text, expected):
    body = "\n".join(f"  {line}" for line in text.splitlines())
    found = project({"site.yml": f"- hosts: web\n  tasks:\n{body}\n", "group_vars/web.yml": "port: 80\n"})
    if expected is None:
        # Only a warning: `until` may be meant to fail the task.
        assert (found.errors, found.warnings) == (
            [],
            ["site.yml:5:12: 'resutl' is defined nowhere | did you mean 'result'?"],
        )
        return
    assert len(found.errors) == 1
    got = found.errors[0].removeprefix("site.yml:")
    assert got == expected or got.startswith(f"{expected} | ")


FORGIVEN = [
    "- debug: {msg: \"{{ nosuch | default('x') }}\"}",
    "- debug: {msg: \"{{ nosuch.a['b'].c | d('x') }}\"}",
    "- debug: {msg: '{{ nosuch | bool | default(true) }}'}",
    "- ping:\n  when: nosuch is defined",
    "- ping:\n  when: nosuch is defined and nosuch == 1",
    "- debug: {msg: '{{ nosuch }}'}\n  when: nosuch is defined",
    "- debug: {msg: '{{ nosuch }}'}\n  when: port == 81",
    "- ping:\n  when: true or nosuch",
    "- ping:\n  when:\n    - port == 81\n    - nosuch",
    "- debug: {msg: \"{{ 'a' if port == 80 else nosuch }}\"}",
    "- debug: {msg: \"{{ port == 80 and 'x' or nosuch }}\"}",
    "- debug: {msg: \"{{ (port == 80) | ternary('x', nosuch) }}\"}",
    '- debug: {msg: "{% if port == 81 %}{{ nosuch }}{% endif %}"}',
    "- debug: {var: nosuch}",
    "- debug: {msg: '{{ nosuch }}'}\n  ignore_errors: true",
    "- debug: {msg: '{{ nosuch }}'}\n  vars: {nosuch: 1}",
    "- name: 'x {{ nosuch }}'\n  ping:",
    "- ping:\n  vars: {a: '{{ nosuch }}'}",
    "- command: 'ls {{ nosuch }}'\n  loop: '{{ port_list }}'\n  vars: {port_list: []}",
    "- block:\n    - debug: {msg: '{{ nosuch }}'}\n  rescue:\n    - debug: {msg: '{{ ansible_failed_result.msg }}'}",
    "- debug: {msg: '{% set x = 1 %}{{ x }}{% for y in [1] %}{{ y }}{{ loop.index }}{% endfor %}'}",
    "- debug: {msg: '{% macro m(a) %}{{ a }}{% endmacro %}{{ m(1) }}'}",
    '- debug: {msg: "{{ ansible_facts.os_family }} {{ ansible_hostname }} {{ inventory_hostname }} {{ omit }}"}',
    "- debug: {msg: '{{ rack }} {{ port }} {{ groups.web }} {{ hostvars.web1.rack }} {{ playbook_dir }}'}",
    '- debug: {msg: \'{{ now() }} {{ query("env", "HOME") }} {{ range(3) | list }} {{ dict(a=1) }}\'}',
    "- command: ls\n  register: result\n- debug: {msg: '{{ result.stdout }}'}",
    "- set_fact: {fact: 1}\n- debug: {msg: '{{ fact }}'}",
    "- set_fact: '{{ \"a\" ~ \"b\" }}=1'\n- debug: {msg: '{{ ab }}'}",
    "- set_fact: {'{{ \"a\" ~ \"b\" }}': 1}\n- debug: {msg: '{{ ab }}'}",
    "- include_vars: '{{ inventory_hostname }}.yml'\n- debug: {msg: '{{ from_there }}'}",
    "- include_vars: more.yml\n- debug: {msg: '{{ from_more }}'}",
    "- include_vars: {file: more.yml, name: bag}\n- debug: {msg: '{{ bag.from_more }}'}",
    "- include_tasks: '{{ inventory_hostname }}.yml'\n- debug: {msg: '{{ from_there }}'}",
    "- acme.tools.frob:\n  when: false\n- debug: {msg: '{{ set_by_frob }}'}",
    "- service_facts:\n- package_facts:\n- debug: {msg: '{{ services }} {{ packages }}'}",
    "- meta: end_host\n  when: port == 80\n- debug: {msg: '{{ nosuch }}'}",
    "- fail:\n- debug: {msg: '{{ nosuch }}'}",
    "- debug: {msg: '{{ x }} {{ i }}'}\n  loop: [1]\n  loop_control: {loop_var: x, index_var: i, label: '{{ x }}'}",
    "- include_tasks: inner.yml\n  loop: [1]",
    "- include_tasks: inner.yml\n  vars: {item: 1}",
    "- add_host: {name: new, groups: fresh, color: red}\n- debug: {msg: \"{{ groups['fresh'] }}\"}",
    "- template: {src: t.j2, dest: /x}",
    "- debug: {msg: '{{ nosuch }}'}\n  loop: []",
    "- debug: {msg: !unsafe '{{ nosuch }}'}",
    "- debug: {msg: '{% raw %}{{ nosuch }}{% endraw %}'}",
    "- assert: {that: nosuch is undefined, fail_msg: '{{ nosuch }}'}",
]


@pytest.mark.parametrize("text", FORGIVEN)
def test_no_false_alarm(project, text):
    body = "\n".join(f"  {line}" for line in text.splitlines())
    found = project(
        {
            "site.yml": f"- hosts: web\n  tasks:\n{body}\n",
            "group_vars/web.yml": "port: 80\n",
            "more.yml": "from_more: 1\n",
            "inner.yml": "- debug: {msg: '{{ item }}'}\n",
            "templates/t.j2": "{{ port }} {{ template_path }} {{ x | default('') }}{% set a = 1 %}{{ a }}\n"
            "{% if port == 81 %}{{ nosuch }}{% endif %}\n",
        }
    )
    assert found.errors == []


def test_everything_that_defines(project):
    found = project(
        {
            "site.yml": """
            - hosts: web
              vars: {play_var: 1}
              vars_files: [more.yml]
              vars_prompt: [{name: asked, prompt: x}]
              roles: [{role: r, param: 1}]
              tasks:
                - include_role: {name: dynamic}
                  vars: {given: 1}
                - debug:
                    msg: "{{ play_var }} {{ from_more }} {{ asked }} {{ default_of_r }} {{ var_of_r }} {{ extra }} {{ later }}"
                  vars: {own: "{{ play_var }}"}
            - hosts: db
              tasks:
                - command: ls
                  register: later
            """,
            "more.yml": "from_more: 1\n",
            "roles/r/defaults/main.yml": "default_of_r: 1\n",
            "roles/r/vars/main.yml": "var_of_r: 1\n",
            "roles/r/tasks/main.yml": "- debug: {msg: '{{ param }} {{ default_of_r }} {{ role_path }} {{ role_name }}'}\n",
            "roles/dynamic/defaults/main.yml": "own_default: 1\n",
            "roles/dynamic/tasks/main.yml": "- debug: {msg: '{{ given }} {{ own_default }}'}\n",
        },
        extra=("extra=1",),
    )
    assert (found.errors, found.warnings) == ([], [])


def test_a_play_without_hosts_reads_nothing(project):
    assert project("- hosts: nobody\n  tasks: [{debug: {msg: '{{ nosuch }}'}}]\n").errors == []


def test_hosts_from_a_prompt_are_no_mistake(project):
    found = project("- hosts: '{{ target }}'\n  vars_prompt: [{name: target, prompt: Where}]\n  tasks: [{ping: }]\n")
    assert found.errors == []


def test_a_slip_behind_a_condition_is_a_warning(project):
    found = project(
        """
        - hosts: web
          tasks:
            - command: ls
              register: result
            - ping:
              when: rack == 3 and resutl.rc == 0
        """
    )
    assert found.errors == []
    assert found.warnings == ["site.yml:7:27: 'resutl' is defined nowhere | did you mean 'result'?"]
