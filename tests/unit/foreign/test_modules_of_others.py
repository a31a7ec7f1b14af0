"""Modules of a role, of a playbook and of a collection run through the command line, on this machine."""

import os
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

OWN = """#!/usr/bin/python
from ansible.module_utils.basic import AnsibleModule
from ansible.module_utils.greet import greet
from ansible.module_utils.six.moves.urllib.parse import urlparse


def main():
    module = AnsibleModule(
        {"name": {"required": True, "aliases": ["n"]}, "secret": {"no_log": True},
         "sizes": {"type": "list", "elements": "int"}, "how": {"choices": ["raise", "junk", "silent", "import", "aloud"]}},
        supports_check_mode=SUPPORTS)
    how = module.params["how"]
    if how == "raise":
        raise RuntimeError("boom")
    if how == "junk":
        print('noise\\n{"changed": true}\\nmore noise')
        raise SystemExit(0)
    if how == "aloud":
        import sys
        print("to stderr", file=sys.stderr)
    if how == "silent":
        print("nothing")
        raise SystemExit(3)
    if how == "import":
        import ansible.module_utils.not_there
    rc, out, err = module.run_command(["echo", "x y"], check_rc=True)
    module.exit_json(changed=True, greeting=greet(module.params["name"]), out=out, sizes=module.params["sizes"],
                     told="it is %s" % module.params["secret"], check=module.check_mode)


main()
"""


def fleet(folder, tasks, *options, **more):
    (folder / "play.yml").write_text("- hosts: localhost\n  gather_facts: false\n  roles: [r]\n  tasks:\n" + tasks)
    done = subprocess.run(
        [os.path.join(os.path.dirname(sys.executable), "fleet"), "apply", "play.yml", *options],
        cwd=folder, capture_output=True, text=True, timeout=60, env={**os.environ, **more},
    )  # fmt: skip
    return done.returncode, done.stdout + done.stderr


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name, text in {
        "roles/r/library/own.py": OWN.replace("SUPPORTS", "True"),
        "roles/r/library/unsure.py": OWN.replace("SUPPORTS", "False"),
        "roles/r/module_utils/greet.py": "def greet(name):\n    return 'hello ' + name\n",
        "roles/r/tasks/main.yml": "[]\n",
        "library/told.sh": '#!/bin/sh\n. "$1"\necho "{\\"changed\\": false, \\"who\\": \\"$who\\"}"\n',
        "library/wants.py": "#!/usr/bin/python\n# WANT_JSON\nimport json, sys\n"
        "print(json.dumps({'got': json.load(open(sys.argv[1]))['x'], 'changed': True}))\n",
        "collections/ansible_collections/a/b/plugins/modules/deep.py": "#!/usr/bin/python\n"
        "from ansible.module_utils.basic import AnsibleModule\nfrom ..module_utils.pack import thing\n"
        "AnsibleModule({}).exit_json(deep=thing.VALUE)\n",
        "collections/ansible_collections/a/b/plugins/module_utils/pack/__init__.py": "",
        "collections/ansible_collections/a/b/plugins/module_utils/pack/thing.py": "VALUE = 7\n",
        "collections/ansible_collections/a/b/plugins/modules/member.py": "#!/usr/bin/python\n"
        "from ansible.module_utils.basic import AnsibleModule\n"
        "module = AnsibleModule({'x': {}, 'y': {}})\nmodule.exit_json(x=module.params['x'], y=module.params['y'])\n",
        "collections/ansible_collections/a/b/meta/runtime.yml": "action_groups: {g: [member]}\n",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_all_kinds_run_and_answer(folder):
    rc, out = fleet(folder, """
    - own: {n: bob, secret: sesame, sizes: "1,2"}
      register: own
    - told: {who: "me too"}
      register: told
    - wants: x=3
      register: wants
    - a.b.deep:
      register: deep
    - own: {name: job, how: aloud}
      async: 20
      poll: 0
      register: job
    - async_status: {jid: "{{ job.ansible_job_id }}"}
      register: later
      until: later.finished
      delay: 1
      retries: 10
    - assert:
        that:
        - own is changed and own.greeting == 'hello bob' and own.out == 'x y\\n' and own.sizes == [1, 2]
        - own.told == 'it is ********'
        - told.who == 'me too' and told is not changed
        - wants.got == '3' and deep.deep == 7
        - later.greeting == 'hello job' and later.stderr == "to stderr\\n" and job.started
""")  # fmt: skip
    assert rc == 0, out
    assert "sesame" not in out


def test_failures_are_told_and_check_mode_skips(folder):
    rc, out = fleet(folder, """
    - own: {name: x, how: "{{ item }}"}
      loop: [raise, junk, silent, import, other]
      register: all
      ignore_errors: true
    - own: {sizes: x}
      register: missing
      ignore_errors: true
    - unsure: {name: x}
      check_mode: true
      register: unsure
    - own: {name: x}
      check_mode: true
      register: own
    - assert:
        that:
        - all.results[0].msg is search('boom') and all.results[0].exception is search('RuntimeError')
        - all.results[1] is changed and all.results[1].warnings[0] is search('junk after the JSON data')
        - all.results[2].rc == 3 and all.results[2].module_stdout == 'nothing\\n'
        - all.results[3].msg is search('ansible.module_utils.not_there')
        - all.results[4].msg is search("value of how must be one of")
        - "missing.msg == 'missing required arguments: name'"
        - unsure is skipped and unsure.msg is search('does not support check mode')
        - own.check
""")  # fmt: skip
    assert rc == 0, out


def test_own_module_wins_over_fleets_and_the_full_name_means_fleets(folder):
    (folder / "library" / "ping.py").write_text('#!/usr/bin/python\n# WANT_JSON\nprint(\'{"ping": "mine"}\')\n')
    rc, out = fleet(folder, """
    - {ping: , register: short}
    - {ansible.legacy.ping: , register: legacy}
    - {ansible.builtin.ping: , register: builtin}
    - assert: {that: [short.ping == 'mine', legacy.ping == 'mine', builtin.ping == 'pong']}
""")  # fmt: skip
    assert rc == 0, out


def test_defaults_of_an_action_group(folder):
    rc, out = fleet(folder, """
    - a.b.member: {y: own}
      register: member
      module_defaults: {group/a.b.g: {x: given, y: overridden}}
    - assert: {that: [member.x == 'given', member.y == 'own']}
""")  # fmt: skip
    assert rc == 0, out


SERVER = """
    - ask: {url: "{{ url }}/page"}
      register: good
    - ask: {url: "{{ url }}/missing"}
      register: missing
    - ask: {url: "http://127.0.0.1:1/"}
      register: nobody
    - assert:
        that:
        - good.status == 200 and good.body == 'a page'
        - missing.status == 404
        - nobody.status == -1 and nobody.body == ''
"""


def test_fetch_url_answers_with_what_happened(folder):
    (folder / "library" / "ask.py").write_text(
        "#!/usr/bin/python\nfrom ansible.module_utils.basic import AnsibleModule\n"
        "from ansible.module_utils.urls import fetch_url, url_argument_spec\n"
        "module = AnsibleModule(url_argument_spec())\n"
        "response, info = fetch_url(module, module.params['url'])\n"
        "body = response.read().decode() if response else ''\n"
        "module.exit_json(status=info['status'], body=body, msg=info['msg'])\n"
    )

    class Answers(BaseHTTPRequestHandler):
        def do_GET(self):
            found = self.path == "/page"
            self.send_response(200 if found else 404)
            self.end_headers()
            self.wfile.write(b"a page" if found else b"nothing")

        def log_message(self, *args):
            pass

    with HTTPServer(("127.0.0.1", 0), Answers) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        rc, out = fleet(folder, SERVER, "-e", f"url=http://127.0.0.1:{server.server_port}")
        server.shutdown()
    assert rc == 0, out


def test_a_time_limit_that_is_none_fails_the_task_alone(folder):
    rc, out = fleet(folder, """
    - told: {who: x}
      timeout: -1
      register: told
      ignore_errors: true
    - assert: {that: "told.msg is contains('Timeout -1 is invalid')"}
""")  # fmt: skip
    assert rc == 0, out


CORE = """
import json, sys
from ansible.module_utils._internal import FOUND
from ansible.module_utils.common.words import WORD
PASS_VARS = {"check_mode": ("check_mode", False)}


class AnsibleModule:
    def __init__(self, spec, **more):
        self.given = json.loads(_ANSIBLE_ARGS)["ANSIBLE_MODULE_ARGS"]

    def exit_json(self, **result):
        given = sorted(name for name in self.given if name.startswith("_ansible"))
        summary = {"event": {"msg": "care"}, "__ansible_type": "WarningSummary"}
        old = {"event": {"msg": "old"}, "deprecator": {"resolved_name": "a.b"}, "version": "3", "__ansible_type": "DeprecationSummary"}
        print(json.dumps({"word": WORD, "found": FOUND, "profile": _ANSIBLE_PROFILE, "given": given,
                          "warnings": [summary, "plain"], "deprecations": [old]}))
"""


def test_an_ansible_core_of_the_controller_instead_of_fleets(folder):
    core = folder / "core" / "module_utils"
    for name, text in {
        "basic.py": CORE,
        "_internal/__init__.py": "import importlib\n"
        "FOUND = importlib.import_module('ansible.module_utils._internal.' + 'hidden').FOUND\n",
        "_internal/hidden.py": "FOUND = 'by a name put together'\n",
        "common/words.py": "WORD = 'core'\n",
    }.items():
        (core / name).parent.mkdir(parents=True, exist_ok=True)
        (core / name).write_text(text)
    tasks = """
    - a.b.deep:
      register: deep
    - assert:
        that:
        - deep.word == 'core' and deep.found == 'by a name put together' and deep.profile == 'legacy'
        - deep.given == ['_ansible_check_mode']
        - deep.warnings == ['care', 'plain']
        - deep.deprecations == [dict(msg='old', version='3', date=none, collection_name='a.b')]
"""
    rc, out = fleet(folder, tasks, FLEET_ANSIBLE_MODULE_UTILS=str(core))
    assert rc == 0, out
    rc, out = fleet(folder, tasks, FLEET_ANSIBLE_MODULE_UTILS=str(folder))
    assert rc == 5 and f"{folder} is not the folder module_utils of an ansible-core" in out
