"""What is left of helpers for Python 2.4."""

import sys
from ast import literal_eval  # noqa: F401


def get_exception():
    """The exception being handled."""
    return sys.exc_info()[1]
