"""Random plays for property tests, and the tool their tasks call.

Every task calls ``DO ok|fail NUMBER words``: it prints its words, and fails or not. The same text runs
against the fake host of the unit tests and, with ``SCRIPT`` installed, with real tools on real hosts.
"""

from __future__ import annotations

import random
from pathlib import Path

SCRIPT = '#!/bin/sh\nword=$1; shift; echo "$*"; [ "$word" = ok ]\n'
INCLUDED = """
- name: inc1 {{ which }}
  command: "{{ DO }} ok inc1 {{ which }} {{ r1.stdout | default('-') }}"
  register: r1
- name: inc2 {{ which }}
  command: "{{ DO }} {{ word | default('ok') }} inc2 {{ which }}"
  notify: h1
  register: r2
"""
ROLE = {
    "tasks/main.yml": """
- name: role1
  command: "{{ DO }} {{ role_word | default('ok') }} role1 {{ kept }} {{ r2.stdout | default('-') }}"
  notify: [h2, role handler]
  register: r2
- import_tasks: more.yml
""",
    "tasks/more.yml": """
- name: role2
  command: "{{ DO }} ok role2 {{ r1 is defined }}"
  changed_when: r2 is changed
  notify: role topic
""",
    "handlers/main.yml": """
- name: role handler
  command: "{{ DO }} ok role-handler {{ kept }}"
- name: listener
  command: "{{ DO }} ok listener"
  listen: [role topic, topic]
""",
    "defaults/main.yml": "kept: default\n",
}
HANDLERS = 4


def write_files(folder: Path) -> None:
    """The file and the role that plays include."""
    (folder / "included.yml").write_text(INCLUDED)
    for name, text in ROLE.items():
        path = folder / "roles" / "ra" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)


def do(command: str) -> dict:
    """What the tool does, as a module's result."""
    _, word, *words = command.split()
    line = " ".join(words)
    rc = 0 if word == "ok" else 1
    made = {"changed": True, "rc": rc, "stdout": line, "stderr": "", "cmd": command.split()}
    return made if not rc else {**made, "failed": True, "msg": "non-zero return code"}


HOSTS = ("a", "b", "c", "d")


class Author:
    """Writes one play from a seed. For several ``hosts`` it also has what tells them apart and ties them together."""

    def __init__(self, seed: int, *, size: int = 14, hosts: int = 1) -> None:
        self.dice = random.Random(seed)
        self.left = self.dice.randint(2, size)
        self.number = 0
        self.hosts = HOSTS[:hosts] if hosts > 1 else ()
        self.free = False

    def play(self) -> str:
        lines = ["- hosts: all", "  gather_facts: false", *self.together()]
        if self.maybe(0.15):
            lines.append("  force_handlers: true")
        if self.maybe(0.1):
            lines += self.unless_free("  any_errors_fatal: true")
        if self.maybe(0.15):
            lines.append("  roles: [{role: ra, kept: given}]")
        if self.maybe(0.2):
            lines += ["  pre_tasks:", *self.indent(self.tasks(1), 4)]
        lines += ["  tasks:"]
        while self.left > 0:
            lines += self.indent(self.tasks(0), 4)
        lines += ["  handlers:"]
        for number in range(1, HANDLERS + 1):
            lines += self.indent(self.handler(number), 4)
        return "\n".join(lines) + "\n"

    def together(self) -> list[str]:
        """What a play says about its hosts as a whole."""
        if not self.hosts:
            return []
        lines = []
        if self.maybe(0.12):
            # Who is how far is nobody's promise then, so nothing below may look at the others.
            self.free = True
            lines.append("  strategy: free")
        elif self.maybe(0.12):
            lines.append(f"  max_fail_percentage: {self.dice.choice([0, 25, 34, 50, 60])}")
        elif self.maybe(0.1):
            lines.append("  strategy: linear")
        if self.maybe(0.25):
            lines.append(f"  serial: {self.dice.choice(['1', '2', '3', '[1, 2]', '50%'])}")
        return lines

    def who(self) -> str:
        """A condition that some hosts meet and others do not."""
        host = self.dice.choice(self.hosts)
        return self.dice.choice([f"inventory_hostname == '{host}'", f"inventory_hostname != '{host}'"])

    def maybe(self, chance: float) -> bool:
        return self.dice.random() < chance

    @staticmethod
    def indent(lines: list[str], by: int) -> list[str]:
        return [" " * by + line for line in lines]

    def tasks(self, depth: int) -> list[str]:
        lines: list[str] = []
        for _ in range(self.dice.randint(1, 4)):
            lines += self.node(depth)
        return lines

    def node(self, depth: int) -> list[str]:
        self.left -= 1
        roll = self.dice.random()
        if roll < 0.2 and depth < 3:
            return self.block(depth)
        if roll < 0.3:
            return self.meta()
        if roll < 0.4:
            return self.set_fact()
        if roll < 0.46:
            return self.include()
        if roll < 0.50:
            return self.role()
        if roll < 0.56:
            return self.judge()
        return self.command()

    def block(self, depth: int) -> list[str]:
        lines = ["- block:", *self.indent(self.tasks(depth + 1), 4)]
        if self.maybe(0.6):
            lines += ["  rescue:", *self.indent(self.tasks(depth + 1), 4)]
        if self.maybe(0.5):
            lines += ["  always:", *self.indent(self.tasks(depth + 1), 4)]
        return lines + self.keywords(block=True)

    def meta(self) -> list[str]:
        if self.maybe(0.1):
            return ["- meta: end_host", f"  when: {defined(self.condition())}"]
        return [f"- meta: {self.dice.choice(['flush_handlers', 'flush_handlers', 'noop'])}"]

    def set_fact(self) -> list[str]:
        self.number += 1
        if self.hosts and not self.free and self.maybe(0.2):
            # One host sets it for one other: who of several is last is nobody's promise.
            setter, receiver = self.dice.choice(self.hosts), self.dice.choice(self.hosts)
            return [
                f"- name: t{self.number}",
                f"  set_fact: {{f{self.dice.randint(1, 3)}: of t{self.number}}}",
                f"  delegate_to: {receiver}",
                "  delegate_facts: true",
                f"  when: inventory_hostname == '{setter}'",
            ]
        if self.hosts and self.maybe(0.4):
            value = self.dice.choice(["{{ inventory_hostname }}", "{{ f1 | default('unset') }}", f"of t{self.number}"])
            lines = [f"- name: t{self.number}", f'  set_fact: {{x{self.dice.randint(1, 2)}: "{value}"}}']
            return lines + (self.when() if self.maybe(0.3) else [])
        value = self.dice.choice(["7", self.word(), "{{ f1 | default(0) | int + 1 }}"])
        lines = [f"- name: t{self.number}", f'  set_fact: {{f{self.dice.randint(1, 3)}: "{value}"}}']
        return lines + (self.when() if self.maybe(0.3) else [])

    def include(self) -> list[str]:
        self.number += 1
        lines = [f"- name: t{self.number}", "  include_tasks: included.yml"]
        given = {"which": self.dice.choice([f"w{self.number}", self.word()])}
        if self.maybe(0.2):
            given["word"] = "fail"
        if self.maybe(0.4):
            lines.append("  loop: [x, y]")
            given["which"] = f"w{self.number}-{{{{ item }}}}"
        lines.append("  vars: {" + ", ".join(f'{name}: "{value}"' for name, value in given.items()) + "}")
        return lines + (self.when() if self.maybe(0.3) else [])

    def role(self) -> list[str]:
        self.number += 1
        lines = [f"- name: t{self.number}", f"  {self.dice.choice(['include_role', 'import_role'])}: {{name: ra}}"]
        given = {"kept": self.word(alone=True)}
        if self.maybe(0.2):
            given["role_word"] = "fail"
        lines.append("  vars: {" + ", ".join(f'{name}: "{value}"' for name, value in given.items()) + "}")
        return lines + (self.when() if self.maybe(0.3) else [])

    def judge(self) -> list[str]:
        """Actions of the controller."""
        self.number += 1
        what = self.dice.choice(
            ['debug: {msg: "%s"}' % self.word(), 'assert: {that: "%s"}' % self.condition(), "fail: {msg: on purpose}"]
        )
        lines = [f"- name: t{self.number}", f"  {what}"]
        return lines + (self.when() if self.maybe(0.4) else []) + self.keywords()

    def command(self) -> list[str]:
        self.number += 1
        name, word = f"t{self.number}", "fail" if self.maybe(0.14) else "ok"
        words = self.word() if self.maybe(0.35) else "plain"
        loop = self.maybe(0.2)
        if loop and self.maybe(0.3):
            word = "{{ 'fail' if item == 'q' else 'ok' }}"
        elif self.hosts and self.maybe(0.2):
            word = f"{{{{ 'fail' if {self.who()} else 'ok' }}}}"
        words += " {{ item }}" if loop else ""
        lines = [f"- name: {name}", f'  command: "{{{{ DO }}}} {word} {name} {words}"']
        if loop:
            lines.append(f"  loop: {self.dice.choice(['[p, q]', '[p]', '[]', '[q, r, s]'])}")
        if self.maybe(0.5):
            lines.append(f"  register: r{self.dice.randint(1, 4)}")
        if self.maybe(0.3):
            lines += self.when()
        if self.maybe(0.35):
            lines.append(f"  notify: {self.dice.choice(['h1', 'h2', '[h3, h1]', 'topic', '[h4, topic]'])}")
        if self.maybe(0.2):
            lines.append(f"  changed_when: {self.dice.choice(['false', 'true', self.condition()])}")
        if self.maybe(0.08):
            until = self.dice.choice(["again.rc == 0", "again is not failed", self.condition()])
            lines = [line for line in lines if not line.startswith("  register:")]
            lines += ["  register: again", f"  until: {until}", "  retries: 2", "  delay: 0"]
        if self.maybe(0.08):
            lines.append("  delegate_to: localhost")
        if self.maybe(0.08):
            lines += self.unless_free("  run_once: true")
        if self.maybe(0.05):
            lines += self.unless_free("  any_errors_fatal: true")
        if self.maybe(0.1):
            lines.append(f"  failed_when: {self.dice.choice(['false', self.condition()])}")
        return lines + self.keywords()

    def keywords(self, block: bool = False) -> list[str]:
        lines = []
        if self.maybe(0.12):
            lines.append("  ignore_errors: " + self.dice.choice(["true", "true", '"{{ f1 is defined }}"']))
        if block and self.maybe(0.2):
            # A meta task inside with a condition that fails ends the whole run for ansible-core, without a recap.
            lines.append(f"  when: {defined(self.condition())}")
        if self.maybe(0.05):
            lines.append("  no_log: true")
        return lines

    def handler(self, number: int) -> list[str]:
        word = "fail" if self.maybe(0.06) else "ok"
        lines = [f"- name: h{number}", f'  command: "{{{{ DO }}}} {word} h{number} {self.word(alone=True)}"']
        if number % 2 == 0:
            lines.append("  listen: topic")
        if number < HANDLERS and self.maybe(0.3):
            lines.append(f"  notify: h{number + 1}")
        if self.maybe(0.3):
            lines.append(f"  register: r{self.dice.randint(1, 4)}")
        if self.maybe(0.2):
            lines += self.when()
        return lines

    def unless_free(self, line: str) -> list[str]:
        return [] if self.free else [line]

    def when(self) -> list[str]:
        return [f"  when: {self.condition()}"]

    def condition(self) -> str:
        if self.hosts and self.maybe(0.3):
            return self.who()
        r, f = f"r{self.dice.randint(1, 4)}", f"f{self.dice.randint(1, 3)}"
        return self.dice.choice(
            [f"{r} is defined", f"{r} is not defined", f"{r} is defined and {r} is changed", f"{r}.rc | default(0) == 0",
             f"{r} is not defined or {r} is failed", f"{f} is not defined", f"{f} | default(0) | int > 0",
             f"not ({r}.skipped | default(false))", f"{r}.results | default([]) | length < 2", f"{r}.stdout != ''"],
            )  # fmt: skip

    def word(self, alone: bool = False) -> str:
        # Hosts do not meet at handlers: what another host sets behind the flush may be there already (``alone``).
        if self.hosts and not self.free and not alone and self.maybe(0.12):
            # What the same task sets on the other host may be there already or not: x1 and x2 have tasks of their own.
            name = self.dice.choice(["x1", "x2"])
            return f"{{{{ hostvars['{self.dice.choice(self.hosts)}'].{name} | default('nobody') }}}}"
        r, f = f"r{self.dice.randint(1, 4)}", f"f{self.dice.randint(1, 3)}"
        return self.dice.choice(
            [f"{{{{ {r}.stdout | default('none') }}}}", f"{{{{ {f} | default('unset') }}}}",
             f"{{{{ {r}.rc | default(9) }}}}", f"{{{{ {r} is defined }}}}",
             "{{ ansible_failed_task.name | default('nothing') }}"],
        )  # fmt: skip


def defined(condition: str) -> str:
    """``condition`` made one that cannot fail."""
    return condition.replace(".stdout != ''", ".stdout | default('') != ''")
