"""Run a script that lies on the controller.

It is brought to a private temporary file of the user it runs as, run, and removed. It needs no Python, but
the interpreter that its first line names.
"""

import os
import shlex
import tempfile

from fleet.remote.command import RETURNS, with_lines, without
from fleet.remote.host import Failed
from fleet.remote.process import execute
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "_raw_params": Arg(help="The script and its arguments, when given as text."),
        "cmd": Arg(help="The script on the controller, followed by its arguments."),
        "chdir": Arg(help="Absolute folder on the host to run in."),
        "creates": Arg(help="File or pattern on the host; when it exists the script is not run."),
        "removes": Arg(help="File or pattern on the host; when it does not exist the script is not run."),
        "executable": Arg(help="Interpreter to run the script with, such as `python3` or `bash -x`."),
        "decrypt": Arg("bool", True, help="Decrypt a script that is encrypted with vault."),
    },
    free_form="_raw_params",
    exclusive=(("_raw_params", "cmd"),),
    one_of=(("_raw_params", "cmd"),),
    returns=without(RETURNS, "cmd", "start", "end", "delta"),
)
EXAMPLES = """
- name: Run a script with arguments
  script: setup.sh --fast
- name: Run it once, with an interpreter
  script:
    cmd: make_db.py app
    executable: python3
    creates: /var/lib/app/db
"""
FOLDERS = ("/dev/shm", "/run", "/var/tmp")


def run(host, args):
    """``_content`` is the script (as a copy's), ``_name`` its file, ``_words`` are its arguments as text."""
    skip = skipped(args)
    if skip:
        return {"changed": False, "skipped": True, "msg": skip}
    if host.check:
        if args["creates"] or args["removes"]:
            return {"changed": True}
        return {"changed": False, "skipped": True, "msg": "Check mode is not supported for this task."}
    if args["chdir"] and not os.path.isdir(args["chdir"]):
        raise Failed("cannot change to the folder %s: there is none" % args["chdir"], rc=2)
    folder = private_folder()
    path = os.path.join(folder, os.path.basename(args.get("_name") or "script"))
    try:
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o700), "wb") as sink:
            for chunk in chunks(host, args["_content"]):
                sink.write(chunk)
        return _run(host, args, path)
    finally:
        try:
            os.unlink(path)
        except OSError:
            pass
        os.rmdir(folder)


def chunks(host, content):
    """The script's content, which came with the call or is asked of the controller by its hash."""
    if content.get("text") is not None:
        return [content["text"].encode("utf-8", "surrogateescape")]
    if content.get("data") is not None:
        import base64

        return [base64.b64decode(content["data"])]
    return host.content(content["sha1"])


def skipped(args):
    """Ansible's words for a guard that forbids the run, or ""."""
    import glob

    folder = args["chdir"] or ""
    if args["creates"] and glob.glob(os.path.join(folder, os.path.expanduser(args["creates"]))):
        return "%s exists, matching creates option" % args["creates"]
    if args["removes"] and not glob.glob(os.path.join(folder, os.path.expanduser(args["removes"]))):
        return "%s does not exist, matching removes option" % args["removes"]
    return ""


def private_folder():
    """A new folder that only this user may enter, where programs may be run if there is any such place."""
    for parent in (tempfile.gettempdir(),) + FOLDERS + (os.path.expanduser("~"),):
        try:
            if os.statvfs(parent).f_flag & os.ST_NOEXEC:
                continue
            return tempfile.mkdtemp(prefix="fleet-script-", dir=parent)
        except OSError:
            continue
    return tempfile.mkdtemp(prefix="fleet-script-")


def _run(host, args, path):
    argv = shlex.split(args["executable"] or "") + [path] + shlex.split(args.get("_words") or "")
    if not args["executable"] and os.statvfs(path).f_flag & os.ST_NOEXEC:
        argv = interpreter(path) + argv
    try:
        ran = execute(host, argv, cwd=args["chdir"])
    except OSError as error:
        if error.errno == 8 and not args["executable"]:
            # No "#!" line: like a shell, let a shell read it.
            ran = execute(host, ["/bin/sh"] + argv, cwd=args["chdir"])
        else:
            raise Failed("cannot run the script %s: %s; does its first line name an interpreter that the host has?"
                         % (args.get("_name"), error.strerror), rc=error.errno or 1, changed=False)
    result = with_lines({"changed": True, "rc": ran.rc, "stdout": ran.out, "stderr": ran.err})
    if ran.lost:
        host.warn("the script printed more than can be returned; %d bytes from the middle are left out" % ran.lost)
    if ran.rc != 0:
        raise Failed("non-zero return code", **result)
    return result


def interpreter(path):
    """The words of the file's ``#!`` line, a shell without one."""
    with open(path, "rb") as source:
        line = source.readline(256)
    if not line.startswith(b"#!"):
        return ["/bin/sh"]
    return shlex.split(line[2:].decode("utf-8", "replace"))
