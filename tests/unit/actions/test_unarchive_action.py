"""The controller's half of unarchive: which archive travels, and which does not."""

import pytest

from fleet.actions import unarchive
from fleet.actions.base import INLINE, ActionFailed


def test_the_archive_is_offered(make_call, tmp_path):
    (tmp_path / "a.tgz").write_bytes(b"x" * (INLINE + 1))
    order = unarchive.run(make_call("unarchive", {"src": "a.tgz", "dest": "/x"}))
    assert order.contents[0].path == str(tmp_path / "a.tgz")
    (tmp_path / "b.tgz").write_bytes(b"\xff")
    assert unarchive.run(make_call("unarchive", {"src": "b.tgz", "dest": "/x"})).args["_content"]["data"] == "/w=="


@pytest.mark.parametrize("more", [{"remote_src": True}, {"copy": False}])
def test_what_is_on_the_host_stays_there(make_call, more):
    order = unarchive.run(make_call("unarchive", {"src": "/none", "dest": "/x", **more}))
    assert "_content" not in order.args and order.contents == ()


def test_mistakes(make_call, tmp_path):
    for args in ({"src": "none"}, {"src": str(tmp_path)}, {"src": "none", "copy": True, "remote_src": False}):
        with pytest.raises(ActionFailed):
            unarchive.run(make_call("unarchive", {"dest": "/x", **args}))
