"""Runs a module that others wrote, in a process of its own. The controller sends its source and what that imports.

A Python module for AnsibleModule runs in a fork of the runner, without a file; anything else as a program
with its arguments in a file, both in a folder that only the user may read and that is removed.
"""

import base64
import gc
import importlib
import json
import os
import re
import select
import shlex
import shutil
import signal
import subprocess
import sys
import tempfile
import types
import zlib

from fleet.remote.host import Failed
from fleet.remote.spec import Spec

SPEC = Spec({}, extra=True)
BASIC = "ansible.module_utils.basic"
"""Not of this bundle: it comes with the first module."""


class Sources(object):
    """Finds what modules import among the sources that were sent."""

    def __init__(self):
        self.files = {}
        self.codes = {}
        self.packages = set()

    def add(self, files):
        """``files``: full name -> [is a package, source]."""
        for name, (package, source) in files.items():
            if self.files.get(name) != source:
                self.files[name] = source
                self.codes.pop(name, None)
            if package:
                self.packages.add(name)
            while "." in name:
                name = name.rpartition(".")[0]
                self.packages.add(name)

    def find_spec(self, name, path=None, target=None):
        if name not in self.files and name not in self.packages:
            return None
        from importlib.machinery import ModuleSpec

        return ModuleSpec(name, self, origin=place(name), is_package=name in self.packages)

    def create_module(self, spec):
        return None

    def exec_module(self, module):
        module.__file__ = place(module.__name__)
        exec(self.code(module.__name__), module.__dict__)

    def code(self, name):
        if name not in self.codes:
            self.codes[name] = compile(self.get_source(name), place(name), "exec", dont_inherit=True)
        return self.codes[name]

    def get_source(self, name):
        return self.files.get(name, "")


def place(name):
    """The name of a file for tracebacks; there is no such file."""
    return "/fleet/%s.py" % name.replace(".", "/")


class Child(object):
    """What the runner needs to end a process at a time limit."""

    def __init__(self, pid):
        self.pid = pid


def run(host, args):
    given = dict(args["args"])
    if args["style"] == "python":
        rc, out, err = in_fork(host, args, given)
    else:
        rc, out, err = as_program(host, args, given)
    result = answer(host, rc, out, err, args.get("verbosity", 0))
    if args.get("async") and err:
        # Only a job keeps what its module said there.
        result.setdefault("stderr", err)
    return result


def received(host, args, key):
    """The JSON that the controller offers under the hash ``args[key]``, or sent along."""
    kept = host.cache.setdefault("foreign", {})
    name = args[key]
    if name not in kept:
        packed = base64.b64decode(args[key + "_data"]) if key + "_data" in args else b"".join(host.content(name))
        kept[name] = json.loads(zlib.decompress(packed).decode("utf-8"))
    return kept[name]


def in_fork(host, args, given):
    sources = host.cache.get("foreign sources")
    if sources is None:
        sources = host.cache["foreign sources"] = Sources()
        sys.meta_path.insert(0, sources)
    sources.add(received(host, args, "surface"))
    own = received(host, args, "code")
    sources.add(dict((name, file) for name, file in own.items() if name != args["main"]))
    main = own[args["main"]][1]
    key = ("foreign code", args["code"])
    try:
        if key not in host.cache:
            host.cache[key] = compile(main, place(args["main"]), "exec", dont_inherit=True)
    except SyntaxError as error:
        raise Failed("Task failed: Module failed: %s" % error)
    # Once in the runner, so that the forks need not.
    importlib.import_module(BASIC)

    return forked(host, lambda: module_main(host.cache[key], args, given))


def module_main(code, args, given):
    """The life of the child up to its exit code."""
    basic = importlib.import_module(BASIC)
    known = getattr(basic, "PASS_VARS", None)
    if known is not None:
        # ansible-core's own: each version refuses what others tell modules. 2.19's is told to take and give plain JSON.
        given = dict((name, value) for name, value in given.items() if not name.startswith("_ansible_") or name[9:] in known)
        basic._ANSIBLE_PROFILE = "legacy"
    basic._ANSIBLE_ARGS = json.dumps({"ANSIBLE_MODULE_ARGS": given}).encode("utf-8", "surrogateescape")
    main = types.ModuleType("__main__")
    main.__file__ = place(args["main"])
    main.__package__ = args["main"].rpartition(".")[0]
    sys.modules["__main__"] = main
    sys.argv = [main.__file__]
    try:
        exec(code, main.__dict__)
    except SystemExit as end:
        if end.code is None or isinstance(end.code, int):
            return end.code or 0
        sys.stderr.write("%s\n" % end.code)
        return 1
    except BaseException as error:  # whatever it is, the runner's code must not go on in this process
        import traceback

        what = str(error) or type(error).__name__
        print(json.dumps({"failed": True, "changed": False, "msg": "Task failed: Module failed: %s" % what,
                          "exception": traceback.format_exc()}))
        return 1
    return 0


def forked(host, work):
    """Run ``work()`` in a fork: (exit code, stdout, stderr)."""
    out, err = os.pipe(), os.pipe()
    pid = os.fork()
    if pid == 0:
        code = 1
        try:
            os.setsid()
            for number in (signal.SIGHUP, signal.SIGPIPE):
                signal.signal(number, signal.SIG_DFL)
            os.dup2(out[1], 1)
            os.dup2(err[1], 2)
            # A daemon that the module starts must not hold the connection.
            os.closerange(3, 1024)
            sys.stdout = open(1, "w", encoding="utf-8", errors="surrogateescape", closefd=False)
            sys.stderr = open(2, "w", encoding="utf-8", errors="surrogateescape", closefd=False)
            gc.enable()
            code = work()
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(code if 0 <= code < 256 else 1)
    os.close(out[1])
    os.close(err[1])
    child = Child(pid)
    host.children.append(child)
    try:
        texts, status = drained(pid, out[0], err[0])
    finally:
        host.children.remove(child)
        os.close(out[0])
        os.close(err[0])
    return status, texts[0], texts[1]


def drained(pid, out, err):
    """All that comes out of the pipes until the child has ended; what daemons hold open is not waited for."""
    parts, open_ends, status = {out: [], err: []}, {out, err}, None
    while open_ends:
        ready = select.select(list(open_ends), [], [], 0.05)[0]
        for end in ready:
            chunk = os.read(end, 1 << 16)
            if chunk:
                parts[end].append(chunk)
            else:
                open_ends.discard(end)
        if not ready and status is None:
            done, code = os.waitpid(pid, os.WNOHANG)
            status = code if done else None
        elif not ready:
            break
    if status is None:
        status = os.waitpid(pid, 0)[1]
    code = os.WEXITSTATUS(status) if os.WIFEXITED(status) else -os.WTERMSIG(status)
    return [b"".join(parts[end]).decode("utf-8", "surrogateescape") for end in (out, err)], code


def as_program(host, args, given):
    """Run a script or binary: (exit code, stdout, stderr)."""
    source = base64.b64decode(received(host, args, "code")[args["main"]][1])
    text = json.dumps(given)
    if args["style"] == "old":
        plain = dict((key, value) for key, value in given.items() if not key.startswith("_ansible_"))
        text = " ".join("%s=%s" % (key, shlex.quote(str(value))) for key, value in plain.items())
    elif args["style"] == "inside":
        source = source.replace(b"<<INCLUDE_ANSIBLE_MODULE_JSON_ARGS>>", text.encode("utf-8"))
    folder = tempfile.mkdtemp(prefix="ansible-fleet-")
    try:
        module = write(os.path.join(folder, args["name"].rpartition(".")[2]), source, 0o700)
        given_file = write(os.path.join(folder, "args"), text.encode("utf-8", "surrogateescape"), 0o600)
        argv = [sys.executable if word == "python" else word for word in args["interpreter"]]
        argv += [module] if args["style"] == "inside" else [module, given_file]
        child = subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                 cwd=folder, start_new_session=True)
        host.children.append(child)
        try:
            out, err = child.communicate()
        finally:
            host.children.remove(child)
        return child.returncode, out.decode("utf-8", "surrogateescape"), err.decode("utf-8", "surrogateescape")
    except OSError as error:
        # The interpreter of the first line, mostly.
        raise Failed("the module %s cannot be run: %s: %s" % (args["name"], error.strerror, error.filename))
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def write(path, data, mode):
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode)
    with os.fdopen(handle, "wb") as sink:
        sink.write(data)
    return path


def parse(out):
    """(result or None, what stood behind it) of a module's output, whatever stands around the JSON."""
    for match in re.finditer(r"^[ \t]*(?=\{)", out, re.MULTILINE):
        try:
            found, end = json.JSONDecoder().raw_decode(out, match.end())
        except ValueError:
            continue
        return found, out[end:].strip()
    return None, ""


def answer(host, rc, out, err, verbosity=0):
    """The module's result from what it printed."""
    result, junk = parse(out)
    if result is None:
        raise Failed("Module result deserialization failed: No start of json char found", rc=rc,
                     module_stdout=out, module_stderr=err)
    if junk:
        host.warn("Module invocation had junk after the JSON data: %s" % junk)
    if verbosity < 3:
        result.pop("invocation", None)
    result.pop("_ansible_parsed", None)
    for name in ("warnings", "deprecations"):
        if isinstance(result.get(name), list):
            result[name] = [worded(entry) for entry in result[name]]
    for name in ("stdout", "stderr"):
        if isinstance(result.get(name), str) and name + "_lines" not in result:
            result[name + "_lines"] = result[name].splitlines()
    if "failed" not in result and result.get("rc") not in (None, 0, "0"):
        result["failed"] = True
    return result


def worded(entry):
    """A warning or deprecation as modules have always given it, also of ansible-core 2.19's, which gives an event."""
    if not isinstance(entry, dict) or not isinstance(entry.get("event"), dict):
        return entry
    text = entry["event"].get("msg")
    if entry.get("__ansible_type") != "DeprecationSummary":
        return text
    source = entry.get("deprecator") or {}
    return {"msg": text, "version": entry.get("version"), "date": entry.get("date"),
            "collection_name": source.get("resolved_name")}
