"""How code gets into the runner: parts held in memory, imported from there. Nothing touches the disk.

``STUB`` is the program text given to ``python -c``: it says which Python it is, then reads a length and
a packed pair (this file's code, the parts) from stdin. A part is marshalled bytecode (bytes) when the
controller's Python speaks the same dialect, else source (str), compiled when first imported.
"""

import marshal
import sys
import zlib

STUB = (
    "import sys,os,marshal,zlib,_imp,_frozen_importlib_external as f\n"
    "os.write(1,('\\n%s %d.%d %s\\n'%(MARK,*sys.version_info[:2],f.MAGIC_NUMBER.hex())).encode())\n"
    "def r(n):\n"
    " b=b''\n"
    " while len(b)<n:\n"
    "  c=os.read(0,n-len(b))\n"
    "  if not c:os._exit(9)\n"
    "  b+=c\n"
    " return b\n"
    "code,parts=marshal.loads(zlib.decompress(r(int(r(9)))))\n"
    "exec(code if type(code) is str else marshal.loads(code),{'__name__':'fleet_bootstrap','PARTS':parts})\n"
)


PACKAGES = ("fleet", "fleet.remote", "fleet.modules", "fleet.facts")


class Finder(object):
    """Imports the ``fleet`` package from a dict: name -> bytes (marshalled code) or str (source)."""

    def __init__(self, parts):
        self.parts = parts

    def find_spec(self, name, path=None, target=None):
        if name not in self.parts:
            return None
        from importlib.machinery import ModuleSpec

        return ModuleSpec(name, self, origin=name.replace(".", "/") + ".py", is_package=self.is_package(name))

    def is_package(self, name):
        return name in PACKAGES

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        name = module.__spec__.name
        part = self.parts[name]
        code = marshal.loads(part) if isinstance(part, bytes) else compile(part, module.__spec__.origin, "exec")
        exec(code, module.__dict__)

    def get_source(self, name):
        """Lets tracebacks show source lines, where the source is here."""
        part = self.parts.get(name)
        return part if isinstance(part, str) else None

    def load(self, packed):
        """Add parts that arrive later."""
        self.parts.update(marshal.loads(zlib.decompress(packed)))


if __name__ == "fleet_bootstrap":
    FINDER = Finder(PARTS)  # noqa: F821  # given by STUB
    sys.meta_path.insert(0, FINDER)
    from fleet.remote.loop import start

    start(FINDER.load)
