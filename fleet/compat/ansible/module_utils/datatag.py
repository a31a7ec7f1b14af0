"""Marks on values. Values carry none here."""


def deprecate_value(value, msg, **kwargs):
    """``value`` as it is: nobody can tell when it is used."""
    return value
