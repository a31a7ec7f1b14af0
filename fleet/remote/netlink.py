"""Addresses and routes asked of the kernel over rtnetlink(7): what ip(8) shows, without starting it."""

import socket
import struct

HEADER = struct.Struct("=IHHII")
ADDRESS = struct.Struct("=BBBBI")
ROUTE = struct.Struct("=BBBBBBBBI")
ATTRIBUTE = struct.Struct("=HH")
GET_ADDRESS, GET_ROUTE, NEW_ADDRESS, NEW_ROUTE, DONE, ERROR = 22, 26, 20, 24, 3, 2
REQUEST, DUMP = 1, 0x300
LOCAL_TABLE, LOCAL_ROUTE = 255, 2
SECONDARY = 1


def ask(kind, payload, dump):
    """Send one request and yield (kind, payload) of the answers. Raises OSError."""
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, 0) as channel:
        channel.settimeout(5)
        channel.bind((0, 0))
        flags = REQUEST | (DUMP if dump else 0)
        channel.send(HEADER.pack(HEADER.size + len(payload), kind, flags, 1, 0) + payload)
        while True:
            data, offset = channel.recv(1 << 18), 0
            while offset + HEADER.size <= len(data):
                size, answer = HEADER.unpack_from(data, offset)[:2]
                if answer == DONE:
                    return
                if answer == ERROR:
                    code = struct.unpack_from("=i", data, offset + HEADER.size)[0]
                    raise OSError(-code, "the kernel refuses the request")
                yield answer, data[offset + HEADER.size:offset + size]
                offset += (size + 3) & ~3
            if not dump:
                return


def attributes(data, offset):
    """The attributes behind a fixed header: {number: bytes}."""
    found = {}
    while offset + ATTRIBUTE.size <= len(data):
        size, number = ATTRIBUTE.unpack_from(data, offset)
        if size < ATTRIBUTE.size:
            break
        found[number] = data[offset + ATTRIBUTE.size:offset + size]
        offset += (size + 3) & ~3
    return found


def addresses():
    """All addresses: family, index, prefix, scope, secondary, address, broadcast, label."""
    found = []
    for kind, data in ask(GET_ADDRESS, ADDRESS.pack(0, 0, 0, 0, 0), True):
        if kind != NEW_ADDRESS:
            continue
        family, prefix, flags, scope, index = ADDRESS.unpack_from(data)
        if family not in (socket.AF_INET, socket.AF_INET6):
            continue
        more = attributes(data, ADDRESS.size)
        raw = more.get(2) if family == socket.AF_INET and 2 in more else more.get(1)
        found.append({
            "family": family, "index": index, "prefix": prefix, "scope": scope,
            "secondary": bool(flags & SECONDARY) and family == socket.AF_INET,
            "address": socket.inet_ntop(family, raw),
            "broadcast": socket.inet_ntop(family, more[4]) if 4 in more else "",
            "label": more[3].rstrip(b"\0").decode("ascii", "replace") if 3 in more else "",
        })
    return found


def route_to(address):
    """The route a packet to ``address`` takes: {"index", "source", "gateway"}, or {} when there is none."""
    family = socket.AF_INET6 if ":" in address else socket.AF_INET
    raw = socket.inet_pton(family, address)
    payload = ROUTE.pack(family, len(raw) * 8, 0, 0, 0, 0, 0, 0, 0)
    payload += ATTRIBUTE.pack(ATTRIBUTE.size + len(raw), 1) + raw
    try:
        for kind, data in ask(GET_ROUTE, payload, False):
            if kind != NEW_ROUTE or ROUTE.unpack_from(data)[7] not in (1, LOCAL_ROUTE):
                continue
            more = attributes(data, ROUTE.size)
            found = {"index": struct.unpack("=I", more[4])[0] if 4 in more else 0}
            if 7 in more:
                found["source"] = socket.inet_ntop(family, more[7])
            if 5 in more:
                found["gateway"] = socket.inet_ntop(family, more[5])
            return found
    except OSError:
        pass
    return {}


def local_networks(family):
    """What the host itself answers for: ``127.0.0.0/8``, ``10.0.0.5`` ..., sorted."""
    found = set()
    width = 32 if family == socket.AF_INET else 128
    for kind, data in ask(GET_ROUTE, ROUTE.pack(family, 0, 0, 0, 0, 0, 0, 0, 0), True):
        if kind != NEW_ROUTE:
            continue
        header = ROUTE.unpack_from(data)
        if header[0] != family or header[4] != LOCAL_TABLE or header[7] != LOCAL_ROUTE:
            continue
        more = attributes(data, ROUTE.size)
        if 1 in more:
            address = socket.inet_ntop(family, more[1])
            found.add(address if header[1] == width else "%s/%d" % (address, header[1]))
    return sorted(found)
