"""A host's facts under the names they have in ``ansible_facts``: the few that a module asks for by itself."""

import os
import platform
import socket
import sys


def ansible_facts(module, gather_subset=None):
    """What the running Python knows of the host at once, and the environment. More is what the play's own facts
    are for: a module that looks for another name does not find it."""
    found = {
        "architecture": platform.machine(),
        "env": dict(os.environ),
        "fqdn": socket.getfqdn(),
        "hostname": platform.node().split(".")[0],
        "kernel": platform.release(),
        "nodename": platform.node(),
        "python": {
            "executable": sys.executable,
            "has_sslcontext": True,
            "type": sys.implementation.name,
            "version": dict(zip(("major", "minor", "micro", "releaselevel", "serial"), sys.version_info)),
            "version_info": list(sys.version_info),
        },
        "python_version": platform.python_version(),
        "system": platform.system(),
    }
    from ansible.module_utils.common import sys_info

    found.update(distribution=sys_info.get_distribution(), distribution_version=sys_info.get_distribution_version())
    return found


def get_all_facts(module):
    """The same as ``ansible_facts``."""
    return ansible_facts(module)
