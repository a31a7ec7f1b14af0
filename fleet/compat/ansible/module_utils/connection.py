"""Connections to network devices that outlive a task. There are none here: whoever asks for one is told so."""


class ConnectionError(Exception):
    """The connection cannot be had. ``code`` and further words of the caller are kept."""

    def __init__(self, message, **kwargs):
        Exception.__init__(self, message)
        for name, value in kwargs.items():
            setattr(self, name, value)


class Connection(object):
    """A connection by the path of its socket."""

    def __init__(self, socket_path):
        if socket_path is None:
            raise AssertionError("socket_path must be a value")
        raise ConnectionError("persistent connections to network devices are not supported")


def exec_command(module, command):
    """(1, "", why not)."""
    return 1, "", "persistent connections to network devices are not supported"
