"""A base tree comes from where the machine's own apt gets its packages."""

from __future__ import annotations

import pytest

from fleet.lab.sources import ARCHIVE, SECURITY, Mirrors, mirrors_from, proxy_conf, proxy_from, sources_list

LINES = """
# deb http://old.example.net/debian bookworm main
deb [signed-by=/k.gpg] https://download.example.com/linux stable main
deb-src http://src.example.net/debian bookworm main
deb [arch=amd64] http://mirror.example.net/debian/ bookworm main contrib
deb http://mirror.example.net/debian bookworm-updates main
deb http://mirror.example.net/debian-security bookworm-security main
"""
STANZAS = """# a comment
Types: deb
URIs: http://deb.example.org/debian
Suites: trixie trixie-updates
Components: main

Enabled: no
Types: deb
URIs: http://off.example.org/debian-security
Suites: trixie-security

Types: deb deb-src
URIs:
 http://sec.example.org/debian-security
Suites: trixie-security
Signed-By: /usr/share/keyrings/debian-archive-keyring.gpg
"""


def test_one_line_style() -> None:
    found = mirrors_from([LINES])
    assert found == Mirrors("http://mirror.example.net/debian", "http://mirror.example.net/debian-security")


def test_stanza_style() -> None:
    found = mirrors_from([STANZAS])
    assert found == Mirrors("http://deb.example.org/debian", "http://sec.example.org/debian-security")


def test_repositories_of_others_are_no_mirror() -> None:
    others = "deb https://download.docker.com/linux/debian bookworm stable\ndeb https://x.example/repo stable main\n"
    assert mirrors_from([others]) == Mirrors()


@pytest.mark.parametrize(
    "text",
    [
        "",
        "deb http://archive.ubuntu.com/ubuntu noble-updates main\n",
        "deb https://deb.nodesource.com/node_20.x nodistro main\n",
        "deb cdrom:[Debian 12]/ bookworm main\n",
        "deb mirror+file:/etc/apt/mirrors bookworm main\n",
    ],
)
def test_machines_without_a_debian_mirror_use_debians_own(text: str) -> None:
    assert mirrors_from([text]) == Mirrors(ARCHIVE, SECURITY)


@pytest.mark.parametrize(
    ("dump", "env", "proxy"),
    [
        ('Acquire::http::Proxy "http://p:3142";\n', {"http_proxy": "http://e:1"}, "http://p:3142"),
        ('Acquire::http::Proxy "DIRECT";\n', {"http_proxy": "http://e:1"}, ""),
        ('Acquire::http::Proxy::host "DIRECT";\n', {"http_proxy": "http://e:1"}, "http://e:1"),
        ("", {}, ""),
    ],
)
def test_proxy(dump: str, env: dict[str, str], proxy: str) -> None:
    assert proxy_from(dump, env) == proxy


def test_hosts_are_not_told_of_a_proxy_they_cannot_reach() -> None:
    assert proxy_conf(Mirrors(proxy="http://10.0.0.9:3142")) == 'Acquire::http::Proxy "http://10.0.0.9:3142";\n'
    assert proxy_conf(Mirrors(proxy="http://127.0.0.1:3142")) == ""
    assert proxy_conf(Mirrors(proxy="http://me:pw@localhost:3142")) == ""
    assert proxy_conf(Mirrors()) == ""


def test_sources_list_names_the_security_suite() -> None:
    assert "deb http://deb.debian.org/debian-security bullseye-security main\n" in sources_list("bullseye", Mirrors())
