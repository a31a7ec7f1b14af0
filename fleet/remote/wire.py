"""Frames between controller and runner: four bytes of length, one byte of kind, the payload.

Kinds: ``J`` a JSON object (ASCII, bytes that are no UTF-8 travel as lone surrogates), ``D`` raw data
(two bytes of name length, the name, the chunk). An empty chunk ends a stream of that name.
"""

import json
import struct

HEAD = struct.Struct(">IB")
JSON, DATA = 74, 68
CHUNK = 1 << 17
LIMIT = 1 << 28

_encode = json.JSONEncoder(separators=(",", ":"), ensure_ascii=True, default=str).encode


def pack(message):
    """A message (dict) as one frame."""
    data = _encode(message).encode("ascii")
    return HEAD.pack(len(data), JSON) + data


def pack_data(name, chunk):
    """A chunk of the stream called ``name`` as one frame. An empty chunk ends the stream."""
    label = name.encode("ascii")
    return HEAD.pack(2 + len(label) + len(chunk), DATA) + struct.pack(">H", len(label)) + label + chunk


class Unpacker(object):
    """Turns bytes, as they come, into frames: a dict, or a tuple (name, chunk)."""

    def __init__(self):
        self.buffer = bytearray()

    def feed(self, data):
        """Give all frames that are complete now. Raises ValueError on what cannot be a frame."""
        self.buffer += data
        frames, start, end = [], 0, len(self.buffer)
        while end - start >= HEAD.size:
            size, kind = HEAD.unpack_from(self.buffer, start)
            if kind not in (JSON, DATA) or size > LIMIT:
                raise ValueError("not a frame: %r" % bytes(self.buffer[start:start + 80]))
            if end - start < HEAD.size + size:
                break
            frames.append(decode(kind, bytes(self.buffer[start + HEAD.size:start + HEAD.size + size])))
            start += HEAD.size + size
        del self.buffer[:start]
        return frames


def decode(kind, payload):
    if kind == JSON:
        return json.loads(payload.decode("ascii"))
    size = struct.unpack_from(">H", payload)[0]
    return payload[2:2 + size].decode("ascii"), payload[2 + size:]
