"""Encrypted files and values in whole runs on the local machine: they work everywhere and are never shown."""

from __future__ import annotations

import json
import textwrap
from pathlib import Path

import pytest

from fleet.vault.crypt import encrypt

PLAY = "- hosts: localhost\n  gather_facts: false\n  connection: local\n"


def block(plain: str, label: str = "") -> str:
    """A ``!vault`` value, to stand behind ``name:``."""
    return "!vault |\n" + textwrap.indent(encrypt(plain.encode(), b"secret", label).decode(), " " * 10)


def put(path: Path, text: str, closed: bool = False) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(encrypt(text.encode(), b"secret") if closed else text.encode())


def results(out: str) -> dict[str, dict[str, object]]:
    """Task name -> its result, from jsonl."""
    events = [json.loads(line) for line in out.splitlines()]
    return {event["task"]["name"]: event["result"] for event in events if event["event"] == "task_result"}


def test_every_kind_of_file_may_be_encrypted_as_a_whole(fleet, tmp_path: Path) -> None:
    put(tmp_path / "hosts.yml", "all: {hosts: {localhost: {in_inventory: yes-inventory}}}\n", closed=True)
    put(tmp_path / "group_vars/all.yml", "in_group: yes-group\n", closed=True)
    put(tmp_path / "host_vars/localhost.json", '{"in_host": "yes-host"}', closed=True)
    put(tmp_path / "vars.yml", "in_file: yes-file\n", closed=True)
    put(tmp_path / "extra.yml", "in_extra: yes-extra\n", closed=True)
    put(tmp_path / "included.yml", "in_included: yes-included\n", closed=True)
    put(tmp_path / "roles/r/defaults/main.yml", "in_defaults: yes-defaults\n", closed=True)
    put(tmp_path / "roles/r/vars/main.yml", "in_vars: yes-vars\n", closed=True)
    put(
        tmp_path / "roles/r/tasks/main.yml",
        "- include_vars: ../../included.yml\n- import_tasks: more.yml\n",
        closed=True,
    )
    put(tmp_path / "roles/r/tasks/more.yml", "- include_tasks: dynamic.yml\n", closed=True)
    names = [f"in_{name}" for name in "inventory group host file extra included defaults vars".split()]
    joined = " ~ ' ' ~ ".join(names)
    check = f"- copy: {{content: \"{{{{ {joined} }}}}\", dest: '{tmp_path}/seen'}}\n"
    put(tmp_path / "roles/r/tasks/dynamic.yml", check, closed=True)
    put(tmp_path / "site.yml", PLAY + "  vars_files: [vars.yml]\n  roles: [r]\n", closed=True)
    put(tmp_path / "top.yml", "- import_playbook: site.yml\n", closed=True)
    for verb in ("check", "apply"):
        ran = fleet(verb, "-i", "hosts.yml", "-e", "@extra.yml", "--vault-password-file", "pw", "top.yml")
        assert ran.code == 0, ran.out + ran.err
    assert (tmp_path / "seen").read_text() == " ".join(f"yes-{name[3:]}" for name in names)


def test_sources_of_modules_and_lookups_are_opened(fleet, tmp_path: Path) -> None:
    put(tmp_path / "files/data.bin", "payload-one\n", closed=True)
    put(tmp_path / "files/tree/leaf", "leaf-two\n", closed=True)
    put(tmp_path / "templates/t.j2", "template {{ 40 + 2 }}\n", closed=True)
    put(tmp_path / "files/run.sh", "#!/bin/sh\necho script-three > $1\n", closed=True)
    put(tmp_path / "files/parts/1", "part-four\n", closed=True)
    put(
        tmp_path / "p.yml",
        PLAY
        + f"""  vars: {{d: '{tmp_path}'}}
  tasks:
  - copy: {{src: data.bin, dest: '{{{{ d }}}}/copied'}}
  - copy: {{src: data.bin, dest: '{{{{ d }}}}/raw', decrypt: false}}
  - copy: {{src: tree/, dest: '{{{{ d }}}}/out/'}}
  - template: {{src: t.j2, dest: '{{{{ d }}}}/rendered'}}
  - script: run.sh {{{{ d }}}}/script
  - assemble: {{src: parts, dest: '{{{{ d }}}}/assembled', remote_src: false}}
  - copy: {{content: "{{{{ lookup('file', 'data.bin') }}}}-{{{{ lookup('unvault', 'data.bin') }}}}", dest: '{{{{ d }}}}/looked'}}
""",
    )
    ran = fleet("apply", "--diff", "--vault-id", "pw", "p.yml")
    assert ran.code == 0, ran.out + ran.err
    expected = {
        "copied": "payload-one\n",
        "out/leaf": "leaf-two\n",
        "rendered": "template 42\n",
        "script": "script-three\n",
        "assembled": "part-four\n",
        "looked": "payload-one-payload-one\n",
    }
    assert {name: (tmp_path / name).read_text() for name in expected} == expected
    assert (tmp_path / "raw").read_bytes() == (tmp_path / "files/data.bin").read_bytes()
    for secret in ("payload-one", "leaf-two", "part-four"):
        assert secret not in ran.out + ran.err, secret


def test_values_are_opened_wherever_they_stand_and_are_no_templates(fleet, tmp_path: Path) -> None:
    put(
        tmp_path / "p.yml",
        PLAY
        + f"""  vars:
    secret: {block("s3cr3t-{{ 1 + 1 }}", "dev")}
    nested: {{"a": ["{{{{ secret }}}}"]}}
    broken: !vault |
      $ANSIBLE_VAULT;1.1;AES256
      zz
  tasks:
  - copy:
      dest: '{tmp_path}/in_arguments'
      content: {block("direct-secret")}
  - copy: {{dest: '{tmp_path}/in_template', content: "{{{{ nested.a[0] }}}}|{{{{ secret | length }}}}"}}
  - name: kept
    set_fact: {{kept: "{{{{ secret }}}}"}}
  - name: known
    debug: {{msg: "{{{{ [secret is vault_encrypted, kept is vault_encrypted, (secret ~ '') is vault_encrypted] }}}}"}}
  - name: shown
    debug: {{var: nested}}
  - name: on the host
    command: echo s3cr3t-{{% raw %}}'{{{{ 1 + 1 }}}}'{{% endraw %}}
  - name: damaged
    debug: {{var: broken}}
    ignore_errors: true
""",
    )
    ran = fleet("apply", "--format", "jsonl", "--vault-id", "pw", "-vv", "p.yml")
    assert ran.code == 0, ran.out + ran.err
    assert (tmp_path / "in_arguments").read_text() == "direct-secret"
    assert (tmp_path / "in_template").read_text() == "s3cr3t-{{ 1 + 1 }}|18"
    told = results(ran.out)
    assert told["known"]["msg"] == [True, True, False]
    assert "unhexlify error: Non-hexadecimal digit found" in str(told["damaged"]["msg"])
    assert told["shown"]["nested"] == {"a": ["********"]} and told["on the host"]["stdout"] == "********"
    assert "s3cr3t-{{ 1 + 1 }}" not in ran.out + ran.err and "direct-secret" not in ran.out + ran.err


@pytest.mark.parametrize(
    ("words", "what"),
    [
        ((), "Attempting to decrypt but no vault secrets found"),
        (("--vault-id", "pw2"), "Decryption failed (no vault secrets were found that could decrypt)"),
    ],
)
def test_without_the_password_a_run_says_what_it_cannot_open(fleet, tmp_path: Path, words, what: str) -> None:
    put(tmp_path / "value.yml", PLAY + f"  vars:\n    v: {block('x')}\n  tasks: [{{debug: {{var: v}}}}]\n")
    ran = fleet("apply", *words, "value.yml")
    assert ran.code == 2 and f"Attempt to use undecryptable variable: {what}" in ran.out
    put(tmp_path / "unused.yml", PLAY + f"  vars:\n    v: {block('x')}\n  tasks: [{{debug: {{msg: hi}}}}]\n")
    assert fleet("apply", *words, "unused.yml").code == 0
    put(tmp_path / "whole.yml", PLAY + "  tasks: []\n", closed=True)
    ran = fleet("apply", *words, "whole.yml")
    assert ran.code == 1 and f"whole.yml: {what}" in ran.err


def test_check_reports_what_it_cannot_open(fleet, tmp_path: Path) -> None:
    put(tmp_path / "group_vars/all.yml", "a: 1\n", closed=True)
    put(tmp_path / "p.yml", PLAY + "  tasks: []\n")
    ran = fleet("check", "-i", "localhost,", "--format", "json", "p.yml")
    told = json.loads(ran.out)
    assert ran.code == 1 and [Path(item["file"]).name for item in told if item["severity"] == "error"] == ["all.yml"]
    assert fleet("check", "-i", "localhost,", "--vault-id", "pw", "p.yml").code == 0


def test_mistakes_in_an_encrypted_file_do_not_show_it(fleet, tmp_path: Path) -> None:
    put(tmp_path / "vars.yml", "good: 1\npassword: hunter22: hunter23\n", closed=True)
    put(tmp_path / "p.yml", PLAY + "  vars_files: [vars.yml]\n  tasks: [{debug: {var: good}}]\n")
    ran = fleet("apply", "--vault-id", "pw", "p.yml")
    assert ran.code != 0 and "vars.yml:2:" in ran.err
    assert "hunter" not in ran.out + ran.err and "$ANSIBLE" not in ran.out + ran.err


def test_inventory_shows_values_as_they_are_encrypted(fleet, tmp_path: Path) -> None:
    put(tmp_path / "hosts.yml", f"all:\n  vars:\n    v: {block('x')}\n  hosts: {{a: }}\n", closed=True)
    ran = fleet("inventory", "list", "--json", "-i", "hosts.yml", "--vault-id", "pw")
    shown = json.loads(ran.out)["_meta"]["hostvars"]["a"]["v"]["__ansible_vault"]
    assert ran.code == 0 and shown.startswith("$ANSIBLE_VAULT;1.1;AES256\n")
    assert fleet("inventory", "--host", "a", "-i", "hosts.yml", "--vault-id", "pw").code == 0
    closed = fleet("inventory", "list", "-i", "hosts.yml")
    assert closed.code == 1 and "hosts.yml: Attempting to decrypt but no vault secrets found" in closed.err


def test_filters_encrypt_and_decrypt(fleet, tmp_path: Path) -> None:
    put(
        tmp_path / "p.yml",
        PLAY
        + f"""  vars:
    closed: {block("x", "dev")}
  tasks:
  - name: all
    debug:
      msg:
      - "{{{{ 'abc' | vault('b', salt='s') }}}}"
      - "{{{{ 'abc' | vault('b') | unvault('b') }}}}"
      - "{{{{ closed | unvault('secret') }}}}"
      - "{{{{ 'plain' | unvault('b') }}}}"
      - "{{{{ 'abc' | vault('b', wrap_object=true) is vault_encrypted }}}}"
  - name: wrong
    debug: {{msg: "{{{{ 'abc' | vault('b') | unvault('c') }}}}"}}
    ignore_errors: true
""",
    )
    told = results(fleet("apply", "--format", "jsonl", "--vault-id", "pw", "p.yml").out)
    armoured, *others = told["all"]["msg"]  # type: ignore[misc]
    # What ansible-core makes of the same words.
    assert armoured == (
        "$ANSIBLE_VAULT;1.2;AES256;filter_default\n"
        "37330a66613066306137353338633263336336363663323233643564313166656530356161303763\n"
        "6230393462313939656536616435383564343537653833653664390a323464333839653962376534\n"
        "6663653364366266376236333764656165363962\n"
    )
    assert others == ["abc", "x", "plain", True]
    assert "Unable to decrypt: Decryption failed" in str(told["wrong"]["msg"])
