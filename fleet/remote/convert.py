"""The types of arguments and how values become them.

They are those Ansible documents for module arguments:
https://docs.ansible.com/ansible/latest/dev_guide/developing_program_flow_modules.html#argument-spec
"""

import json
import shlex

TRUE = ("y", "yes", "on", "1", "true", "t", 1, 1.0, True)
FALSE = ("n", "no", "off", "0", "false", "f", 0, 0.0, False)


def to_bool(value):
    """Ansible's idea of a boolean: yes/no, on/off, true/false, y/n, t/f, 1/0."""
    if isinstance(value, bool):
        return value
    if value is None:
        raise TypeError("%s cannot be converted to a bool" % type(value))
    plain = value.strip().lower() if isinstance(value, str) else value
    if plain in TRUE:
        return True
    if plain in FALSE:
        return False
    raise TypeError("The value '%s' is not a valid boolean. Valid booleans include: 'yes', 'no', 'true', 'false', "
                    "'on', 'off', '1', '0', 'y', 'n', 't', 'f'" % (value,))


def _to_str(value):
    if isinstance(value, str):
        return str(value)
    if isinstance(value, (dict, list)):
        return json.dumps(value) if isinstance(value, dict) else str(value)
    return str(value)


def _to_int(value):
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, int):
        return value
    if isinstance(value, float) and value == int(value):
        return int(value)
    try:
        return int(value.strip())
    except (AttributeError, ValueError):
        raise TypeError('"%s" cannot be converted to an int' % (repr(str(value)) if isinstance(value, str) else value,))


def _to_float(value):
    try:
        return float(value)
    except (TypeError, ValueError):
        raise TypeError("%s cannot be converted to a float" % type(value))


def _to_list(value):
    if isinstance(value, (list, tuple)):
        return list(value)
    if isinstance(value, str):
        return [part.strip() for part in value.split(",")]
    if isinstance(value, (int, float)):
        return [str(value)]
    raise TypeError("%s cannot be converted to a list" % type(value))


def _to_dict(value):
    if isinstance(value, dict):
        return value
    if isinstance(value, str):
        text = value.strip()
        if text.startswith("{"):
            made = json.loads(text)
            if isinstance(made, dict):
                return made
        if "=" in text:
            parts = shlex.split(text.replace(",", " ")) if "," in text else shlex.split(text)
            return dict(part.split("=", 1) for part in parts)
        raise TypeError("dictionary requested, could not parse JSON or key=value")
    raise TypeError("%s cannot be converted to a dict" % type(value))


def _to_json(value):
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, (list, tuple, dict)):
        return json.dumps(value)
    raise TypeError("%s cannot be converted to a json string" % type(value))


UNITS = {"": 1, "B": 1, "K": 1 << 10, "M": 1 << 20, "G": 1 << 30, "T": 1 << 40, "P": 1 << 50, "E": 1 << 60}


def to_bytes_count(value):
    """``10M`` -> 10485760: the documented ``bytes`` type."""
    if isinstance(value, (int, float)) and not isinstance(value, bool):
        return int(value)
    text = str(value).strip().upper()
    digits = text.rstrip("BKMGTPEI")
    unit = text[len(digits) :].replace("IB", "").strip()
    unit = unit[0] if unit else ""
    return int(float(digits) * UNITS[unit])


CONVERT = {
    "str": _to_str,
    "path": _to_str,
    "bool": to_bool,
    "int": _to_int,
    "float": _to_float,
    "list": _to_list,
    "dict": _to_dict,
    "raw": lambda value: value,
    "json": _to_json,
    "jsonarg": _to_json,
    "bytes": to_bytes_count,
    "bits": to_bytes_count,
}
