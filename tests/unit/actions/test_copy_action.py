"""The controller's half of copy, template and assemble: what is found, rendered and offered."""

import json
import os

import pytest

from fleet.actions import assemble, copy, template
from fleet.actions.base import INLINE, ActionFailed
from fleet.actions.search import candidates, find_source
from fleet.errors import FleetError


def test_search_order(tmp_path):
    role, play = str(tmp_path / "role"), str(tmp_path)
    assert candidates("files", "a", (role, play)) == [f"{role}/files/a", f"{role}/a", f"{play}/files/a", f"{play}/a"]
    assert candidates("files", "/etc/a/", (role,)) == ["/etc/a/"]


def test_first_place_wins_and_a_slash_stays(tmp_path):
    (tmp_path / "files" / "d").mkdir(parents=True)
    (tmp_path / "d").mkdir()
    assert find_source("files", "d/", (str(tmp_path),)) == str(tmp_path / "files" / "d") + "/"


def test_missing_source_says_where_it_was_looked_for(tmp_path):
    with pytest.raises(ActionFailed) as caught:
        find_source("files", "nope", (str(tmp_path),))
    text = caught.value.result["msg"]
    assert text.startswith(f"Could not find or access 'nope'\nSearched in:\n\t{tmp_path}/files/nope\n\t{tmp_path}/nope")
    assert "remote_src option" in text


@pytest.mark.parametrize(
    ("content", "text"),
    [
        ("a\n", "a\n"),
        ({"a": [1, None]}, '{"a": [1, null]}'),
        ([1, 2], "[1, 2]"),
        (5, "5"),
        (True, "True"),
        ("", ""),
    ],
)
def test_content(make_call, content, text):
    order = copy.run(make_call("copy", {"content": content, "dest": "/x"}))
    assert order.args["_content"]["text"] == text and "content" not in order.args and order.contents == ()


def test_content_into_a_folder_is_refused(make_call):
    with pytest.raises(ActionFailed, match="can not use content with a dir as dest"):
        copy.run(make_call("copy", {"content": "a", "dest": "/x/"}))
    with pytest.raises(ActionFailed, match=r"src \(or content\) is required"):
        copy.run(make_call("copy", {"dest": "/x/"}))


def test_small_file_inline_large_file_offered(make_call, tmp_path):
    (tmp_path / "small").write_bytes(b"\xff")
    (tmp_path / "large").write_bytes(b"x" * (INLINE + 1))
    os.chmod(tmp_path / "small", 0o751)
    small = copy.run(make_call("copy", {"src": "small", "dest": "/x", "mode": "preserve"}))
    assert small.args["_content"]["data"] == "/w==" and small.args["_mode"] == 0o751 and small.contents == ()
    large = copy.run(make_call("copy", {"src": "large", "dest": "/x"}))
    assert set(large.args["_content"]) == {"sha1", "size"}
    assert large.contents[0].path == str(tmp_path / "large") and large.contents[0].size == INLINE + 1


def test_folder_with_and_without_slash(make_call, tmp_path):
    (tmp_path / "t" / "sub").mkdir(parents=True)
    (tmp_path / "t" / "sub" / "f").write_text("f")
    (tmp_path / "t" / "l").symlink_to("sub")
    inside = copy.run(make_call("copy", {"src": "t/", "dest": "/x"})).args["_tree"]
    assert [item[0] for item in inside["dirs"]] == ["", "l", "sub"]
    assert sorted(item[0] for item in inside["files"]) == ["l/f", "sub/f"]
    whole = copy.run(make_call("copy", {"src": "t", "dest": "/x", "local_follow": False})).args["_tree"]
    assert [item[0] for item in whole["dirs"]] == ["", "t", "t/sub"] and whole["links"] == [["t/l", "sub"]]


def test_links_that_lead_nowhere_or_back_stay_links(make_call, tmp_path):
    (tmp_path / "t" / "sub").mkdir(parents=True)
    (tmp_path / "out").mkdir()
    for name, to in (("t/me", "."), ("t/sub/up", ".."), ("t/gone", "nowhere"), ("t/out", tmp_path / "out"),
                     ("out/back", tmp_path / "t")):  # fmt: skip
        (tmp_path / name).symlink_to(to)
    tree = copy.run(make_call("copy", {"src": "t/", "dest": "/x"})).args["_tree"]
    assert sorted(tree["links"]) == [
        ["gone", "nowhere"],
        ["me", "."],
        ["out/back", str(tmp_path / "t")],
        ["sub/up", ".."],
    ]
    assert [item[0] for item in tree["dirs"]] == ["", "out", "sub"]


def test_what_the_halves_say_to_each_other_is_not_for_tasks(make_call):
    with pytest.raises(ActionFailed, match="Unsupported parameters .* _diff_peek"):
        copy.run(make_call("copy", {"content": "a", "dest": "/x", "_diff_peek": True}))


def test_an_empty_src_is_none(make_call):
    with pytest.raises(ActionFailed, match=r"src \(or content\) is required"):
        copy.run(make_call("copy", {"src": "", "dest": "/x"}))


def test_remote_source_is_left_to_the_host(make_call):
    order = copy.run(make_call("copy", {"src": "/etc/hosts", "dest": "/x", "remote_src": True}))
    assert order.module == "copy" and order.args == {"src": "/etc/hosts", "dest": "/x", "remote_src": True}


def test_vault_is_opened(make_call, tmp_path, monkeypatch):
    # Well formed: salt, signature and text, each in hexadecimal, and the whole so once more.
    inner = b"\n".join([b"aa" * 32, b"bb" * 32, b"cc" * 16]).hex()
    (tmp_path / "secret").write_text(f"$ANSIBLE_VAULT;1.1;AES256\n{inner}\n")
    call = make_call("copy", {"src": "secret", "dest": "/x"})
    with pytest.raises(ActionFailed) as caught:
        copy.run(call)
    needed = "A vault password or secret must be specified to decrypt"
    assert caught.value.result["msg"] == f"{needed} {tmp_path}/secret"
    monkeypatch.setattr(call.templar.vault, "open", lambda data, path, hide: b"plain")
    assert copy.run(call).args["_content"]["text"] == "plain"
    raw = copy.run(make_call("copy", {"src": "secret", "dest": "/x", "decrypt": False}))
    assert raw.args["_content"]["text"].startswith("$ANSIBLE_VAULT")


def test_template_renders_with_its_variables(make_call, tmp_path):
    (tmp_path / "templates").mkdir()
    path = tmp_path / "templates" / "t.j2"
    path.write_text(
        "{{ name }} {{ template_destpath }} {{ template_fullpath }} {{ ansible_managed }}\n{% if 1 %}\ny\n{% endif %}\n"
    )
    order = template.run(make_call("template", {"src": "t.j2", "dest": "/x", "mode": "0600"}, {"name": "n"}))
    assert order.module == "copy" and order.args["mode"] == "0600" and order.args["_name"] == "t.j2"
    assert order.args["_content"]["text"] == f"n /x {path} Ansible managed\ny\n"


def test_template_options_includes_and_encoding(make_call, tmp_path):
    (tmp_path / "sub").mkdir()
    (tmp_path / "sub" / "a.j2").write_text("{% include 'b.j2' %}|[[ 1 ]]")
    (tmp_path / "sub" / "b.j2").write_text("b\u00e9")
    args = {"src": "sub/a.j2", "dest": "/x", "output_encoding": "latin-1"}
    order = template.run(make_call("template", dict(args, variable_start_string="[[", variable_end_string="]]")))
    assert order.args["_content"]["data"] == "YukfMQ==".replace("kf", "l8")
    with pytest.raises(ActionFailed, match="as ascii"):
        template.run(make_call("template", dict(args, output_encoding="ascii")))


def test_user_may_set_ansible_managed(make_call, tmp_path):
    (tmp_path / "t").write_text("{{ ansible_managed }}")
    order = template.run(make_call("template", {"src": "t", "dest": "/x"}, {"ansible_managed": "mine"}))
    assert order.args["_content"]["text"] == "mine"


@pytest.mark.parametrize(("data", "words"), [(b"\xff\xfe", "not UTF-8"), (b"{{ undefined_name }}", "undefined_name")])
def test_bad_templates(make_call, tmp_path, data, words):
    (tmp_path / "t").write_bytes(data)
    with pytest.raises(FleetError, match=words):
        template.run(make_call("template", {"src": "t", "dest": "/x"}))


def test_template_that_is_a_folder(make_call, tmp_path):
    (tmp_path / "t").mkdir()
    with pytest.raises(ActionFailed, match="is a folder"):
        template.run(make_call("template", {"src": "t", "dest": "/x"}))


def test_assemble_here(make_call, tmp_path):
    (tmp_path / "files" / "s").mkdir(parents=True)
    (tmp_path / "files" / "s" / "1").write_text("a")
    (tmp_path / "files" / "s" / "2").write_text("b\n")
    args = {"src": "s", "dest": "/x", "remote_src": False, "delimiter": "--"}
    order = assemble.run(make_call("assemble", args))
    assert order.module == "copy" and order.args["_content"]["text"] == "a\n--\nb\n"
    assert assemble.run(make_call("assemble", {"src": "/s", "dest": "/x"})).module == "assemble"


def test_orders_can_be_sent(make_call, tmp_path):
    (tmp_path / "f").write_text("x")
    json.dumps(copy.run(make_call("copy", {"src": "f", "dest": "/x"})).args)
