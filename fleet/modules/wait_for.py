"""Wait until a port, a file or a time is as wanted."""

import os
import re
import socket
import time

from fleet.remote import files
from fleet.remote.host import Failed
from fleet.remote.spec import Arg, Spec

STATES = ("ESTABLISHED", "SYN_SENT", "SYN_RECV", "FIN_WAIT1", "FIN_WAIT2", "TIME_WAIT", "CLOSE", "CLOSE_WAIT",
          "LAST_ACK", "LISTEN", "CLOSING")
"""As /proc/net/tcp numbers them, from 1."""

SPEC = Spec(
    {
        "host": Arg(default="127.0.0.1", help="Name or address to connect to."),
        "port": Arg("int", help="Port to look at."),
        "path": Arg("path", help="File to look at."),
        "state": Arg(default="started", choices=("absent", "drained", "present", "started", "stopped"),
                     help="started/present: open or there; stopped/absent: not; drained: no connections left."),
        "search_regex": Arg(help="Pattern that the file, or what the port says, must match."),
        "timeout": Arg("int", 300, help="Seconds to wait at most."),
        "connect_timeout": Arg("int", 5, help="Seconds for one attempt to connect."),
        "delay": Arg("int", 0, help="Seconds to wait before looking first."),
        "sleep": Arg("int", 1, help="Seconds between two looks."),
        "msg": Arg(help="Message to fail with instead of the usual one."),
        "active_connection_states": Arg(
            "list", ["ESTABLISHED", "FIN_WAIT1", "FIN_WAIT2", "SYN_RECV", "SYN_SENT", "TIME_WAIT"], elements="str",
            help="States of TCP that count as a connection for `drained`."),
        "exclude_hosts": Arg("list", elements="str", help="Peers whose connections do not count for `drained`."),
    },
    supports_check=False,
    returns={
        "elapsed": "Seconds waited.",
        "match_groups": "What the groups of `search_regex` matched.",
        "match_groupdict": "What its named groups matched.",
    },
)
EXAMPLES = """
- name: Until the web server answers
  wait_for:
    port: 80
    timeout: 60
- name: Until a line is in the log
  wait_for:
    path: /var/log/app.log
    search_regex: 'ready in (\\d+) ms'
- name: Ten seconds
  wait_for:
    timeout: 10
"""
UP = ("started", "present")


def run(host, args):
    check(args)
    start = time.monotonic()
    result = {"match_groups": [], "match_groupdict": {}}
    if args["port"] is None and not args["path"] and args["state"] != "drained":
        time.sleep(args["delay"] + args["timeout"])
    else:
        _wait(args, start, result)
    result.update(changed=False, elapsed=int(time.monotonic() - start), state=args["state"], port=args["port"],
                  path=args["path"], search_regex=args["search_regex"])
    if args["path"]:
        about = files.describe(args["path"])
        if about["state"] != "absent":
            result.update(about)
    return result


def check(args):
    """Refuse what does not go together. Raises Failed."""
    def refuse(text):
        raise Failed(text, elapsed=0)

    if args["port"] is not None and args["path"]:
        refuse("port and path parameter can not both be passed to wait_for")
    if args["path"] and args["state"] in ("stopped", "drained"):
        refuse("state=%s should only be used for checking a port in the wait_for module" % args["state"])
    if args["exclude_hosts"] and args["state"] != "drained":
        refuse("exclude_hosts should only be with state=drained")
    for name in args["active_connection_states"]:
        if name not in STATES:
            refuse("unknown active_connection_state (%s) defined" % name)


def _wait(args, start, result):
    pattern = re.compile(args["search_regex"].encode("utf-8", "surrogateescape"), re.MULTILINE) \
        if args["search_regex"] else None
    if args["delay"]:
        time.sleep(args["delay"])
    look = _look(args, pattern)
    end = start + args["timeout"]
    while not look(result, end):
        left = end - time.monotonic()
        if left <= 0:
            break
        time.sleep(min(args["sleep"], left))
    else:
        return
    raise Failed(args["msg"] or timeout_message(args), elapsed=int(time.monotonic() - start))


def timeout_message(args):
    """Ansible's words for what did not come. Pure."""
    if args["state"] == "drained":
        return "Timeout when waiting for %s:%s to drain" % (args["host"], args["port"])
    place = args["path"] or "%s:%s" % (args["host"], args["port"])
    if args["state"] not in UP:
        return "Timeout when waiting for %s to %s." % (place, "be absent" if args["path"] else "stop")
    if args["search_regex"]:
        return "Timeout when waiting for search string %s in %s" % (args["search_regex"], place)
    return "Timeout when waiting for %s%s" % ("file " if args["path"] else "", place)


def _look(args, pattern):
    """A function that looks once: (result, deadline) -> whether all is as wanted."""
    up = args["state"] in UP
    if args["state"] == "drained":
        addresses = local_addresses(args["host"])
        excluded = set(hex_address(a) for name in args["exclude_hosts"] or [] for a in local_addresses(name))
        return lambda result, end: not _connections(args, addresses, excluded)
    if args["path"]:
        return lambda result, end: _file(args["path"], pattern, result) == up
    return lambda result, end: _port(args, pattern if up else None, result, end) == up


def _file(path, pattern, result):
    if not os.path.exists(path):
        return False
    if not pattern:
        return True
    try:
        with open(path, "rb") as source:
            return _match(pattern, source.read(), result)
    except OSError:
        return False


def _match(pattern, data, result):
    found = pattern.search(data)
    if not found:
        return False
    result["match_groups"] = [text(group) for group in found.groups()]
    result["match_groupdict"] = {name: text(group) for name, group in found.groupdict().items()}
    return True


def text(group):
    return None if group is None else group.decode("utf-8", "surrogateescape")


def _port(args, pattern, result, end):
    patience = max(0.1, min(args["connect_timeout"], end - time.monotonic()))
    try:
        channel = socket.create_connection((args["host"], args["port"]), patience)
    except (OSError, UnicodeError):
        return False
    with channel:
        if not pattern:
            return True
        said = b""
        while time.monotonic() < end:
            channel.settimeout(max(0.1, end - time.monotonic()))
            try:
                data = channel.recv(4096)
            except OSError:
                return False
            if not data:
                return False
            said += data
            if _match(pattern, said, result):
                return True
    return False


def local_addresses(name):
    """The addresses a name stands for. Raises Failed."""
    try:
        return sorted(set(entry[4][0] for entry in socket.getaddrinfo(name, None, 0, socket.SOCK_STREAM)))
    except OSError as error:
        raise Failed("cannot resolve %s: %s" % (name, error), elapsed=0)


def hex_address(address):
    """An address as /proc/net/tcp and tcp6 write it. Pure."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    raw = socket.inet_pton(family, address.partition("%")[0])
    words = [raw[at:at + 4][::-1] for at in range(0, len(raw), 4)]
    return "".join("%02X" % byte for word in words for byte in word)


ANY = ("00000000", "0" * 32)
MAPPED = "0000000000000000FFFF0000"


def _connections(args, addresses, excluded):
    """How many connections the port has."""
    wanted = set(hex_address(address) for address in addresses)
    everything = any(address in ANY for address in wanted)
    states = set("%02X" % (STATES.index(name) + 1) for name in args["active_connection_states"])
    count = 0
    for path in ("/proc/net/tcp", "/proc/net/tcp6"):
        try:
            with open(path) as table:
                rows = [line.split() for line in table][1:]
        except OSError:
            continue
        for row in rows:
            own, port = row[1].split(":")
            peer = row[2].split(":")[0]
            own, peer = unmapped(own), unmapped(peer)
            if row[3] in states and int(port, 16) == args["port"] and peer not in excluded:
                count += everything or own in wanted
    return count


def unmapped(address):
    """An IPv4 address that an IPv6 socket shows, as IPv4. Pure."""
    return address[len(MAPPED):] if address.startswith(MAPPED) else address
