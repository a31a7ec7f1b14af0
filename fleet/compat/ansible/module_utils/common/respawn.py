"""Going on under another Python, which has a library that this one lacks."""

import os
import subprocess
import sys


def has_respawned():
    """True in a process that was started by ``respawn_module``."""
    return hasattr(sys.modules["__main__"], "_respawned")


def respawn_module(interpreter_path):
    """Not possible here: the module lives in the runner's Python. Raises with the way out."""
    raise Exception("the module needs the Python %s; set ansible_python_interpreter to it" % interpreter_path)


def probe_interpreters_for_module(interpreter_paths, module_name):
    """The first of the Pythons that can import the library, or None."""
    for path in interpreter_paths:
        if os.path.exists(path):
            done = subprocess.run([path, "-c", "import " + module_name], stdout=subprocess.DEVNULL,
                                  stderr=subprocess.DEVNULL)
            if done.returncode == 0:
                return path
    return None
