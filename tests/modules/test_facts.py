"""Facts: the table of subjects, the rules for subsets, and the parsers behind the facts."""

import importlib

import pytest
from run_module import run_module

from fleet.facts import (
    caps,
    cmdline,
    cpu,
    distribution,
    dns,
    local,
    lsb,
    memory,
    mounts,
    network,
    pkg_mgr,
    service_mgr,
    virtualization,
)
from fleet.remote import facts
from fleet.remote.host import Failed, Host


@pytest.mark.parametrize("subject", sorted(facts.SUBJECTS))
def test_the_static_table_says_what_each_file_gives(subject):
    path, names = facts.SUBJECTS[subject]
    module = importlib.import_module(path)
    assert set(module.NAMES) == set(names)
    assert all(name in facts.OPTIONS for name in module.SUBSETS)


@pytest.mark.parametrize("subject", sorted(set(facts.SUBJECTS) - {"network", "ssh_keys"}))
def test_a_subject_gives_no_fact_it_does_not_name(subject):
    host = Host()
    assert set(facts.gather(host, [subject])) <= set(facts.SUBJECTS[subject][1])
    assert host.warnings == []


SUBSETS = [
    (["all"], lambda chosen: chosen == set(facts.SUBSETS)),
    (["!all"], lambda chosen: chosen == set(facts.MINIMAL)),
    (["all", "!all"], lambda chosen: chosen == set(facts.MINIMAL)),
    (["min"], lambda chosen: chosen == set(facts.MINIMAL)),
    (["!all", "!min"], lambda chosen: chosen == set()),
    (["!hardware"], lambda chosen: chosen == set(facts.MINIMAL)),
    (["!hardware", "!min"], lambda chosen: chosen == set()),
    (["facter"], lambda chosen: chosen == set(facts.MINIMAL)),
    (["all", "!hardware", "!network"], lambda chosen: chosen == set(facts.SUBSETS) - {"hardware", "network"}),
    (["!all", "!min", "hardware", "!devices"], lambda chosen: chosen == {"hardware"}),
    (["!all", "!min", "default_ipv4"], lambda chosen: chosen == {"network"}),
    (["!all", "network"], lambda chosen: chosen == set(facts.MINIMAL) | {"network"}),
]


@pytest.mark.parametrize("given, holds", SUBSETS, ids=[",".join(given) for given, _ in SUBSETS])
def test_gather_subset_means_what_it_means_for_ansible(given, holds):
    assert holds(facts.subsets_for(given))


def test_an_unknown_subset_is_refused_with_what_there_is():
    with pytest.raises(
        Failed, match="Bad subset 'bogus' given to Ansible. gather_subset options allowed: all, all_ipv4"
    ):
        facts.subsets_for(["bogus"])


def test_a_filter_keeps_only_subjects_that_may_match():
    assert facts.subjects_for(["all"], ["ansible_distribution"]) == ["distribution"]
    assert facts.subjects_for(["all"], ["ansible_eth0"]) == ["network"]
    assert "memory" in facts.subjects_for(["all"], ["*_mb"])
    assert "cpu" not in facts.subjects_for(["all"], ["*_mb"])


@pytest.mark.parametrize(
    "fact, subject",
    [
        ("ansible_distribution", "distribution"),
        ("os_family", "distribution"),
        ("ansible_eth0", "network"),
        ("ansible_default_ipv4", "network"),
        ("ansible_fqdn", "fqdn"),
        ("memtotal_mb", "memory"),
    ],
)
def test_the_controller_knows_whom_to_ask_for_a_fact(fact, subject):
    assert facts.subject_of(fact) == subject


def test_setup_prefixes_and_filters():
    result = run_module("setup", {"filter": "kernel,ansible_user_i*"})
    assert set(result["ansible_facts"]) == {"ansible_kernel", "ansible_user_id"}
    everything = run_module("setup", {})["ansible_facts"]
    assert everything["gather_subset"] == ["all"] and everything["module_setup"] is True
    assert everything["ansible_lo"]["ipv4"]["netmask"] == "255.0.0.0"


def test_setup_gathers_only_the_subjects_the_engine_asks_for():
    result = run_module("setup", {"_subjects": ["fips"]})
    assert list(result["ansible_facts"]) == ["ansible_fips"]


def test_facts_d(tmp_path):
    (tmp_path / "data.fact").write_text('{"a": [1]}')
    (tmp_path / "old.fact").write_text("[Section]\nKey = value %% 1\n")
    (tmp_path / "percent.fact").write_text("[Section]\nKey = value % 1\n")
    (tmp_path / "gone.fact").symlink_to(tmp_path / "nowhere")
    (tmp_path / "bad.fact").write_text("neither")
    script = tmp_path / "made.fact"
    script.write_text("#!/bin/sh\necho '{\"made\": true}'\n")
    script.chmod(0o755)
    broken = tmp_path / "broken.fact"
    broken.write_text("#!/bin/sh\necho oops >&2; exit 3\n")
    broken.chmod(0o755)
    result = run_module("setup", {"fact_path": str(tmp_path), "filter": "local"})
    found = result["ansible_facts"]["ansible_local"]
    assert found["data"] == {"a": [1]} and found["made"] == {"made": True}
    assert found["old"] == {"Section": {"key": "value % 1"}}
    assert found["bad"].startswith("error loading facts as JSON or ini")
    assert found["percent"].startswith("error loading facts as ini")
    assert found["gone"].startswith("Could not stat fact")
    assert "rc: 3, err: oops" in found["broken"]
    assert len(result["warnings"]) == 4


DEBIAN = {"ID": "debian", "VERSION_ID": "12", "VERSION_CODENAME": "bookworm"}


@pytest.mark.parametrize(
    "release, debian_version, redhat_release, wanted",
    [
        (DEBIAN, "12.5", "", ("Debian", "12.5", "12", "bookworm", "Debian")),
        ({"ID": "debian", "VERSION_CODENAME": "trixie"}, "trixie/sid", "", ("Debian", "NA", "NA", "trixie", "Debian")),
        (
            {"ID": "ubuntu", "VERSION_ID": "22.04", "VERSION_CODENAME": "jammy"},
            "bookworm/sid",
            "",
            ("Ubuntu", "22.04", "22", "jammy", "Debian"),
        ),
        (
            {"ID": "rocky", "VERSION_ID": "9.3", "ID_LIKE": "rhel centos fedora"},
            "",
            "Rocky Linux release 9.3 (Blue Onyx)",
            ("Rocky", "9.3", "9", "Blue Onyx", "RedHat"),
        ),
        (
            {"ID": "mine", "NAME": "Mine", "VERSION_ID": "3", "ID_LIKE": "debian"},
            "",
            "",
            ("Mine", "3", "3", "NA", "Debian"),
        ),
    ],
)
def test_distribution(release, debian_version, redhat_release, wanted):
    found = distribution.distribution(release, debian_version, redhat_release)
    names = ("distribution", "distribution_version", "distribution_major_version", "distribution_release", "os_family")
    assert tuple(found[name] for name in names) == wanted


def test_minor_version_is_debians_own():
    assert distribution.distribution(DEBIAN, "12.5")["distribution_minor_version"] == "5"


def test_dns():
    lines = [
        "# c",
        "nameserver 10.0.0.1",
        "nameserver 10.0.0.2",
        "search a.example b.example",
        "options ndots:2 rotate",
    ]
    assert dns.resolv_conf(lines) == {
        "nameservers": ["10.0.0.1", "10.0.0.2"],
        "search": ["a.example", "b.example"],
        "options": {"ndots": "2", "rotate": True},
    }


def test_cmdline_keeps_repeated_names_in_proc_cmdline():
    words = cmdline.split("quiet console=tty0 console=ttyS0 root=/dev/sda1")
    assert dict(map(cmdline.pair, words))["console"] == "ttyS0"
    assert cmdline.gathered(words) == {"quiet": True, "console": ["tty0", "ttyS0"], "root": "/dev/sda1"}


def test_memory_counts_caches_as_free():
    found = memory.memory(["MemTotal: 4096000 kB", "MemFree: 1024000 kB", "Buffers: 102400 kB", "Cached: 1024000 kB"])
    assert found["memtotal_mb"] == 4000 and found["memory_mb"]["real"] == {"total": 4000, "used": 3000, "free": 1000}
    assert found["memory_mb"]["nocache"] == {"free": 2100, "used": 1900}


def test_processors_of_two_sockets_with_threads():
    one = "processor : %d\nvendor_id : G\nmodel name : M\nphysical id : %d\nsiblings : 4\ncpu cores : 2\nflags : a b"
    lines = "\n\n".join(one % (number, number // 4) for number in range(8)).splitlines()
    found = cpu.processors(lines, 8)
    assert (found["processor_count"], found["processor_cores"], found["processor_threads_per_core"]) == (2, 2, 2)
    assert found["processor_vcpus"] == 8 and found["processor"][:3] == ["0", "G", "M"] and found["flags"] == ["a", "b"]


def test_processors_that_tell_no_sockets():
    found = cpu.processors(["processor\t: 0", "", "processor\t: 1", "Features : fp asimd"], 2)
    assert (found["processor_count"], found["processor_vcpus"], found["flags"]) == (2, 2, ["fp", "asimd"])


@pytest.mark.parametrize(
    "flags, capabilities, enforced",
    [
        (["ep", "ep"], [], "NA"),
        (["ep", "", "ep", ""] + ["ep"] * 3, ["ep cap_dac_override", "cap_fowner-ep"], "True"),
        (["", ""], [""], "True"),
    ],
)
def test_capabilities(flags, capabilities, enforced):
    found = caps.capabilities(flags)
    assert found == {"system_capabilities": capabilities, "system_capabilities_enforced": enforced}


def test_lsb_prefers_its_own_file():
    found = lsb.lsb({"NAME": "Ubuntu", "VERSION_ID": "22.04"}, {"DISTRIB_ID": "Own", "DISTRIB_RELEASE": "1.2"})
    assert found == {"id": "Own", "release": "1.2", "major_release": "1"}


def test_local_facts_that_are_neither_json_nor_ini_say_so():
    assert isinstance(local.parse("nonsense", "/x"), local.Problem)


def test_mounts_without_a_device_are_left_out_and_blanks_decoded():
    lines = ["proc /proc proc rw 0 0", "/dev/sda1 /mnt/a\\040b ext4 rw 0 1", "srv:/x /nfs nfs4 rw 0 0"]
    assert [item["mount"] for item in mounts.parse(lines)] == ["/mnt/a b", "/nfs"]
    assert mounts.bind_points(["1 2 8:1 / / rw - ext4 x rw", "3 2 8:1 /sub /mnt rw - ext4 x rw"]) == {"/mnt"}


@pytest.mark.parametrize(
    "family, there, manager",
    [
        (["debian"], ["/usr/bin/apt-get"], "apt"),
        (["fedora"], ["/usr/bin/apt-get", "/usr/bin/dnf5"], "dnf5"),
        (["rocky", "rhel"], ["/usr/bin/dnf", "/run/ostree-booted"], "atomic_container"),
        (["x"], [], "unknown"),
    ],
)
def test_pkg_mgr(family, there, manager):
    assert pkg_mgr.pkg_mgr(family, there.__contains__) == manager


@pytest.mark.parametrize(
    "comm, there, manager",
    [
        ("systemd", [], "systemd"),
        ("init", ["/run/systemd/system"], "systemd"),
        ("init", ["/etc/init.d/"], "sysvinit"),
        ("init", [], "service"),
        ("tini", [], "tini"),
        ("runit-init", [], "runit"),
    ],
)
def test_service_mgr(comm, there, manager):
    assert service_mgr.service_mgr(comm, there.__contains__) == manager


NOTHING = {"product_name": "", "sys_vendor": "", "bios_vendor": "", "product_family": ""}


@pytest.mark.parametrize(
    "firmware, tech",
    [
        ({"sys_vendor": "QEMU", "product_name": "Standard PC (Q35)"}, ["kvm"]),
        ({"sys_vendor": "Amazon EC2", "product_name": "t3.micro"}, ["kvm"]),
        ({"sys_vendor": "VMware, Inc.", "product_name": "VMware Virtual Platform"}, ["VMware"]),
        ({"sys_vendor": "Microsoft Corporation", "product_name": "Virtual Machine"}, ["VirtualPC"]),
        ({"sys_vendor": "Microsoft Corporation", "product_name": "Surface"}, []),
        ({}, []),
    ],
)
def test_virtual_machines_are_told_by_their_firmware(firmware, tech):
    assert virtualization.machine_techs(dict(NOTHING, **firmware), "", lambda path: False) == tech


def test_containers_and_roles():
    found = virtualization.container_techs("", "systemd-nspawn", "systemd-nspawn", lambda path: False)
    assert virtualization.roles(found, []) == {
        "virtualization_type": "container",
        "virtualization_role": "guest",
        "virtualization_tech_guest": ["container", "systemd-nspawn"],
        "virtualization_tech_host": [],
    }
    assert virtualization.roles([], ["kvm"])["virtualization_role"] == "host"
    assert virtualization.roles([], [])["virtualization_type"] == "NA"


ADDRESS = {
    "family": 2,
    "device": "eth0",
    "prefix": 20,
    "scope": 0,
    "secondary": False,
    "address": "10.1.18.5",
    "broadcast": "10.1.31.255",
    "label": "eth0",
}


def test_addresses_go_to_their_interface_and_labels_count_as_one():
    interfaces = {"eth0": {"device": "eth0", "macaddress": "02:00:00:00:00:01", "mtu": 1500, "type": "ether"}}
    second = dict(ADDRESS, address="10.9.0.1", prefix=32, secondary=True, label="eth0:1", broadcast="")
    network.add_addresses(interfaces, [ADDRESS, second])
    assert interfaces["eth0"]["ipv4"] == {
        "address": "10.1.18.5",
        "broadcast": "10.1.31.255",
        "netmask": "255.255.240.0",
        "network": "10.1.16.0",
        "prefix": "20",
    }
    assert interfaces["eth0"]["ipv4_secondaries"][0]["network"] == "10.9.0.1"
    assert interfaces["eth0:1"]["ipv4"]["address"] == "10.9.0.1"
    route = {"interface": "eth0", "gateway": "10.1.16.1", "source": "10.1.18.5"}
    found = network.default(route, 4, interfaces, [ADDRESS])
    assert found["alias"] == "eth0" and found["gateway"] == "10.1.16.1" and found["mtu"] == 1500
    assert network.default({"interface": None}, 4, interfaces, [ADDRESS]) == {}
