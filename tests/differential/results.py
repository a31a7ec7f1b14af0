"""The results in the output of a run with -v, made comparable."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import compare

TASK = re.compile(r"(?:TASK|RUNNING HANDLER) \[(.*?)\] \*+")
RESULT = re.compile(r"(ok|changed|skipping|failed|fatal): (\[[^]]*\].*?) (?:=>|FAILED! =>|UNREACHABLE! =>) (\{.*)")
RSYNC = "--out-format='<<CHANGED>>%i %n%L'"
"""In the command that ansible.posix.synchronize starts."""
ITEM = re.compile(r"\S{11} |\*deleting ")
"""A line of ``rsync --itemize-changes``."""
DIGITS = re.compile(
    r"\b(?P<hex>(?:[0-9a-f]{2}:){15,}[0-9a-f]{2})\b|\b(?P<time>20\d{12})Z"
    r"|(?:[\w+/]{24,}=*\n?)+(?:[\w+/]*=*\n(?=-))?"
)
"""A fingerprint, a time and the inside of a PEM block or of an OpenSSH key."""
VOLATILE = frozenset({"exception", "invocation", "warnings", "deprecations", "ansible_facts", "diff", "start", "end",
                      "delta", "elapsed", "atime", "mtime", "ctime", "birthtime", "inode", "cache_update_time",
                      "cache_updated", "stdout_lines", "stderr_lines", "finished", "started", "results_file",
                      "ansible_job_id", "backup_file", "failed_when_result", "dev", "status",
                      "attr_flags", "attributes"})  # fmt: skip
"""What is never equal, is said elsewhere, or follows from another key."""
UNORDERED = frozenset({"collected_zones", "services", "ports", "rich_rules", "packages"})
"""Lists without an order (firewalld_info, pacman)."""


TOLD = frozenset({"msg", "rc", "stdout", "stderr", "changed", "unreachable"})
"""The keys of a failure that are compared; what else a module says of a thing it could not change is its own."""
UNCHECKED = "does not support check mode"
KNOWN = {
    ("touch", "dest"): "fleet calls it path, as after a run that is no check",
    ("remote", "md5sum"): "fleet compares by sha1 alone",
    ("policy", ""): "in a check run Ansible's ufw calls every policy changed",
    ("logging", ""): "Ansible's ufw calls logging changed while the firewall is off",
    ("locale", ""): "a check run of Ansible calls a locale that it then makes unchanged",
    ("locale with a modifier", ""): "as before",
    ("locale of old", ""): "as before",
    ("acl", "acl"): "a check run of fleet shows the list as it would be",
    ("acl by entry", "acl"): "as before",
    ("acl mask", "acl"): "as before",
    ("archive", ""): "a check run of Ansible calls every archive changed",
    ("many", ""): "Ansible's unarchive does no check runs of a tar",
    ("copy no source", "msg"): "ansible-core 2.19 calls its own error unexpected",
    ("link to nothing", "src"): "a failure repeats no argument",
    ("bad expression", "msg"): "fleet's message names the argument",
    ("invalid", "checksum"): "a failure tells nothing of the file that was refused",
    ("apt no key", "msg"): "fleet's message says what is wrong with it",
    ("rpm no key", "msg"): "as before; fleet starts no gpg",
    ("apt no key", "stdout"): "fleet starts no gpg",
    ("apt no key", "stderr"): "as before",
    ("git setting of nothing", "cmd"): "fleet looks itself",
    ("git setting of nothing", "msg"): "fleet's message names the folder",
    ("archive", "archived"): "fleet tells in a check run too; else the same in another order",
    ("archive", "dest_state"): "as before",
    ("archive", "size"): "another order of files",
    ("many", "extract_results"): "the command line is fleet's own",
    ("raw", "stdout"): "fleet asks for no terminal, which would turn line ends and mix both outputs",
    ("raw", "stderr"): "as before, and ssh says that it closes",
    ("raw fails", "stderr"): "as before",
    ("script", "stdout"): "as before",
    ("script", "stderr"): "as before",
    ("script fails", "stdout"): "as before",
    ("script fails", "stderr"): "as before",
    ("command no folder", "msg"): "fleet's message names the folder",
    ("temporary no folder", "msg"): "fleet's message says what was tried",
    ("no timezone", "msg"): "fleet's message says what to do",
    ("timezone", "msg"): "fleet starts no timedatectl",
    ("module not there", ""): "Ansible needs /proc/modules in a check run; a kernel without modules has none",
    ("module persistent", ""): "as before",
    ("module persistent", "msg"): "as before",
    ("module not there", "msg"): "fleet's message names the package",
    ("zypper there in that version", "cmd"): "fleet starts no program where nothing is to be done",
    ("provided again", "cmd"): "as before",
    ("index", "stdout"): "Ansible's apk fetches in check runs, too",
    ("index", "stderr"): "as before",
    ("dnf several", "results"): "in a check run dnf's table tells them in another order",
    ("by URL", "results"): "both name a temporary file",
    ("snap nowhere", "msg"): "Ansible's snap trips over the program's answer",
    ("snap nowhere", ""): "as before; in a check run fleet does not ask the store",
    ("snap nowhere beside another", "msg"): "as before",
    ("snap nowhere beside another", ""): "as before",
    ("option of another", ""): "fleet refuses it in a check run, too",
    ("option without value", ""): "as before",
    ("option while off", ""): "options are for active snaps only, as the module's documentation has it",
    ("on", ""): "Ansible's snap enables in check runs what is not there",
    ("on", "snaps_enabled"): "as before",
    ("on", "version"): "as before",
    ("on again", ""): "as before",
    ("on again", "snaps_enabled"): "as before",
    ("on again", "version"): "as before",
    ("lists away", ""): "where everything is installed fleet fetches no lists",
    ("acl by a bad entry", "msg"): "fleet looks at the arguments before the path",
    ("acl without a type", "msg"): "as before",
    ("acl in two ways", "msg"): "as before",
    ("acl of nobody known", "msg"): "fleet names the user; it starts no setfacl",
    ("acl of nobody known", "rc"): "as before",
    ("acl of nobody known", "stdout"): "as before",
    ("acl of nobody known", "stderr"): "as before",
    ("random numbers", "dhparams"): "a check run of fleet returns what would be there: nothing behind state: absent",
    (
        "zypper there in that version",
        "",
    ): "Ansible's zypper takes `alpha = 1.0` for what is installed, whatever its version",
    ("zypper relation", "cmd"): "fleet starts no program where nothing is to be done",
    ("certificates alone", ""): "Ansible packs certificates without a key again and again",
    ("editable", ""): "the environment is as it was: fleet looks at it, Ansible at what pip says",
    ("pacman group", "stdout"): "pacman tells of members in no order",
    ("pacman group again", "stdout"): "as before",
    ("pacman with dependency", "stdout"): "downloads are through in any order",
    ("pacman group gone", "stdout"): "as before",
    ("pacman gone", "stdout"): "as before",
    ("pacman nowhere", "stdout"): "Ansible asks pacman once more, as if the name were a file",
    ("pacman nowhere", "stderr"): "as before",
    ("pacman nowhere beside another", "stdout"): "as before",
    ("pacman nowhere beside another", "stderr"): "as before",
    ("file and name", "stdout"): "fleet leaves out the file that is installed",
    ("file and name", "stderr"): "as before",
    ("reason of those there", "msg"): "nothing was installed, whatever Ansible says",
    ("version of two", ""): "fleet refuses what cannot be meant in a check run, too",
    ("version twice", ""): "as before",
    ("pip forced", ""): "a check run of Ansible's pip looks only whether the package is there",
    ("no such port", "msg"): "Ansible's own library looks at the port first",
    ("info while stopped", "msg"): "fleet's message is no Python",
    ("no such policy", ""): "Ansible's selinux looks at the policy in a run that is no check",
    ("kernel parameter without grubby", "msg"): "fleet's message names the package",
    ("mode in a file of its own", "msg"): "Ansible compares the running policy with one that was not asked for",
    ("mode in a file of its own", ""): "as before",
    ("no such user", "msg"): "fleet's message is no Python",
    ("pushed from nowhere", "msg"): "fleet starts neither rsync nor its ssh, whose lines these are",
    ("pulled from nowhere", "msg"): "as before",
    ("delete but not recursive", "msg"): "fleet's message says what is missing",
    ("without some", ""): "without times rsync sends equal files again; fleet then compares what is in them",
    ("no such command", "msg"): "fleet's message begins with what is wrong",
    ("boot time command fails", "msg"): "fleet asks for no terminal, which would say that it is closed",
    ("test fails", "changed"): "the host was restarted",
    ("wrong number", ""): "fleet looks at the arguments in a check run, too",
    ("wrong number", "msg"): "fleet's message names the argument",
    ("no such argument", ""): "fleet looks at the arguments in a check run, too",
    ("no such port", ""): "fleet asks firewalld in a check run, too",
    ("stats with a bad name", "msg"): "fleet's message says what a name may be",
    ("wait for connection wrongly", "msg"): "fleet's message names the argument",
    ("hard links", "msg"): "for link_dest Ansible asks rsync to tell of what does not change, too",
    ("no such option", "msg"): "fleet's message names the option",
    ("keys that come back (fleet masks them)", "privatekey"): "what a task was given as a secret is masked",
    (
        "random open key that should have a passphrase",
        "",
    ): "Ansible leaves it open, against the words of its documentation",
    ("refused packages", "msg"): "fleet's message names the file, Ansible's is Python's or cryptography's",
    ("info of nonsense", "msg"): "fleet's message is not cryptography's",
    ("info with a wrong passphrase", "msg"): "as before",
    ("public keys that cannot be (Ansible says so only when it makes them)", "msg"): "as before, or the folder's name",
    ("requests with keys that will not do", "msg"): "as before",
    ("info of what is no request", "msg"): "as before",
    ("info of what is no certificate", "msg"): "fleet's message is neither Python nor cryptography's",
    ("refused public keys", "msg"): "Ansible quotes the folder's name in some of these modules",
    ("refused numbers", "msg"): "as before",
    ("numbers that cannot be (Ansible says so only when it makes them)", "msg"): "fleet's message is no Python",
}
"""What is different by intent: (task, key) -> why; without a key it is whether something changes."""


@dataclass(frozen=True)
class Result:
    """What one task came to on the host. ``item``: the text behind the host's name."""

    task: str
    status: str
    item: str
    value: Mapping[str, Any]

    def __str__(self) -> str:
        return f"{self.task}: {self.status} {self.item}"


def read(text: str, own: dict[str, str]) -> list[Result]:
    """All results of a run in their order. Those without any value (an ok of debug) have an empty one."""
    found, task = [], ""
    for line in compare.evened(text, own).splitlines():
        header = TASK.match(line)
        if header:
            task = header[1]
        result = RESULT.match(line)
        if result and result[3].endswith("}"):
            value = json.loads(result[3])
            kept = even(value)
            if task.startswith("random "):
                kept = {key: part if key == "item" else shape(part) for key, part in kept.items()}
            found.append(Result(task, result[1], result[2], kept))
        elif compare.ENTRY.match(line) and not line.startswith("...ignoring"):
            found.append(Result(task, *line.partition(":")[::2], {}))
    return found


def even(value: Any) -> Any:
    """``value`` without the numbers that are different on any two hosts."""
    if isinstance(value, dict):
        kept = {key: even(part) for key, part in value.items() if key not in VOLATILE}
        return {
            key: sorted(part, key=str) if key in UNORDERED and isinstance(part, list) else part
            for key, part in kept.items()
        }
    if isinstance(value, list):
        return [even(part) for part in value]
    return value


def shape(value: Any) -> Any:
    """``value`` with the digits of keys, certificates and their times left out: what is random is equal in its kind and,
    where that is fixed, in its length."""
    if isinstance(value, dict):
        return {key: shape(part) for key, part in value.items()}
    if isinstance(value, list):
        return [shape(part) for part in value]
    if isinstance(value, int) and value.bit_length() > 64:
        return "NUMBER"
    return DIGITS.sub(_digits, value) if isinstance(value, str) else value


def _digits(found: re.Match[str]) -> str:
    if found["hex"]:
        return f"HEX({len(found['hex'])})"
    if found["time"]:
        return found["time"][:6]
    return "BASE64"


def differences(found: list[Result], wanted: list[Result]) -> list[str]:
    """What is different: a text for a status, one for each key that ansible-core returns."""
    if [one.task for one in found] != [one.task for one in wanted]:
        return [f"other tasks: fleet {[one.task for one in found]}\nansible {[one.task for one in wanted]}"]
    lines = []
    for mine, theirs in zip(found, wanted, strict=True):
        failed = theirs.status in ("fatal", "failed")
        if mine.value.get("unmet") and failed:
            # A check run: what the task needs may be made by an earlier one. ansible-core stops there.
            continue
        if str(mine) == str(theirs):
            keys = theirs.value.keys() & TOLD if failed else theirs.value.keys()
            lines += [_difference(mine, theirs, key) for key in sorted(keys)]
        elif UNCHECKED in str(theirs.value.get("msg", "")) and "Module failed" not in str(mine.value.get("msg", "")):
            # A check run of fleet tells more: its module knows check mode.
            continue
        elif (mine.task, "") not in KNOWN:
            sides = (f"{side.status} {side.value}" for side in (mine, theirs))
            lines.append("{}:\n  fleet   {}\n  ansible {}".format(mine.task, *sides))
    return [line for line in lines if line]


def _difference(mine: Result, theirs: Result, key: str) -> str:
    """How the two differ in ``key``; "" where they do not, or may."""
    ours, other = (side.value.get(key, "(none)") for side in (mine, theirs))
    if RSYNC in theirs.value.get("cmd", ()):
        # synchronize: fleet starts no rsync, so what rsync notes beside the lines that tell of changes is not told.
        ours, other = ([line for line in str(text).splitlines() if ITEM.match(line)] for text in (ours, other))
    if "pip" in str(theirs.value.get("cmd", "")):
        if str(theirs.value["cmd"]).endswith("list --format=freeze") and key in ("cmd", "stdout", "stderr"):
            # A check run: Ansible's pip tells what it looked at, fleet's what it would do.
            return ""
        ours, other = _of_pip(ours), _of_pip(other)
    if ours == other or (mine.task, key) in KNOWN or _temporary(key, other):
        return ""
    if key == "cmd" and isinstance(other, str) and other.startswith("['"):
        # snap: the names of Ansible's own arguments.
        return ""
    if key == "commands" or (key == "msg" and "commands" in theirs.value):
        # ufw: those that change something, and what they said, where Ansible tells all and shows the status.
        return ""
    if key == "msg" and theirs.status in ("fatal", "failed") and other and str(ours).startswith(str(other)):
        # A failure's message may go on with the reason.
        return ""
    return f"{mine}: {key}:\n  fleet   {ours!r}\n  ansible {other!r}"


def _of_pip(value: Any) -> Any:
    """pip's output without what it says of packages that are there: fleet looks itself and starts no pip for them."""
    if not isinstance(value, str):
        return value
    kept = (line for line in value.splitlines() if not line.startswith(("Requirement already", "Looking in links")))
    return re.sub(r" in \d+ms$", " in MS", "\n".join(kept), flags=re.MULTILINE)


def _temporary(key: str, value: Any) -> bool:
    """True for the path of a copy that ansible-core has made on its way."""
    return key == "src" and (value == "TMP" or "/ansible-local-" in str(value))
