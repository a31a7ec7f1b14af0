"""Create or remove virtual hosts of RabbitMQ, and trace them."""

from fleet.remote import rabbitmq
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    dict(
        rabbitmq.API,
        name=Arg(required=True, aliases=("vhost",), help="Name of the virtual host."),
        state=Arg(default="present", choices=("present", "absent"), help="Whether it should exist."),
        tracing=Arg("bool", False, aliases=("trace",), help="Whether its messages are traced."),
        node=rabbitmq.NODE,
        **rabbitmq.CERTIFICATES
    ),
    returns={"name": "The virtual host.", "state": "The wanted state."},
)
EXAMPLES = """
- rabbitmq_vhost: {name: /shop}
- rabbitmq_vhost: {name: /old, state: absent}
"""


def read(host, args):
    found = rabbitmq.broker(host, args).vhosts()
    return {"exists": args["name"] in found, "tracing": found.get(args["name"], False)}


def want(args, now):
    if args["state"] == "absent":
        return {"exists": False}
    return {"exists": True, "tracing": args["tracing"]}


def apply(host, args, change):
    broker = rabbitmq.broker(host, args)
    if change.get("exists"):
        broker.add_vhost(args["name"])
    if "tracing" in change:
        broker.trace(args["name"], change["tracing"])
    if change.get("exists") is False:
        broker.delete_vhost(args["name"])


def report(host, args, outcome):
    return {"name": args["name"], "state": args["state"]}
