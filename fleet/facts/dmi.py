"""What the firmware says of the machine: vendor, product, board, chassis, BIOS."""

import os

from fleet.remote import look

FOLDER = "/sys/devices/virtual/dmi/id"
NAMES = (
    "bios_date",
    "bios_vendor",
    "bios_version",
    "board_asset_tag",
    "board_name",
    "board_serial",
    "board_vendor",
    "board_version",
    "chassis_asset_tag",
    "chassis_serial",
    "chassis_vendor",
    "chassis_version",
    "form_factor",
    "product_name",
    "product_serial",
    "product_uuid",
    "product_version",
    "system_vendor",
)
SUBSETS = ("hardware",)
FILES = {"system_vendor": "sys_vendor", "form_factor": "chassis_type"}
FORM_FACTORS = (
    "Unknown,Other,Unknown,Desktop,Low Profile Desktop,Pizza Box,Mini Tower,Tower,Portable,Laptop,Notebook,Hand Held,"
    "Docking Station,All In One,Sub Notebook,Space-saving,Lunch Box,Main Server Chassis,Expansion Chassis,"
    "Sub Chassis,Bus Expansion Chassis,Peripheral Chassis,RAID Chassis,Rack Mount Chassis,Sealed-case PC,"
    "Multi-system,CompactPCI,AdvancedTCA,Blade,Blade Enclosure,Tablet,Convertible,Detachable,IoT Gateway,"
    "Embedded PC,Mini PC,Stick PC"
).split(",")


def collect(host):
    if not os.path.isdir(FOLDER):
        return {name: "NA" for name in NAMES}
    facts = {name: look.text(os.path.join(FOLDER, FILES.get(name, name)), "NA") for name in NAMES}
    facts["form_factor"] = form_factor(facts["form_factor"])
    return facts


def form_factor(number):
    """The chassis type of SMBIOS as a word."""
    if number.isdigit() and int(number) < len(FORM_FACTORS):
        return FORM_FACTORS[int(number)]
    return "unknown (%s)" % number if number != "NA" else "NA"
