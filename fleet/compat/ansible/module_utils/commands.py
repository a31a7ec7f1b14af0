"""The part of AnsibleModule that starts programs."""

import os
import re
import select
import selectors
import shlex
import subprocess

from ansible.module_utils.common.process import get_bin_path
from ansible.module_utils.common.text.converters import to_bytes, to_text


class Commands(object):
    """Mixed into AnsibleModule; uses its ``fail_json`` and ``run_command_environ_update``."""

    def get_bin_path(self, arg, required=False, opt_dirs=None):
        """The path of a program; None, or a failure where it is ``required``."""
        try:
            return get_bin_path(arg, opt_dirs=opt_dirs)
        except ValueError as error:
            if required:
                self.fail_json(msg=str(error))
            return None

    def run_command(self, args, check_rc=False, close_fds=True, executable=None, data=None, binary_data=False,
                    path_prefix=None, cwd=None, use_unsafe_shell=False, prompt_regex=None, environ_update=None,
                    umask=None, encoding="utf-8", errors="surrogate_or_strict", expand_user_and_vars=True,
                    pass_fds=None, before_communicate_callback=None, ignore_invalid_cwd=True, handle_exceptions=True):
        """Run a program: (rc, stdout, stderr)."""
        argv, shell = self._argv(args, use_unsafe_shell, expand_user_and_vars, executable)
        environ = dict(os.environ, **self.run_command_environ_update)
        environ.update(environ_update or {})
        if path_prefix:
            environ["PATH"] = "%s:%s" % (path_prefix, environ.get("PATH", ""))
        if cwd:
            cwd = os.path.abspath(os.path.expanduser(to_text(cwd)))
            if not os.path.isdir(cwd):
                if not ignore_invalid_cwd:
                    self.fail_json(msg="Provided cwd is not a valid directory: %s" % cwd)
                cwd = None
        if data is not None:
            data = to_bytes(data, encoding=encoding or "utf-8")
            if not binary_data:
                data += b"\n"
        saved = os.umask(umask) if umask is not None else None
        shown = argv if isinstance(argv, str) else " ".join(shlex.quote(word) for word in argv)
        try:
            child = subprocess.Popen(
                argv, shell=shell, executable=executable if shell else None, cwd=cwd, env=environ,
                close_fds=close_fds, pass_fds=pass_fds or (), stdin=subprocess.PIPE if data is not None
                or prompt_regex else subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
            if before_communicate_callback:
                before_communicate_callback(child)
            if prompt_regex:
                out, err, met = _watch(child, data, prompt_regex)
                if met:
                    return 257, to_text(out), "A prompt was encountered while running a command, but no input data was specified"
            else:
                out, err = child.communicate(data)
            rc = child.returncode
        except (OSError, ValueError) as error:
            if not handle_exceptions:
                raise
            number = getattr(error, "errno", None)
            self.fail_json(rc=number or 257, stdout="", stderr="", cmd=self._masked(shown),
                           msg="Error executing command: %s" % error if number is None else str(error))
        finally:
            if saved is not None:
                os.umask(saved)
        if encoding is not None:
            out, err = to_text(out, encoding, errors), to_text(err, encoding, errors)
        if check_rc and rc:
            self.fail_json(cmd=self._masked(shown), rc=rc, stdout=out, stderr=err,
                           msg=self._masked(to_text(err).rstrip() or to_text(out).rstrip()))
        return rc, out, err

    def get_buffer_size(self, fd):
        """How many bytes a read from a pipe may give."""
        return select.PIPE_BUF

    def _argv(self, args, shell, expand, executable):
        if not isinstance(args, (list, tuple, str, bytes)):
            self.fail_json(rc=257, cmd=args, msg="Argument 'args' to run_command must be list or string")
        if shell:
            text = " ".join(shlex.quote(to_text(word)) for word in args) if isinstance(args, (list, tuple)) else to_text(args)
            return ([executable, "-c", text], False) if executable else (text, True)
        words = shlex.split(to_text(args)) if isinstance(args, (str, bytes)) else [to_text(word) for word in args if word is not None]
        if expand:
            words = [os.path.expanduser(os.path.expandvars(word)) for word in words]
        return words, False


def _watch(child, data, prompt):
    """Feed and read the child; stop at a prompt nobody answers."""
    pattern = re.compile(to_bytes(prompt))
    out = {child.stdout: b"", child.stderr: b""}
    if data:
        child.stdin.write(data)
    child.stdin.close() if data else None
    with selectors.DefaultSelector() as selector:
        for pipe in out:
            selector.register(pipe, selectors.EVENT_READ)
        while selector.get_map():
            for key, _ in selector.select(1):
                chunk = os.read(key.fileobj.fileno(), 1 << 15)
                out[key.fileobj] += chunk
                if not chunk:
                    selector.unregister(key.fileobj)
            if not data and pattern.search(out[child.stdout]):
                child.kill()
                child.wait()
                return out[child.stdout], out[child.stderr], True
    child.wait()
    return out[child.stdout], out[child.stderr], False
