"""Whether the host is a guest, a container or hosts others, told from /proc and the firmware's names."""

import os

from fleet.remote import look

NAMES = ("virtualization_role", "virtualization_tech_guest", "virtualization_tech_host", "virtualization_type")
SUBSETS = ("virtual",) + NAMES

# Part of the control group's path of process 1 -> container technology
CGROUPS = (("docker", "docker"), ("/lxc/", "lxc"), ("machine-lxc", "lxc"), ("garden", "lxc"),
           ("kubepods", "docker"), ("libpod", "podman"))
# Firmware field, start of its value, technology
FIRMWARE = (
    ("product_name", "KVM", "kvm"),
    ("product_name", "RHEV", "RHEV"),
    ("product_name", "oVirt", "oVirt"),
    ("product_name", "OpenStack", "openstack"),
    ("product_name", "VMware", "VMware"),
    ("product_name", "Bochs", "kvm"),
    ("product_name", "Standard PC", "kvm"),
    ("product_name", "Google Compute Engine", "kvm"),
    ("product_name", "AHV", "kvm"),
    ("product_family", "RHV", "RHV"),
    ("product_family", "oVirt", "oVirt"),
    ("bios_vendor", "Xen", "xen"),
    ("bios_vendor", "innotek GmbH", "virtualbox"),
    ("bios_vendor", "Amazon EC2", "kvm"),
    ("bios_vendor", "DigitalOcean", "kvm"),
    ("bios_vendor", "Hetzner", "kvm"),
    ("sys_vendor", "Microsoft Corporation", "VirtualPC"),
    ("sys_vendor", "Parallels", "parallels"),
    ("sys_vendor", "QEMU", "kvm"),
    ("sys_vendor", "OpenStack", "openstack"),
    ("sys_vendor", "KubeVirt", "kubevirt"),
    ("sys_vendor", "Nutanix", "kvm"),
    ("sys_vendor", "UpCloud", "kvm"),
    ("sys_vendor", "Amazon EC2", "kvm"),
    ("sys_vendor", "oVirt", "oVirt"),
)


def collect(host):
    firmware = {name: look.text("/sys/devices/virtual/dmi/id/" + name)
                for name in ("product_name", "product_family", "bios_vendor", "sys_vendor")}
    environ = look.text("/proc/1/environ").split("\0")
    container = [line.partition("=")[2] for line in environ if line.startswith("container=")]
    guest = container_techs(look.text("/proc/1/cgroup"), container[0] if container else "",
                            look.text("/run/systemd/container"), os.path.exists)
    guest += [tech for tech in machine_techs(firmware, look.text("/proc/cpuinfo"), os.path.exists)
              if tech not in guest]
    return roles(guest, host_techs(look.text("/proc/modules"), os.path.exists))


def container_techs(cgroup, container, systemd, exists):
    """The container technologies that are at work, the best name first. Pure but for ``exists``."""
    found = [tech for part, tech in CGROUPS if part in cgroup][:1]
    if not found and (exists("/.dockerenv") or exists("/.dockerinit")):
        found.append("docker")
    if container in ("lxc", "podman", "docker") and container not in found:
        found.append(container)
    if exists("/proc/vz") and not exists("/proc/bc"):
        found.append("openvz")
    if container or found:
        found.append("container")
    if systemd and systemd not in found:
        found.append(systemd)
    return found


def machine_techs(firmware, cpuinfo, exists):
    """The technologies of a virtual machine. Pure but for ``exists``."""
    if exists("/proc/xen") and not exists("/proc/xen/privcmd"):
        return ["xen"]
    for field, start, tech in FIRMWARE:
        if firmware.get(field, "").startswith(start):
            if tech == "VirtualPC" and firmware.get("product_name") != "Virtual Machine":
                continue
            return [tech]
    if "QEMU Virtual CPU" in cpuinfo or "Common KVM processor" in cpuinfo:
        return ["kvm"]
    return ["uml"] if "User Mode Linux" in cpuinfo else []


def host_techs(modules, exists):
    """What the host could run others with. Pure but for ``exists``."""
    loaded = set(line.split(" ")[0] for line in modules.splitlines())
    found = ["kvm"] if exists("/dev/kvm") or "kvm" in loaded else []
    return found + (["virtualbox"] if "vboxdrv" in loaded else [])


def roles(guest, host):
    """The facts for the technologies found. Pure."""
    kind, role = "NA", "NA"
    if guest or host:
        kind, role = (guest or host)[0], "guest" if guest else "host"
    return {
        "virtualization_type": kind,
        "virtualization_role": role,
        "virtualization_tech_guest": sorted(guest),
        "virtualization_tech_host": sorted(host),
    }
