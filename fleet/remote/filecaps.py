"""Capabilities of files: the extended attribute of the kernel (capability.h: vfs_cap_data) and setcap(8)'s text. Pure."""

import re
import struct

NAMES = ("chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service "
         "net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct sys_admin "
         "sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap mac_override "
         "mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore").split()
NUMBERS = {"cap_" + name: number for number, name in enumerate(NAMES)}
ATTRIBUTE = "security.capability"
REVISIONS = {1: 1, 2: 2, 3: 2}
"""Revision: how many pairs of 32 bits. The third one carries the root of a user namespace, too."""


def decode(data):
    """{number: flags} of the attribute's bytes; flags are some of "eip". Raises ValueError."""
    try:
        magic = struct.unpack_from("<I", data)[0]
        pairs = struct.unpack_from("<%dI" % (2 * REVISIONS[magic >> 24]), data, 4)
    except (struct.error, KeyError):
        raise ValueError("not a kernel's capabilities: %r" % data)
    permitted = sum(word << (32 * place) for place, word in enumerate(pairs[0::2]))
    inheritable = sum(word << (32 * place) for place, word in enumerate(pairs[1::2]))
    found = {}
    for number in range(64):
        flags = ("i" if inheritable >> number & 1 else "") + ("p" if permitted >> number & 1 else "")
        if flags:
            found[number] = ("e" if magic & 1 else "") + flags
    return found


def encode(caps):
    """The attribute's bytes. A file has one effective bit for all of its capabilities. Raises ValueError."""
    effective = {"e" in flags for flags in caps.values()}
    if len(effective) > 1 or any(flags == "e" for flags in caps.values()):
        raise ValueError("either all capabilities of a file are effective or none is")
    permitted = sum(1 << number for number, flags in caps.items() if "p" in flags)
    inheritable = sum(1 << number for number, flags in caps.items() if "i" in flags)
    low = 0xFFFFFFFF
    return struct.pack("<5I", 0x02000000 | (True in effective), permitted & low, inheritable & low,
                       permitted >> 32, inheritable >> 32)


def text(caps):
    """As getcap(8) writes them: ``cap_net_admin,cap_net_raw=ep cap_chown=i``."""
    groups = {}
    for number in sorted(caps):
        groups.setdefault(caps[number], []).append(name(number))
    return " ".join("%s=%s" % (",".join(names), flags) for flags, names in sorted(groups.items(), key=lambda group: group[1]))


def name(number):
    return "cap_" + NAMES[number] if number < len(NAMES) else "cap_%d" % number


def parse(words):
    """(numbers, operator, flags) of one clause such as ``cap_net_raw,cap_net_admin+ep``; operator "" where there is none."""
    match = re.match(r"([a-z0-9_,]*)(?:([=+-])([eip]*))?$", words.strip().lower())
    if not match:
        raise ValueError("bad capability: %s" % words)
    names, operator, flags = match.groups()
    if names == "all" or (not names and operator == "="):
        return list(range(len(NAMES))), operator or "", ordered(flags or "")
    return [_number(each) for each in names.split(",")], operator or "", ordered(flags or "")


def _number(word):
    if word in NUMBERS:
        return NUMBERS[word]
    match = re.match(r"(?:cap_)?([0-9]+)$", word)
    if match and int(match.group(1)) < 64:
        return int(match.group(1))
    raise ValueError("no capability is called %s" % (word or "nothing"))


def ordered(flags):
    return "".join(letter for letter in "eip" if letter in flags)
