"""What may be the name of a variable."""

import re

RULE = "a variable's name starts with a letter or _ and holds only letters, digits and _"
_NAME = re.compile(r"[^\W\d]\w*\Z", re.ASCII)
_JINJA = frozenset({"true", "false", "none", "True", "False", "None", "not"})
"""Words that mean something else in an expression, so that no template could read the variable."""


def is_name(text: object) -> bool:
    """True for what ansible-core takes as the name of a variable: also Python's own words, but none of Jinja's values.

    Source: https://docs.ansible.com/ansible/latest/playbook_guide/playbooks_variables.html#creating-valid-variable-names
    """
    return isinstance(text, str) and bool(_NAME.match(text)) and text not in _JINJA


def advice(text: str) -> str:
    """What to do about a bad name."""
    better = re.sub(r"\W", "_", text, flags=re.ASCII)
    return f"write '{better}'" if is_name(better) else RULE
