"""The controller's half of uri: the files that travel with the request."""

import base64

import pytest

from fleet.actions import uri
from fleet.actions.base import INLINE, ActionFailed


def test_the_source_is_found_and_goes_along(make_call, tmp_path):
    (tmp_path / "files").mkdir()
    (tmp_path / "files" / "up").write_text("small")
    order = uri.run(make_call("uri", {"url": "http://x", "src": "up"}))
    assert order.args["_content"]["text"] == "small" and "src" not in order.args
    (tmp_path / "files" / "big").write_bytes(b"x" * (INLINE + 1))
    order = uri.run(make_call("uri", {"url": "http://x", "src": "big"}))
    assert order.contents[0].sha1 == order.args["_content"]["sha1"] and order.contents[0].path.endswith("/big")


def test_what_is_on_the_host_stays_there(make_call):
    args = {"url": "http://x", "src": "/etc/passwd", "remote_src": True}
    assert uri.run(make_call("uri", args)).args == args


def test_files_of_a_form_are_read(make_call, tmp_path):
    (tmp_path / "a.bin").write_bytes(b"\xff")
    body = {"t": "text", "f": {"filename": "a.bin"}, "c": {"filename": "n", "content": "here"}}
    sent = uri.run(make_call("uri", {"url": "http://x", "body": body, "body_format": "form-multipart"})).args["body"]
    assert sent["f"]["_data"] == base64.b64encode(b"\xff").decode() and sent["t"] == "text" and "_data" not in sent["c"]


def test_mistakes(make_call, tmp_path):
    for args in ({"src": "none"}, {"src": str(tmp_path)}, {"body": "text", "body_format": "form-multipart"}):
        with pytest.raises(ActionFailed):
            uri.run(make_call("uri", {"url": "http://x", **args}))
