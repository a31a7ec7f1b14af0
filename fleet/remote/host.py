"""What a module may do with the host it runs on: run programs, warn, fail, keep a cache for the run."""

import os
import subprocess


class Failed(Exception):
    """A module cannot do what it was asked. ``result`` holds more return keys (``rc``, ``stderr`` ...)."""

    def __init__(self, msg, **result):
        Exception.__init__(self, msg)
        self.result = dict(result, msg=msg)


class Unmet(Failed):
    """Something a module builds on is not there. In check mode an earlier step might have made it."""


class Ran(object):
    """A program that ended: ``rc``, ``out`` and ``err`` as text (undecodable bytes as surrogates)."""

    def __init__(self, argv, rc, out, err):
        self.argv = argv
        self.rc = rc
        self.out = out
        self.err = err

    @property
    def lines(self):
        return self.out.splitlines()


class Host(object):
    """Handed to every module call.

    ``check`` and ``diff`` are the modes asked for; ``env`` the task's environment, already applied to
    what ``run`` starts; ``cache`` lives as long as the runner, so package data is read once a run;
    ``moment`` is a cache of what holds until a step changes something; ``upcoming()`` gives (module, args)
    of the steps that are queued already. ``content(name)`` yields the chunks of a file the controller offers by its hash.
    """

    def __init__(self, check=False, diff=False, env=None, cache=None, content=None, send=None, busy=None,
                 upcoming=None):
        self.check = check
        self.diff = diff
        self.env = env or {}
        self.cache = {} if cache is None else cache
        self.moment = self.cache.setdefault("moment", {})
        self.upcoming = upcoming or list
        self.warnings = []
        self.content = content
        self.send = send
        self._busy = busy
        self.children = []

    def warn(self, message):
        """Tell the user something that is no failure."""
        if message not in self.warnings:
            self.warnings.append(message)

    def environ(self, more=None):
        """The environment of a program: the runner's, the C locale for parsing, the task's."""
        environ = dict(os.environ, LC_ALL="C.UTF-8" if _has_c_utf8() else "C", LANGUAGE="C")
        environ.update(self.env)
        environ.update(more or {})
        return environ

    def run(self, argv, ok=(0,), stdin=None, env=None, cwd=None, shell=None, timeout=None, raw=False, pass_fds=()):
        """Run a program and wait for it. ``ok`` are the exit codes that are no failure, None accepts all.

        ``shell`` names the shell that a text is handed to. ``raw`` gives bytes instead of text. ``pass_fds`` are
        open files the program inherits.
        Raises Failed when the program is missing, times out or ends with another code.
        """
        if self._busy:
            self._busy()
        data = stdin.encode("utf-8", "surrogateescape") if isinstance(stdin, str) else stdin
        try:
            child = subprocess.Popen(
                [shell, "-c", argv] if shell else argv,
                stdin=subprocess.DEVNULL if data is None else subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=self.environ(env),
                cwd=cwd,
                start_new_session=True,
                pass_fds=pass_fds,
            )
        except OSError as error:
            raise Failed("cannot run %s: %s" % (argv if shell else argv[0], error.strerror), rc=error.errno,
                         cmd=argv, stdout="", stderr="")
        self.children.append(child)
        try:
            out, err = child.communicate(data, timeout=timeout)
        except subprocess.TimeoutExpired:
            _end(child)
            raise Failed("%s did not end within %s seconds" % (argv if shell else argv[0], timeout), rc=-1, cmd=argv)
        finally:
            self.children.remove(child)
        if not raw:
            out, err = out.decode("utf-8", "surrogateescape"), err.decode("utf-8", "surrogateescape")
        if ok is not None and child.returncode not in ok:
            told = (err or out).strip() if not raw else err.decode("utf-8", "replace").strip()
            raise Failed(
                "%s failed with exit code %d: %s" % (argv if shell else " ".join(argv), child.returncode, told[-2000:]),
                rc=child.returncode, cmd=argv, stdout=out if not raw else "", stderr=err if not raw else told,
            )
        return Ran(argv, child.returncode, out, err)

    def which(self, name, more=()):
        """The full path of a program, also looked for where root's programs are, or None."""
        if "/" in name:
            return name if os.access(name, os.X_OK) else None
        path = self.env.get("PATH", os.environ.get("PATH", ""))
        for folder in list(more) + path.split(":") + ["/usr/local/sbin", "/usr/sbin", "/sbin", "/usr/bin", "/bin"]:
            full = os.path.join(folder, name)
            if folder and os.access(full, os.X_OK) and not os.path.isdir(full):
                return full
        return None

    def need(self, name, package):
        """``which``, or Failed naming the package that brings the program."""
        found = self.which(name)
        if found is None:
            raise Failed("the program %s was not found; install the package %s on the host" % (name, package))
        return found


def _has_c_utf8(known=[]):
    if not known:
        known.append(any(os.path.isdir(folder) for folder in ("/usr/lib/locale/C.utf8", "/usr/lib/locale/C.UTF-8")))
    return known[0]


def _end(child):
    try:
        os.killpg(child.pid, 9)
    except OSError:
        child.kill()
    child.wait()
