"""Bodies of requests: JSON, and the two forms a browser sends."""

import base64
import json
import os
import re
import uuid

from fleet.remote.host import Failed


def as_json(body):
    return body if isinstance(body, str) else json.dumps(body)


def urlencoded(body):
    """A mapping, or a list of pairs, whose values may be lists. Text is taken as it is. Raises Failed."""
    from urllib.parse import urlencode

    if isinstance(body, str):
        return body
    try:
        pairs = body.items() if isinstance(body, dict) else [(name, value) for name, value in body]
        return urlencode([(name, _plain(value)) for name, value in pairs], doseq=True)
    except (TypeError, ValueError) as error:
        raise Failed("failed to parse body as form_urlencoded: %s" % error)


def _plain(value):
    return [str(item) for item in value] if isinstance(value, (list, tuple)) else str(value)


def multipart(fields):
    """(content type, bytes) of a form with files. Raises Failed.

    A field is text, or a mapping of ``content`` or ``filename`` (a file of this host), ``mime_type`` and
    ``multipart_encoding``.
    """
    import mimetypes

    boundary = "===============%019d==" % (uuid.uuid4().int % 10 ** 19)
    pieces = []
    for name, value in fields.items():
        if isinstance(value, dict):
            head, data = _file(value, mimetypes)
        elif isinstance(value, (list, tuple)) or value is None:
            raise Failed("value must be a string, or mapping, cannot be type %s" % type(value).__name__)
        else:
            head, data = [("Content-Type", "text/plain")], str(value).encode("utf-8")
        disposition = 'form-data; name="%s"' % _quoted(name)
        if isinstance(value, dict) and value.get("filename"):
            disposition += '; filename="%s"' % _quoted(os.path.basename(value["filename"]))
        lines = ["%s: %s" % pair for pair in head + [("Content-Disposition", disposition)]]
        pieces.append(("--%s\r\n%s\r\n\r\n" % (boundary, "\r\n".join(lines))).encode("utf-8") + data + b"\r\n")
    pieces.append(("--%s--\r\n" % boundary).encode("ascii"))
    return 'multipart/form-data; boundary="%s"' % boundary, b"".join(pieces)


def _quoted(text):
    return str(text).replace("\\", "\\\\").replace('"', '\\"').replace("\r", " ").replace("\n", " ")


def _file(value, mimetypes):
    """The headers and the encoded content of a field that is a mapping."""
    name, content = value.get("filename"), value.get("content")
    if not any((name, content)):
        raise Failed("at least one of filename or content must be provided")
    kind = value.get("mime_type") or mimetypes.guess_type(name or "")[0] or "application/octet-stream"
    if content is not None:
        return [("Content-Type", kind)], str(content).encode("utf-8")
    if value.get("_data") is not None:
        data = base64.b64decode(value["_data"])
    else:
        try:
            with open(name, "rb") as source:
                data = source.read()
        except OSError as error:
            raise Failed("cannot read %s: %s" % (name, error.strerror))
    encoding = (value.get("multipart_encoding") or "base64").lower()
    if encoding == "base64":
        encoded = base64.encodebytes(data).replace(b"\n", b"\r\n")
        return [("Content-Transfer-Encoding", "base64"), ("Content-Type", kind)], encoded
    if encoding != "7or8bit":
        raise Failed("multipart_encoding must be one of base64, 7or8bit, not %s" % encoding)
    bits = "7bit" if all(byte < 128 for byte in data) else "8bit"
    return [("Content-Transfer-Encoding", bits), ("Content-Type", kind)], re.sub(b"\r?\n", b"\r\n", data)
