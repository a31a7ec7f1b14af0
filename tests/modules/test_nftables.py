"""nftables: texts of users and of nft, what is compared, and the way back of changed rules."""

import os
import subprocess
import time

import pytest
from fake_host import FakeHost, run_on

from fleet.modules import nftables
from fleet.remote import nfttext, revert
from fleet.remote.host import Failed, Host

LISTED = """table inet edge {
\tset seen {
\t\ttype ipv4_addr
\t\tflags dynamic,timeout
\t\ttimeout 1h
\t\telements = { 192.0.2.1 expires 59m58s572ms, 192.0.2.2 timeout 30s expires 29s,
\t\t\t     192.0.2.3 expires 1s }
\t}

\tset fixed {
\t\ttype ipv4_addr
\t\telements = { 198.51.100.1 }
\t}

\tchain input {
\t\ttype filter hook input priority filter; policy accept;
\t\ttcp dport 22 accept comment "a } b"
\t}
}
"""
PLAIN = LISTED.replace(
    """\t\telements = { 192.0.2.1 expires 59m58s572ms, 192.0.2.2 timeout 30s expires 29s,
\t\t\t     192.0.2.3 expires 1s }
""",
    "",
)
BODY = 'chain input { # a {\n tcp dport 22 accept comment "a } b"\n}'


def test_the_inside_of_a_table_is_taken_as_it_is():
    assert nfttext.content_of(BODY, "inet", "edge") == ("", BODY)


def test_whole_statements_of_the_table_are_taken_apart():
    text = (
        "# { mine\ndefine ports = { 22, 80 }\ntable inet edge\ndelete table inet edge\ntable inet edge {\n%s\n}\n"
        % BODY
    )
    assert nfttext.content_of(text, "inet", "edge") == ("define ports = { 22, 80 }\n", BODY)


def test_a_table_without_a_family_is_one_of_ip():
    assert nfttext.content_of("table edge { chain a { } }", "ip", "edge")[1] == " chain a { } "


@pytest.mark.parametrize(
    "text, told",
    [
        ("chain a { }\n}\ntable inet other {", "line 2: a } without {"),
        ("chain a {", "a { without }"),
        ("table inet edge { }\ntable inet other { }", "more than the table inet edge: table inet other"),
        ("table inet edge { }\nflush ruleset", "more than the table inet edge: flush ruleset"),
        ("table edge { }", "more than the table inet edge"),
        ("table inet edge { }; delete table ip nat", "delete table ip nat"),
        ('chain a { include "/etc/other.nft" }', "include"),
        ('table inet edge { }\ninclude "/etc/other.nft"', "include"),
    ],
)
def test_what_reaches_beyond_the_table_is_refused(text, told):
    with pytest.raises(Failed) as error:
        nfttext.content_of(text, "inet", "edge")
    assert told in str(error.value)


def test_elements_that_come_and_go_do_not_count_others_do():
    assert nfttext.normal(LISTED) == nfttext.normal(PLAIN)
    assert "198.51.100.1" in nfttext.normal(LISTED)
    assert nfttext.normal(LISTED) != nfttext.normal(LISTED.replace("198.51.100.1", "198.51.100.2"))


def test_the_order_of_objects_does_not_count_that_of_rules_does():
    table = 'table ip t {\n\tcomment "c"\n\tchain %s {\n\t\taccept\n\t\tdrop\n\t}\n\n\tchain %s {\n\t\taccept\n\t\tdrop\n\t}\n}\n'
    assert nfttext.normal(table % ("a", "b")) == nfttext.normal(table % ("b", "a"))
    assert nfttext.normal(table).startswith('comment "c"\n')
    swapped = table.replace("accept\n\t\tdrop", "drop\n\t\taccept")
    assert nfttext.normal(table % ("a", "b")) != nfttext.normal(swapped % ("a", "b"))


def test_elements_are_carried_into_sets_that_are_declared_alike():
    assert nfttext.carried("inet", "edge", LISTED, PLAIN) == (
        "add element inet edge seen { 192.0.2.1 expires 59m58s572ms, 192.0.2.2 timeout 30s expires 29s, "
        "192.0.2.3 expires 1s }\n"
    )
    assert nfttext.carried("inet", "edge", LISTED, PLAIN.replace("timeout 1h", "timeout 2h")) == ""


def test_the_script_names_no_other_table():
    assert nfttext.script("inet", "edge", "", "chain a { }") == (
        "table inet edge\ndelete table inet edge\ntable inet edge {\nchain a { }\n}\n"
    )


def host_with(live, trial=PLAIN, **more):
    """A host whose nft lists ``live`` (None: no table) and makes ``trial`` of what it is to load."""
    gone = (1, "", "Error: No such file or directory\nlist table inet edge")
    answers = {"nft --stateless list table": gone if live is None else live, "unshare --net": trial, **more}
    return FakeHost(answers, there=("nft",))


def test_rules_in_force_are_no_change():
    result = run_on(host_with(LISTED), "nftables", {"table": "edge", "content": BODY})
    assert (result["changed"], result["rules"]) == (False, nfttext.normal(PLAIN))


def test_check_mode_shows_the_rules_and_loads_nothing():
    host = host_with(LISTED.replace("dport 22", "dport 23"))
    host.check = host.diff = True
    result = run_on(host, "nftables", {"table": "edge", "content": BODY})
    (shown,) = result["diff"]
    assert result["changed"] and "dport 23" in shown["before"] and "dport 22" in shown["after"]
    assert not [line for line in host.calls if line.startswith("nft -f")]


def test_a_file_is_written_for_the_next_boot(tmp_path):
    path = tmp_path / "edge.nft"
    given = {"table": "edge", "content": BODY, "dest": str(path)}
    assert run_on(host_with(PLAIN), "nftables", given)["changed"]
    assert path.read_text().endswith(nfttext.script("inet", "edge", "", BODY))
    assert not run_on(host_with(PLAIN), "nftables", given)["changed"]
    # Without the table the file goes as well.
    assert run_on(host_with(None), "nftables", {"table": "edge", "state": "absent", "dest": str(path)})["changed"]
    assert not path.exists()


@pytest.mark.parametrize(
    "given, told",
    [
        ({"table": "edge"}, "content, src"),
        ({"table": "e; flush ruleset", "content": ""}, "is no name of a table"),
        ({"table": "edge", "content": BODY, "src": "a"}, "mutually exclusive"),
        ({"table": "edge", "content": BODY, "revert_after": 1}, "5 seconds or more"),
        ({"table": "edge", "content": BODY, "dest": "/nowhere/at/all.nft"}, "folder /nowhere/at does not exist"),
    ],
)
def test_bad_arguments_are_told(given, told):
    result = run_on(host_with(PLAIN), "nftables", given)
    assert result["failed"] and told in result["msg"]


def test_rules_that_nft_does_not_take_are_told():
    result = run_on(host_with(None, (1, "", "/dev/stdin:3: syntax error")), "nftables", {"table": "e", "content": "x"})
    assert result["failed"] and "syntax error" in result["msg"]


def test_a_missing_nft_is_told_with_its_package():
    result = run_on(FakeHost({}), "nftables", {"table": "edge", "content": BODY})
    assert result["failed"] and "install the package nftables" in result["msg"]


def test_what_nft_would_not_load_again_is_no_way_back():
    answers = {"nft --stateless list table": PLAIN, "nft -c -f -": (1, "", "bad")}
    with pytest.raises(Failed) as error:
        nftables.way_back(FakeHost(answers), "nft", "inet", "edge", LISTED)
    assert "no way back" in str(error.value)


class Bare(Host):
    """A host without systemd's programs: the way back is a process of its own."""

    def which(self, name, more=()):
        return None if name.startswith("system") else super().which(name, more)


@pytest.fixture
def base(tmp_path, monkeypatch):
    monkeypatch.setattr(revert, "BASE", str(tmp_path / "revert"))
    return tmp_path


def test_the_way_back_is_gone_when_the_time_is_over(base):
    revert.arm(Bare(), "a1", 1, {"before": "old\n"}, ["cp before %s" % (base / "rules")])
    folder = base / "revert" / "a1"
    assert folder.stat().st_mode & 0o777 == 0o700
    end = time.monotonic() + 10
    while not (folder / "reverted").exists() and time.monotonic() < end:
        time.sleep(0.05)
    assert (base / "rules").read_text() == "old\n"
    assert not revert.claim(Bare(), "a1")
    assert revert.go(Bare(), "a1") == 0
    assert not folder.exists()


def test_a_way_back_that_is_claimed_is_not_gone(base):
    revert.arm(Bare(), "a2", 3, {}, ["touch %s" % (base / "gone")])
    script = (base / "revert" / "a2" / "script").read_text()
    assert revert.claim(Bare(), "a2")
    subprocess.run(["/bin/sh", "-c", script], check=False, stderr=subprocess.DEVNULL)
    assert os.listdir(base / "revert") == [] and not (base / "gone").exists()


def test_the_way_back_can_be_gone_at_once_and_tells_its_code(base):
    revert.arm(Bare(), "a3", 1, {}, ["false"])
    assert revert.go(Bare(), "a3") == 1


@pytest.mark.parametrize("name", ["", "../a", "a/b"])
def test_names_of_ways_back_stay_in_their_folder(name):
    with pytest.raises(Failed):
        revert.folder_of(name)
