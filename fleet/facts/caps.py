"""The capabilities the modules run with, written as libcap writes them."""

from fleet.remote import look
from fleet.remote.filecaps import NAMES as CAPS

NAMES = ("system_capabilities", "system_capabilities_enforced")
SUBSETS = ("caps", "system_capabilities", "system_capabilities_enforced")


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
