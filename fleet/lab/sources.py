"""Which Debian mirror and proxy a base tree is built from: what this machine's own apt uses. Pure."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

ARCHIVE = "http://deb.debian.org/debian"
SECURITY = "http://deb.debian.org/debian-security"

# Many publish a suite "bookworm" or "stable"; these only Debian and its mirrors have.
_SUITES = {
    "archive": re.compile(r"[a-z]+-updates"),
    "security": re.compile(r"[a-z]+(?:-security|/updates)"),
}
_LOOPBACK = re.compile(r"https?://(?:[^@/]*@)?(?:127\.|localhost\b|\[?::1\b)")


@dataclass(frozen=True, slots=True)
class Mirrors:
    """Where packages come from. ``proxy`` is empty when there is none."""

    archive: str = ARCHIVE
    security: str = SECURITY
    proxy: str = ""


def mirrors_from(sources: Iterable[str], proxy: str = "") -> Mirrors:
    """The Debian mirrors that the texts of apt's source files name, else Debian's own."""
    found: dict[str, str] = {}
    for text in sources:
        entries = _stanzas(text) if re.search(r"^URIs:", text, re.MULTILINE | re.IGNORECASE) else _lines(text)
        for uri, suite in entries:
            for kind, pattern in _SUITES.items():
                if pattern.fullmatch(suite) and uri.startswith(("http://", "https://")) and "ubuntu" not in uri:
                    found.setdefault(kind, uri.rstrip("/"))
    return Mirrors(found.get("archive", ARCHIVE), found.get("security", SECURITY), proxy)


def _lines(text: str) -> Iterator[tuple[str, str]]:
    """URI and suite of each ``deb`` line."""
    for line in text.splitlines():
        match = re.match(r"\s*deb\s+(?:\[[^\]]*\]\s+)?(\S+)\s+(\S+)", line)
        if match:
            yield match[1], match[2]


def _stanzas(text: str) -> Iterator[tuple[str, str]]:
    """URIs times suites of each deb822 stanza that offers binary packages."""
    text = re.sub(r"^#.*\n?", "", text, flags=re.MULTILINE)
    for stanza in re.split(r"\n\s*\n", text):
        fields = {
            name.lower(): value.split()
            for name, value in re.findall(r"^([A-Za-z-]+):((?:.*)(?:\n[ \t].*)*)", stanza, re.MULTILINE)
        }
        if "deb" in fields.get("types", ["deb"]) and fields.get("enabled") != ["no"]:
            yield from ((uri, suite) for uri in fields.get("uris", []) for suite in fields.get("suites", []))


def proxy_from(apt_config: str, env: Mapping[str, str]) -> str:
    """The HTTP proxy in the text of ``apt-config dump``, else the environment's, else nothing."""
    match = re.search(r'^Acquire::http::Proxy "([^"]*)";', apt_config, re.MULTILINE | re.IGNORECASE)
    proxy = match[1] if match else env.get("http_proxy", "")
    return "" if proxy.upper() == "DIRECT" else proxy


def sources_list(suite: str, mirrors: Mirrors) -> str:
    """The sources.list of a host."""
    return (
        f"deb {mirrors.archive} {suite} main\n"
        f"deb {mirrors.security} {suite}-security main\n"
        f"deb {mirrors.archive} {suite}-updates main\n"
    )


def proxy_conf(mirrors: Mirrors) -> str:
    """What a host's apt is told about the proxy. A proxy on the machine's loopback is out of its reach."""
    if not mirrors.proxy or _LOOPBACK.match(mirrors.proxy):
        return ""
    return f'Acquire::http::Proxy "{mirrors.proxy}";\n'
