"""The controller's half of patch: the patch travels, or stays where it is."""

import pytest

from fleet.actions import patch
from fleet.actions.base import INLINE, ActionFailed


def test_the_patch_travels(make_call, tmp_path):
    (tmp_path / "small.diff").write_text("--- a\n")
    order = patch.run(make_call("patch", {"src": "small.diff", "dest": "/x"}))
    assert order.args["_content"]["text"] == "--- a\n" and order.contents == ()
    (tmp_path / "large.diff").write_bytes(b"x" * (INLINE + 1))
    order = patch.run(make_call("patch", {"src": "large.diff", "dest": "/x"}))
    assert order.contents[0].path == str(tmp_path / "large.diff")
    assert order.args["_content"]["size"] == INLINE + 1


def test_what_is_on_the_host_stays_there(make_call):
    order = patch.run(make_call("patch", {"src": "/none", "dest": "/x", "remote_src": True}))
    assert "_content" not in order.args and order.contents == ()


def test_mistakes(make_call, tmp_path):
    for args in ({"src": "none"}, {"src": str(tmp_path)}, {}):
        with pytest.raises(ActionFailed):
            patch.run(make_call("patch", {"dest": "/x", **args}))
