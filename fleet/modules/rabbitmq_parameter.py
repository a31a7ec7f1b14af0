"""Set or remove parameters of RabbitMQ's components, such as shovels and upstreams of a federation."""

import json

from fleet.remote import rabbitmq
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "component": Arg(required=True, help="The component it belongs to, such as `shovel` or `federation-upstream`."),
        "name": Arg(required=True, help="Name of the parameter."),
        "value": Arg(help="Its value as JSON; needed for `present`."),
        "vhost": Arg(default="/", help="The virtual host it holds in."),
        "state": Arg(default="present", choices=("present", "absent"), help="Whether it should be there."),
        "node": rabbitmq.NODE,
    },
    returns={
        "component": "The component.",
        "name": "The parameter.",
        "vhost": "The virtual host.",
        "state": "The wanted state.",
    },
)
EXAMPLES = """
- rabbitmq_parameter:
    component: federation-upstream
    name: central
    vhost: /shop
    value: '{"uri": "amqp://central.example.com", "expires": 3600000}'
- rabbitmq_parameter: {component: federation-upstream, name: central, vhost: /shop, state: absent}
"""


def read(host, args):
    found = rabbitmq.Control(host, args["node"]).parameters(args["vhost"])
    key = (args["component"], args["name"])
    return {"value": as_text(found[key]) if key in found else None}


def as_text(value):
    """A value as one text: it is set as a whole, so it is compared as a whole."""
    return json.dumps(value, sort_keys=True)


def want(args, now):
    if args["state"] == "absent":
        return {"value": None}
    if args["value"] is None:
        raise Failed("value is required for state=present")
    try:
        return {"value": as_text(json.loads(args["value"]))}
    except ValueError as error:
        raise Failed("value is not JSON: %s" % error)


def apply(host, args, change):
    broker = rabbitmq.Control(host, args["node"])
    if change["value"] is None:
        broker.clear_parameter(args["vhost"], args["component"], args["name"])
    else:
        broker.set_parameter(args["vhost"], args["component"], args["name"], change["value"])


def report(host, args, outcome):
    return {key: args[key] for key in ("component", "name", "vhost", "state")}
