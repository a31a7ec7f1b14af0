"""Helpers for modules that talk to interfaces of services."""

import functools
import time


def basic_auth_argument_spec(spec=None):
    """The arguments about logging in."""
    return dict({"api_username": {"type": "str"}, "api_password": {"type": "str", "no_log": True},
                 "api_url": {"type": "str"}, "validate_certs": {"type": "bool", "default": True}}, **(spec or {}))


def retry_argument_spec(spec=None):
    """The arguments about trying again."""
    return dict({"retries": {"type": "int"}, "retry_pause": {"type": "float", "default": 1}}, **(spec or {}))


def rate_limit_argument_spec(spec=None):
    """The arguments about not asking too often."""
    return dict({"rate": {"type": "int"}, "rate_limit": {"type": "int"}}, **(spec or {}))


def retry(retries=None, retry_pause=1):
    """Decorates a function to be tried again until it gives something."""
    def decorate(function):
        @functools.wraps(function)
        def again(*args, **kwargs):
            for _ in range(retries or 1):
                try:
                    found = function(*args, **kwargs)
                except Exception:  # whatever it is, the next try may do better
                    found = None
                if found:
                    return found
                time.sleep(retry_pause)
            raise Exception("Retry limit exceeded: %d" % (retries or 1))
        return again
    return decorate
