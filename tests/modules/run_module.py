"""Run one module in this process, as the runner on a host would, without engine and connection."""

import importlib

from fleet.remote.host import Failed, Host
from fleet.remote.spec import BadArgument
from fleet.remote.state import converge


def run_module(name, args, check=False, diff=False, cache=None, env=None):
    """The result of a module as a dict; failures as {"failed": True, "msg": ...}.

    ``cache`` is the run's cache: hand the same dict to several calls to make them one run.
    """
    module = importlib.import_module("fleet.modules." + name)
    host = Host(check=check, diff=diff, cache=cache, env=env)
    try:
        given = module.SPEC.complete(module.SPEC.normalize(dict(args), name))
        result = module.run(host, given) if hasattr(module, "run") else converge(module, host, given)
    except BadArgument as error:
        return {"failed": True, "changed": False, "msg": str(error)}
    except Failed as error:
        return dict({"changed": False, "failed": True}, **error.result)
    if host.warnings:
        result = dict(result, warnings=host.warnings)
    return result
