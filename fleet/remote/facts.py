"""Which facts there are, which file of ``fleet/facts`` gives which, and how they are gathered.

The tables are plain data, so that the controller can tell from the names a play reads what to gather,
and the host loads only the files of those subjects. Names are without the prefix ``ansible_``.
"""

import fnmatch
import importlib

from fleet.remote.host import Failed

FACTS = {
    "apparmor": "apparmor",
    "caps": "system_capabilities system_capabilities_enforced",
    "chroot": "is_chroot",
    "cmdline": "cmdline proc_cmdline",
    "cpu": (
        "flags processor processor_cores processor_count processor_nproc processor_threads_per_core "
        "processor_vcpus"
    ),
    "date_time": "date_time",
    "devices": "device_links devices",
    "distribution": (
        "distribution distribution_file_parsed distribution_file_path distribution_file_variety "
        "distribution_major_version distribution_minor_version distribution_release distribution_version "
        "os_family"
    ),
    "dmi": (
        "bios_date bios_vendor bios_version board_asset_tag board_name board_serial board_vendor "
        "board_version chassis_asset_tag chassis_serial chassis_vendor chassis_version form_factor "
        "product_name product_serial product_uuid product_version system_vendor"
    ),
    "dns": "dns",
    "env": "env",
    "fips": "fips",
    "fqdn": "domain fqdn",
    "loadavg": "loadavg",
    "local": "local",
    "lsb": "lsb",
    "lvm": "lvm",
    "memory": "memfree_mb memory_mb memtotal_mb swapfree_mb swaptotal_mb",
    "mounts": "mounts",
    "network": (
        "all_ipv4_addresses all_ipv6_addresses default_ipv4 default_ipv6 interfaces locally_reachable_ips"
    ),
    "pkg_mgr": "pkg_mgr",
    "platform": (
        "architecture hostname kernel kernel_version machine machine_id nodename python_version system "
        "userspace_architecture userspace_bits"
    ),
    "python": "python",
    "selinux": "selinux selinux_python_present",
    "service_mgr": "service_mgr",
    "ssh_keys": (
        "ssh_host_key_dsa_public ssh_host_key_dsa_public_keytype ssh_host_key_ecdsa_public "
        "ssh_host_key_ecdsa_public_keytype ssh_host_key_ed25519_public "
        "ssh_host_key_ed25519_public_keytype ssh_host_key_rsa_public ssh_host_key_rsa_public_keytype"
    ),
    "storage_names": "fibre_channel_wwn hostnqn iscsi_iqn",
    "systemd": "systemd",
    "uptime": "uptime_seconds",
    "user": (
        "effective_group_id effective_user_id real_group_id real_user_id user_dir user_gecos user_gid "
        "user_id user_shell user_uid"
    ),
    "virtualization": (
        "virtualization_role virtualization_tech_guest virtualization_tech_host virtualization_type"
    ),
}
SUBJECTS = {name: ("fleet.facts." + name, tuple(facts.split())) for name, facts in FACTS.items()}
"""Subject -> (module that collects it, names of its facts)."""

SUBJECT_OF = {fact: name for name, (_, facts) in SUBJECTS.items() for fact in facts}
"""Fact -> subject. Interfaces' own facts (``eth0``) are not here: see ``subject_of``."""

INTERFACES = "network"
BASE, NAMED = ("platform", "fqdn"), ("platform", "fqdn", "distribution")

# What Ansible calls a subset: the subjects behind it, with those that come along
SUBSETS = {
    "apparmor": ("apparmor",),
    "caps": ("caps",),
    "chroot": ("chroot",),
    "cmdline": ("cmdline",),
    "date_time": ("date_time",),
    "distribution": ("distribution",),
    "dns": ("dns",),
    "env": ("env",),
    "fibre_channel_wwn": ("storage_names",),
    "fips": ("fips",),
    "hardware": BASE + ("cpu", "devices", "dmi", "lvm", "memory", "mounts", "uptime"),
    "iscsi": ("storage_names",),
    "loadavg": ("loadavg",),
    "local": ("local",),
    "lsb": ("lsb",),
    "network": NAMED + ("network",),
    "nvme": ("storage_names",),
    "pkg_mgr": ("distribution", "pkg_mgr"),
    "platform": BASE,
    "python": ("python",),
    "selinux": ("selinux",),
    "service_mgr": NAMED + ("service_mgr",),
    "ssh_pub_keys": ("ssh_keys",),
    "systemd": ("systemd",),
    "user": ("user",),
    "virtual": ("virtualization",),
}
MINIMAL = (
    "apparmor", "caps", "cmdline", "date_time", "distribution", "dns", "env", "fips", "local", "lsb", "pkg_mgr",
    "platform", "python", "selinux", "service_mgr", "ssh_pub_keys", "user",
)
# Names of single facts that Ansible takes for the subset they belong to
ALIASES = {
    "hardware": "devices mounts processor processor_cores processor_count",
    "network": "all_ipv4_addresses all_ipv6_addresses default_ipv4 default_ipv6 interfaces",
    "distribution": "distribution_major_version distribution_release distribution_version os_family",
    "platform": "architecture kernel kernel_version machine machine_id python_version system",
    "user": "effective_group_ids effective_user_id real_user_id user_dir user_gecos user_gid user_id user_shell user_uid",
    "virtual": "virtualization_role virtualization_tech_guest virtualization_tech_host virtualization_type",
    "caps": "system_capabilities system_capabilities_enforced",
    "chroot": "is_chroot",
    "ssh_pub_keys": "ssh_host_pub_keys ssh_host_key_dsa_public ssh_host_key_ecdsa_public "
                    "ssh_host_key_ed25519_public ssh_host_key_rsa_public",
}
ALIAS_OF = {alias: name for name, aliases in ALIASES.items() for alias in aliases.split()}
FOREIGN = ("facter", "ohai")
"""Collectors of other tools: accepted, and without facts."""

OPTIONS = sorted(set(SUBSETS) | set(ALIAS_OF) | set(FOREIGN) | {"all"})


def subject_of(fact):
    """The subject that gives a fact (with or without ``ansible_``); the network's for names not known.

    Only a host knows what its interfaces are called, so ``ansible_eth0`` is asked of the network.
    """
    return SUBJECT_OF.get(bare(fact), INTERFACES)


def bare(fact):
    return fact[len("ansible_"):] if fact.startswith("ansible_") else fact


def subsets_for(gather_subset):
    """The subsets that a list such as ``["all", "!network"]`` means. Raises Failed for an unknown name."""
    chosen, dropped, minimal = set(), set(), True
    for word in gather_subset:
        name = word.lstrip("!")
        out = word.startswith("!")
        if name not in OPTIONS and name != "min":
            raise Failed("Bad subset '%s' given to Ansible. gather_subset options allowed: %s"
                         % (word.lstrip("!"), ", ".join(OPTIONS)))
        if name == "min":
            minimal = minimal and not out
        elif name == "all":
            (dropped if out else chosen).update(SUBSETS)
        elif out:
            dropped.add(name)
        else:
            chosen.add(ALIAS_OF.get(name, name))
    named = set(ALIAS_OF.get(word, word) for word in gather_subset if word not in ("all", "min"))
    kept = chosen - (dropped - named)
    if minimal:
        kept.update(name for name in MINIMAL if "!" + name not in gather_subset)
    return kept & set(SUBSETS)


def subjects_for(gather_subset, filter=()):
    """The sorted subjects to gather for ``gather_subset``, less those that no pattern of ``filter`` reads."""
    subjects = set()
    for name in subsets_for(gather_subset or ["all"]):
        subjects.update(SUBSETS[name])
    if filter:
        subjects = set(name for name in subjects if any(may_match(name, pattern) for pattern in filter))
    return sorted(subjects)


def may_match(subject, pattern):
    """Whether a subject may have facts that fit a pattern of setup's ``filter``."""
    if not pattern:
        return True
    if bare(pattern) in SUBJECT_OF:
        return SUBJECT_OF[bare(pattern)] == subject
    return subject == INTERFACES or any(fits(fact, pattern) for fact in SUBJECTS[subject][1])


def fits(fact, pattern):
    """Whether a fact's bare name fits a pattern that may be written with the prefix or without."""
    return fnmatch.fnmatchcase(fact, pattern) or fnmatch.fnmatchcase("ansible_" + fact, pattern)


def gather(host, subjects, fact_path=None):
    """Collect the facts of ``subjects``: {bare name: value}. A subject that breaks costs a warning, not the rest."""
    facts = {}
    for name in subjects:
        if name not in SUBJECTS:
            raise Failed("no facts about %s; there are: %s" % (name, ", ".join(sorted(SUBJECTS))))
        module = importlib.import_module(SUBJECTS[name][0])
        try:
            facts.update(module.collect(host, fact_path) if name == "local" else module.collect(host))
        except (OSError, ValueError, LookupError) as error:
            host.warn("could not gather the facts about %s: %s" % (name, error))
    return facts
