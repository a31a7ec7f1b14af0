"""Give one table of nftables exactly this content, in one transaction, and touch no other table.

What is in force is compared with what the kernel makes of the text, so neither formatting nor an order of objects
counts. Counters are not compared. Elements of sets with the flag `dynamic` or `timeout` are not compared either and
survive a change of the rules. With `revert_after` the host takes the rules back by itself unless a new connection works.
"""

import os
import re

from fleet.remote import files, look, nfttext, revert
from fleet.remote.host import Failed, Unmet
from fleet.remote.spec import Arg, Spec

SPEC = Spec(
    {
        "table": Arg(required=True, aliases=("name",), help="Name of the table."),
        "family": Arg(default="inet", choices=("inet", "ip", "ip6", "arp", "bridge", "netdev"), help="Its family."),
        "state": Arg(default="present", choices=("present", "absent"), help="Whether there is such a table."),
        "content": Arg(help="What is in the table: chains, sets, counters. A whole `table ... { }` will do as well."),
        "src": Arg("path", help="Template of the content, on the controller; looked for as `template` does."),
        "dest": Arg("path", help="File that is to hold the table, for `nft -f` at boot; gone with state `absent`."),
        "revert_after": Arg("int", help="Seconds after which the host takes changed rules back, unless a new "
                                        "connection was made by then. `dest` is written after that only."),
    },
    exclusive=(("content", "src"),),
    required_if=(("state", "present", ("content", "src"), True),),
    returns={
        "family": "The table's family.",
        "table": "Its name.",
        "rules": "Its content as it is now, in normal form; empty without a table.",
        "dest": "The file.",
        "reverted": "Whether the host took the rules back, when the task failed for that reason.",
    },
)
EXAMPLES = """
- name: Let SSH and the web in, and nothing else
  fleet.builtin.nftables:
    table: edge
    dest: /etc/nftables.d/edge.nft
    revert_after: 60
    content: |
      chain input {
        type filter hook input priority filter; policy drop;
        ct state established,related accept
        iif lo accept
        tcp dport { 22, 80, 443 } accept
      }
- name: Rules from a template
  fleet.builtin.nftables:
    table: edge
    src: edge.nft.j2
"""
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_./\\-]*\Z")
# The arguments come behind the script, so no name is ever read as shell.
TRIAL = 'nft=$1; shift; "$nft" -f - && exec "$nft" --stateless list table "$@"'


def read(host, args):
    family, table = args["family"], args["table"]
    if not NAME.match(table):
        raise Failed("%r is no name of a table" % table)
    if args["revert_after"] is not None and args["revert_after"] < 5:
        raise Failed("revert_after must be 5 seconds or more, a new connection takes its time")
    nft = program(host)
    listing = listed(host, nft, family, table, "--stateless")
    held = files.read_bytes(args["dest"]) if args["dest"] else None
    found = {
        "rules": None if listing is None else nfttext.normal(listing),
        "file": None if held is None else held.decode("utf-8", "surrogateescape"),
    }
    if args["state"] == "present":
        definitions, inside = nfttext.content_of(args["content"], family, table)
        found["script"] = nfttext.script(family, table, definitions, inside)
        found["trial"] = tried(host, nft, family, table, found["script"])
    return found


def want(args, now):
    present = args["state"] == "present"
    wanted = {"rules": nfttext.normal(now["trial"]) if present else None}
    if args["dest"]:
        wanted["file"] = head(args) + now["script"] if present else None
    return wanted


def head(args):
    return "# The table %s %s and no other. Managed by fleet, changes by hand are lost.\n" % (
        args["family"], args["table"])


def program(host):
    found = host.which("nft")
    if found is None:
        raise Unmet("the program nft was not found; install the package nftables on the host")
    return found


def listed(host, nft, family, table, *options):
    """What `nft list table` says, or None when there is no such table. Raises Failed."""
    ran = host.run([nft, *options, "list", "table", family, table], ok=None)
    if ran.rc == 0:
        return ran.out
    if "No such file or directory" in ran.err:
        return None
    raise Failed("cannot list the table %s %s: %s" % (family, table, ran.err.strip()), rc=ran.rc, stderr=ran.err)


def tried(host, nft, family, table, text):
    """What the kernel makes of a script: loaded in a network namespace that ends with the program. Raises Failed."""
    unshare = host.need("unshare", "util-linux")
    argv = ["/bin/sh", "-c", interfaces(host, text) + TRIAL, "sh", nft, family, table]
    ran = host.run([unshare, "--net", "--"] + argv, stdin=text, ok=None)
    if ran.rc == 0:
        return ran.out
    if ran.err.startswith("unshare:"):
        raise Failed("cannot try the rules in a network namespace of their own: %s" % ran.err.strip(), rc=ran.rc)
    raise Failed("nft does not take the rules: %s" % ran.err.strip(), rc=ran.rc, stderr=ran.err)


def interfaces(host, text):
    """Shell lines that give the namespace the interfaces the rules name: nft turns some of the names into numbers."""
    lines = []
    for name in look.names("/sys/class/net"):
        index = look.text("/sys/class/net/%s/ifindex" % name, "").strip()
        if name != "lo" and index.isdigit() and re.match(r"[\w.@-]+\Z", name) and name in text:
            # Which kinds there are depends on the kernel; each of them will do.
            lines.append("for kind in dummy bridge; do %s link add name %s index %s type $kind 2>/dev/null && break; done\n"
                         % (host.which("ip") or "ip", name, index))
    return "".join(lines)


def apply(host, args, change):
    family, table, guard = args["family"], args["table"], args.get("_guard")
    if "rules" in change:
        nft = program(host)
        live = listed(host, nft, family, table)
        if guard:
            revert.arm(host, guard, args["revert_after"], {"before": way_back(host, nft, family, table, live)},
                       ["%s -f before" % nft])
        try:
            load(host, nft, args, live)
        except Failed:
            if guard:
                revert.claim(host, guard)
            raise
    if "file" in change:
        write(args["dest"], change["file"])


def load(host, nft, args, live):
    family, table = args["family"], args["table"]
    if args["state"] == "absent":
        host.run([nft, "-f", "-"], stdin=nfttext.script(family, table))
        return
    text = nfttext.script(family, table, *nfttext.content_of(args["content"], family, table))
    more = nfttext.carried(family, table, live, tried(host, nft, family, table, text)) if live else ""
    if more and host.run([nft, "-c", "-f", "-"], stdin=text + more, ok=None).rc != 0:
        host.warn("the elements of dynamic sets of the table %s %s could not be kept" % (family, table))
        more = ""
    ran = host.run([nft, "-f", "-"], stdin=text + more, ok=None)
    if ran.rc != 0:
        raise Failed("nft does not take the rules: %s" % ran.err.strip(), rc=ran.rc, stderr=ran.err)


def way_back(host, nft, family, table, live):
    """The script that brings back what is there now, proved to be one that nft takes. Raises Failed."""
    choices = [live, live and listed(host, nft, family, table, "--stateless")]
    for listing in choices:
        text = nfttext.script(family, table, "", nfttext.inside_of(listing) if listing else None)
        ran = host.run([nft, "-c", "-f", "-"], stdin=text, ok=None)
        if ran.rc == 0:
            return text
    raise Failed("nft does not take what it lists of the table %s %s, so there would be no way back to it: %s"
                 % (family, table, ran.err.strip()), rc=ran.rc)


def write(path, text):
    if text is None:
        files.remove(path)
        return
    if not os.path.isdir(os.path.dirname(path)):
        raise Failed("the folder %s does not exist" % os.path.dirname(path), path=path)
    files.write_atomic(path, text.encode("utf-8", "surrogateescape"), mode=0o644)


def report(host, args, outcome):
    found = {"family": args["family"], "table": args["table"], "rules": outcome.after["rules"] or ""}
    return dict(found, dest=args["dest"]) if args["dest"] else found


def diff(args, outcome):
    shown = []
    name = "table %s %s" % (args["family"], args["table"])
    for key, title in (("rules", name), ("file", args["dest"])):
        if key in outcome.change:
            shown.append({"before": outcome.now[key] or "", "after": outcome.change[key] or "",
                          "before_header": title, "after_header": title})
    return shown
