"""The modules of RabbitMQ: through rabbitmqctl, passwords on its standard input, and through the management API."""

import base64
import hashlib
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer
from urllib.parse import unquote

import pytest
from run_module import run_module

CONTROL = r"""#!{python} -IS
import json, os, sys
home = os.path.dirname(os.path.abspath(__file__))
words = [word for word in sys.argv[1:] if word not in ("-q", "-n", "rabbit", "--formatter", "json", "--")]
with open(home + "/state.json") as source:
    state = json.load(source)
reads = words[0] in ("add_user", "change_password", "authenticate_user")
with open(home + "/calls.jsonl", "a") as notes:
    notes.write(json.dumps([words, sys.stdin.read() if reads else None, sys.argv, dict(os.environ)]) + "\n")
answer = state.get(words[0])
if isinstance(answer, list):
    print(json.dumps(answer))
elif answer:
    print(answer, file=sys.stderr)
    sys.exit(69)
"""


@pytest.fixture
def control(tmp_path):
    program = tmp_path / "rabbitmqctl"
    program.write_text(CONTROL.replace("{python}", sys.executable))
    program.chmod(0o755)

    def call(module, args, check=False, **state):
        (tmp_path / "state.json").write_text(json.dumps(state))
        (tmp_path / "calls.jsonl").write_text("")
        told = run_module(module, args, check=check, diff=True, env={"PATH": f"{tmp_path}:/usr/bin:/bin"})
        calls = [json.loads(line) for line in (tmp_path / "calls.jsonl").read_text().splitlines()]
        for _, _, argv, environment in calls:
            assert "s3cret" not in str(argv) + str(environment)
        return told, [call[:2] for call in calls if not call[0][0].startswith(("list_", "authenticate"))]

    return call


def test_a_virtual_host(control):
    there = {"list_vhosts": [{"name": "/", "tracing": False}, {"name": "one", "tracing": True}]}
    told, changes = control("rabbitmq_vhost", {"name": "one", "tracing": True}, **there)
    assert not told["changed"] and told["name"] == "one" and told["state"] == "present" and changes == []
    told, changes = control("rabbitmq_vhost", {"name": "one"}, check=True, **there)
    assert told["changed"] and changes == []
    told, changes = control("rabbitmq_vhost", {"name": "one"}, **there)
    assert "still not as wanted" in told["msg"] and changes == [[["trace_off", "-p", "one"], None]]
    _, changes = control("rabbitmq_vhost", {"name": "-new one"}, **there)
    assert changes == [[["add_vhost", "-new one"], None]]
    _, changes = control("rabbitmq_vhost", {"name": "one", "state": "absent"}, **there)
    assert changes == [[["delete_vhost", "one"], None]]


ANN = {
    "list_users": [{"user": "ann", "tags": ["monitoring"]}],
    "list_user_permissions": [
        {"vhost": "/", "configure": "^$", "write": "^$", "read": "^$"},
        {"vhost": "old", "configure": ".*", "write": ".*", "read": ".*"},
    ],
    "list_user_topic_permissions": [{"vhost": "/", "exchange": "x", "write": "a", "read": "b"}],
}


def test_a_user_that_is_right(control):
    args = {"user": "ann", "tags": "monitoring", "password": "s3cret"}
    told, changes = control("rabbitmq_user", args, **ANN)
    assert told == {"changed": False, "user": "ann", "state": "present"} and changes == []
    assert not control("rabbitmq_user", dict(args, update_password="always"), **ANN)[0]["changed"]
    rule = {"vhost": "/", "exchange": "x", "write_priv": "a", "read_priv": "b"}
    assert not control("rabbitmq_user", {"user": "ann", "tags": "monitoring", "topic_permissions": [rule]}, **ANN)[0][
        "changed"
    ]
    told, changes = control("rabbitmq_user", {"user": "ann"}, **ANN)
    assert told["changed"] and ["set_user_tags", "ann"] in [words for words, _ in changes]


def test_a_new_user(control):
    args = {"user": "new", "password": "s3cret'", "tags": "a, b", "vhost": "v", "configure_priv": ".*", "read_priv": ""}
    told, changes = control("rabbitmq_user", args, check=True, list_users=[])
    assert told["changed"] and changes == []
    assert control("rabbitmq_user", args, list_users=[])[1] == [
        [["add_user", "new"], "s3cret'\n"],
        [["set_user_tags", "new", "a", "b"], None],
        [["set_permissions", "-p", "v", "new", ".*", "^$", ""], None],
    ]
    changes = control("rabbitmq_user", {"user": "new"}, list_users=[])[1]
    assert (
        changes[0][0] == ["add_user", "new"] and len(changes[0][1]) == 41 and changes[1][0] == ["clear_password", "new"]
    )


def test_a_user_that_changes(control):
    args = {"user": "ann", "password": "s3cret", "update_password": "always", "tags": "",
            "permissions": [{"vhost": "new", "read_priv": ".*"}],
            "topic_permissions": [{"vhost": "/", "exchange": "y", "write_priv": "c"}]}  # fmt: skip
    told, changes = control("rabbitmq_user", args, authenticate_user="Error: invalid credentials", **ANN)
    assert [call[0] for call in changes] == [
        ["change_password", "ann"],
        ["set_user_tags", "ann"],
        ["clear_permissions", "-p", "/", "ann"],
        ["set_permissions", "-p", "new", "ann", "^$", "^$", ".*"],
        ["clear_permissions", "-p", "old", "ann"],
        ["clear_topic_permissions", "-p", "/", "ann", "x"],
        ["set_topic_permissions", "-p", "/", "ann", "y", "c", "^$"],
    ]
    assert "s3cret" not in str(told)
    assert control("rabbitmq_user", {"user": "ann", "state": "absent"}, **ANN)[1] == [[["delete_user", "ann"], None]]


def test_a_user_made_again(control):
    told, changes = control("rabbitmq_user", {"user": "ann", "password": "s3cret", "force": True}, **ANN)
    assert [call[0][0] for call in changes] == ["delete_user", "add_user", "set_permissions"] and told["changed"]
    assert control("rabbitmq_user", {"user": "ann", "force": True}, check=True, **ANN)[1] == []


BAD = [
    ({"permissions": [{"nope": "x"}]}, "a permission takes vhost, write_priv, read_priv, configure_priv, not nope"),
    ({"permissions": ["x"]}, "unable to convert to dict"),
    ({"password": "a\nb"}, "must not hold line breaks"),
    ({"update_password": "x"}, "value of update_password must be one of: on_create, always, got: x"),
]


@pytest.mark.parametrize(("args", "message"), BAD)
def test_bad_calls(control, args, message):
    assert message in control("rabbitmq_user", {"user": "new", **args}, list_users=[])[0]["msg"]


def test_what_rabbitmqctl_refuses(control):
    told, _ = control("rabbitmq_user", {"user": "ann"}, list_users="Error:\nunable to perform an operation on node")
    assert told["msg"] == "rabbitmqctl exited with non-zero code: Error:\nunable to perform an operation on node\n"
    assert told["rc"] == 69


@pytest.mark.parametrize("module", ["rabbitmq_user", "rabbitmq_vhost", "rabbitmq_policy"])
def test_without_rabbitmqctl(monkeypatch, module):
    monkeypatch.setattr("fleet.remote.host.Host.which", lambda *_: None)
    assert "install the package rabbitmq-server" in run_module(module, {"name": "x"})["msg"]


class Broker(BaseHTTPRequestHandler):
    """The management API over a dict: what is PUT is there afterwards."""

    store: dict = {}

    def answer(self, code, body=None):
        data = b"" if body is None else json.dumps(body).encode()
        self.send_response(code)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_GET(self):
        if self.headers["Authorization"] != "Basic " + base64.b64encode(b"adm:pw").decode():
            return self.answer(401, {"error": "not_authorised"})
        path = self.path.removeprefix("/api/")
        if path.endswith("permissions"):
            kind, name = path.rpartition("/")[2], path.split("/")[1]
            found = [row for key, row in self.store.items() if key.startswith(kind) and row["user"] == name]
            return self.answer(200, found)
        if path in self.store:
            return self.answer(200, self.store[path])
        return self.answer(200, [row for key, row in self.store.items() if key.startswith(path + "/")])

    def do_PUT(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        path = self.path.removeprefix("/api/")
        parts = list(map(unquote, path.split("/")))
        row = {"name": parts[1], "hashing_algorithm": "rabbit_password_hashing_sha256", "tags": [], **body}
        if parts[0] == "policies":
            row = {"vhost": parts[1], **body, "name": parts[2]}
        if parts[0].endswith("permissions"):
            row = {"vhost": parts[1], "user": parts[2], **body}
        if "password" in row:
            row["password_hash"] = base64.b64encode(
                b"salt" + hashlib.sha256(b"salt" + row.pop("password").encode()).digest()
            )
            row["password_hash"] = row["password_hash"].decode()
        self.store[path] = row
        self.answer(204)

    def do_DELETE(self):
        self.store.pop(self.path.removeprefix("/api/"))
        self.answer(204)

    def log_message(self, *_):
        pass


@pytest.fixture
def api():
    Broker.store = {}
    server = HTTPServer(("127.0.0.1", 0), Broker)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield {
        "login_host": "127.0.0.1",
        "login_port": str(server.server_port),
        "login_user": "adm",
        "login_password": "pw",
    }
    server.shutdown()
    server.server_close()


def test_the_management_api(api):
    def call(module, **args):
        return run_module(module, {**args, **api})["changed"]

    assert call("rabbitmq_vhost", name="/a b") and not call("rabbitmq_vhost", name="/a b")
    assert call("rabbitmq_vhost", name="/a b", tracing=True) and not call("rabbitmq_vhost", name="/a b", tracing=True)
    user = {"user": "ann", "password": "s3cret", "tags": "monitoring", "update_password": "always",
            "permissions": [{"vhost": "/", "configure_priv": ".*"}], "topic_permissions": [{"write_priv": "x"}]}  # fmt: skip
    assert call("rabbitmq_user", **user) and not call("rabbitmq_user", **user)
    assert call("rabbitmq_user", **{**user, "password": "other"}) and call("rabbitmq_user", **{**user, "tags": "a,b"})
    assert call("rabbitmq_user", user="ann", state="absent") and not call("rabbitmq_user", user="ann", state="absent")
    assert call("rabbitmq_vhost", name="/a b", state="absent") and "vhosts/%2Fa%20b" not in Broker.store


HA = {
    "vhost": "/",
    "name": "HA",
    "pattern": "^a",
    "apply-to": "queues",
    "definition": '{"max-length":5}',
    "priority": 3,
}


def test_policies(control):
    args = {"name": "HA", "pattern": "^a", "tags": {"max-length": 5}, "apply_to": "queues", "priority": "3"}
    told, changes = control("rabbitmq_policy", args, list_policies=[HA])
    assert told == {"changed": False, "name": "HA", "state": "present"} and changes == []
    assert not control("rabbitmq_policy", args, list_policies=[{**HA, "definition": {"max-length": 5}}])[0]["changed"]
    told, changes = control("rabbitmq_policy", {**args, "tags": {"expires": 7}}, list_policies=[HA])
    words = ["set_policy", "-p", "/", "--priority", "3", "--apply-to", "queues", "HA", "^a", '{"expires": 7}']
    assert changes == [[words, None]]
    told, changes = control("rabbitmq_policy", args, check=True, list_policies=[])
    assert told["changed"] and changes == []
    _, changes = control("rabbitmq_policy", {"name": "HA", "state": "absent"}, list_policies=[HA])
    assert changes == [[["clear_policy", "-p", "/", "HA"], None]]
    told, _ = control("rabbitmq_policy", {"name": "HA", "tags": {}}, list_policies=[])
    assert told["msg"] == "pattern and tags are required for state=present"
    told, _ = control("rabbitmq_policy", {**args, "priority": "x"}, list_policies=[])
    assert told["msg"] == "priority must be a whole number, not x"
    told, _ = control("rabbitmq_policy", {**args, "apply_to": "x"}, list_policies=[])
    assert "value of apply_to must be one of" in told["msg"]


def test_policies_through_the_api(api):
    args = {"name": "HA", "vhost": "/v", "pattern": "^a", "tags": {"max-length": 5}, **api}
    assert run_module("rabbitmq_policy", args)["changed"] and not run_module("rabbitmq_policy", args)["changed"]
    assert run_module("rabbitmq_policy", {**args, "priority": "2"})["changed"]
    assert run_module("rabbitmq_policy", {**args, "state": "absent"})["changed"] and Broker.store == {}


UP = {"component": "federation-upstream", "name": "central", "value": '{"uri":"amqp://"}'}


def test_parameters(control):
    args = {"component": "federation-upstream", "name": "central", "value": '{"uri": "amqp://"}'}
    told, changes = control("rabbitmq_parameter", args, list_parameters=[UP])
    names = {"component": "federation-upstream", "name": "central", "vhost": "/", "state": "present"}
    assert told == {"changed": False, **names} and changes == []
    told, changes = control("rabbitmq_parameter", {**args, "vhost": "v", "value": '{"uri": "x"}'}, list_parameters=[UP])
    assert changes == [[["set_parameter", "-p", "v", "federation-upstream", "central", '{"uri": "x"}'], None]]
    told, changes = control("rabbitmq_parameter", args, check=True, list_parameters=[])
    assert told["changed"] and changes == []
    gone = {"component": "federation-upstream", "name": "central", "state": "absent"}
    _, changes = control("rabbitmq_parameter", gone, list_parameters=[UP])
    assert changes == [[["clear_parameter", "-p", "/", "federation-upstream", "central"], None]]
    assert not control("rabbitmq_parameter", gone, list_parameters=[{**UP, "name": "other"}])[0]["changed"]


def test_parameters_that_are_refused(control):
    args = {"component": "federation-upstream", "name": "central"}
    assert control("rabbitmq_parameter", args, list_parameters=[])[0]["msg"] == "value is required for state=present"
    told, changes = control("rabbitmq_parameter", {**args, "value": "x: y"}, check=True, list_parameters=[])
    assert told["msg"].startswith("value is not JSON: ") and changes == []
    told, _ = control(
        "rabbitmq_parameter", {**args, "value": "1"}, list_parameters=[], set_parameter="Error: no component"
    )
    assert (told["msg"], told["rc"], told["stderr"]) == ("Error: no component", 69, "Error: no component\n")


def test_an_api_that_is_not_there(api):
    told = run_module("rabbitmq_vhost", {"name": "x", **api, "login_password": "wrong"})
    assert "Status code '401'" in told["msg"]
    told = run_module("rabbitmq_vhost", {"name": "x", **api, "login_port": "1"})
    assert "cannot reach the management API at http://127.0.0.1:1/api/" in told["msg"]
