"""Which packages a request means and what apt-get is told."""

import pytest
from test_dpkg import STATUS

from fleet.remote import aptplan, dpkg
from fleet.remote.aptget import Offer
from fleet.remote.aptplan import Plan, Request, parse_request

OFFERS = {
    "bash": Offer("5.2.15-2+b7", "5.2.16", ["5.2.16", "5.2.15-2+b7"]),
    "nginx": Offer("", "1.22.1-9", ["1.24.0-1", "1.22.1-9", "1.18.0-6"]),
    "awk": Offer("", "", []),
    "g++": Offer("", "12.2", ["12.2"]),
    "libc6": Offer("2.36-9", "2.36-9", ["2.36-9"]),
}


def plan(names, latest=False, only_upgrade=False):
    return aptplan.plan_install(
        [parse_request(name) for name in names], dpkg.Status(STATUS), OFFERS, latest, only_upgrade
    )


@pytest.mark.parametrize(
    "text, request_",
    [
        ("nginx", ("nginx", None, None, None)),
        ("nginx=1.22*", ("nginx", None, "=", "1.22*")),
        ("nginx>=1.20", ("nginx", None, ">=", "1.20")),
        ("libc6:i386", ("libc6", "i386", None, None)),
        ("libc6:i386=2.36-9", ("libc6", "i386", "=", "2.36-9")),
        ("mariadb=1:10.11.3-1", ("mariadb", None, "=", "1:10.11.3-1")),
        ("nginx<2", ("nginx<2", None, None, None)),
        ("g++", ("g++", None, None, None)),
    ],
)
def test_requests(text, request_):
    assert parse_request(text) == Request(text, *request_)


@pytest.mark.parametrize(
    "names, expected",
    [
        (["bash"], []),
        (["bash", "htop"], ["htop"]),
        (["half"], ["half"]),
        (["gone"], ["gone"]),
        (["bash=5.2*"], []),
        (["bash>=5.0"], []),
        (["bash=5.2.16"], ["bash=5.2.16"]),
        (["bash>=5.2.16"], ["bash=5.2.16"]),
        (["nginx=1.18*"], ["nginx=1.18.0-6"]),
        (["nginx>=1.23"], ["nginx=1.24.0-1"]),
        (["nginx>=1.20"], ["nginx=1.22.1-9"]),
        (["libc6:i386"], []),
        (["libc6:arm64"], ["libc6:arm64"]),
        (["awk"], []),
        (["g++"], ["g++"]),
        (["htop", "htop"], ["htop"]),
    ],
)
def test_what_present_installs(names, expected):
    assert plan(names) == Plan(expected, [], [])


@pytest.mark.parametrize(
    "names, expected", [(["bash"], ["bash"]), (["libc6"], []), (["nginx"], ["nginx"]), (["bash=5.2.15*"], [])]
)
def test_latest_upgrades_what_has_a_newer_candidate(names, expected):
    assert plan(names, latest=True).targets == expected


def test_only_upgrade_leaves_out_what_is_not_installed():
    assert plan(["bash", "nginx", "nosuch+"], latest=True, only_upgrade=True) == Plan(["bash"], [], [])


def test_unknown_names_and_versions_are_told_apart():
    assert plan(["a.b"]).unknown == ["a.b"]
    assert plan(["nosuch=1"]).unknown == ["nosuch=1"]
    assert plan(["nginx=9*"]).impossible == ["nginx=9*"]
    assert plan(["nosuch"], latest=True).unknown == ["nosuch"]


def test_apt_cache_is_asked_only_about_what_the_status_file_leaves_open():
    status = dpkg.Status(STATUS)
    ask = [parse_request(name) for name in ("bash", "htop", "g++", "nginx=1*", "awk", "bash=9")]
    assert aptplan.needs_policy(ask, status) == ["awk", "bash", "g++", "nginx"]
    assert aptplan.needs_policy(ask[:2], status) == []
    assert aptplan.needs_policy(ask[:2], status, latest=True) == ["bash", "htop"]


def test_a_name_apt_would_read_as_an_order_or_a_pattern_is_checked_first():
    for name in ("foo-", "foo+", "fo.o", "", "/tmp/x.deb"):
        assert not aptplan.is_plain(parse_request(name)), name
    assert aptplan.is_plain(parse_request("python3-apt"))


def test_patterns_become_names_and_empty_ones_are_told():
    requests = [parse_request(name) for name in ("lib*", "zzz*", "bash")]
    found, empty = aptplan.expand(requests, ["libc6", "liba", "bash"])
    assert [each.name for each in found] == ["liba", "libc6", "bash"]
    assert empty == ["zzz*"]


@pytest.mark.parametrize(
    "names, purge, expected",
    [
        (["bash"], False, ["bash"]),
        (["nosuch", "gone"], False, []),
        (["gone"], True, ["gone"]),
        (["half"], False, ["half"]),
        (["bash=4*"], False, []),
        (["bash=5*"], False, ["bash"]),
        (["libc6:i386"], False, ["libc6:i386"]),
    ],
)
def test_what_absent_removes(names, purge, expected):
    requests = [parse_request(name) for name in names]
    assert aptplan.plan_remove(requests, dpkg.Status(STATUS), purge) == expected
