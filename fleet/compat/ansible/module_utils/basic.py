"""AnsibleModule: what a Python module gets its arguments from, acts with and answers through."""

import json
import locale
import os
import platform
import re
import shutil
import sys
import syslog
import tempfile
import traceback

from ansible.module_utils.ansible_release import __version__ as ansible_version  # noqa: F401
from ansible.module_utils.commands import Commands
from ansible.module_utils.common import parameters
from ansible.module_utils.common import warnings as common_warnings
from ansible.module_utils.common._utils import get_all_subclasses  # noqa: F401
from ansible.module_utils.common.arg_spec import ModuleArgumentSpecValidator  # noqa: F401
from ansible.module_utils.common.file import (  # noqa: F401
    DEFAULT_PERM,
    FILE_ATTRIBUTES,
    FILE_COMMON_ARGUMENTS,
    PERM_BITS,
    S_IRWU_RWG_RWO,
    S_IXANY,
    format_attributes,
    get_flags_from_attributes,
    is_executable,
)
from ansible.module_utils.common.locale import get_best_parsable_locale  # noqa: F401
from ansible.module_utils.common.parameters import (  # noqa: F401
    AnsibleFallbackNotFound,
    env_fallback,
    remove_values,
    sanitize_keys,
)
from ansible.module_utils.common.process import get_bin_path  # noqa: F401
from ansible.module_utils.common.sys_info import get_platform_subclass  # noqa: F401
from ansible.module_utils.common.text.converters import (  # noqa: F401
    container_to_bytes as json_dict_unicode_to_bytes,
)
from ansible.module_utils.common.text.converters import (  # noqa: F401
    container_to_text as json_dict_bytes_to_unicode,
)
from ansible.module_utils.common.text.converters import jsonify, to_bytes, to_native, to_text  # noqa: F401
from ansible.module_utils.common.text.formatters import (  # noqa: F401
    SIZE_RANGES,
    bytes_to_human,
    human_to_bytes,
    lenient_lowercase,
)
from ansible.module_utils.common.validation import check_missing_parameters, check_type_dict, safe_eval
from ansible.module_utils.files import AVAILABLE_HASH_ALGORITHMS, Files  # noqa: F401
from ansible.module_utils.parsing.convert_bool import BOOLEANS, BOOLEANS_FALSE, BOOLEANS_TRUE, boolean  # noqa: F401

SELINUX_SPECIAL_FS = ["fuse", "nfs", "vboxsf", "ramfs", "9p", "vfat"]
PASSWORD_MATCH = None
_ANSIBLE_ARGS = None
"""The module's arguments as JSON, put here by what runs it."""


def _load_params():
    """The arguments, also with those named ``_ansible_...``."""
    text = to_text(_ANSIBLE_ARGS if _ANSIBLE_ARGS is not None else sys.stdin.buffer.read())
    try:
        return json.loads(text)["ANSIBLE_MODULE_ARGS"]
    except (ValueError, KeyError, TypeError):
        print(json.dumps({"failed": True, "msg": "Error: Module unable to decode its arguments as JSON"}))
        sys.exit(1)


def get_platform():
    return platform.system()


def get_distribution():
    from ansible.module_utils.common.sys_info import get_distribution as ask

    return ask()


def get_distribution_version():
    from ansible.module_utils.common.sys_info import get_distribution_version as ask

    return ask()


def load_platform_subclass(cls, *args, **kwargs):
    """An instance of the subclass for this system."""
    return super(cls, cls).__new__(get_platform_subclass(cls))


def missing_required_lib(library, reason=None, url=None):
    """The message about a Python library that is not installed."""
    msg = "Failed to import the required Python library (%s) on %s's Python %s." % (
        library, platform.node(), sys.executable)
    if reason:
        msg += " This is required %s." % reason
    if url:
        msg += " See %s for more info." % url
    return msg + (" Please read the module documentation and install it in the appropriate location. If the required "
                  "library is installed, but Ansible is using the wrong Python interpreter, please consult the "
                  "documentation on ansible_python_interpreter")


def heuristic_log_sanitize(data, no_log_values=None):
    found = re.sub(r"(?<=:)[^:@/\s]+(?=@)", "********", data)
    return remove_values(found, no_log_values or ())


class AnsibleModule(Commands, Files):
    """Made once in a module; ends the process through ``exit_json`` or ``fail_json``."""

    def __init__(self, argument_spec, bypass_checks=False, no_log=False, mutually_exclusive=None,
                 required_together=None, required_one_of=None, add_file_common_args=False,
                 supports_check_mode=False, required_if=None, required_by=None):
        self.argument_spec = dict(argument_spec)
        self.supports_check_mode = supports_check_mode
        self.bypass_checks = bypass_checks
        self.no_log = no_log
        self.mutually_exclusive = mutually_exclusive
        self.required_together = required_together
        self.required_one_of = required_one_of
        self.required_if = required_if
        self.required_by = required_by
        self.cleanup_files = []
        self.run_command_environ_update = {}
        self.no_log_values = set()
        self._warnings = []
        self._deprecations = []
        self._tmpdir = None
        self._created = False
        self.aliases = {}
        if add_file_common_args:
            for name, one in FILE_COMMON_ARGUMENTS.items():
                self.argument_spec.setdefault(name, one)
        self._take(_load_params())
        self._locale()
        self._check()

    def _take(self, given):
        """Split what is for the module from what is about the run."""
        internal = dict((name[9:], value) for name, value in given.items() if name.startswith("_ansible_"))
        self.params = dict((name, value) for name, value in given.items() if not name.startswith("_ansible_"))
        self.check_mode = bool(internal.get("check_mode", False))
        self.no_log = self.no_log or bool(internal.get("no_log", False))
        self._debug = bool(internal.get("debug", False))
        self._diff = bool(internal.get("diff", False))
        self._verbosity = int(internal.get("verbosity", 0))
        self._name = internal.get("module_name") or "module"
        self._socket_path = internal.get("socket")
        self._shell = internal.get("shell_executable")
        self._syslog_facility = internal.get("syslog_facility", "LOG_USER")
        self._target_log_info = internal.get("target_log_info")
        self._selinux_special_fs = internal.get("selinux_special_fs", SELINUX_SPECIAL_FS)
        self._string_conversion_action = internal.get("string_conversion_action", "warn")
        self._tmpdir = internal.get("tmpdir")
        self._remote_tmp = internal.get("remote_tmp")
        self._keep_remote_files = bool(internal.get("keep_remote_files", False))
        self.ansible_version = internal.get("version")

    @staticmethod
    def _locale():
        try:
            locale.setlocale(locale.LC_ALL, "")
        except locale.Error:
            locale.setlocale(locale.LC_ALL, "C")
            os.environ.update(LANG="C", LC_ALL="C", LC_MESSAGES="C")

    def _check(self):
        for name, one in self.argument_spec.items():
            for alias in one.get("aliases") or ():
                self.aliases[alias] = name
        rules = dict((rule, getattr(self, rule)) for rule in parameters.RULES)
        applied = parameters.apply(self.argument_spec, self.params, rules, self._name)
        self.params = applied.params or self.params
        self.no_log_values |= applied.secrets
        self._warnings += applied.warnings
        self._deprecations += applied.deprecations
        if applied.errors:
            self.fail_json(msg=str(applied.errors[0]))
        if self.check_mode and not self.supports_check_mode:
            self.exit_json(skipped=True, msg="remote module (%s) does not support check mode" % self._name)

    @property
    def tmpdir(self):
        """A folder for this call, removed at its end."""
        if self._tmpdir is None or not os.path.isdir(self._tmpdir):
            base = os.path.expanduser(os.path.expandvars(self._remote_tmp or "")) or None
            if base and not os.path.isdir(base):
                try:
                    os.makedirs(base, mode=0o700)
                except OSError:
                    base = None
            self._tmpdir = tempfile.mkdtemp(prefix="ansible-moduletmp-", dir=base)
            self._created = True
        return self._tmpdir

    def warn(self, warning, **kwargs):
        """Tell the user something that is no failure."""
        if not isinstance(warning, (str, bytes)):
            raise TypeError("warn requires a string not a %s" % type(warning))
        if to_text(warning) not in self._warnings:
            self._warnings.append(to_text(warning))

    def deprecate(self, msg, version=None, date=None, collection_name=None, **kwargs):
        """Tell the user of something that will go."""
        entry = {"msg": msg, "collection_name": collection_name}
        entry.update({"date": date} if date is not None else {"version": version})
        if entry not in self._deprecations:
            self._deprecations.append(entry)

    def error_as_warning(self, msg, exception, **kwargs):
        self.warn(msg or str(exception))

    def log(self, msg, log_args=None):
        """Write to the host's log."""
        if self.no_log:
            return
        if not isinstance(msg, (str, bytes)):
            raise TypeError("msg should be a string (got %s)" % type(msg))
        facility = getattr(syslog, str(self._syslog_facility), syslog.LOG_USER)
        syslog.openlog("ansible-%s" % self._name, 0, facility)
        syslog.syslog(syslog.LOG_INFO, self._masked(to_text(msg)).replace("\0", ""))

    def debug(self, msg):
        if self._debug:
            self.log("[debug] %s" % msg)

    def _log_invocation(self):
        self.log("Invoked")

    def _masked(self, value):
        return remove_values(value, self.no_log_values)

    def boolean(self, arg):
        """``arg`` as a bool; a failure where it is none."""
        if arg is None:
            return arg
        try:
            return boolean(arg)
        except TypeError as error:
            self.fail_json(msg=str(error))

    def jsonify(self, data):
        try:
            return jsonify(data)
        except UnicodeError as error:
            self.fail_json(msg=str(error))

    def from_json(self, data):
        return json.loads(data)

    def safe_eval(self, value, locals=None, include_exceptions=False):
        return safe_eval(value, locals, include_exceptions)

    def is_executable(self, path):
        return is_executable(path)

    def add_cleanup_file(self, path):
        if path not in self.cleanup_files:
            self.cleanup_files.append(path)

    def do_cleanup_files(self):
        for path in self.cleanup_files:
            self.cleanup(path)
        if self._created and not self._keep_remote_files:
            shutil.rmtree(self._tmpdir, ignore_errors=True)

    def _return_formatted(self, kwargs):
        self.add_path_info(kwargs)
        if "invocation" not in kwargs:
            kwargs["invocation"] = {"module_args": self.params}
        for name in ("warnings", "deprecations"):
            if name in kwargs:
                self.deprecate("Passing `%s` to `exit_json` or `fail_json` is deprecated." % name, "2.23",
                               collection_name="ansible.builtin")
        told = kwargs.pop("warnings", None) or []
        for item in [told] if isinstance(told, str) else told:
            self.warn(to_text(item))
        deprecations = kwargs.pop("deprecations", None) or []
        for item in [deprecations] if isinstance(deprecations, str) else deprecations:
            if isinstance(item, dict):
                self.deprecate(**dict((key, item[key]) for key in ("msg", "version", "date", "collection_name")
                                      if item.get(key) is not None))
            else:
                self.deprecate(*(item if isinstance(item, (list, tuple)) else (item,)))
        for item in common_warnings.get_warning_messages():
            self.warn(item)
        for item in common_warnings.get_deprecation_messages():
            self.deprecate(**item)
        if self._warnings:
            kwargs["warnings"] = self._warnings
        if self._deprecations:
            kwargs["deprecations"] = self._deprecations
        kwargs = remove_values(kwargs, self.no_log_values)
        print("\n%s" % jsonify(kwargs))
        sys.stdout.flush()

    def exit_json(self, **kwargs):
        """Answer and end."""
        self.do_cleanup_files()
        kwargs.setdefault("changed", False)
        self._return_formatted(kwargs)
        sys.exit(0)

    def fail_json(self, msg, exception=None, **kwargs):
        """Answer with a failure and end."""
        kwargs["failed"] = True
        kwargs["msg"] = to_text(msg)
        if isinstance(exception, BaseException):
            kwargs["exception"] = "".join(traceback.format_exception(type(exception), exception, exception.__traceback__))
        elif isinstance(exception, str):
            kwargs["exception"] = exception
        elif sys.exc_info()[2] is not None:
            kwargs["exception"] = traceback.format_exc()
        kwargs.setdefault("changed", False)
        self.do_cleanup_files()
        self._return_formatted(kwargs)
        sys.exit(1)

    def fail_on_missing_params(self, required_params=None):
        try:
            check_missing_parameters(self.params, required_params)
        except TypeError as error:
            self.fail_json(msg=str(error))

    def append_to_file(self, filename, text):
        with open(os.path.expandvars(os.path.expanduser(filename)), "a") as sink:
            sink.write(text)

    def bytes_to_human(self, size):
        return bytes_to_human(size)

    def human_to_bytes(self, number, isbits=False):
        return human_to_bytes(number, isbits=isbits)

    pretty_bytes = bytes_to_human

    def _check_type_dict(self, value):
        return check_type_dict(value)
