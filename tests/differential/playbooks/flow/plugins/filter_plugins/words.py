from ansible.errors import AnsibleFilterError
from ansible.module_utils.common.text.converters import to_text
from jinja2 import pass_context, pass_environment


def shout(value, mark="!"):
    if not isinstance(value, str):
        raise AnsibleFilterError("shout wants text, not %s" % type(value).__name__)
    return to_text(value).upper() + mark


def pairs(mapping):
    return [(key, mapping[key]) for key in sorted(mapping)]


@pass_context
def among(context, name):
    return context.resolve(name)


@pass_environment
def knows(environment, name):
    return name in environment.filters


class FilterModule:
    def filters(self):
        return {"shout": shout, "pairs": pairs, "among": among, "knows": knows, "basename": lambda path: "mine"}
