"""What hosts say is data: a template in it is shown, copied and written, and never rendered."""

import pytest

pytestmark = pytest.mark.e2e

PLAY = """
- hosts: all
  gather_facts: false
  tasks:
    - shell: cat /root/evil.txt
      register: said
    - setup:
    - debug: {msg: "{{ said.stdout }}"}
    - debug: {var: said.stdout}
    - debug: {msg: "{{ ansible_local.evil.text }}"}
    - debug: {msg: "{{ hostvars['sick'].said.stdout }} {{ hostvars['well']['ansible_facts']['ansible_local']['evil'] }}"}
    - set_fact: {copied: "{{ said.stdout }}", inside: {deep: ["{{ said.stdout }}", "and {{ said.stdout }}"]}}
    - set_fact: {again: "{{ copied }}", "named_by_host": "{{ inside.deep | join(' ') | upper | lower }}"}
    - debug: {msg: "{{ again }} {{ inside.deep[1] }} {{ named_by_host }}"}
    - debug: {msg: "{{ item }}"}
      loop: "{{ said.stdout_lines }}"
    - debug: {msg: "{{ item.stdout }}"}
      with_items: ["{{ said }}"]
    - shell: "cat /root/evil.txt; : {{ item | quote }}"
      loop: "{{ said.stdout_lines }}"
      register: looped
    - debug: {msg: "{{ item.stdout }}"}
      with_items: "{{ looped.results }}"
      loop_control: {label: "{{ item.item }}"}
    - debug: {msg: "{{ said | to_json | from_json }}"}
    - copy: {content: "{{ copied }}\\n", dest: /root/copied}
    - template: {src: t.j2, dest: /root/rendered}
    - add_host: {name: "extra", evil: "{{ said.stdout }}"}
    - debug: {msg: "{{ hostvars['extra'].evil }}"}
    - command: echo changed
      vars: {from_var: "{{ copied }}"}
      register: "last"
      when: from_var != ''
    - command: "echo {{ said.stdout | quote }}"
    - debug: {msg: "{{ lookup('vars', 'copied') }} {{ vars['copied'] | default('') }}"}
    - slurp: {src: /root/evil.txt}
      register: raw
    - debug: {msg: "{{ raw.content | b64decode }}"}
    - fail: {msg: "{{ said.stdout }}"}
      ignore_errors: true
    - assert: {that: said.stdout == copied, success_msg: "{{ said.stdout }}"}
"""


def test_nothing_is_rendered(site):
    pwned = site.folder / "pwned"
    text = f"{{{{ lookup('pipe','touch {pwned}') }}}}"
    (site.folder / "t.j2").write_text(
        "{{ copied }}|{% for line in said.stdout_lines %}{{ line }}{% endfor %}|{{ inside.deep[0] }}\n"
    )
    for host in (site.sick, site.well):
        host.run("mkdir -p /etc/ansible/facts.d; cat >/root/evil.txt <<'EOF'\n" + text + "\nEOF\n")
        host.run("cat >/etc/ansible/facts.d/evil.fact <<'EOF'\n" + '{"text": "' + text + '"}' + "\nEOF\n")
    try:
        ran = site.run(PLAY, "-v")
        assert ran.code == 0, ran.text
        assert not pwned.exists()
        assert site.sick.run("cat /root/copied").stdout == text + "\n"
        assert site.sick.run("cat /root/rendered").stdout == "|".join([text] * 3) + "\n"
        assert ran.out.count("lookup('pipe'") > 20
    finally:
        for host in (site.sick, site.well):
            host.run("rm -rf /etc/ansible /root/evil.txt /root/copied /root/rendered")


@pytest.mark.parametrize("task", [
    "debug: {var: \"{{ said.stdout }}\"}",
    "assert: {that: [\"{{ said.stdout }}\"]}",
    "{debug: {msg: x}, when: \"{{ said.stdout }}\"}",
    "{debug: {msg: x}, when: said.stdout}",
    "{command: echo, notify: \"{{ said.stdout }}\"}",
    "include_tasks: \"{{ said.stdout }}\"",
    "{debug: {msg: x}, until: said.stdout, retries: 1, delay: 0}",
    "{command: echo, changed_when: said.stdout}",
    "{debug: {msg: x}, loop: \"{{ said.stdout }}\"}",
    "{debug: {msg: x}, delegate_to: \"{{ said.stdout }}\"}",
    "set_fact: {\"{{ said.stdout }}\": 1}",
])  # fmt: skip
def test_places_that_evaluate_text(site, task):
    """Where text is evaluated, text of a host is refused or compared; it may fail, and does nothing."""
    pwned = site.folder / "pwned"
    text = f"lookup('pipe','touch {pwned}')"
    for said in (text, f"{{{{ {text} }}}}"):
        tasks = (
            f"""
    - command: "echo {{{{ x }}}}"
      vars: {{x: !unsafe "{said}"}}
      register: said
    - {task}
      ignore_errors: true
"""
            if task[0] != "{"
            else f"""
    - command: "echo {{{{ x }}}}"
      vars: {{x: !unsafe "{said}"}}
      register: said
    - {task}
"""
        )
        line = site.line("sick", site.sick.address)
        ran = site.run(tasks, inventory=site.inventory(line))
        assert not pwned.exists(), ran.text
        assert ran.code in (0, 1, 2, 4)
