"""What the modules command, shell and script share: guards, the run itself, the documented result."""

import glob
import os

from fleet.remote.host import Failed
from fleet.remote.process import execute
from fleet.remote.spec import Arg

GUARDS = {
    "chdir": Arg("path", help="Folder to change to first."),
    "creates": Arg("path", help="File or shell pattern; when it exists the command is not run."),
    "removes": Arg("path", help="File or shell pattern; when it does not exist the command is not run."),
}
INPUT = {
    "_raw_params": Arg(help="The command, when it is given as text."),
    "cmd": Arg(help="The command."),
    "argv": Arg("list", elements="str", help="The command as a list of words; nothing is split."),
    "stdin": Arg(help="Text for the command's standard input."),
    "stdin_add_newline": Arg("bool", True, help="End `stdin` with a newline."),
    "strip_empty_ends": Arg("bool", True, help="Remove empty lines at the end of the output."),
    "executable": Arg("path", help="The shell that runs the command."),
    "expand_argument_vars": Arg("bool", True, help="Replace `$VARIABLE` and `~` in words as the host knows them."),
}
RETURNS = {
    "cmd": "The command that was run.",
    "rc": "Its exit code; negative is the number of the signal that ended it.",
    "stdout": "What it printed.",
    "stdout_lines": "The same as a list of lines.",
    "stderr": "What it printed as errors.",
    "stderr_lines": "The same as a list of lines.",
    "start": "When it started.",
    "end": "When it ended.",
    "delta": "How long it ran.",
    "msg": "Why it failed or did not run.",
}


def guarded(args, folder):
    """The (keyword, text) why ``creates`` or ``removes`` forbid the run, or None."""
    if args["creates"] and glob.glob(os.path.join(folder, args["creates"])):
        return "'%s' exists" % args["creates"], "skipped, since %s exists" % args["creates"]
    if args["removes"] and not glob.glob(os.path.join(folder, args["removes"])):
        return "'%s' does not exist" % args["removes"], "skipped, since %s does not exist" % args["removes"]
    return None


def run_command(host, args, shown, argv):
    """Run ``argv`` (``shown`` is what the result calls the command) as the arguments say."""
    result = {"changed": False, "cmd": shown, "rc": None, "stdout": "", "stderr": "", "start": None, "end": None,
              "delta": None, "msg": ""}
    folder = os.path.abspath(args["chdir"]) if args["chdir"] else os.getcwd()
    if args["chdir"] and not os.path.isdir(folder):
        result["msg"] = "Unable to change directory before execution. There is no folder %s" % folder
        raise Failed(**with_lines(result))
    stop = guarded(args, folder)
    if stop:
        verb = "Would not" if host.check else "Did not"
        result.update(rc=0, stdout=stop[1], msg="%s run command since %s" % (verb, stop[0]))
        return with_lines(result)
    if host.check:
        result.update(rc=0, changed=True, msg="Command would have run if not in check mode")
        if not (args["creates"] or args["removes"]):
            result.update(skipped=True, changed=False)
        return with_lines(result)
    return _run(host, args, argv, folder if args["chdir"] else None, result)


def _run(host, args, argv, folder, result):
    try:
        ran = execute(host, argv, stdin=_stdin(args), cwd=folder)
    except OSError as error:
        missing = argv[0] if isinstance(argv, list) else argv
        shown = result["cmd"] if isinstance(result["cmd"], str) and len(argv) == 1 else " ".join(map(quote, argv))
        raise Failed("Error executing command: [Errno %s] %s: %r" % (error.errno, error.strerror, missing),
                     **without(with_lines(result), "msg", "start", "end", "delta", cmd=shown, rc=error.errno))
    except ValueError as error:
        raise Failed("Error executing command: %s" % error, **without(with_lines(result), "msg", rc=257))
    strip = (lambda text: text.rstrip("\r\n")) if args["strip_empty_ends"] else (lambda text: text)
    result.update(changed=True, rc=ran.rc, stdout=strip(ran.out), stderr=strip(ran.err), start=str(ran.start),
                  end=str(ran.end), delta=str(ran.end - ran.start))
    if ran.lost:
        host.warn("the command printed more than can be returned; %d bytes from the middle are left out" % ran.lost)
    result = with_lines(result)
    if ran.rc != 0:
        raise Failed(**dict(result, msg="non-zero return code"))
    return result


def _stdin(args):
    if args["stdin"] is None:
        return None
    text = args["stdin"] + ("\n" if args["stdin_add_newline"] else "")
    return text.encode("utf-8", "surrogateescape")


def with_lines(result):
    """Add ``stdout_lines`` and ``stderr_lines``."""
    for name in ("stdout", "stderr"):
        result[name + "_lines"] = result[name].splitlines()
    return result


def without(result, *names, **more):
    return dict({key: value for key, value in result.items() if key not in names}, **more)


def quote(word):
    import shlex

    return shlex.quote(word)
