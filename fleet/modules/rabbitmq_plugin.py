"""Enable or disable plugins of RabbitMQ."""

import os
import re

from fleet.remote import look, rabbitmq
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "names": Arg(required=True, aliases=("name",), help="Plugins, separated by commas."),
        "state": Arg(default="enabled", choices=("enabled", "disabled"), help="Whether they are on."),
        "new_only": Arg("bool", False, help="Leave other plugins that are on alone."),
        "broker_state": Arg(default="online", choices=("online", "offline"),
                            help="Whether the broker runs and takes the change at once."),
        "prefix": Arg(help="Where another RabbitMQ is installed; its program is in `sbin` there."),
    },
    returns={"enabled": "Plugins that were enabled.", "disabled": "Plugins that were disabled."},
)
EXAMPLES = """
- rabbitmq_plugin: {names: "rabbitmq_management,rabbitmq_shovel"}
- rabbitmq_plugin: {names: rabbitmq_top, new_only: true}
- rabbitmq_plugin: {names: rabbitmq_top, state: disabled}
"""
LIST, SETTINGS = "/etc/rabbitmq/enabled_plugins", "/etc/rabbitmq/rabbitmq-env.conf"


def program(host, args):
    if not args["prefix"]:
        return host.need("rabbitmq-plugins", rabbitmq.PACKAGE)
    for folder in ("sbin", "bin"):
        path = os.path.join(args["prefix"], folder, "rabbitmq-plugins")
        if host.which(path):
            return path
    raise Failed("No binary folder in prefix %s" % args["prefix"])


def run_it(host, args, words):
    ran = host.run([program(host, args)] + words, ok=None)
    if ran.rc != 0:
        raise Failed((ran.err or ran.out).rstrip(), rc=ran.rc, stdout=ran.out, stderr=ran.err)
    return ran.out


def read(host, args):
    """The plugins that were enabled by name. The broker's own list is read where it is sure to be the list."""
    program(host, args)
    text = look.text(LIST, None)
    if text is None or args["prefix"] or "ENABLED_PLUGINS" in look.text(SETTINGS):
        return {"on": sorted(names_in(run_it(host, args, ["list", "-q", "-E", "-m"])))}
    return {"on": sorted(re.findall(r"\w+", re.sub(r"%.*", "", text)))}


def names_in(text):
    return {line.strip() for line in text.splitlines() if re.match(r"^\w+$", line.strip())}


def want(args, now):
    names = {name.strip() for name in args["names"].split(",") if name.strip()}
    if args["state"] == "disabled":
        return {"on": sorted(set(now["on"]) - names)}
    return {"on": sorted(names | set(now["on"]) if args["new_only"] else names)}


def apply(host, args, change):
    before, after = set(change.before["on"]), set(change["on"])
    for verb, names in (("enable", after - before), ("disable", before - after)):
        if names:
            run_it(host, args, [verb, "-q", "--" + args["broker_state"]] + sorted(names))


def report(host, args, outcome):
    before, after = set(outcome.now["on"]), set(outcome.after["on"])
    return {"enabled": sorted(after - before), "disabled": sorted(before - after)}


def diff(args, outcome):
    return {"before": "".join(name + "\n" for name in outcome.now["on"]),
            "after": "".join(name + "\n" for name in outcome.after["on"])}
