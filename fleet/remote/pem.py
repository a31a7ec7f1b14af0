"""PEM: DER between two lines that say what it is. Pure."""

import base64
import binascii
import re

_BLOCK = re.compile(
    rb"-----BEGIN ([A-Z0-9 ]+)-----[ \t]*\r?\n(?P<head>(?:[A-Za-z0-9-]+:[^\n]*\n(?:[ \t][^\n]*\n)*)*)"
    rb"(?P<body>[A-Za-z0-9+/=\s]*?)-----END \1-----"
)


class Block(object):
    """One block: its ``label``, header lines and content; ``text`` is the block as it stands."""

    def __init__(self, label, head, data, text):
        self.label = label
        self.head = head
        self.data = data
        self.text = text


def blocks(content):
    """All blocks of a file whose base64 is right."""
    found = []
    for match in _BLOCK.finditer(content):
        try:
            data = base64.b64decode(b"".join(match.group("body").split()), validate=True)
        except binascii.Error:
            continue
        head = match.group("head").decode("ascii", "replace")
        found.append(Block(match.group(1).decode("ascii"), head, data, match.group()))
    return found


def first(content, *endings):
    """The first block whose label ends with one of ``endings``, or None."""
    return next((block for block in blocks(content) if block.label.endswith(endings)), None)


def write(label, data):
    text = base64.b64encode(data).decode("ascii")
    lines = [text[place:place + 64] for place in range(0, len(text), 64)]
    return "".join(line + "\n" for line in ["-----BEGIN %s-----" % label] + lines + ["-----END %s-----" % label]).encode()
