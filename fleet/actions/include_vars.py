"""Read variables of a host from files while the play runs."""

from __future__ import annotations

import os
import re
from typing import Any

from fleet.actions.base import ActionFailed, Call, Done
from fleet.errors import FleetError
from fleet.remote.spec import Arg, Spec
from fleet.source.nodes import Map
from fleet.source.yaml import Read, load
from fleet.vault.crypt import is_vault

SPEC = Spec(
    {
        "_raw_params": Arg(help="The file."),
        "file": Arg("path", help="The file, looked for in vars/ as templates are in templates/."),
        "dir": Arg("path", help="A folder whose files are read in the order of their names."),
        "name": Arg(help="Put the variables into one of this name."),
        "depth": Arg("int", 0, help="How deep to go below `dir`; 0: all the way."),
        "files_matching": Arg(help="Regular expression that names below `dir` must match."),
        "ignore_files": Arg("list", elements="str", help="Names below `dir` to leave out (regular expressions)."),
        "extensions": Arg("list", ["json", "yaml", "yml"], elements="str", help="Extensions of files below `dir`."),
        "ignore_unknown_extensions": Arg("bool", False, help="Skip other extensions instead of failing."),
        "hash_behaviour": Arg(choices=("replace", "merge"), help="What happens to mappings that are there already."),
    },
    free_form="_raw_params",
    returns={"ansible_facts": "The variables.", "ansible_included_var_files": "The files."},
)

EXAMPLES = """
- include_vars: "{{ ansible_facts.os_family }}.yml"
- include_vars: {dir: settings, extensions: [yml]}
"""


def run(call: Call) -> Done:
    args = call.args
    if args.get("dir") is not None and (args.get("file") or args.get("_raw_params")):
        raise ActionFailed("You are mixing file only and dir only arguments, these are incompatible")
    if args.get("dir") is not None:
        files = _below(_folder(call), args)
    else:
        name = args.get("file") or args.get("_raw_params")
        if not name:
            raise _failed("Could not find file on the Ansible Controller.")
        files = [_find(call, str(name).strip())]
    read = [_read(path, call.templar.vault.text) for path in files]
    # One file's mapping as it is: it knows where its keys stand.
    facts = read[0] if len(read) == 1 else {name: value for found in read for name, value in found.items()}
    if args.get("name"):
        facts = {str(args["name"]): Map(facts)}
    result = {"changed": False, "ansible_facts": facts, "ansible_included_var_files": files}
    if any(map(is_vault_file, files)):
        result["_ansible_no_log"] = True
    return Done(result)


def _failed(what: str) -> ActionFailed:
    # ansible-core's result has the reason under this name, and playbooks look there.
    return ActionFailed(what, message=what, ansible_facts={}, ansible_included_var_files=[])


def is_vault_file(path: str) -> bool:
    """True for an encrypted file, whose values are not for the screen."""
    with open(path, "rb") as file:
        return is_vault(file.read(64))


def _find(call: Call, name: str) -> str:
    path = os.path.expanduser(name)
    tried = []
    for folder in call.search_path:
        for candidate in (os.path.join(folder, "vars", path), os.path.join(folder, path)):
            tried.append(candidate)
            if os.path.isfile(candidate):
                return os.path.normpath(candidate)
    searched = "\n\t".join(tried)
    raise _failed(
        f"Could not find or access '{name}'\nSearched in:\n\t{searched} on the Ansible Controller.\n"
        "If you are using a module and expect the file to exist on the remote, see the remote_src option",
    )


def _folder(call: Call) -> str:
    path = os.path.expanduser(str(call.args["dir"]))
    for folder in call.search_path:
        for candidate in (os.path.join(folder, "vars", path), os.path.join(folder, path)):
            if os.path.isdir(candidate):
                return os.path.normpath(candidate)
            if os.path.isfile(candidate):
                raise _failed(f"{candidate} is not a directory")
    raise _failed(f"{path} directory does not exist")


def _below(folder: str, args: dict[str, Any]) -> list[str]:
    extensions = args.get("extensions") or ["json", "yaml", "yml"]
    matching = re.compile(args["files_matching"]) if args.get("files_matching") else None
    ignored = [re.compile(f"{pattern}$") for pattern in args.get("ignore_files") or []]
    found = []
    walked = set()
    for base, folders, names in os.walk(folder, followlinks=True):
        # A link to a folder above would lead in circles.
        walked.add(os.path.realpath(base))
        folders[:] = [name for name in sorted(folders) if os.path.realpath(os.path.join(base, name)) not in walked]
        level = os.path.relpath(base, folder).count(os.sep) + (base != folder) + 1
        if args.get("depth") and level > args["depth"]:
            continue
        for name in sorted(names):
            if any(pattern.search(name) for pattern in ignored) or (matching and not matching.search(name)):
                continue
            if os.path.splitext(name)[1][1:] not in [str(each).lstrip(".") for each in extensions]:
                if args.get("ignore_unknown_extensions") or matching:
                    continue
                what = f"{os.path.join(base, name)} does not have a valid extension: {', '.join(map(str, extensions))}"
                raise _failed(what)
            found.append(os.path.join(base, name))
    return found


def _read(path: str, read: Read) -> dict[str, Any]:
    try:
        value = load(read(path), path)
    except FleetError as error:
        raise _failed(str(error)) from None
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise _failed(f"{path} must be stored as a dictionary/hash")
    return value
