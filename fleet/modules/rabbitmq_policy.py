"""Set or remove policies of RabbitMQ."""

import json

from fleet.remote import rabbitmq
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    dict(
        rabbitmq.API,
        name=Arg(required=True, help="Name of the policy."),
        vhost=Arg(default="/", help="The virtual host it holds in."),
        apply_to=Arg(default="all", choices=("all", "exchanges", "queues", "classic_queues", "quorum_queues", "streams"),
                     help="What it is for."),
        pattern=Arg(help="Pattern of the names it is for; needed for `present`."),
        tags=Arg("dict", help="What it says, such as `max-length: 100`; needed for `present`."),
        priority=Arg(default="0", help="The policy of the highest priority counts."),
        state=Arg(default="present", choices=("present", "absent"), help="Whether it should be there."),
        node=rabbitmq.NODE,
        **rabbitmq.CERTIFICATES
    ),
    returns={"name": "The policy.", "state": "The wanted state."},
)
EXAMPLES = """
- rabbitmq_policy: {name: short, vhost: /shop, pattern: "^orders", tags: {max-length: 1000}, apply_to: queues}
- rabbitmq_policy: {name: short, vhost: /shop, state: absent}
"""


def read(host, args):
    found = rabbitmq.broker(host, args).policies(args["vhost"]).get(args["name"])
    return {"policy": found and as_text(found)}


def as_text(policy):
    """A policy as one text: it is set as a whole, so it is compared as a whole."""
    return json.dumps(policy, sort_keys=True)


def want(args, now):
    if args["state"] == "absent":
        return {"policy": None}
    if args["pattern"] is None or args["tags"] is None:
        raise Failed("pattern and tags are required for state=present")
    if not args["priority"].lstrip("-").isdigit():
        raise Failed("priority must be a whole number, not %s" % args["priority"])
    return {"policy": as_text({
        "pattern": args["pattern"], "priority": int(args["priority"]), "apply_to": args["apply_to"],
        "definition": args["tags"],
    })}


def apply(host, args, change):
    broker = rabbitmq.broker(host, args)
    if change["policy"] is None:
        broker.clear_policy(args["vhost"], args["name"])
    else:
        broker.set_policy(args["vhost"], args["name"], json.loads(change["policy"]))


def report(host, args, outcome):
    return {"name": args["name"], "state": args["state"]}
