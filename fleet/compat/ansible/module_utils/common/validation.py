"""Conversions of arguments to their types, and what arguments demand of each other."""

import ast
import decimal
import json
import os
import re

from ansible.module_utils.common.text.converters import jsonify, to_text
from ansible.module_utils.parsing.convert_bool import boolean


def check_type_str(value, allow_conversion=True, param=None, prefix=""):
    if isinstance(value, str):
        return value
    if allow_conversion:
        return "" if value is None else to_text(value)
    raise TypeError("'%r' is not a string and conversion is not allowed" % (value,))


def check_type_list(value):
    if isinstance(value, list):
        return value
    if isinstance(value, str):
        return value.split(",")
    if isinstance(value, (int, float)):
        return [str(value)]
    raise TypeError("%s cannot be converted to a list" % type(value))


def check_type_dict(value):
    if isinstance(value, dict):
        return value
    if isinstance(value, str):
        if value.startswith("{"):
            for read in (json.loads, ast.literal_eval):
                try:
                    found = read(value)
                except (ValueError, SyntaxError):
                    continue
                if isinstance(found, dict):
                    return found
            raise TypeError("unable to evaluate string as dictionary")
        if "=" in value:
            pairs = [word.split("=", 1) for word in _words(value)]
            if any(len(pair) < 2 for pair in pairs):
                raise TypeError('unable to evaluate string in the "key=value" format as dictionary')
            return dict(pairs)
        raise TypeError("dictionary requested, could not parse JSON or key=value")
    raise TypeError("%s cannot be converted to a dict" % type(value))


def _words(text):
    """What stands between blanks and commas that are neither quoted nor behind a backslash."""
    words, word, quote, plain = [], [], None, False
    for letter in text.strip():
        if plain:
            word.append(letter)
            plain = False
        elif letter == "\\":
            plain = True
        elif quote:
            quote = None if letter == quote else quote
            word += [letter] if quote else []
        elif letter in "\"'":
            quote = letter
        elif letter in ", ":
            words += ["".join(word)] if word else []
            word = []
        else:
            word.append(letter)
    return words + (["".join(word)] if word else [])


def check_type_bool(value):
    if isinstance(value, bool):
        return value
    if isinstance(value, (str, int, float)):
        return boolean(value)
    raise TypeError("%s cannot be converted to a bool" % type(value))


def check_type_int(value):
    if isinstance(value, int):
        return value
    try:
        exact = decimal.Decimal(value)
        if exact == int(exact):
            return int(exact)
    except (ValueError, TypeError, OverflowError, decimal.DecimalException):
        pass
    raise TypeError('"%r" cannot be converted to an int' % (value,))


def check_type_float(value):
    try:
        return float(value)
    except (ValueError, TypeError):
        raise TypeError("%s cannot be converted to a float" % type(value))


def check_type_path(value):
    return os.path.expanduser(os.path.expandvars(check_type_str(value)))


def check_type_raw(value):
    return value


def check_type_bytes(value):
    try:
        return _human(value)
    except ValueError:
        raise TypeError("%s cannot be converted to a Byte value" % type(value))


def check_type_bits(value):
    try:
        return _human(value, bits=True)
    except ValueError:
        raise TypeError("%s cannot be converted to a Bit value" % type(value))


def _human(value, bits=False):
    from ansible.module_utils.common.text.formatters import human_to_bytes

    return human_to_bytes(value, isbits=bits)


def check_type_jsonarg(value):
    if isinstance(value, (str, bytes)):
        return value.strip()
    if isinstance(value, (list, tuple, dict)):
        return jsonify(value)
    raise TypeError("%s cannot be converted to a json string" % type(value))


CONVERSIONS = {"str": check_type_str, "list": check_type_list, "dict": check_type_dict, "bool": check_type_bool,
               "int": check_type_int, "float": check_type_float, "path": check_type_path, "raw": check_type_raw,
               "jsonarg": check_type_jsonarg, "json": check_type_jsonarg, "bytes": check_type_bytes,
               "bits": check_type_bits}


def safe_eval(value, locals=None, include_exceptions=False):
    """The data that a text says in Python's words; what is none stays a text."""
    found, error = value, None
    if isinstance(value, str) and not re.search(r"\w\.\w+\(|import \w+", value):
        try:
            found = ast.literal_eval(value)
        except (ValueError, SyntaxError, TypeError, MemoryError) as caught:
            error = caught
    return (found, error) if include_exceptions else found


def count_terms(terms, parameters):
    wanted = [terms] if isinstance(terms, str) else terms
    return len(set(wanted).intersection(parameters))


def _where(context):
    return " found in %s" % " -> ".join(context) if context else ""


def check_mutually_exclusive(terms, parameters, options_context=None):
    found = [check for check in terms or [] if count_terms(check, parameters) > 1]
    if found:
        raise TypeError("parameters are mutually exclusive: %s%s"
                        % (", ".join("|".join(check) for check in found), _where(options_context)))
    return found


def check_required_one_of(terms, parameters, options_context=None):
    for term in terms or []:
        if count_terms(term, parameters) == 0:
            raise TypeError("one of the following is required: %s%s" % (", ".join(term), _where(options_context)))
    return []


def check_required_together(terms, parameters, options_context=None):
    for term in terms or []:
        counts = [count_terms(field, parameters) for field in term]
        if any(counts) and not all(counts):
            raise TypeError("parameters are required together: %s%s" % (", ".join(term), _where(options_context)))
    return []


def check_required_by(requirements, parameters, options_context=None):
    result = {}
    for key, value in (requirements or {}).items():
        if parameters.get(key) is None:
            continue
        missing = [name for name in ([value] if isinstance(value, str) else value) if parameters.get(name) is None]
        if missing:
            raise TypeError("missing parameter(s) required by '%s': %s%s"
                            % (key, ", ".join(missing), _where(options_context)))
    return result


def check_required_arguments(argument_spec, parameters, options_context=None):
    missing = sorted(name for name, one in (argument_spec or {}).items()
                     if one.get("required") and name not in parameters)
    if missing:
        raise TypeError("missing required arguments: %s%s" % (", ".join(missing), _where(options_context)))
    return missing


def check_required_if(requirements, parameters, options_context=None):
    for rule in requirements or []:
        key, value, needed = rule[0], rule[1], rule[2]
        any_of = len(rule) > 3 and rule[3]
        if key not in parameters or parameters[key] != value:
            continue
        missing = [name for name in needed if parameters.get(name) is None]
        if (any_of and len(missing) >= len(needed)) or (missing and not any_of):
            raise TypeError("%s is %s but %s of the following are missing: %s%s"
                            % (key, value, "any" if any_of else "all", ", ".join(missing), _where(options_context)))
    return []


def check_missing_parameters(parameters, required_parameters=None):
    missing = [name for name in required_parameters or [] if not parameters.get(name)]
    if missing:
        raise TypeError("missing required arguments: %s" % ", ".join(missing))
    return missing
