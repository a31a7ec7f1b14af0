"""RabbitMQ, asked and changed through rabbitmqctl or, with ``login_host``, through its management API.

rabbitmqctl reads passwords from its standard input and answers as JSON.
"""

import base64
import hashlib
import json
import ssl
import urllib.error
import urllib.parse
import urllib.request

from fleet.remote.host import Failed
from fleet.remote.spec import Arg

PACKAGE = "rabbitmq-server"
NODE = Arg(default="rabbit", help="Name of the Erlang node.")
API = {
    "login_host": Arg(help="Use the management API on this host instead of rabbitmqctl."),
    "login_port": Arg(default="15672", help="Port of the API."),
    "login_protocol": Arg(default="http", choices=("http", "https"), help="Protocol of the API."),
    "login_user": Arg(help="User of the API."),
    "login_password": Arg(no_log=True, help="That user's password."),
}
CERTIFICATES = {
    "ca_cert": Arg("path", help="Certificate of the authority that signed the API's."),
    "client_cert": Arg("path", help="Certificate to show to the API."),
    "client_key": Arg("path", help="Its private key."),
}


def broker(host, args):
    """The way to the broker that the arguments ask for."""
    return Management(args) if args.get("login_host") else Control(host, args["node"])


class Control(object):
    """The broker through rabbitmqctl on this host."""

    def __init__(self, host, node):
        self.host = host
        self.program = host.need("rabbitmqctl", PACKAGE)
        self.node = ["-q"] + (["-n", node] if node else [])

    def run(self, words, stdin=None, ok=(0,)):
        ran = self.host.run([self.program] + self.node + words, ok=None, stdin=stdin)
        if ok and ran.rc not in ok:
            raise Failed("rabbitmqctl exited with non-zero code: %s" % (ran.err or ran.out), rc=ran.rc, stdout=ran.out)
        return ran

    def change(self, *words):
        """A change of policies or parameters; their modules of Ansible's tell a refusal as the program says it."""
        ran = self.run(list(words), ok=None)
        if ran.rc:
            raise Failed((ran.err or ran.out).rstrip(), rc=ran.rc, stdout=ran.out, stderr=ran.err)

    def rows(self, *words):
        """The rows of a listing as dicts. An empty listing may come as nothing at all."""
        text = self.run(list(words) + ["--formatter", "json"]).out
        start = text.find("[")
        return json.loads(text[start:]) if start >= 0 else []

    def users(self):
        return {row["user"]: list(row["tags"]) for row in self.rows("list_users")}

    def add_user(self, name, password):
        self.run(["add_user", "--", name], stdin="%s\n" % _one_line(password or _unknown()))
        if not password:
            self.run(["clear_password", "--", name])

    def delete_user(self, name):
        self.run(["delete_user", "--", name])

    def has_password(self, name, password):
        return self.run(["authenticate_user", "--", name], stdin="%s\n" % _one_line(password), ok=None).rc == 0

    def set_password(self, name, password):
        if password:
            self.run(["change_password", "--", name], stdin="%s\n" % _one_line(password))
        else:
            self.run(["clear_password", "--", name])

    def set_tags(self, name, tags):
        self.run(["set_user_tags", "--", name] + tags)

    def permissions(self, name):
        return {row["vhost"]: (row["configure"], row["write"], row["read"])
                for row in self.rows("list_user_permissions", name)}

    def set_permission(self, name, vhost, patterns):
        self.run(["set_permissions", "-p", vhost, "--", name] + list(patterns))

    def clear_permission(self, name, vhost):
        self.run(["clear_permissions", "-p", vhost, "--", name])

    def topics(self, name):
        return {(row["vhost"], row["exchange"]): (row["write"], row["read"])
                for row in self.rows("list_user_topic_permissions", name)}

    def set_topic(self, name, vhost, exchange, patterns):
        self.run(["set_topic_permissions", "-p", vhost, "--", name, exchange] + list(patterns))

    def clear_topic(self, name, vhost, exchange):
        self.run(["clear_topic_permissions", "-p", vhost, "--", name, exchange])

    def vhosts(self):
        return {row["name"]: row["tracing"] in (True, "true") for row in self.rows("list_vhosts", "name", "tracing")}

    def add_vhost(self, name):
        self.run(["add_vhost", "--", name])

    def delete_vhost(self, name):
        self.run(["delete_vhost", "--", name])

    def trace(self, name, on):
        self.run(["trace_on" if on else "trace_off", "-p", name])

    def policies(self, vhost):
        rows = self.rows("list_policies", "-p", vhost)
        return {row["name"]: policy(row) for row in rows}

    def set_policy(self, vhost, name, wanted):
        self.change("set_policy", "-p", vhost, "--priority", str(wanted["priority"]), "--apply-to", wanted["apply_to"],
                    "--", name, wanted["pattern"], json.dumps(wanted["definition"], sort_keys=True))

    def clear_policy(self, vhost, name):
        self.change("clear_policy", "-p", vhost, "--", name)

    def parameters(self, vhost):
        """The values of parameters by component and name."""
        return {(row["component"], row["name"]): _read(row["value"])
                for row in self.rows("list_parameters", "-p", vhost)}

    def set_parameter(self, vhost, component, name, value):
        self.change("set_parameter", "-p", vhost, "--", component, name, value)

    def clear_parameter(self, vhost, component, name):
        self.change("clear_parameter", "-p", vhost, "--", component, name)


class Management(object):
    """The broker through its management API."""

    def __init__(self, args):
        self.start = "%s://%s:%s/api/" % (args["login_protocol"], args["login_host"], args["login_port"])
        word = "%s:%s" % (args["login_user"] or "guest", args["login_password"] or "guest")
        self.headers = {"Authorization": "Basic " + base64.b64encode(word.encode("utf-8")).decode("ascii"),
                        "Content-Type": "application/json"}
        handlers = [urllib.request.ProxyHandler({})]
        if args["login_protocol"] == "https":
            try:
                context = ssl.create_default_context(cafile=args.get("ca_cert"))
                if args.get("client_cert"):
                    context.load_cert_chain(args["client_cert"], args.get("client_key"))
            except (OSError, ssl.SSLError) as error:
                raise Failed("cannot use the certificates: %s" % error)
            handlers.append(urllib.request.HTTPSHandler(context=context))
        self.opener = urllib.request.build_opener(*handlers)

    def call(self, method, parts, body=None):
        """The API's answer to a request, None for an empty one. Raises Failed."""
        url = self.start + "/".join(urllib.parse.quote(part, safe="") for part in parts)
        data = None if body is None else json.dumps(body).encode("utf-8")
        request = urllib.request.Request(url, data=data, headers=self.headers, method=method)
        try:
            with self.opener.open(request, timeout=60) as answer:
                text = answer.read().decode("utf-8")
        except urllib.error.HTTPError as error:
            raise Failed("Error trying to %s %s in rabbitmq. Status code '%d': %s"
                         % (method, "/".join(parts), error.code, error.read().decode("utf-8", "replace")[:500]))
        except (OSError, ValueError) as error:
            raise Failed("cannot reach the management API at %s: %s" % (self.start, getattr(error, "reason", error)))
        return json.loads(text) if text else None

    def users(self):
        self.known = {row["name"]: row for row in self.call("GET", ["users"])}
        return {name: _tags(row["tags"]) for name, row in self.known.items()}

    def add_user(self, name, password):
        self.call("PUT", ["users", name], {"password": password, "tags": ""} if password
                  else {"password_hash": "", "tags": ""})

    def delete_user(self, name):
        self.call("DELETE", ["users", name])

    def has_password(self, name, password):
        stored = base64.b64decode(self.known[name].get("password_hash") or "")
        digest = {"rabbit_password_hashing_sha512": hashlib.sha512, "rabbit_password_hashing_md5": hashlib.md5}.get(
            self.known[name].get("hashing_algorithm"), hashlib.sha256)
        return stored[4:] == digest(stored[:4] + password.encode("utf-8")).digest()

    def set_password(self, name, password):
        tags = ",".join(_tags(self.call("GET", ["users", name])["tags"]))
        self.call("PUT", ["users", name], {"password": password, "tags": tags})

    def set_tags(self, name, tags):
        row = self.call("GET", ["users", name])
        self.call("PUT", ["users", name], {"password_hash": row["password_hash"], "tags": ",".join(tags),
                                           "hashing_algorithm": row["hashing_algorithm"]})

    def permissions(self, name):
        return {row["vhost"]: (row["configure"], row["write"], row["read"])
                for row in self.call("GET", ["users", name, "permissions"])}

    def set_permission(self, name, vhost, patterns):
        self.call("PUT", ["permissions", vhost, name], dict(zip(("configure", "write", "read"), patterns)))

    def clear_permission(self, name, vhost):
        self.call("DELETE", ["permissions", vhost, name])

    def topics(self, name):
        return {(row["vhost"], row["exchange"]): (row["write"], row["read"])
                for row in self.call("GET", ["users", name, "topic-permissions"])}

    def set_topic(self, name, vhost, exchange, patterns):
        self.call("PUT", ["topic-permissions", vhost, name],
                  {"exchange": exchange, "write": patterns[0], "read": patterns[1]})

    def clear_topic(self, name, vhost, exchange):
        self.call("DELETE", ["topic-permissions", vhost, name, exchange])

    def vhosts(self):
        return {row["name"]: bool(row.get("tracing")) for row in self.call("GET", ["vhosts"])}

    def add_vhost(self, name):
        self.call("PUT", ["vhosts", name], {})

    def delete_vhost(self, name):
        self.call("DELETE", ["vhosts", name])

    def trace(self, name, on):
        self.call("PUT", ["vhosts", name], {"tracing": on})

    def policies(self, vhost):
        return {row["name"]: policy(row) for row in self.call("GET", ["policies", vhost])}

    def set_policy(self, vhost, name, wanted):
        body = dict(wanted)
        body["apply-to"] = body.pop("apply_to")
        self.call("PUT", ["policies", vhost, name], body)

    def clear_policy(self, vhost, name):
        self.call("DELETE", ["policies", vhost, name])


def policy(row):
    """A policy as it is compared: some brokers give its definition as text."""
    return {"pattern": row["pattern"], "priority": int(row["priority"]), "apply_to": row.get("apply-to", "all"),
            "definition": _read(row["definition"])}


def _read(value):
    """A value that is listed as JSON inside JSON."""
    return json.loads(value) if isinstance(value, str) else value


def _tags(value):
    """Tags as a list: old versions of the API give them as one text."""
    return [tag.strip() for tag in value.split(",") if tag.strip()] if isinstance(value, str) else list(value)


def _one_line(password):
    if "\n" in password or "\r" in password:
        raise Failed("a password must not hold line breaks")
    return password


def _unknown():
    """A password that nobody knows, for the moment until it is taken away."""
    import binascii
    import os

    return binascii.hexlify(os.urandom(20)).decode("ascii")
