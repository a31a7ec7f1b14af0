"""Settings from ``ansible.cfg`` and ``ANSIBLE_*``: the one table of those that have an equivalent here.

Source: https://docs.ansible.com/ansible/latest/reference_appendices/config.html. Order: the environment
over the file; the file is the first of ``$ANSIBLE_CONFIG``, ``./ansible.cfg``, ``~/.ansible.cfg``,
``/etc/ansible/ansible.cfg``.
"""

from __future__ import annotations

import configparser
import os
import stat
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from fleet.errors import Location, OptionsError
from fleet.record import record


@record
class Setting:
    """One setting: its type (str, int, float, bool, list, paths), default, variables and ini places."""

    type: str
    default: Any
    env: tuple[str, ...]
    ini: tuple[tuple[str, str], ...]
    help: str


def _one(type: str, default: Any, name: str, section: str, key: str, help: str, *more: str) -> Setting:
    return Setting(type, default, (f"ANSIBLE_{name}", *more), ((section, key),), help)


TABLE: dict[str, Setting] = {
    "INVENTORY": _one("paths", ["/etc/ansible/hosts"], "INVENTORY", "defaults", "inventory", "Inventory sources."),
    "FORKS": _one("int", 50, "FORKS", "defaults", "forks", "Hosts at work at the same time."),
    "REMOTE_USER": _one("str", None, "REMOTE_USER", "defaults", "remote_user", "User to connect as."),
    "REMOTE_PORT": _one("int", None, "REMOTE_PORT", "defaults", "remote_port", "Port to connect to."),
    "PRIVATE_KEY_FILE": _one("path", None, "PRIVATE_KEY_FILE", "defaults", "private_key_file", "Private key."),
    "TIMEOUT": _one("float", 10.0, "TIMEOUT", "defaults", "timeout", "Seconds to wait for a connection."),
    "IDLE_TIMEOUT": Setting("float", 30.0, ("FLEET_IDLE_TIMEOUT",), (("fleet", "idle_timeout"),),
                            "Seconds without a sign of life (one comes every five) until a host at work counts as lost."),
    "HOST_KEY_CHECKING": Setting(
        "bool", True, ("ANSIBLE_HOST_KEY_CHECKING", "ANSIBLE_SSH_HOST_KEY_CHECKING"),
        (("defaults", "host_key_checking"), ("ssh_connection", "host_key_checking")),
        "False accepts host keys that are not known yet; changed keys are refused all the same.",
    ),
    "SSH_COMMON_ARGS": _one("str", "", "SSH_COMMON_ARGS", "ssh_connection", "ssh_common_args", "OpenSSH options."),
    "ROLES_PATH": _one("paths", ["~/.ansible/roles", "/usr/share/ansible/roles", "/etc/ansible/roles"],
                       "ROLES_PATH", "defaults", "roles_path", "Where roles are looked for."),
    "COLLECTIONS_PATH": _one("paths", ["~/.ansible/collections", "/usr/share/ansible/collections"], "COLLECTIONS_PATH",
                             "defaults", "collections_path", "Where collections are looked for.", "ANSIBLE_COLLECTIONS_PATHS"),
    "DEFAULT_MODULE_PATH": _one("paths", ["~/.ansible/plugins/modules", "/usr/share/ansible/plugins/modules"],
                                "LIBRARY", "defaults", "library", "Where modules are looked for."),
    "DEFAULT_MODULE_UTILS_PATH": _one(
        "paths", ["~/.ansible/plugins/module_utils", "/usr/share/ansible/plugins/module_utils"],
        "MODULE_UTILS", "defaults", "module_utils", "Where what modules import is looked for."),
    "CORE_MODULE_UTILS": Setting(
        "path", None, ("FLEET_ANSIBLE_MODULE_UTILS",), (("fleet", "ansible_module_utils"),),
        "Folder module_utils of an ansible-core on this machine, for modules written for it to run on instead of fleet's own.",
    ),
    "FILTER_PLUGIN_PATH": _one("paths", ["~/.ansible/plugins/filter", "/usr/share/ansible/plugins/filter"],
                               "FILTER_PLUGINS", "defaults", "filter_plugins", "Where filter plugins are looked for."),
    "TEST_PLUGIN_PATH": _one("paths", ["~/.ansible/plugins/test", "/usr/share/ansible/plugins/test"],
                             "TEST_PLUGINS", "defaults", "test_plugins", "Where test plugins are looked for."),
    "LOOKUP_PLUGIN_PATH": _one("paths", ["~/.ansible/plugins/lookup", "/usr/share/ansible/plugins/lookup"],
                               "LOOKUP_PLUGINS", "defaults", "lookup_plugins", "Where lookup plugins are looked for."),
    "INVENTORY_PLUGIN_PATH": _one("paths", ["~/.ansible/plugins/inventory", "/usr/share/ansible/plugins/inventory"],
                                  "INVENTORY_PLUGINS", "defaults", "inventory_plugins",
                                  "Where inventory plugins are looked for."),
    "CACHE_PLUGIN_PATH": _one("paths", ["~/.ansible/plugins/cache", "/usr/share/ansible/plugins/cache"],
                              "CACHE_PLUGINS", "defaults", "cache_plugins",
                              "Where the cache plugins that inventory plugins use are looked for."),
    "DOC_FRAGMENT_PLUGIN_PATH": _one(
        "paths", ["~/.ansible/plugins/doc_fragments", "/usr/share/ansible/plugins/doc_fragments"],
        "DOC_FRAGMENT_PLUGINS", "defaults", "doc_fragment_plugins", "Where plugins' documented options are looked for."),
    "DUPLICATE_YAML_DICT_KEY": _one("str", "warn", "DUPLICATE_YAML_DICT_KEY", "defaults", "duplicate_dict_key",
                                    "warn, error or ignore a key that stands twice in a mapping."),
    "PRIVATE_ROLE_VARS": _one("bool", None, "PRIVATE_ROLE_VARS", "defaults", "private_role_vars",
                              "true: only roles see their variables; false: the whole play does, those of include_role too."),
    "GATHERING": _one("str", "implicit", "GATHERING", "defaults", "gathering", "implicit, explicit or smart."),
    "CACHE_PLUGIN": _one("str", "memory", "CACHE_PLUGIN", "defaults", "fact_caching", "Where facts are kept: memory or jsonfile."),
    "CACHE_PLUGIN_CONNECTION": _one("str", "", "CACHE_PLUGIN_CONNECTION", "defaults", "fact_caching_connection",
                                    "The folder of jsonfile."),
    "CACHE_PLUGIN_PREFIX": _one("str", "", "CACHE_PLUGIN_PREFIX", "defaults", "fact_caching_prefix",
                                "What the names of its files begin with."),
    "CACHE_PLUGIN_TIMEOUT": _one("float", 86400.0, "CACHE_PLUGIN_TIMEOUT", "defaults", "fact_caching_timeout",
                                 "Seconds that kept facts count; 0: for ever."),
    "HASH_BEHAVIOUR": _one("str", "replace", "HASH_BEHAVIOUR", "defaults", "hash_behaviour", "replace or merge."),
    "INJECT_FACTS_AS_VARS": _one("bool", True, "INJECT_FACT_VARS", "defaults", "inject_facts_as_vars",
                                 "Facts as ansible_* variables too."),
    "STRATEGY": _one("str", "", "STRATEGY", "defaults", "strategy", "linear, free or host_pinned."),
    "ENABLE_TASK_DEBUGGER": _one("bool", False, "ENABLE_TASK_DEBUGGER", "defaults", "enable_task_debugger",
                                 "Ask what to do when a task fails, as the strategy debug does."),
    "TASK_DEBUGGER_IGNORE_ERRORS": _one("bool", True, "TASK_DEBUGGER_IGNORE_ERRORS", "defaults", "task_debugger_ignore_errors",
                                        "Do not ask about failures that ignore_errors passes over."),
    "FORCE_HANDLERS": _one("bool", False, "FORCE_HANDLERS", "defaults", "force_handlers", "Run handlers after failures."),
    "ANY_ERRORS_FATAL": _one("bool", False, "ANY_ERRORS_FATAL", "defaults", "any_errors_fatal", "One failure ends all."),
    "ERROR_ON_MISSING_HANDLER": _one("bool", True, "ERROR_ON_MISSING_HANDLER", "defaults", "error_on_missing_handler",
                                     "A handler nobody declares is an error."),
    "ALLOW_BROKEN_CONDITIONALS": _one("bool", False, "ALLOW_BROKEN_CONDITIONALS", "defaults",
                                      "allow_broken_conditionals", "Accept conditions that are no booleans."),
    "HOST_PATTERN_MISMATCH": _one("str", "warning", "HOST_PATTERN_MISMATCH", "inventory", "host_pattern_mismatch",
                                  "warning, error or ignore."),
    "INVENTORY_UNPARSED_FAILED": _one("bool", False, "INVENTORY_UNPARSED_FAILED", "inventory", "unparsed_is_failed",
                                      "A source that cannot be parsed is an error."),
    "INVENTORY_ANY_UNPARSED_IS_FAILED": _one("bool", None, "INVENTORY_ANY_UNPARSED_IS_FAILED", "inventory", "any_unparsed_is_failed",
                                             "Any source that cannot be parsed ends the run; false: go on without it."),
    "INVENTORY_UNPARSED_WARNING": _one("bool", True, "INVENTORY_UNPARSED_WARNING", "inventory", "inventory_unparsed_warning",
                                       "Warn when no source could be parsed."),
    "INVENTORY_ENABLED": _one("list", ["host_list", "script", "auto", "yaml", "ini", "toml"], "INVENTORY_ENABLED",
                              "inventory", "enable_plugins", "Kinds of inventory sources that are read."),
    "INVENTORY_IGNORE_EXTS": Setting("list", None, ("ANSIBLE_INVENTORY_IGNORE",),
                                     (("defaults", "inventory_ignore_extensions"), ("inventory", "ignore_extensions")),
                                     "Endings of files that are no inventories."),
    "INVENTORY_IGNORE_PATTERNS": Setting("list", [], ("ANSIBLE_INVENTORY_IGNORE_REGEX",),
                                         (("defaults", "inventory_ignore_patterns"), ("inventory", "ignore_patterns")),
                                         "Names of files that are no inventories."),
    "TRANSFORM_INVALID_GROUP_CHARS": _one("str", "never", "TRANSFORM_INVALID_GROUP_CHARS", "defaults", "force_valid_group_names",
                                          "never, ignore, always or silently make groups' names those of variables."),
    "INVENTORY_USE_EXTRA_VARS": _one("bool", False, "INVENTORY_USE_EXTRA_VARS", "inventory_plugins", "use_extra_vars",
                                     "Constructed inventories see -e."),
    "INVENTORY_SCRIPT_STDERR": _one("bool", False, "INVENTORY_PLUGIN_SCRIPT_STDERR", "inventory_plugin_script", "stderr",
                                    "Show what inventory scripts print to standard error."),
    "STDOUT_CALLBACK": _one("str", "default", "STDOUT_CALLBACK", "defaults", "stdout_callback", "oneline: as fleet run -o."),
    "LOAD_CALLBACK_PLUGINS": _one("bool", False, "LOAD_CALLBACK_PLUGINS", "defaults", "bin_ansible_callbacks",
                                  "STDOUT_CALLBACK counts for fleet run too."),
    "BECOME": _one("bool", False, "BECOME", "privilege_escalation", "become", "Become another user."),
    "BECOME_METHOD": _one("str", "sudo", "BECOME_METHOD", "privilege_escalation", "become_method", "sudo, su or doas."),
    "BECOME_USER": _one("str", "root", "BECOME_USER", "privilege_escalation", "become_user", "Whom to become."),
    "BECOME_ASK_PASS": _one("bool", False, "BECOME_ASK_PASS", "privilege_escalation", "become_ask_pass", "Ask for the become password."),
    "BECOME_FLAGS": Setting("str", "", ("ANSIBLE_BECOME_FLAGS",), (("privilege_escalation", "become_flags"),), "Flags of sudo or su."),
    "BECOME_EXE": Setting("str", "", ("ANSIBLE_BECOME_EXE",), (("privilege_escalation", "become_exe"),), "Program to become with."),
    "BECOME_PASSWORD_FILE": _one("path", None, "BECOME_PASSWORD_FILE", "defaults", "become_password_file", "File or script with the become password."),
    "CONNECTION_PASSWORD_FILE": _one("path", None, "CONNECTION_PASSWORD_FILE", "defaults", "connection_password_file", "File or script with the connection password."),
    "ASK_PASS": _one("bool", False, "ASK_PASS", "defaults", "ask_pass", "Ask for the connection password."),
    "TRANSPORT": _one("str", "ssh", "TRANSPORT", "defaults", "transport", "ssh or local."),
    "INTERPRETER_PYTHON": _one("str", "auto", "PYTHON_INTERPRETER", "defaults", "interpreter_python", "Python on the hosts."),
    "TASK_TIMEOUT": _one("float", 0.0, "TASK_TIMEOUT", "defaults", "task_timeout", "Seconds a task may take; 0: no limit."),
    "LOG_PATH": _one("path", None, "LOG_PATH", "defaults", "log_path", "File that everything is also written to."),
    "LOG_VERBOSITY": _one("int", None, "LOG_VERBOSITY", "defaults", "log_verbosity", "As many -v for the log alone; as the run's."),
    "DEPRECATION_WARNINGS": _one("bool", True, "DEPRECATION_WARNINGS", "defaults", "deprecation_warnings", "Tell what ansible-core will no longer take."),
    "UNTRUSTED_TEMPLATES": Setting("str", "ignore", ("_ANSIBLE_TEMPLAR_UNTRUSTED_TEMPLATE_BEHAVIOR",), (), "What is done about data that looks like a template, which is never rendered: ignore, or warning to find it."),
    "NOCOLOR": Setting("bool", False, ("ANSIBLE_NOCOLOR", "NO_COLOR"), (("defaults", "nocolor"),), "No colours."),
    "FORCE_COLOR": _one("bool", False, "FORCE_COLOR", "defaults", "force_color", "Colours without a terminal."),
    "DEBUG": _one("bool", False, "DEBUG", "defaults", "debug", "Tell all that is noted, as -vvvvv would, of results no more."),
    "VERBOSITY": _one("int", 0, "VERBOSITY", "defaults", "verbosity", "As many -v."),
    "NO_LOG": _one("bool", False, "NO_LOG", "defaults", "no_log", "As no_log: true on every task that does not say otherwise."),
    "DIFF_ALWAYS": _one("bool", False, "DIFF_ALWAYS", "diff", "always", "As --diff."),
    "RUN_TAGS": _one("list", [], "RUN_TAGS", "tags", "run", "As --tags."),
    "SKIP_TAGS": _one("list", [], "SKIP_TAGS", "tags", "skip", "As --skip-tags."),
    "PLAYBOOK_DIR": _one("path", None, "PLAYBOOK_DIR", "defaults", "playbook_dir", "Folder of ad-hoc runs' files."),
    "RESULT_FORMAT": _one("str", "json", "CALLBACK_RESULT_FORMAT", "defaults", "callback_result_format", "json or yaml."),
    "FORMAT_PRETTY": _one("bool", None, "CALLBACK_FORMAT_PRETTY", "defaults", "callback_format_pretty",
                          "Results over several lines always, or never; with yaml: easy to read, or true to every blank."),
    "DISPLAY_SKIPPED_HOSTS": _one("bool", True, "DISPLAY_SKIPPED_HOSTS", "defaults", "display_skipped_hosts", "Show skipped tasks."),
    "DISPLAY_OK_HOSTS": _one("bool", True, "DISPLAY_OK_HOSTS", "defaults", "display_ok_hosts", "Show tasks without change."),
    "DISPLAY_FAILED_STDERR": _one("bool", False, "DISPLAY_FAILED_STDERR", "defaults", "display_failed_stderr", "Failures go to stderr."),
    "DISPLAY_ARGS_TO_STDOUT": _one("bool", False, "DISPLAY_ARGS_TO_STDOUT", "defaults", "display_args_to_stdout", "Arguments in banners."),
    "CHECK_MODE_MARKERS": _one("bool", False, "CHECK_MODE_MARKERS", "defaults", "check_mode_markers", "Mark check mode in banners."),
    "SHOW_TASK_PATH_ON_FAILURE": _one("bool", False, "SHOW_TASK_PATH_ON_FAILURE", "defaults", "show_task_path_on_failure", "Path of tasks that fail."),
    "SHOW_CUSTOM_STATS": _one("bool", False, "SHOW_CUSTOM_STATS", "defaults", "show_custom_stats", "Show set_stats at the end."),
    "VAULT_PASSWORD_FILE": _one("path", None, "VAULT_PASSWORD_FILE", "defaults", "vault_password_file", "File or script with the vault password."),
    "VAULT_IDENTITY_LIST": _one("list", [], "VAULT_IDENTITY_LIST", "defaults", "vault_identity_list", "As many --vault-id."),
    "VAULT_IDENTITY": _one("str", "default", "VAULT_IDENTITY", "defaults", "vault_identity", "Label of vault passwords given without one."),
    "VAULT_ID_MATCH": _one("bool", False, "VAULT_ID_MATCH", "defaults", "vault_id_match", "Try no passwords but those of the label a text was encrypted for."),
    "VAULT_ENCRYPT_IDENTITY": _one("str", None, "VAULT_ENCRYPT_IDENTITY", "defaults", "vault_encrypt_identity", "As --encrypt-vault-id."),
    "VAULT_ENCRYPT_SALT": _one("str", None, "VAULT_ENCRYPT_SALT", "defaults", "vault_encrypt_salt", "Salt to encrypt with, not a random one: the same text gives the same vault."),
    "ASK_VAULT_PASS": _one("bool", False, "ASK_VAULT_PASS", "defaults", "ask_vault_pass", "As --ask-vault-pass."),
    "EDITOR": Setting("str", "vi", ("ANSIBLE_EDITOR", "EDITOR"), (("defaults", "editor"),), "Editor of fleet vault create and edit."),
    "PAGER": Setting("str", "less", ("ANSIBLE_PAGER", "PAGER"), (("defaults", "pager"),), "Pager of fleet vault view."),
}  # fmt: skip
ROOT = "ANSIBLE_"
_TRUE = frozenset(["1", "yes", "true", "on", "y", "t"])
_FALSE = frozenset(["0", "no", "false", "off", "n", "f"])


@record
class Settings:
    """The values in force. ``config`` is the path of the file they came from; ``ignored`` are settings
    somebody made that mean nothing here."""

    values: Mapping[str, Any]
    config: str | None = None
    ignored: tuple[str, ...] = ()
    parser: configparser.RawConfigParser | None = None

    def __getitem__(self, name: str) -> Any:
        return self.values[name]

    def named(self, name: str) -> Any:
        """The value of a setting by Ansible's name for it; KeyError when there is none."""
        return self.values[name if name in self.values else name.removeprefix("DEFAULT_")]


def read(environ: Mapping[str, str], folder: str = ".") -> Settings:
    """The settings of this machine. Raises OptionsError for a value of the wrong type or a broken file."""
    path = find_config(environ, folder)
    parser = _parse(path) if path else None
    values = {}
    for name, setting in TABLE.items():
        values[name] = _value(name, setting, environ, parser, path)
    return Settings(values, path, _ignored(environ, parser), parser)


def origins(environ: Mapping[str, str], folder: str = ".") -> tuple[Settings, dict[str, str]]:
    """The settings and where each comes from: ``env: NAME``, the path of the file, or ``default``."""
    found = read(environ, folder)
    places = {}
    for name, setting in TABLE.items():
        variable = next((each for each in setting.env if environ.get(each)), None)
        in_file = found.parser is not None and any(found.parser.has_option(*place) for place in setting.ini)
        places[name] = f"env: {variable}" if variable else str(found.config) if in_file else "default"
    return found, places


def find_config(environ: Mapping[str, str], folder: str) -> str | None:
    """The ``ansible.cfg`` that counts."""
    chosen = environ.get("ANSIBLE_CONFIG")
    if chosen:
        path = os.path.expanduser(chosen)
        return os.path.join(path, "ansible.cfg") if os.path.isdir(path) else path if os.path.exists(path) else None
    here = os.path.join(folder, "ansible.cfg")
    if os.path.isfile(here) and not os.stat(folder).st_mode & stat.S_IWOTH:
        return os.path.abspath(here)
    for path in (os.path.expanduser("~/.ansible.cfg"), "/etc/ansible/ansible.cfg"):
        if os.path.isfile(path):
            return path
    return None


def _parse(path: str) -> configparser.RawConfigParser:
    parser = configparser.RawConfigParser(inline_comment_prefixes=(";",), strict=False)
    try:
        parser.read_string(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, configparser.Error) as error:
        line = getattr(error, "lineno", 0) or 0
        raise OptionsError(f"cannot read settings: {str(error).splitlines()[0]}", at=Location(path, line)) from None
    return parser


def _value(
    name: str,
    setting: Setting,
    environ: Mapping[str, str],
    parser: configparser.RawConfigParser | None,
    path: str | None,
) -> Any:
    for variable in setting.env:
        if variable in environ and (environ[variable] != "" or setting.type in ("str", "list")):
            if variable == "NO_COLOR":
                return True
            return _convert(environ[variable], setting, variable, os.getcwd())
    for section, key in setting.ini:
        if parser is not None and path and parser.has_option(section, key):
            return _convert(parser.get(section, key), setting, f"{path}: [{section}] {key}", os.path.dirname(path))
    return setting.default


def _convert(text: str, setting: Setting, where: str, base: str) -> Any:
    plain = text.strip().strip("'\"") if setting.type != "str" else text.strip()
    try:
        if setting.type == "bool":
            low = plain.lower()
            if low not in _TRUE | _FALSE:
                raise ValueError("a boolean")
            return low in _TRUE
        if setting.type == "int":
            return int(plain)
        if setting.type == "float":
            return float(plain)
    except ValueError:
        wanted = {"bool": "yes or no", "int": "a whole number", "float": "a number"}[setting.type]
        raise OptionsError(f"{where} must be {wanted}, not {text!r}") from None
    if setting.type == "list":
        return [part.strip() for part in plain.split(",") if part.strip()]
    if setting.type == "paths":
        separator = "," if "," in plain else ":"
        return (
            [plain] if plain.endswith(",") else [_path(part, base) for part in plain.split(separator) if part.strip()]
        )
    return _path(plain, base) if setting.type == "path" else plain


def _path(text: str, base: str) -> str:
    path = os.path.expanduser(os.path.expandvars(text.strip()))
    return path if os.path.isabs(path) else os.path.normpath(os.path.join(base, path))


def _ignored(environ: Mapping[str, str], parser: configparser.RawConfigParser | None) -> tuple[str, ...]:
    known_env = {name for setting in TABLE.values() for name in setting.env} | {"ANSIBLE_CONFIG"}
    known_ini = {place for setting in TABLE.values() for place in setting.ini}
    found = [name for name in environ if name.startswith(ROOT) and name not in known_env]
    if parser is not None:
        for section in parser.sections():
            found += [f"[{section}] {key}" for key in parser.options(section) if (section, key) not in known_ini]
    return tuple(sorted(found))
