"""MySQL's quoting and option files, with names and values that try to get out."""

import os
import shutil
import subprocess

import pytest

from fleet.remote import mysqlclient, mysqltext, secretfile
from fleet.remote.host import Failed, Host

HOSTILE = [
    "a`b",
    "a'b",
    'a"b',
    "a;b",
    "a\\",
    "\\' OR 1=1 -- ",
    "a\nb",
    "\\! id",
    "naïve☃",
    "${HOME}",
    "%s",
    "",
    "a b#c",
]


@pytest.mark.parametrize("name", HOSTILE)
def test_an_identifier_ends_where_it_ends(name):
    quoted = mysqltext.identifier(name)
    assert quoted[0] == quoted[-1] == "`"
    assert "`" not in quoted[1:-1].replace("``", "") and quoted[1:-1].replace("``", "`") == name


@pytest.mark.parametrize("value", [*HOSTILE, "\0\r\x1a"])
def test_a_literal_ends_where_it_ends_and_is_one_line(value):
    quoted = mysqltext.literal(value)
    inner, plain, index = quoted[1:-1], "", 0
    while index < len(inner):
        char = inner[index]
        assert char != "'" and char not in "\n\r\0"
        if char == "\\":
            index += 1
            char = {"n": "\n", "r": "\r", "0": "\0", "Z": "\x1a"}.get(inner[index], inner[index])
        plain += char
        index += 1
    assert plain == value


def test_other_values():
    assert [mysqltext.literal(value) for value in (None, True, False, 3, 1.5)] == ["NULL", "1", "0", "3", "1.5"]
    assert mysqltext.literal([1, "a", [None]]) == "(1,'a',(NULL))"
    assert mysqltext.account("a'b", "%") == "'a\\'b'@'%'" and mysqltext.account("role", None) == "'role'"


NAMES = [
    ("*.*", "*.*", ["*", "*"]),
    ("db.table", "`db`.`table`", ["db", "table"]),
    ("`a.b`.*", "`a.b`.*", ["a.b", "*"]),
    ('"a""b".`c``d`', '`a"b`.`c``d`', ['a"b', "c`d"]),
    ("x`y.t", "`x``y`.`t`", ["x`y", "t"]),
]


@pytest.mark.parametrize(("name", "quoted", "parts"), NAMES)
def test_dotted_names(name, quoted, parts):
    assert mysqltext.dotted(name) == quoted and mysqltext.parts(name) == parts


@pytest.mark.parametrize("name", ["`open", "a..b", "", "`a`b.c", ".x", "x."])
def test_what_is_no_name(name):
    with pytest.raises(Failed, match="is no name"):
        mysqltext.parts(name)


def test_a_name_with_nul():
    with pytest.raises(Failed, match="NUL"):
        mysqltext.identifier("a\0b")


def test_an_option_file_is_read():
    text = "[mysqld]\nuser=no\n[client]\n# c\nUser = ann\npassword='a#b c'\ndefault_character_set=utf8\nssl\n!include x\n[x]\nport=1\n"
    found = mysqltext.client_options(text)
    assert found == {"user": "ann", "password": "a#b c", "default-character-set": "utf8", "ssl": None}


def test_an_option_file_is_written_and_nobody_else_can_open_it():
    text = mysqltext.option_file({"user": 'a"b', "password": "a\\n#'\n", "ssl": True, "host": None}, ["/etc/my.cnf"])
    assert text == '!include /etc/my.cnf\n[client]\npassword="a\\\\n#\'\\n"\nssl\nuser="a\\"b"\n'
    with secretfile.offered(text) as (path, descriptor):
        info = os.stat(path)
        assert (info.st_mode & 0o777, info.st_nlink) == (0o600, 0)
        read = subprocess.run(["cat", path], pass_fds=(descriptor,), stdout=subprocess.PIPE, text=True, check=True)
    assert read.stdout == text
    with pytest.raises(OSError, match="Bad file descriptor"):
        os.fstat(descriptor)


def test_a_nameless_file_where_memfd_is_missing(monkeypatch):
    monkeypatch.delattr(os, "memfd_create", raising=False)
    with secretfile.offered("x" * 100000) as (path, descriptor), open(path) as source:
        assert source.read() == "x" * 100000 and os.fstat(descriptor).st_nlink == 0


def test_results_are_told_apart():
    xml = (
        '<?xml version="1.0"?>\n<resultset statement="select &gt;1">\n<row>\n<field name="a&quot;">1 &lt;&amp;amp;</field>\n'
        '<field name="b" xsi:nil="true" />\n<field name="c"></field></row></resultset>'
        '<resultset statement="x"><row><field name="end">-1</field></row></resultset>'
        '<resultset statement="x"><row><field name="end">2</field></row></resultset>'
    )
    first, second = mysqlclient.parse(xml, "end")
    assert (first.columns, first.rows, first.count) == (['a"', "b", "c"], [["1 <&amp;", None, ""]], -1)
    assert (second.rows, second.count) == ([], 2)


@pytest.mark.parametrize(
    ("number", "text", "shown"),
    [
        (2002, "Can't connect to local server through socket '/x' (2)", "'h' ([Errno 2] No such file or directory)"),
        (2003, "Can't connect to MySQL server on '127.0.0.1:1' (111)", "'h' ([Errno 111] Connection refused)"),
        (2002, "Can't connect to server on '127.0.0.1' (115)", "'h' ([Errno 111] Connection refused)"),
        (2005, "Unknown server host 'h' (-2)", "'h' ([Errno -2] Name or service not known)"),
    ],
)
def test_no_connection(number, text, shown):
    assert mysqlclient.unreachable("h", number, text) == f"Can't connect to MySQL server on {shown}"


TLS = [
    ({}, {}, {}),
    ({"ca_cert": "/"}, {"ssl": True, "ssl-ca": "/", "ssl-verify-server-cert": True}, {"ssl-mode": "VERIFY_IDENTITY"}),
    ({"ca_cert": "/", "check_hostname": False}, {"ssl": True, "ssl-ca": "/"}, {"ssl-mode": "VERIFY_CA"}),
    ({"client_cert": "/"}, {"ssl": True, "ssl-cert": "/"}, {"ssl-mode": "REQUIRED"}),
]


@pytest.mark.parametrize(("given", "mariadb", "mysql"), TLS)
def test_tls(given, mariadb, mysql):
    args = {
        "ca_cert": None,
        "client_cert": None,
        "client_key": None,
        "check_hostname": None,
        "config_file": "",
        **given,
    }
    assert mysqlclient.tls_options(args, {}, True) == mariadb
    assert mysql.items() <= mysqlclient.tls_options(args, {}, False).items()


@pytest.mark.skipif(not shutil.which("my_print_defaults"), reason="my_print_defaults is not installed")
def test_the_real_parser_reads_what_is_written():
    text = mysqltext.option_file({"password": "a\\n#'\" ;"})
    with secretfile.offered(text) as (path, descriptor):
        argv = ["my_print_defaults", "--defaults-file=" + path, "--show", "client"]
        assert "--password=a\\n#'\" ;" in Host().run(argv, pass_fds=(descriptor,)).out
