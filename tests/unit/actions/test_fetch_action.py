"""fetch: both halves joined, as a runner would join them."""

import hashlib
import os

import pytest

from fleet.actions import fetch
from fleet.actions.base import ActionFailed, Done
from fleet.modules import fetch as module
from fleet.remote import temporary
from fleet.remote.host import Failed, Host


def join(order, change=lambda chunk: chunk):
    """Run the remote half and feed its stream to the action."""
    sent = []
    host = Host(send=lambda name, chunks: sent.extend((name, chunk) for chunk in [*chunks, b""]))
    try:
        result = module.run(host, module.SPEC.complete(dict(order.args)))
    except Failed as failure:
        result = dict(failure.result, failed=True)
    for name, chunk in sent:
        order.receive(name, change(chunk) if chunk else chunk)
    return order.finish(result), sent


@pytest.fixture
def remote(tmp_path):
    path = tmp_path / "remote" / "file"
    path.parent.mkdir()
    path.write_bytes(b"data" * 100000)
    return str(path)


def test_file_goes_below_the_hosts_name_once(make_call, tmp_path, remote):
    call = make_call("fetch", {"src": remote, "dest": str(tmp_path / "got")})
    told, _ = join(fetch.run(call))
    assert told["changed"] and told["dest"] == f"{tmp_path}/got/h1{remote}"
    sha1 = hashlib.sha1(b"data" * 100000).hexdigest()
    assert told["checksum"] == told["remote_checksum"] == sha1
    with open(told["dest"], "rb") as file:
        assert file.read() == b"data" * 100000
    again, sent = join(fetch.run(call))
    assert not again["changed"] and sent == [] and again["md5sum"] == told["md5sum"]


def test_what_a_killed_controller_left_goes(make_call, tmp_path, remote):
    (tmp_path / "there").mkdir()
    (tmp_path / os.path.relpath(temporary.name_of(f"{tmp_path}/there/file"), tmp_path)).write_text("half")
    join(fetch.run(make_call("fetch", {"src": remote, "dest": "there/", "flat": True})))
    assert os.listdir(tmp_path / "there") == ["file"]


def test_empty_file(make_call, tmp_path):
    (tmp_path / "e").write_bytes(b"")
    told, _ = join(fetch.run(make_call("fetch", {"src": str(tmp_path / "e"), "dest": "got/", "flat": True})))
    assert told["changed"] and os.path.getsize(tmp_path / "got" / "e") == 0


def test_flat_names(make_call, tmp_path, remote):
    (tmp_path / "there").mkdir()
    told, _ = join(fetch.run(make_call("fetch", {"src": remote, "dest": "there/as.txt", "flat": True})))
    assert told["dest"] == str(tmp_path / "there" / "as.txt")
    with pytest.raises(ActionFailed, match="use a trailing slash"):
        fetch.run(make_call("fetch", {"src": remote, "dest": "there", "flat": True}))


def test_path_cannot_leave_the_hosts_folder(make_call, tmp_path):
    call = make_call("fetch", {"src": "/a/../../../etc/passwd", "dest": str(tmp_path)})
    assert fetch.destination(call, "/a/../../../etc/passwd", str(tmp_path)) == f"{tmp_path}/h1/etc/passwd"


@pytest.mark.parametrize(("kind", "words"), [("missing", "does not exist"), ("folder", "is a directory")])
def test_missing_file_fails_or_is_ignored(make_call, tmp_path, kind, words):
    (tmp_path / "folder").mkdir()
    args = {"src": str(tmp_path / kind), "dest": "got"}
    failed, _ = join(fetch.run(make_call("fetch", args)))
    assert failed["failed"] and words in failed["msg"]
    ignored, _ = join(fetch.run(make_call("fetch", dict(args, fail_on_missing=False))))
    assert not ignored["changed"] and "failed" not in ignored and ignored["msg"].endswith("not transferring, ignored")


def test_damaged_stream_leaves_nothing(make_call, tmp_path, remote):
    order = fetch.run(make_call("fetch", {"src": remote, "dest": "got/", "flat": True}))
    failed, _ = join(order, change=bytes.upper)
    assert failed["failed"] and failed["msg"] == "checksum mismatch"
    assert os.listdir(tmp_path / "got") == []


def test_unwritable_destination_is_told(make_call, tmp_path, remote):
    (tmp_path / "got").write_text("a file")
    failed, _ = join(fetch.run(make_call("fetch", {"src": remote, "dest": "got/x", "flat": True})))
    assert failed["failed"] and failed["msg"].startswith("cannot write")


def test_check_mode_skips(make_call, remote):
    order = fetch.run(make_call("fetch", {"src": remote, "dest": "got"}, check=True))
    assert isinstance(order, Done) and order.result["skipped"]
