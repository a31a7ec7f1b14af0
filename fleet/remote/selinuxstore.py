"""What SELinux's policy store holds for local changes: file contexts, path substitutions, ports. Parsers are pure.

Contexts are text files below /etc/selinux, so nobody has to start semanage, which takes seconds, to see them; ports are in
the compiled policy and come from its list.
"""

import os

from fleet.remote import look
from fleet.remote.attributes import selinux_enabled
from fleet.remote.host import Failed

ETC = "/etc/selinux"
KINDS = {"a": "", "f": "--", "d": "-d", "c": "-c", "b": "-b", "s": "-s", "l": "-l", "p": "-p"}
"""The letters of semanage's --ftype, and how a file of contexts writes them."""
PACKAGE = "policycoreutils-python-utils"
STORES = ("/etc/selinux/%s/modules/active/ports.local", "/var/lib/selinux/%s/active/ports.local")


def demand(args):
    """Refuse a host without SELinux unless that is to be ignored. Raises Failed."""
    if not args["ignore_selinux_state"] and not selinux_enabled():
        raise Failed("SELinux is disabled on this host.")


def semanage(host, args, words):
    """Run semanage; what it refuses is told as it says it."""
    argv = [host.need("semanage", PACKAGE)] + words[:1] + ([] if args["reload"] else ["-N"]) + words[1:]
    ran = host.run(argv, ok=None)
    if ran.rc != 0:
        said = [line for line in (ran.err or ran.out).splitlines() if not line.startswith("libsemanage.add_user")]
        raise Failed(" ".join(said).strip() or "semanage failed", rc=ran.rc, cmd=" ".join(argv), stdout=ran.out,
                     stderr=ran.err)


def policy():
    """The folder of the policy that is configured. Raises Failed where there is none."""
    name = "targeted"
    for line in look.lines(ETC + "/config"):
        key, equals, value = line.partition("=")
        if equals and key.strip() == "SELINUXTYPE":
            name = value.strip()
    folder = os.path.join(ETC, name)
    if not os.path.isdir(folder + "/contexts"):
        raise Failed("there is no policy in %s; install an SELinux policy (selinux-policy-default on Debian)" % folder)
    return folder


def contexts(name):
    """{(expression, kind): (user, type, range)} of a file of contexts of the policy."""
    return parse_contexts(look.lines("%s/contexts/files/%s" % (policy(), name)))


def parse_contexts(lines):
    """The entries of a file of contexts: ``expression [kind] user:role:type[:range]``."""
    letters = {written: letter for letter, written in KINDS.items()}
    found = {}
    for line in lines:
        words = line.split()
        if len(words) not in (2, 3) or words[0].startswith("#"):
            continue
        letter = letters.get(words[1] if len(words) == 3 else "")
        parts = words[-1].split(":", 3)
        if words[-1] == "<<none>>":
            found[words[0], letter] = ("", "<<none>>", "")
        elif letter and len(parts) >= 3:
            found[words[0], letter] = (parts[0], parts[2], parts[3] if len(parts) > 3 else "")
    return found


def substitutions():
    """{path: the path whose contexts it gets} of local changes."""
    pairs = [line.split() for line in look.lines(policy() + "/contexts/files/file_contexts.subs")]
    return {pair[0]: pair[1] for pair in pairs if len(pair) == 2 and not pair[0].startswith("#")}


def local_ports():
    """{(port or range, protocol): type} of local changes, which win over the policy's."""
    name = os.path.basename(policy())
    found = {}
    for place in STORES:
        found.update(parse_portcons(look.lines(place % name)))
    return found


def parse_portcons(lines):
    """The entries of the store's file: ``portcon protocol port user:role:type:range``, a range as ``80 - 90``."""
    found = {}
    for line in lines:
        words = line.split()
        context = words[-1].split(":") if len(words) > 3 and words[0] == "portcon" else []
        if len(context) > 2:
            found["".join(words[2:-1]), words[1]] = context[2]
    return found


def ports(host):
    """{(port or range, protocol): type} of the policy, which semanage lists with local changes among it."""
    key = "selinux ports"
    if key not in host.moment:
        host.moment[key] = parse_ports(host.run([host.need("semanage", PACKAGE), "port", "-l", "-n"]).lines)
    return host.moment[key]


def parse_ports(lines):
    """The entries of semanage's list: ``type protocol port, port-port, ...``; the first of a port counts."""
    found = {}
    for line in lines:
        words = line.replace(",", " ").split()
        for port in words[2:] if len(words) > 2 and words[1].isalpha() else ():
            if port[:1].isdigit():
                found.setdefault((port, words[1]), words[0])
    return found
