"""The names the host has in storage networks: iSCSI, Fibre Channel, NVMe."""

from fleet.remote import look

NAMES = ("iscsi_iqn", "fibre_channel_wwn", "hostnqn")
SUBSETS = ("iscsi", "fibre_channel_wwn", "nvme")


def collect(host):
    ports = ["/sys/class/fc_host/%s/port_name" % name for name in look.names("/sys/class/fc_host")]
    return {
        "iscsi_iqn": look.assignments("/etc/iscsi/initiatorname.iscsi").get("InitiatorName", ""),
        "fibre_channel_wwn": [look.text(path).replace("0x", "", 1) for path in ports],
        "hostnqn": look.text("/etc/nvme/hostnqn").partition("\n")[0],
    }
