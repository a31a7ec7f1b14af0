"""Module names, short and full, and what fleet knows under them: file, action, specification."""

from __future__ import annotations

import importlib
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any

from fleet.record import record
from fleet.remote.spec import Arg, Spec

ROOT = Path(__file__).parent.parent

COLLECTIONS: dict[str, str] = {
    **dict.fromkeys(
        (
            "openssh_keypair openssl_csr openssl_csr_info openssl_csr_pipe openssl_dhparam openssl_pkcs12 "
            "openssl_privatekey openssl_privatekey_info openssl_privatekey_pipe openssl_publickey x509_certificate "
            "x509_certificate_info x509_certificate_pipe"
        ).split(),
        "community.crypto",
    ),
    **dict.fromkeys(
        "acl at authorized_key firewalld firewalld_info mount patch seboolean selinux synchronize sysctl".split(),
        "ansible.posix",
    ),
    **dict.fromkeys(
        (
            "alternatives apache2_module apk archive capabilities composer cronvar dpkg_divert filesystem "
            "gem git_config htpasswd ini_file locale_gen lvg lvol make modprobe npm pacman pam_limits pamd parted "
            "pkgng sefcontext seport snap supervisorctl timezone ufw xml zfs zfs_facts zypper zypper_repository"
        ).split(),
        "community.general",
    ),
    **dict.fromkeys(
        "mysql_db mysql_info mysql_query mysql_replication mysql_user mysql_variables".split(), "community.mysql"
    ),
    **dict.fromkeys(
        "rabbitmq_parameter rabbitmq_plugin rabbitmq_policy rabbitmq_user rabbitmq_vhost".split(), "community.rabbitmq"
    ),
    **dict.fromkeys(
        (
            "postgresql_db postgresql_ext postgresql_info postgresql_owner postgresql_ping postgresql_privs "
            "postgresql_query postgresql_schema postgresql_set postgresql_user"
        ).split(),
        "community.postgresql",
    ),
    **dict.fromkeys(["nftables", "updates", "reboot_required"], "fleet.builtin"),
}
"""The collection of every module that is not ansible.builtin."""

ALIASES = {
    "yum": "dnf",
    "dnf5": "dnf",
    "include": "include_tasks",
    "gather_facts": "setup",
}
REDIRECTS = ("ansible.builtin", "ansible.legacy")
RENAMED = {"ansible.mysql": "community.mysql"}
"""Newer names of collections."""

ENGINE: dict[str, Spec] = {
    "meta": Spec({"_raw_params": Arg(help="The action to perform.")}, free_form="_raw_params"),
    "include_tasks": Spec(
        {
            "_raw_params": Arg(help="The file of tasks."),
            "file": Arg(help="The file of tasks."),
            "apply": Arg("dict", help="Keywords for the included tasks."),
        },
        free_form="_raw_params",
    ),
    "import_tasks": Spec(
        {"_raw_params": Arg(help="The file of tasks."), "file": Arg(help="The file of tasks.")},
        free_form="_raw_params",
    ),
    **dict.fromkeys(
        ("include_role", "import_role"),
        Spec(
            {
                "name": Arg(required=True, aliases=("role",), help="The role."),
                "tasks_from": Arg(default="main", help="File in the role's tasks folder."),
                "vars_from": Arg(default="main", help="File in the role's vars folder."),
                "defaults_from": Arg(default="main", help="File in the role's defaults folder."),
                "handlers_from": Arg(default="main", help="File in the role's handlers folder."),
                "apply": Arg("dict", help="Keywords for the role's tasks."),
                "public": Arg("bool", False, help="Show the role's variables to the rest of the play."),
                "allow_duplicates": Arg("bool", True, help="Run the role again though it ran before."),
                "rolespec_validate": Arg("bool", True, help="Check the role's argument specification."),
            }
        ),
    ),
}
"""What the engine itself does; there is no file for these."""


@record
class Module:
    """A module fleet has. ``remote`` and ``action``: which sides it has; ``engine``: neither."""

    name: str
    full_name: str
    remote: bool
    action: bool
    engine: bool = False


@lru_cache(maxsize=1)
def known() -> dict[str, Module]:
    """All modules by short name."""
    remote = {path.stem for path in (ROOT / "modules").glob("*.py") if not path.stem.startswith("_")}
    actions = {path.stem.rstrip("_") for path in (ROOT / "actions").glob("*.py") if hasattr_run(path)}
    found = {}
    for name in sorted(remote | actions | set(ENGINE)):
        collection = COLLECTIONS.get(name, "ansible.builtin")
        found[name] = Module(name, f"{collection}.{name}", name in remote, name in actions, name in ENGINE)
    return found


def hasattr_run(path: Path) -> bool:
    """True for a file of actions/ that is an action (the folder also holds what actions share)."""
    text = path.read_text(encoding="utf-8")
    return "\ndef run(" in text


@lru_cache(maxsize=4096)
def resolve(name: str) -> Module | None:
    """The module called ``name`` in a playbook, short or full, or None when fleet has none of that name."""
    prefix, _, short = name.rpartition(".")
    prefix, short = RENAMED.get(prefix, prefix), ALIASES.get(short, short)
    module = known().get(short)
    if module is None or not prefix:
        return module
    if prefix in REDIRECTS or module.full_name.startswith(prefix + "."):
        return module
    # Modules have moved between collections; ansible-core redirects the old full names too.
    return module if prefix in ("community.general", "ansible.posix") and module.full_name.count(".") == 2 else None


@lru_cache(maxsize=512)
def load_remote(name: str) -> ModuleType:
    """The Python module of fleet/modules/``name``."""
    return importlib.import_module(f"fleet.modules.{name}")


@lru_cache(maxsize=512)
def load_action(name: str) -> ModuleType:
    """The Python module of fleet/actions/``name``."""
    suffix = "_" if (ROOT / "actions" / f"{name}_.py").exists() else ""
    return importlib.import_module(f"fleet.actions.{name}{suffix}")


def works_from_controller(name: str) -> bool:
    """True for an action with one side on the controller by its nature: delegated there it means no other host."""
    module = resolve(name)
    return module is not None and module.action and bool(getattr(load_action(module.name), "FROM_CONTROLLER", False))


@lru_cache(maxsize=512)
def spec(name: str) -> Spec:
    """The specification of a module by short name; the remote side's where both have one."""
    if name in ENGINE:
        return ENGINE[name]
    module = known()[name]
    holders: list[Any] = []
    if module.action:
        holders.append(load_action(name))
    if module.remote:
        holders.append(load_remote(name))
    for holder in holders:
        if hasattr(holder, "SPEC"):
            found: Spec = holder.SPEC
            return found
    return Spec({}, extra=True)
