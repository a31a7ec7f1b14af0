"""Libraries that the host's Python has installed. The runner starts without them, so that nothing of theirs runs unasked."""

import importlib
import os
import site
import sys


def load(name):
    """Import a module from where the host's Python has its packages. Raises ImportError.

    Files ending with .pth, which could run code, are not read.
    """
    if name in sys.modules and sys.modules[name] is not None:
        return sys.modules[name]
    before = list(sys.path)
    sys.path += [folder for folder in folders() if folder not in before and os.path.isdir(folder)]
    try:
        return importlib.import_module(name)
    finally:
        sys.path[:] = before


def folders(executable=None):
    """The folders of packages, those of a virtual environment first when the interpreter is one's."""
    executable = executable or sys.executable or ""
    around = os.path.dirname(os.path.dirname(executable))
    prefixes = [sys.prefix]
    if os.path.isfile(os.path.join(around, "pyvenv.cfg")):
        prefixes.insert(0, around)
    return site.getsitepackages(prefixes)
