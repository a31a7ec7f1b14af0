"""sysctl, hostname, timezone, locale_gen, modprobe, mount, alternatives, getent: texts and real files."""

import pytest
from run_module import run_module

from fleet.modules import alternatives, getent, hostname, locale_gen, modprobe, sysctl, timezone
from fleet.remote import fstab
from fleet.remote.host import Failed


@pytest.mark.parametrize(
    "name, path",
    [
        ("net.ipv4.ip_forward", "net/ipv4/ip_forward"),
        ("net/ipv4/conf/eth0.1/rp_filter", "net/ipv4/conf/eth0.1/rp_filter"),
        ("net.ipv4.conf.eth0/1.rp_filter", "net/ipv4/conf/eth0.1/rp_filter"),
    ],
)
def test_names_of_kernel_parameters(name, path):
    assert sysctl.proc_path(name) == "/proc/sys/" + path


@pytest.mark.parametrize(
    "value, plain", [("yes", "1"), ("False", "0"), (" 4096\t8192  1 ", "4096 8192 1"), ("60", "60")]
)
def test_values_are_compared_as_the_kernel_writes_them(value, plain):
    assert sysctl.plain(value) == plain


def test_a_sysctl_file_keeps_its_other_lines():
    text = "# c\nvm.swappiness = 60\n;x\nkernel.panic=1\nvm.swappiness=10\n"
    assert sysctl.values(text) == {"vm.swappiness": "10", "kernel.panic": "1"}
    assert sysctl.edited(text, "vm.swappiness", "5") == "# c\nvm.swappiness=5\n;x\nkernel.panic=1\n"
    assert sysctl.edited(text, "vm.swappiness", None) == "# c\n;x\nkernel.panic=1\n"
    assert sysctl.edited("", "a.b", "1") == "a.b=1\n"


def test_sysctl_writes_a_file_once(tmp_path):
    args = {"name": "vm.swappiness", "value": "7", "sysctl_file": str(tmp_path / "s.conf"), "reload": False}
    assert run_module("sysctl", args, check=True)["changed"] and not (tmp_path / "s.conf").exists()
    assert run_module("sysctl", args)["changed"]
    assert run_module("sysctl", args) == {"changed": False}
    assert (tmp_path / "s.conf").read_text() == "vm.swappiness=7\n"
    assert run_module("sysctl", {"name": "x"})["failed"]


def test_what_the_kernel_refuses_is_not_written(tmp_path):
    args = {"name": "no.such", "value": "7", "sysctl_file": str(tmp_path / "s.conf"), "sysctl_set": True}
    result = run_module("sysctl", args)
    assert "/proc/sys/no/such: No such file or directory" in result["msg"] and not (tmp_path / "s.conf").exists()


@pytest.mark.parametrize(
    "text, name",
    [("web1\n", "web1"), ("# c\n\nweb1.example\n", "web1.example"), ('hostname="web1"\n', "web1"), ("", "")],
)
def test_permanent_names(text, name):
    assert hostname.permanent(text) == name


@pytest.mark.parametrize("args", [{"name": "a b"}, {"name": "x" * 65}, {"name": "a", "use": "freebsd"}])
def test_bad_host_names(args):
    full = hostname.SPEC.complete(hostname.SPEC.normalize(args))
    with pytest.raises(Failed):
        hostname.want(full, {"current": "h", "permanent": "h"})


def test_the_hardware_clock_is_read_from_adjtime():
    assert timezone.clock(["0.0 0 0.0", "0", "LOCAL"]) == "local"
    assert timezone.clock([]) == "UTC"


def test_a_zone_that_is_not_there():
    result = run_module("timezone", {"name": "No/Such"})
    assert result["failed"] and "tzdata" in result["msg"]


GEN = "# de_DE ISO-8859-1\n# de_DE.UTF-8 UTF-8\nen_US.UTF-8 UTF-8\n"


def test_locales_are_listed_and_commented_out():
    assert locale_gen.edited(GEN, "de_DE.UTF-8", True) == GEN.replace("# de_DE.UTF-8", "de_DE.UTF-8")
    assert locale_gen.edited(GEN, "en_US.UTF-8", False) == GEN.replace("en_US.UTF-8", "# en_US.UTF-8")
    assert locale_gen.edited(GEN, "fr_FR.UTF-8", True, ["fr_FR.UTF-8 UTF-8"]).endswith("\nfr_FR.UTF-8 UTF-8\n")
    assert locale_gen.edited(GEN, "fr_FR.UTF-8", False) == GEN
    assert locale_gen.edited(GEN, "de_DE.utf8", True) == GEN.replace("# de_DE.UTF-8", "de_DE.UTF-8")
    assert locale_gen.edited("", "fr_FR.UTF-8", True, ["fr_FR.UTF-8 UTF-8"]) == "fr_FR.UTF-8 UTF-8\n"
    assert locale_gen.mentioned(GEN) == {"de_DE", "de_DE.UTF-8", "en_US.UTF-8"}
    now = {"file": True, "unknown": ["xx_XX.UTF-8"], "made": {}, "listed": {}}
    with pytest.raises(Failed, match="xx_XX.UTF-8"):
        locale_gen.want({"name": ["xx_XX.UTF-8"], "state": "absent"}, now)
    assert locale_gen.normal("de_DE.UTF-8@euro") == locale_gen.normal("de_DE.utf8@euro")


def test_persistent_kernel_modules():
    asked = {"name": "br_netfilter", "params": "a=1"}
    assert modprobe.wanted_files(asked, {}) == {
        "/etc/modules-load.d/br_netfilter.conf": ["br_netfilter"],
        "/etc/modprobe.d/br_netfilter.conf": ["options br_netfilter a=1"],
    }
    have = {"/etc/modules-load.d/k8s.conf": ["br-netfilter"], "/etc/modprobe.d/old.conf": ["options br_netfilter b=2"]}
    assert modprobe.wanted_files(dict(asked, params=""), have) == {
        "/etc/modules-load.d/k8s.conf": ["br-netfilter"],
        "/etc/modprobe.d/old.conf": None,
    }
    assert modprobe.loads("br-netfilter # why", "br_netfilter") and not modprobe.loads("# br_netfilter", "br_netfilter")


FSTAB = "# c\nUUID=1 / ext4 defaults 0 1\n/dev/sdb1 /mnt/my\\040disk xfs noatime\nUUID=2 none swap sw 0 0\n"


def test_fstab_entries():
    assert fstab.find(FSTAB, "/mnt/my disk/")["opts"] == "noatime" and fstab.find(FSTAB, "/nope") is None
    assert fstab.find(FSTAB, "none", "UUID=2")["fstype"] == "swap" and fstab.find(FSTAB, "none", "UUID=3") is None
    values = {"src": "/dev/sdc1", "path": "/mnt/my disk", "fstype": "ext4", "opts": "ro", "dump": "0", "passno": "2"}
    assert fstab.edited(FSTAB, "/mnt/my disk", values).splitlines()[2] == "/dev/sdc1 /mnt/my\\040disk ext4 ro 0 2"
    assert fstab.edited(FSTAB, "/mnt/my disk", None).count("\n") == 3
    assert fstab.edited(FSTAB, "/new", dict(values, path="/new")).endswith("/dev/sdc1 /new ext4 ro 0 2\n")


def test_mount_present_only_touches_fstab(tmp_path):
    table = tmp_path / "fstab"
    table.write_text(FSTAB)
    args = {
        "path": str(tmp_path / "m"),
        "src": "/dev/x",
        "fstype": "ext4",
        "state": "present",
        "fstab": str(table),
        "boot": False,
    }
    assert run_module("mount", args)["changed"] and run_module("mount", args)["changed"] is False
    assert table.read_text() == FSTAB + "/dev/x %s ext4 noauto 0 0\n" % (tmp_path / "m")
    assert run_module("mount", dict(args, state="absent_from_fstab"))["changed"]
    assert table.read_text() == FSTAB and not (tmp_path / "m").exists()


def test_a_mount_that_fails_leaves_no_entry(tmp_path):
    table = tmp_path / "fstab"
    table.write_text(FSTAB)
    args = {
        "path": str(tmp_path / "m"),
        "src": "/dev/no-such-device",
        "fstype": "ext4",
        "state": "mounted",
        "fstab": str(table),
    }
    result = run_module("mount", args)
    assert result["failed"] and result["msg"].startswith("Error mounting") and table.read_text() == FSTAB


ADMIN = "auto\n/usr/bin/editor\neditor.1\n/usr/share/man/editor.1\n\n/bin/nano\n40\n/man/nano.1\n/bin/vim\n30\n\n\n"


def test_alternatives_are_read_from_dpkgs_own_file():
    found = alternatives.parse(ADMIN)
    assert (found["mode"], found["link"]) == ("auto", "/usr/bin/editor")
    assert found["known"]["/bin/nano"] == {
        "priority": 40,
        "slaves": {"editor.1": {"link": "/usr/share/man/editor.1", "path": "/man/nano.1"}},
    }
    assert found["known"]["/bin/vim"] == {"priority": 30, "slaves": {}}


def test_a_known_alternative_keeps_its_priority():
    full = alternatives.SPEC.complete({"name": "editor", "path": "/bin/nano"})
    now = dict(alternatives.parse(ADMIN), selected="/bin/nano", there=True)
    assert alternatives.want(full, now) == {"mode": "manual", "selected": "/bin/nano"}
    with pytest.raises(Failed, match="missing the link"):
        alternatives.want(dict(full, path="/bin/new"), dict(now, link=None))


def test_getent():
    assert getent.parse(["a 1 2", "b 3", "a 4"]) == {"a": [["1", "2"], ["4"]], "b": ["3"]}
    root = run_module("getent", {"database": "passwd", "key": "root"})
    assert root["ansible_facts"]["getent_passwd"]["root"][1] == "0"
    missing = run_module("getent", {"database": "passwd", "key": "nobody-here", "fail_key": False})
    assert missing["ansible_facts"] == {"getent_passwd": {"nobody-here": None}}
    assert run_module("getent", {"database": "nodb"})["msg"] == "Missing arguments, or database unknown."
