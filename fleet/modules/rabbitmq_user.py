"""Create, change or remove users of RabbitMQ: password, tags, permissions."""

from fleet.remote import rabbitmq
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    dict(
        rabbitmq.API,
        user=Arg(required=True, aliases=("username", "name"), help="Name of the user."),
        password=Arg(no_log=True, help="Password of a new user; see `update_password`."),
        tags=Arg(help="Tags, separated by commas; when not given, none."),
        permissions=Arg("list", elements="dict", default=[],
                        help="All permissions of the user: `vhost`, `configure_priv`, `write_priv`, `read_priv`."),
        topic_permissions=Arg("list", elements="dict", default=[],
                              help="All permissions on topics: `vhost`, `exchange`, `write_priv`, `read_priv`."),
        vhost=Arg(default="/", help="Virtual host of the next three, when `permissions` is empty."),
        configure_priv=Arg(default="^$", help="Pattern of what may be configured there."),
        write_priv=Arg(default="^$", help="Pattern of what may be written there."),
        read_priv=Arg(default="^$", help="Pattern of what may be read there."),
        force=Arg("bool", False, help="Remove the user first and make it again."),
        update_password=Arg(default="on_create", choices=("on_create", "always"),
                            help="Whether the password of a user that exists is changed."),
        state=Arg(default="present", choices=("present", "absent"), help="Whether it should exist."),
        node=rabbitmq.NODE,
    ),
    returns={"user": "The user's name.", "state": "The wanted state."},
)
EXAMPLES = """
- rabbitmq_user:
    user: shop
    password: "{{ vault_shop }}"
    tags: monitoring
    permissions:
      - {vhost: /shop, configure_priv: ".*", write_priv: ".*", read_priv: ".*"}
- rabbitmq_user: {user: guest, state: absent}
"""


def read(host, args):
    broker, name = rabbitmq.broker(host, args), args["user"]
    users = broker.users()
    if name not in users or (args["force"] and args["state"] == "present"):
        return {"exists": False}
    now = {"exists": True, "tags": sorted(users[name]), "password": True}
    if args["state"] == "absent":
        return now
    if args["password"] and args["update_password"] == "always":
        now["password"] = broker.has_password(name, args["password"])
    now["permissions"] = broker.permissions(name)
    if args["topic_permissions"]:
        now["topics"] = broker.topics(name)
    return now


def want(args, now):
    if args["state"] == "absent":
        return {"exists": False}
    wanted = {"exists": True, "password": True}
    wanted["tags"] = sorted({tag.strip() for tag in (args["tags"] or "").split(",") if tag.strip()})
    permissions = {rule["vhost"]: (rule["configure_priv"], rule["write_priv"], rule["read_priv"])
                   for rule in rules(args["permissions"] or [args], ("configure_priv",), bool(args["permissions"]))}
    have = now.get("permissions") or {}
    gone = dict.fromkeys(set(have) - set(permissions)) if args["permissions"] else {}
    wanted["permissions"] = dict(permissions, **gone)
    if args["topic_permissions"]:
        topics = {(rule["vhost"], rule["exchange"]): (rule["write_priv"], rule["read_priv"])
                  for rule in rules(args["topic_permissions"], ("exchange",), True)}
        wanted["topics"] = dict(dict.fromkeys(now.get("topics") or {}), **{})
        wanted["topics"].update(topics)
    return wanted


def rules(given, more, strict):
    """The rules with what they leave out; a key that means nothing is refused."""
    usual = {"vhost": "/", "configure_priv": "^$", "write_priv": "^$", "read_priv": "^$", "exchange": "amq.topic"}
    keys = ("vhost", "write_priv", "read_priv") + more
    found = []
    for rule in given:
        wrong = sorted(set(rule) - set(keys)) if strict else []
        if wrong:
            raise Failed("a permission takes %s, not %s" % (", ".join(keys), ", ".join(map(str, wrong))))
        found.append({key: usual[key] if rule.get(key) is None else str(rule[key]) for key in keys})
    return found


def apply(host, args, change):
    broker, name = rabbitmq.broker(host, args), args["user"]
    if change.get("exists") is False:
        broker.delete_user(name)
        return
    if args["force"]:
        if name in broker.users():
            broker.delete_user(name)
        # The look afterwards is for the user that was made now.
        args["force"] = False
    if change.get("exists"):
        broker.add_user(name, args["password"])
    elif "password" in change:
        broker.set_password(name, args["password"])
    if change.get("tags") or ("tags" in change and not change.get("exists")):
        broker.set_tags(name, change["tags"])
    for vhost, patterns in sorted(change.get("permissions", {}).items()):
        if patterns is None:
            broker.clear_permission(name, vhost)
        else:
            broker.set_permission(name, vhost, patterns)
    for (vhost, exchange), patterns in sorted(change.get("topics", {}).items()):
        if patterns is None:
            broker.clear_topic(name, vhost, exchange)
        else:
            broker.set_topic(name, vhost, exchange, patterns)


def report(host, args, outcome):
    return {"user": args["user"], "state": args["state"]}


def diff(args, outcome):
    def text(state):
        lines = ["exists: %s\n" % state["exists"]]
        lines += ["tags: %s\n" % ", ".join(state["tags"])] if state.get("tags") else []
        for key in ("permissions", "topics"):
            lines += ["%s: %s: %s\n" % (key, where, " ".join(patterns))
                      for where, patterns in sorted((state.get(key) or {}).items()) if patterns is not None]
        return "".join(lines)
    return {"before": text(outcome.now), "after": text(outcome.after)}
