"""The capabilities the modules run with, written as libcap writes them."""

from fleet.remote import look

NAMES = ("system_capabilities", "system_capabilities_enforced")
SUBSETS = ("caps", "system_capabilities", "system_capabilities_enforced")
CAPS = (
    "chown dac_override dac_read_search fowner fsetid kill setgid setuid setpcap linux_immutable net_bind_service "
    "net_broadcast net_admin net_raw ipc_lock ipc_owner sys_module sys_rawio sys_chroot sys_ptrace sys_pacct "
    "sys_admin sys_boot sys_nice sys_resource sys_time sys_tty_config mknod lease audit_write audit_control setfcap "
    "mac_override mac_admin syslog wake_alarm block_suspend audit_read perfmon bpf checkpoint_restore"
).split()


def collect(host):
    masks = {}
    for line in look.lines("/proc/self/status"):
        if line.startswith("Cap"):
            name, _, value = line.partition(":")
            masks[name] = int(value, 16)
    last = look.number("/proc/sys/kernel/cap_last_cap", len(CAPS) - 1)
    flags = [_flags(masks, number) for number in range(last + 1)]
    return capabilities(flags)


def _flags(masks, number):
    kinds = (("e", "CapEff"), ("i", "CapInh"), ("p", "CapPrm"))
    return "".join(letter for letter, name in kinds if masks.get(name, 0) >> number & 1)


def capabilities(flags):
    """The facts for the flags (of "eip") of every capability in order. Pure."""
    kinds = sorted(set(flags), key=lambda kind: (-flags.count(kind), kind))
    base = kinds[0] if kinds else ""
    if kinds == ["ep"]:
        return {"system_capabilities": [], "system_capabilities_enforced": "NA"}
    groups = []
    for kind in kinds[1:]:
        names = ["cap_" + _name(number) for number, have in enumerate(flags) if have == kind]
        more = "".join(letter for letter in kind if letter not in base)
        less = "".join(letter for letter in base if letter not in kind)
        groups.append(",".join(names) + ("+" + more if more else "") + ("-" + less if less else ""))
    text = " ".join(([base] if base or not groups else []) + groups)
    return {"system_capabilities": text.split(","), "system_capabilities_enforced": "True"}


def _name(number):
    return CAPS[number] if number < len(CAPS) else str(number)
