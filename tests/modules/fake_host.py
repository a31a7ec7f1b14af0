"""A Host whose programs are a table: what starts with these words gives this output."""

from fleet.remote.host import Failed, Host, Ran


class FakeHost(Host):
    """``answers`` maps the beginning of a command line (joined, without the folder) to output or (rc, out, err).

    An answer that is callable is called with the command line. ``calls`` holds the command lines, ``changes`` those
    that no answer in ``reads`` covers.
    """

    def __init__(self, answers, there=(), **kwargs):
        super().__init__(**kwargs)
        self.answers = answers
        self.there = there
        self.calls = []

    def which(self, name, more=()):
        known = [line.split()[0] for line in self.answers]
        return "/usr/bin/" + name if name in self.there or name in known else None

    def run(self, argv, ok=(0,), **_):
        line = " ".join([argv[0].rpartition("/")[2], *argv[1:]])
        self.calls.append(line)
        best = max((start for start in self.answers if line.startswith(start)), key=len, default=None)
        if best is None:
            raise AssertionError(f"no answer for: {line}")
        answer = self.answers[best]
        answer = answer(line) if callable(answer) else answer
        rc, out, err = (0, answer, "") if isinstance(answer, str) else answer
        if ok is not None and rc not in ok:
            raise Failed(f"{line} failed with exit code {rc}: {err or out}", rc=rc, stdout=out, stderr=err)
        return Ran(argv, rc, out, err)


def run_on(host, name, args):
    """The result of a module on a FakeHost; failures as {"failed": True, ...}."""
    import importlib

    from fleet.remote.spec import BadArgument
    from fleet.remote.state import converge

    module = importlib.import_module("fleet.modules." + name)
    try:
        given = module.SPEC.complete(module.SPEC.normalize(dict(args), name))
        return module.run(host, given) if hasattr(module, "run") else converge(module, host, given)
    except BadArgument as error:
        return {"failed": True, "changed": False, "msg": str(error)}
    except Failed as error:
        return dict({"changed": False, "failed": True}, **error.result)
