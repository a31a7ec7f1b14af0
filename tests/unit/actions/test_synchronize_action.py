"""synchronize: what is offered to the host, what is asked of it, and both halves joined."""

import os

import pytest

from fleet.actions import synchronize
from fleet.actions.base import ActionFailed, Remote
from fleet.modules import synchronize as module
from fleet.remote.host import Failed, Host


@pytest.fixture
def place(tmp_path):
    (tmp_path / "src" / "sub").mkdir(parents=True)
    (tmp_path / "src" / "a").write_text("a" * 300000)
    (tmp_path / "src" / "sub" / "b").write_text("b")
    return tmp_path


def remote(order, check=False):
    """Run the host's half as a runner would, with what is on offer, and feed its streams to the action."""
    offered = {source.sha1: source for source in order.contents}
    sent = []
    host = Host(
        check=check and order.check is not False,
        content=lambda name: module.chunks(offered[name].path),
        send=lambda name, chunks: sent.extend((name, chunk) for chunk in [*chunks, b""]),
    )
    try:
        result = module.run(host, module.SPEC.complete(dict(order.args)))
    except Failed as failure:
        result = dict(failure.result, failed=True)
    for name, chunk in sent:
        order.receive(name, chunk)
    return result


def play(dialogue, check=False):
    try:
        order = next(dialogue)
        while True:
            order = dialogue.send(remote(order, check))
    except StopIteration as end:
        return end.value


def test_push_is_one_order_that_offers_the_files(make_call, place):
    order = synchronize.run(make_call("synchronize", {"src": "src/", "dest": f"{place}/out"}))
    assert isinstance(order, Remote) and {source.size for source in order.contents} == {1, 300000}
    told = remote(order)
    assert told["stdout_lines"] == ["cd+++++++++ ./", "<f+++++++++ a", "cd+++++++++ sub/", "<f+++++++++ sub/b"]
    assert (place / "out/a").read_text() == "a" * 300000
    assert not remote(synchronize.run(make_call("synchronize", {"src": "src/", "dest": f"{place}/out"})))["changed"]


def pull(make_call, place, check=False, **args):
    call = make_call("synchronize", {"mode": "pull", "src": f"{place}/src/", "dest": "got/", **args}, check=check)
    return play(synchronize.run(call), check)


def test_pull_fetches_what_is_needed(make_call, place):
    assert pull(make_call, place, check=True)["changed"] and not (place / "got").exists()
    assert pull(make_call, place)["stdout_lines"][1] == ">f+++++++++ a"
    assert (place / "got/a").read_text() == "a" * 300000 and (place / "got/sub/b").read_text() == "b"
    assert not pull(make_call, place)["changed"]
    (place / "src/sub/b").write_text("changed")
    assert [line[:3] for line in pull(make_call, place)["stdout_lines"]] == [">f."]
    one = pull(make_call, place, src=f"{place}/src/sub/b", dest=f"{place}/one")
    assert one["changed"] and (place / "one").read_text() == "changed"


def test_pull_refuses_names_that_lead_out(make_call, place):
    call = make_call("synchronize", {"mode": "pull", "src": "/srv/", "dest": f"{place}/got"})
    dialogue = synchronize.run(call)
    asked = next(dialogue)
    entry = ["../evil", "f", 0o644, "root", "root", 0, 1, None]
    with pytest.raises(StopIteration) as end:
        dialogue.send({"_entries": [entry], "_options": asked.args["_options"]})
    assert end.value.value["failed"] and "leads out of the transfer" in end.value.value["msg"]


def test_a_file_that_does_not_come_is_a_failure(make_call, place):
    call = make_call("synchronize", {"mode": "pull", "src": f"{place}/src/", "dest": f"{place}/got"})
    dialogue = synchronize.run(call)
    dialogue.send(remote(next(dialogue)))
    with pytest.raises(StopIteration) as end:
        dialogue.send({"changed": False})
    assert "did not come" in end.value.value["msg"] and not os.path.exists(place / "got/a")


def test_delegated_to_the_host_itself_both_folders_are_there(make_call, place):
    args = {"src": f"{place}/src/", "dest": f"{place}/out"}
    order = synchronize.run(make_call("synchronize", args, delegate="h1"))
    assert order.contents == () and remote(order)["changed"] and (place / "out/sub/b").exists()
    with pytest.raises(ActionFailed, match="cannot copy from h2 to h1"):
        synchronize.run(make_call("synchronize", args, delegate="h2"))


def test_rules_from_a_file_of_the_controller(make_call, place):
    (place / "list").write_text("# note\n*.log\n/a\n")
    args = {"src": "src/", "dest": f"{place}/out", "rsync_opts": ["--exclude-from=list"]}
    entries = synchronize.run(make_call("synchronize", args)).args["_entries"]
    assert [entry[0] for entry in entries] == ["", "sub", "sub/b"]
    with pytest.raises(ActionFailed, match="cannot read .*none"):
        synchronize.run(make_call("synchronize", {**args, "rsync_opts": ["--exclude-from=none"]}))


def test_mistakes_are_seen_before_the_host(make_call, place):
    with pytest.raises(ActionFailed, match="No such file or directory"):
        synchronize.run(make_call("synchronize", {"src": "none", "dest": "/x"}))
    with pytest.raises(ActionFailed, match="--wat is not supported"):
        synchronize.run(make_call("synchronize", {"src": "src", "dest": "/x", "rsync_opts": ["--wat"]}))
