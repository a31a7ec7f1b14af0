"""A task whose module somebody else wrote: its arguments rendered, and the order that runs it on the host."""

from __future__ import annotations

import base64
from collections.abc import Mapping
from typing import Any

from fleet.actions.base import ActionFailed, Remote, Source
from fleet.engine.variables import ANSIBLE_VERSION, PlayContext
from fleet.playbook import registry
from fleet.plugins.modules import Packed
from fleet.source.nodes import Trusted
from fleet.template.plain import OMIT
from fleet.template.scope import Scope

SPECIAL_FS = ["fuse", "nfs", "vboxsf", "ramfs", "9p", "vfat"]


def find(written: str, play: PlayContext) -> str | None:
    """The file of the module that ``written`` means, None for one of fleet's own or none at all."""
    native = registry.resolve(written)
    if native is not None and (native.action or native.engine or "." in written.removeprefix("ansible.legacy.")):
        return None
    return play.world.templar.foreign_module(written) or None


def in_group(group: str, name: str, play: PlayContext) -> bool:
    """True when the module ``name`` is in the action group ``group`` of a collection (``module_defaults``)."""
    if play.world.templar.modules is None:
        return False
    native = registry.known().get(name)
    return (native.full_name if native else name) in play.world.templar.modules.group(group)


def render(raw: Mapping[str, Any], given: dict[str, Any], scope: Scope, play: PlayContext) -> dict[str, Any]:
    """The task's arguments over ``given``, the defaults."""
    for key, value in raw.items():
        rendered = play.world.templar.render(value, scope)
        name = play.world.templar.render(key, scope) if isinstance(key, Trusted) else key
        if rendered is OMIT:
            given.pop(name, None)
        else:
            given[name] = rendered
    return given


def order(
    written: str,
    path: str,
    args: dict[str, Any],
    scope: Scope,
    play: PlayContext,
    modes: Mapping[str, bool],
    inline: bool = False,
) -> Remote:
    """What the host is asked to do. ``inline``: the sources go along, since nobody answers a detached job."""
    try:
        packed: Packed = play.world.templar.modules.pack(written, path)
    except SyntaxError as error:
        raise ActionFailed(f"the module {path} cannot be read: line {error.lineno}: {error.msg}") from None
    except (OSError, ValueError) as error:
        raise ActionFailed(f"the module {path} cannot be read: {error}") from None
    sent: dict[str, Any] = {
        "name": written, "style": packed.style, "main": packed.main, "code": packed.code.sha1,
        "args": {**args, **internal(written, scope, play, modes)}, "verbosity": play.world.options.verbosity,
        "interpreter": interpreter(packed, scope),
    }  # fmt: skip
    contents = [packed.code]
    if packed.surface is not None:
        sent["surface"] = packed.surface.sha1
        contents.append(packed.surface)
    if inline:
        sent["async"] = True
        for key, source in zip(("code", "surface"), contents, strict=False):
            sent[f"{key}_data"] = base64.b64encode(source.data).decode("ascii")
    return Remote(
        "_foreign",
        sent,
        contents=() if inline else tuple(Source(each.sha1, len(each.data), data=each.data) for each in contents),
    )


def interpreter(packed: Packed, scope: Scope) -> list[str]:
    """The command that runs the module's file."""
    if packed.interpreter in ((), ("python",)):
        return list(packed.interpreter)
    name = packed.interpreter[0].rpartition("/")[2]
    chosen = scope.get(f"ansible_{name}_interpreter")
    return str(chosen).split() if chosen else list(packed.interpreter)


def internal(written: str, scope: Scope, play: PlayContext, modes: Mapping[str, bool]) -> dict[str, Any]:
    """What Ansible tells every module about the run."""
    return {
        "_ansible_check_mode": modes["check"], "_ansible_diff": modes["diff"], "_ansible_no_log": modes["no_log"],
        "_ansible_debug": False, "_ansible_verbosity": play.world.options.verbosity,
        "_ansible_version": ANSIBLE_VERSION["full"], "_ansible_module_name": written,
        "_ansible_syslog_facility": "LOG_USER", "_ansible_selinux_special_fs": SPECIAL_FS,
        "_ansible_string_conversion_action": "warn", "_ansible_socket": None, "_ansible_shell_executable": "/bin/sh",
        "_ansible_keep_remote_files": False, "_ansible_tmpdir": None, "_ansible_remote_tmp": "~/.ansible/tmp",
        "_ansible_target_log_info": None, "_ansible_ignore_unknown_opts": False,
    }  # fmt: skip
