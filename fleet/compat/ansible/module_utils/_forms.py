"""Forms with files, as browsers send them (RFC 7578); `urls.prepare_multipart` is this."""

import base64
import mimetypes
import os
import re
import uuid

from ansible.module_utils.common.text.converters import to_bytes

ENCODINGS = ("base64", "7or8bit")


def prepare_multipart(fields):
    """(content type, body) of ``fields``: name -> text, or a mapping of filename, content, mime_type, multipart_encoding.

    Raises TypeError, ValueError, OSError.
    """
    if not isinstance(fields, dict):
        raise TypeError("Mapping is required, cannot be type %s" % type(fields).__name__)
    boundary = "===============%019d==" % (uuid.uuid4().int % 10 ** 19)
    body = b"" if fields else to_bytes("--%s\r\n\r\n" % boundary)
    for name, value in fields.items():
        headers, data = _part(value)
        place = 'form-data; name="%s"' % name
        if isinstance(value, dict) and value.get("filename"):
            place += '; filename="%s"' % os.path.basename(value["filename"])
        lines = ["--" + boundary] + headers + ["Content-Disposition: " + place, "", ""]
        body += to_bytes("\r\n".join(lines)) + data + b"\r\n"
    return 'multipart/form-data; boundary="%s"' % boundary, body + to_bytes("--%s--\r\n" % boundary)


def _part(value):
    if isinstance(value, str):
        return ["Content-Type: text/plain"], to_bytes(value)
    if not isinstance(value, dict):
        raise TypeError("value must be a string, or mapping, cannot be type %s" % type(value).__name__)
    name, content = value.get("filename"), value.get("content")
    if not any((name, content)):
        raise ValueError("at least one of filename or content must be provided")
    kind = value.get("mime_type") or mimetypes.guess_type(name or "")[0] or "application/octet-stream"
    if content or not name:
        return ["Content-Type: " + kind], to_bytes(content)
    encoding = value.get("multipart_encoding") or "base64"
    if encoding not in ENCODINGS:
        raise ValueError("multipart_encoding must be one of %s." % ", ".join(ENCODINGS))
    with open(to_bytes(name), "rb") as source:
        data = source.read()
    if encoding == "base64":
        encoded = base64.encodebytes(data).replace(b"\n", b"\r\n")
    else:
        encoding = "7bit" if all(byte < 128 for byte in bytearray(data)) else "8bit"
        encoded = re.sub(b"\r?\n", b"\r\n", data)
    return ["Content-Transfer-Encoding: " + encoding, "Content-Type: " + kind], encoded
