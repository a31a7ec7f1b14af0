"""rpm's packages: versions in order, specs matched, states compared, dnf's table read."""

import pytest

from fleet.remote import dnftable, rpmdb

HAVE = rpmdb.parse(
    "bash\t0\t5.2\t3.el9\tx86_64\nglibc\t0\t2.34\t1\ti686\nglibc\t0\t2.34\t1\tx86_64\n"
    "kernel\t0\t5.14\t1\tx86_64\nkernel\t0\t5.14\t2\tx86_64\nperl-DB\t4\t1.85\t9\tx86_64\ngpg-pubkey\t0\tab\tcd\t(none)\n"
)


@pytest.mark.parametrize(
    "one, two, order",
    [
        ("1.0", "1.0", 0),
        ("1.10", "1.9", 1),
        ("1.0~rc1", "1.0", -1),
        ("1.0^git1", "1.0", 1),
        ("1.0^git1", "1.0.1", -1),
        ("2:1.0-1", "9.0-1", 1),
        ("1.0-1", "1.0-2", -1),
        ("1.0", "1.0-2", 0),
        ("1.0a", "1.0", 1),
        ("1.a", "1.1", -1),
        ("1.05", "1.5", 0),
        ("fc33", "fc4", 1),
        ("1.0~~", "1.0~", -1),
    ],
)
def test_the_order_of_versions(one, two, order):
    assert rpmdb.compare(one, two) == order
    assert rpmdb.compare(two, one) == -order


@pytest.mark.parametrize(
    "spec, names",
    [
        ("bash", ["bash-5.2-3.el9.x86_64"]),
        ("bash.x86_64", ["bash-5.2-3.el9.x86_64"]),
        ("bash.i686", []),
        ("bash-5.2", ["bash-5.2-3.el9.x86_64"]),
        ("bash-5.1", []),
        ("ba*", ["bash-5.2-3.el9.x86_64"]),
        ("glibc", ["glibc-2.34-1.i686", "glibc-2.34-1.x86_64"]),
        ("glibc.i686", ["glibc-2.34-1.i686"]),
        ("perl-DB-4:1.85-9", ["perl-DB-4:1.85-9.x86_64"]),
        ("4:perl-DB-1.85-9.x86_64", ["perl-DB-4:1.85-9.x86_64"]),
        ("bash >= 5.2", ["bash-5.2-3.el9.x86_64"]),
        ("bash<5.2", []),
        ("gpg-pubkey", []),
    ],
)
def test_specs(spec, names):
    assert [rpmdb.nevra(each) for each in rpmdb.matching(spec, HAVE)] == names


def test_a_spec_with_another_version():
    assert rpmdb.named_version("bash-5.1-1.el9.x86_64", HAVE)[1] == "5.1-1.el9"
    assert rpmdb.named_version("bash-completion", HAVE) is None


def test_moves_pair_updates_and_leave_parallel_versions_alone():
    after = rpmdb.parse(
        "bash\t0\t5.3\t1\tx86_64\nglibc\t0\t2.34\t1\tx86_64\nkernel\t0\t5.14\t2\tx86_64\nkernel\t0\t5.14\t3\tx86_64\n"
        "perl-DB\t4\t1.85\t9\tx86_64\nzsh\t0\t1\t1\tnoarch\n"
    )
    assert [(each["name"], each["old"], each["new"], each["action"]) for each in rpmdb.moves(HAVE, after)] == [
        ("bash", "5.2-3.el9", "5.3-1", "upgrade"),
        ("glibc", "2.34-1", "", "remove"),
        ("kernel", "5.14-1", "5.14-3", "upgrade"),
        ("zsh", "", "1-1", "install"),
    ]


DNF4 = """Last metadata expiration check: 0:00:01 ago.
Dependencies resolved.
================================================================================
 Package           Architecture       Version             Repository       Size
================================================================================
Installing:
 flt-b             noarch             1.0-1               flt             5.9 k
 a-very-long-name-of-a-package-that-needs-a-line
                   noarch             2:2.0-1             flt             5.9 k
     replacing  old.noarch 1.0-1
Upgrading:
 bash              x86_64             5.3-1               flt             5.9 k
Installing Groups:
 Development Tools
Removing dependent packages:
 glibc             i686               2.34-1              @System          12 k

Transaction Summary
================================================================================
Install  3 Packages
"""
DNF5 = """Updating and loading repositories:
Repositories loaded.
Package                  Arch   Version       Repository      Size
Upgrading:
 bash                    x86_64 0:5.3-1       updates      8.2 MiB
   replacing bash        x86_64 0:5.2-3.el9   anaconda     8.1 MiB
Installing:
 zsh                     noarch 0:1-1         fedora       0.0   B

Transaction Summary:
 Installing:         1 package
 Upgrading:          1 package
"""


def test_the_table_of_dnf():
    assert [(each["name"], each["old"], each["new"], each["action"]) for each in dnftable.plan(DNF4, HAVE)] == [
        ("a-very-long-name-of-a-package-that-needs-a-line", "", "2:2.0-1", "install"),
        ("bash", "5.2-3.el9", "5.3-1", "upgrade"),
        ("flt-b", "", "1.0-1", "install"),
        ("glibc", "2.34-1", "", "remove"),
    ]


def test_the_table_of_dnf5():
    assert dnftable.told(dnftable.plan(DNF5, HAVE)) == [
        "Installed: bash-5.3-1.x86_64",
        "Installed: zsh-1-1.noarch",
        "Removed: bash-5.2-3.el9.x86_64",
    ]
