"""Lookups through templates; values compared with ansible-core 2.19."""

from __future__ import annotations

import http.server
import threading
from pathlib import Path
from typing import Any

import pytest

from fleet.source.nodes import trust, trust_all
from fleet.template.errors import TemplateError, UndefinedVariable
from fleet.template.scope import Scope
from fleet.template.templar import Templar

WARNINGS: list[str] = []


def setting(name: str) -> Any:
    return {"DEFAULT_FORKS": 5}[name]


TEMPLAR = Templar(warn=WARNINGS.append, setting=setting, match_hosts=lambda pattern: [f"<{pattern}>", "b"])
VARIABLES = trust_all(
    {"n": 5, "name": "{{ n }}", "s2": "{{ n }}", "net": 1, "users": [{"n": 1, "k": [1, 2]}, {"n": 2}]}
)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    role, play = tmp_path / "role", tmp_path / "play"
    for place in (role / "files", role / "templates", play / "files", role / "vars"):
        place.mkdir(parents=True)
    (role / "files" / "a.txt").write_text("role a\n\n")
    (play / "files" / "a.txt").write_text("play a\n")
    (play / "plain.txt").write_text("  plain\n")
    (play / "files" / "b.txt").write_text("{{ n }}")
    (role / "templates" / "t.j2").write_text("{{ n }} {{ x | default('-') }}\n")
    (role / "templates" / "list.j2").write_text("{{ [n, 2] }}\n")
    (role / "vars" / "debian.yml").write_text("")
    (play / "files" / "u.ini").write_text("[global]\nuser=root\nuser2=me\n[db]\nuser=db\n")
    (play / "files" / "u.properties").write_text("user=prop\n")
    (play / "files" / "e.csv").write_text("Li,3,6.9\nHe,2,4.0\n")
    return tmp_path


def render(text: str, folder: Path | None = None) -> Any:
    path = (str(folder / "role"), str(folder / "play")) if folder else ()
    return TEMPLAR.render(trust(text), Scope([VARIABLES], TEMPLAR, path))


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("{{ lookup('items', 1, 2, [3, 4]) }}", [1, 2, 3, 4]),
        ("{{ lookup('items', [3]) }}", 3),
        ("{{ lookup('list', [3, [4]]) }}", [3, [4]]),
        ("{{ query('list', [3, [4]]) }}", [[3, [4]]]),
        ("{{ query('dict', {'a': 1, 'b': 2}) }}", [{"key": "a", "value": 1}, {"key": "b", "value": 2}]),
        ("{{ lookup('dict', {'a': 1}) }}", {"key": "a", "value": 1}),
        ("{{ query('sequence', 'start=1 end=5') }}", ["1", "2", "3", "4", "5"]),
        ("{{ query('sequence', 'count=3') }}", ["1", "2", "3"]),
        ("{{ query('sequence', '5-8') }}", ["5", "6", "7", "8"]),
        ("{{ query('sequence', '2-10/2') }}", ["2", "4", "6", "8", "10"]),
        ("{{ query('sequence', '2:host%02d') }}", ["host01", "host02"]),
        ("{{ query('sequence', start=0, end=4, stride=2, format='t%s') }}", ["t0", "t2", "t4"]),
        ("{{ query('sequence', 'start=4 end=1 stride=-1') }}", ["4", "3", "2", "1"]),
        ("{{ query('together', [1, 2], [3]) }}", [[1, 3], [2, None]]),
        ("{{ query('nested', [1, 2], ['a', 'b']) }}", [[1, "a"], [1, "b"], [2, "a"], [2, "b"]]),
        ("{{ query('indexed_items', ['a', 'b']) }}", [[0, "a"], [1, "b"]]),
        ("{{ query('flattened', [1, [2, [3]]], 4) }}", [1, 2, 3, 4]),
        ("{{ query('community.general.flattened', [[1]]) }}", [1]),
        ("{{ query('subelements', users, 'k', {'skip_missing': true}) }}", [[{"n": 1}, 1], [{"n": 1}, 2]]),
        ("{{ query('random_choice', 7) }}", [7]),
        ("{{ query('varnames', '^n$', '^ne') }}", ["n", "net"]),
        ("{{ lookup('vars', 'name') }}", 5),
        ("{{ lookup('vars', 'n', 'name') }}", [5, 5]),
        ("{{ lookup('vars', 'nope', default='d') }}", "d"),
        ("{{ lookup('config', 'DEFAULT_FORKS') }}", 5),
        ("{{ query('inventory_hostnames', 'web', '!db') }}", ["<web,!db>", "b"]),
        ("{{ lookup('pipe', 'echo hi; echo there') }}", "hi\nthere"),
        ("{{ query('lines', 'echo hi; echo there') }}", ["hi", "there"]),
        ("{{ lookup('lines', 'echo hi; echo there') }}", "hi,there"),
        ("{{ lookup('ansible.builtin.pipe', 'echo \"{{ n }}\"') }}", "5"),
        ("{{ lookup('items', '{{ n }}') }}", 5),
        ("{{ lookup('items', ['{{ n }}', 2]) }}", [5, 2]),
        ("{{ lookup('items', {'a': '{{ n }}'}) }}", {"a": 5}),
        ("{{ lookup('items', 'a' ~ '{{ n }}') }}", "a{{ n }}"),
        ("{{ lookup('items', s2) }}", 5),
        ("{{ lookup('env', 'NOPE_X', default='{{ n }}') }}", "{{ n }}"),
        ("{{ lookup('file', '/nonexistent', errors='ignore') }}", None),
        ("{{ query('file', '/nonexistent', errors='ignore') }}", []),
        ("{{ lookup('first_found', ['/nope'], errors='ignore') }}", None),
        ("{{ lookup('first_found', {'files': ['nope'], 'skip': true}) }}", []),
        ("{{ lookup('first_found', {'paths': ['/'], 'skip': true}) }}", []),
        ("{{ lookup('first_found', files='nope;dev', paths='/nope:/,/tmp') }}", "/dev"),
        ("{{ lookup('password', '/dev/null length=5 chars=digits') | length }}", 5),
        (
            "{{ lookup('password', '/dev/null', seed='x') == lookup('password', '/dev/null', seed='x') }}",
            True,
        ),
    ],
)
def test_values(template: str, value: Any) -> None:
    assert render(template) == value


@pytest.mark.parametrize(
    ("template", "value"),
    [
        ("{{ lookup('file', 'a.txt') }}", "role a"),
        ("{{ lookup('file', 'a.txt', rstrip=false) }}", "role a\n\n"),
        ("{{ lookup('file', 'plain.txt', lstrip=true) }}", "plain"),
        ("{{ lookup('file', 'b.txt') }}", "{{ n }}"),
        ("{{ lookup('file', 'a.txt', 'b.txt') }}", "role a,{{ n }}"),
        ("{{ lookup('unvault', 'a.txt') }}", "role a\n\n"),
        ("{{ lookup('template', 't.j2') }}", "5 -\n"),
        ("{{ lookup('template', 't.j2', template_vars={'x': '{{ n }}', 'n': 6}) }}", "6 {{ n }}\n"),
        ("{{ lookup('template', 'list.j2') }}", [5, 2]),
        ("{{ query('fileglob', '*.txt') | map('basename') }}", ["a.txt"]),
        ("{{ lookup('first_found', ['nope', 'b.txt']) | basename }}", "b.txt"),
        (
            "{{ lookup('first_found', files=['nope.yml', 'debian.yml'], paths=['vars']) | basename }}",
            "debian.yml",
        ),
        (
            "{{ lookup('first_found', {'files': 'nope.yml,debian.yml', 'paths': ['vars']}) | basename }}",
            "debian.yml",
        ),
        ("{{ lookup('ini', 'user', file='u.ini') }}", "root"),
        ("{{ lookup('ini', 'user section=db file=u.ini') }}", "db"),
        ("{{ lookup('ini', 'user', file='u.properties', type='properties') }}", "prop"),
        ("{{ query('ini', 'user.*', file='u.ini', re=true) }}", ["root", "me"]),
        ("{{ lookup('ini', 'nope', file='u.ini', default='d') }}", "d"),
        ("{{ lookup('csvfile', 'nope', file='e.csv', delimiter=',', default=['a', 'b']) }}", "a,b"),
        ("{{ lookup('csvfile', '\"q\" file=e.csv delimiter=, default=none') }}", "none"),
        ("{{ query('sequence') }}", []),
        ("{{ query('sequence', 'count=2 start=0 stride=2') }}", ["0", "2"]),
        ("{{ lookup('csvfile', 'Li file=e.csv delimiter=,') }}", "3"),
        ("{{ lookup('csvfile', 'He', file='e.csv', delimiter=',', col=2) }}", "4.0"),
    ],
)
def test_files(folder: Path, template: str, value: Any) -> None:
    assert render(template, folder) == value


@pytest.mark.parametrize(
    ("template", "message"),
    [
        ("{{ lookup('file', '/nonexistent') }}", "Unable to access the file '/nonexistent': File not found."),
        ("{{ lookup('first_found', ['/nope']) }}", "No file was found when using first_found."),
        ("{{ lookup('first_found', [1]) }}", "Invalid term supplied. A string, dict or list is required, not 'int'."),
        ("{{ lookup('pipe', 'exit 3') }}", "lookup_plugin.pipe(exit 3) returned 3"),
        ("{{ lookup('vars', 'nope') }}", "No variable named 'nope' was found."),
        ("{{ lookup('config', 'NOPE') }}", "No config definition exists for 'NOPE'."),
        ("{{ lookup('template', '/nope.j2') }}", "the template file /nope.j2 could not be found"),
        ("{{ query('subelements', users, 'k') }}", "could not find 'k' key in iterated item"),
        ("{{ query('sequence', 'start=4 end=1') }}", "to count backwards make stride negative"),
        ("{{ query('sequence', 'start=A end=3') }}", "'start' has an invalid value"),
        ("{{ query('sequence', '1-4/C') }}", "'stride' has an invalid value"),
        ("{{ query('subelements', 3, 'k') }}", "first a dict or a list"),
        ("{{ query('subelements', users, 'k', 'x') }}", "the optional third item must be a dict"),
        ("{{ lookup('vars', 42) }}", "Variable name must be 'str' not 'int'"),
        ("{{ lookup('varnames', true) }}", "Invalid setting identifier"),
        ("{{ lookup('csvfile', file='e.csv') }}", "Search key is required but was not found"),
        ("{{ lookup('csvfile', 'a file=e.csv nope=1') }}", "'nope' is not a valid option"),
        ("{{ lookup('csvfile', 'a', file='/nope.csv') }}", "No such file or directory"),
        ("{{ lookup('ini', 'file=x.ini') }}", "No key to look up was provided as first term"),
        ("{{ query('dict', [1]) }}", "the lookup plugin expects a dictionary"),
        ("{{ lookup('env', 'X', errors='loud') }}", "Invalid value for errors"),
        ("{{ lookup('file', nope, errors='ignore') }}", "'nope' is undefined"),
    ],
)
def test_errors(template: str, message: str) -> None:
    with pytest.raises(TemplateError) as caught:
        render(template)
    assert message in caught.value.what


def test_env(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEET_A", "a")
    monkeypatch.delenv("FLEET_B", raising=False)
    assert render("{{ query('env', 'FLEET_B', 'FLEET_A') }}") == ["", "a"]
    assert render("{{ lookup('env', 'FLEET_B', 'FLEET_A') }}") == ",a"
    assert render("{{ lookup('env', 'FLEET_A', default=undef()) }}") == "a"
    with pytest.raises(UndefinedVariable, match="'FLEET_B' is not set"):
        render("{{ lookup('env', 'FLEET_B', default=undef()) }}")


def test_errors_can_be_warnings() -> None:
    WARNINGS.clear()
    assert render("{{ lookup('file', '/nonexistent', errors='warn') | default('x', true) }}") == "x"
    assert len(WARNINGS) == 1 and "/nonexistent" in WARNINGS[0]


def test_a_password_stays_the_same_for_all_who_ask_at_once(folder: Path) -> None:
    found: list[str] = []
    asks = [
        threading.Thread(target=lambda: found.append(render("{{ lookup('password', 'pw/x') }}", folder)))
        for _ in range(8)
    ]
    for ask in asks:
        ask.start()
    for ask in asks:
        ask.join()
    kept = folder / "play" / "pw" / "x"
    assert len(set(found)) == 1 and kept.read_text() == found[0] + "\n" and len(found[0]) == 20
    assert kept.stat().st_mode & 0o777 == 0o600 and list(kept.parent.iterdir()) == [kept]


def test_an_encrypted_password_keeps_its_salt(folder: Path) -> None:
    text = "{{ lookup('password', 'pw/y encrypt=sha512_crypt') }}"
    assert render(text, folder) == render(text, folder)
    assert render(text, folder).startswith("$6$")
    assert " salt=" in (folder / "play" / "pw" / "y").read_text()


def test_url() -> None:
    class Answer(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(404 if self.path == "/no" else 200)
            self.end_headers()
            self.wfile.write(f"a {self.headers['X-Me']}\nb\n".encode())

        def log_message(self, *_args: Any) -> None:
            pass

    server = http.server.HTTPServer(("127.0.0.1", 0), Answer)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    base = f"http://127.0.0.1:{server.server_port}"
    try:
        assert render(f"{{{{ query('url', '{base}/', headers={{'X-Me': 'me'}}) }}}}") == ["a me", "b"]
        assert render(f"{{{{ lookup('url', '{base}/', split_lines=false) }}}}") == "a None\nb\n"
        with pytest.raises(TemplateError, match="404"):
            render(f"{{{{ lookup('url', '{base}/no') }}}}")
    finally:
        server.shutdown()
        server.server_close()


def test_with_forms_call_lookups_directly() -> None:
    scope = Scope([VARIABLES], TEMPLAR)
    assert TEMPLAR.lookup("items", [[1, 2], 3], scope) == [1, 2, 3]
    assert TEMPLAR.lookup("nested", [[1], ["a", "b"]], scope) == [[1, "a"], [1, "b"]]


def test_whether_a_lookup_finds_anything_defined() -> None:
    assert render("{{ lookup('vars', 'no_such') is defined }}") is False
    assert render("{{ lookup('env', 'FLEET_NO_SUCH', default=undef()) is defined }}") is False
    assert render("{{ lookup('vars', 'n') is defined }}") is True
    with pytest.raises(UndefinedVariable, match="The lookup plugin 'vars' failed"):
        render("{{ lookup('vars', 'no_such') }}")


def test_options_of_plugins(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANSIBLE_BECOME_FLAGS", raising=False)
    monkeypatch.setenv("ANSIBLE_SUDO_FLAGS", "-H")
    text = "{{ lookup('config', '%s', plugin_type='become', plugin_name='%s') }}"
    assert render(text % ("become_flags", "sudo")) == "-H"
    assert render(text % ("become_flags", "ansible.builtin.su")) == ""
    with pytest.raises(TemplateError, match="No config definition exists for 'nope'"):
        render(text % ("nope", "sudo"))


def test_a_path_that_leads_out_of_a_folder_which_is_not_there(tmp_path: Path) -> None:
    (tmp_path / "vars").mkdir()
    (tmp_path / "vars" / "Debian.yml").write_text("")
    scope = Scope([VARIABLES], TEMPLAR, (str(tmp_path),))
    text = "{{ lookup('first_found', {'files': ['nope.yml', 'Debian.yml'], 'paths': ['../vars']}) }}"
    assert TEMPLAR.render(trust(text), scope) == str(tmp_path / "vars" / "Debian.yml")
