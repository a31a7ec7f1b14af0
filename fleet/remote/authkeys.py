"""The text of an authorized_keys file: parse, compare, write. Pure."""

import re

KINDS = re.compile(r"^(ssh-(rsa|dss|ed25519|ed448)(-cert-v01@openssh\.com)?|ecdsa-sha2-nistp\d+(-cert-v01@openssh\.com)?"
                   r"|sk-(ecdsa-sha2-nistp256|ssh-ed25519)(-cert-v01)?@openssh\.com)$")


class Key(object):
    """A line with a key: ``options`` (list of text), ``kind``, ``blob`` (base64), ``comment``."""

    def __init__(self, options, kind, blob, comment):
        self.options = options
        self.kind = kind
        self.blob = blob
        self.comment = comment

    def same(self, other):
        """Whether both say the same, in whatever order the options stand."""
        return (self.kind, self.blob, self.comment, sorted(self.options)) == (
            other.kind, other.blob, other.comment, sorted(other.options))

    def line(self):
        words = [",".join(self.options)] if self.options else []
        return " ".join(words + [self.kind, self.blob] + ([self.comment] if self.comment else []))


def parse(line):
    """The Key of a line, or None for comments, blanks and what is no key."""
    line = line.strip()
    if not line or line.startswith("#"):
        return None
    options, rest = "", line
    if not KINDS.match(line.split(None, 1)[0]):
        options, rest = split_options(line)
    words = rest.split(None, 2)
    if len(words) < 2 or not KINDS.match(words[0]):
        return None
    return Key(option_list(options), words[0], words[1], words[2] if len(words) > 2 else "")


def split_options(line):
    """(options, rest): the options end at the first blank outside quotes."""
    quoted = escaped = False
    for at, letter in enumerate(line):
        if escaped:
            escaped = False
        elif letter == "\\":
            escaped = True
        elif letter == '"':
            quoted = not quoted
        elif letter in " \t" and not quoted:
            return line[:at], line[at:].strip()
    return line, ""


def option_list(text):
    """The options of a text with commas outside quotes."""
    found, start, quoted, escaped = [], 0, False, False
    for at, letter in enumerate(text):
        if escaped:
            escaped = False
        elif letter == "\\":
            escaped = True
        elif letter == '"':
            quoted = not quoted
        elif letter == "," and not quoted:
            found.append(text[start:at].strip())
            start = at + 1
    return [option for option in found + [text[start:].strip()] if option]


def merged(lines, keys, present=True, exclusive=False):
    """The file's lines with ``keys`` in it once each (or not at all); ``exclusive`` drops other keys.

    Comments and lines that are no keys stay. A key whose options or comment differ is replaced where it stands.
    """
    wanted = {key.blob: key for key in keys}
    out, seen = [], set()
    for line in lines:
        have = parse(line)
        if have is None:
            out.append(line)
        elif have.blob not in wanted:
            if not exclusive:
                out.append(line)
        elif present and have.blob not in seen:
            seen.add(have.blob)
            new = wanted[have.blob]
            out.append(line if have.same(new) else new.line())
    if present:
        out.extend(key.line() for key in keys if key.blob not in seen and not seen.add(key.blob))
    return out
