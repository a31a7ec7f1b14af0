"""parted: its listings read, the right script written; on a real image file where parted is installed.

The listings are output of parted 3.5 (Debian 12) for image files of 100 MiB.
"""

import shutil

import pytest
from fake_host import FakeHost, run_on
from run_module import run_module

from fleet.modules import parted
from fleet.remote import partitions

KIB = "BYT;\n/srv/m.img:102400kiB:file:512:512:msdos::;\n1:0.50kiB:30720kiB:30720kiB:::lvm;\n2:30720kiB:51200kiB:20480kiB:ext4::boot, lvm;\n"
BYTES = "BYT;\n/srv/m.img:104857600B:file:512:512:msdos::;\n1:512B:31457279B:31456768B:::lvm;\n2:31457280B:52428799B:20971520B:ext4::boot, lvm;\n"
CYL = "CYL;\n/root/m.img:1599cyl:file:512:512:msdos::;\n1600:4:32:65.5kB;\n1:0cyl:479cyl:479cyl:::lvm;\n5:816cyl:959cyl:144cyl:::;\n"
CHS = "CHS;\n/root/m.img:1599,3,31:file:512:512:msdos::;\n1600:4:32:65.5kB;\n1:0,0,1:479,3,31:::lvm;\n2:480,0,0:799,3,31:::;\n"
COMPACT = "BYT;\n/root/m.img:105MB:file:512:512:msdos::;\n1:512B:31.5MB:31.5MB:::lvm;\n5:53.5MB:62.9MB:9437kB:::;\n"
NONE = "BYT;\n/root/m.img:102400kiB:file:512:512:unknown::;\n"
SHAPE = {"cylinders": 1600, "heads": 4, "sectors": 32, "cyl_size": 65.5, "cyl_size_unit": "kb"}


def test_a_listing():
    disk, parts = partitions.parse(KIB, "KiB")
    assert disk == {"dev": "/srv/m.img", "size": 102400.0, "unit": "kib", "logical_block": 512, "physical_block": 512,
                    "table": "msdos", "model": ""}  # fmt: skip
    assert parts[1] == {"num": 2, "begin": 30720.0, "end": 51200.0, "size": 20480.0, "unit": "kib", "fstype": "ext4",
                        "name": "", "flags": ["boot", "lvm"]}  # fmt: skip
    assert partitions.parse("Error: junk\n", "KiB") is None and partitions.parse(NONE, "KiB")[1] == []


def test_cylinders_and_other_units():
    disk, parts = partitions.parse(CYL, "cyl")
    assert (disk["size"], disk["unit"], disk["chs_info"]) == (1599.0, "cyl", SHAPE) and parts[1]["end"] == 959.0
    disk, parts = partitions.parse(CHS, "chs")
    assert disk["size"] == {"cylinder": 1599, "head": 3, "sector": 31} and disk["chs_info"] == SHAPE
    assert (parts[0]["size"], parts[0]["flags"], parts[0]["end"]["cylinder"]) == ("", ["lvm"], 479)
    disk, parts = partitions.parse(COMPACT, "compact")
    assert (disk["unit"], parts[0]["begin"], parts[1]["size"], parts[1]["unit"]) == ("mb", 512.0, 9437.0, "mb")


def test_colons_in_names():
    assert partitions.split(r"/dev/a\:b:1MB:scsi") == ["/dev/a:b", "1MB", "scsi"]
    assert partitions.split("1:::") == ["1", "", "", ""]


@pytest.mark.parametrize(
    "text, byte",
    [("0%", 0), ("50%", 52428800), ("100%", 104857600), ("20MiB", 20 << 20), ("-5MiB", 95 << 20), ("1s", 512), ("2cyl", 131072),
     ("1.5kB", 1500), ("10 GiB", 10 << 30)],
)  # fmt: skip
def test_positions(text, byte):
    partitions.check("part_end", text)
    assert partitions.offset(text, 104857600, 512, 65536) == byte


def host(kib=KIB, check=False, **answers):
    return FakeHost(
        {
            "parted -s -m DEV -- unit KiB print": kib,
            "parted -s -m DEV -- unit B print": BYTES,
            "parted --version": "parted (GNU parted) 3.5\n",
            "parted -s -f -m": "",
            **answers,
        },
        check=check,
    )


def edits(fake):
    return [call.partition(" -- ")[2] for call in fake.calls if " -f " in call]


SCRIPTS = [
    ({"number": 1}, []),
    ({"number": 1, "flags": ["lvm"]}, []),
    ({"number": 1, "part_end": "30MiB", "resize": True}, []),
    ({"number": 2, "flags": ["lvm"]}, ["unit KiB set 2 boot off"]),
    ({"number": 1, "flags": ["boot"]}, ["unit KiB set 1 boot on set 1 lvm off"]),
    ({"number": 1, "part_end": "25MiB", "resize": True}, ["resizepart 1 25MiB"]),
    ({"number": 2, "resize": True, "name": "x"}, ["resizepart 2 100%", 'unit KiB name 2 "x"']),
    ({"number": 3, "part_start": "-5MiB", "part_type": "extended"}, ["unit KiB mkpart extended -5MiB 100%"]),
    ({"number": 1, "label": "gpt", "name": 'a "b"', "flags": ["esp"], "fs_type": "fat32", "part_end": "10MiB"},
     ["unit KiB mklabel gpt mkpart primary fat32 0% 10MiB", r'unit KiB name 1 "a \"b\"" set 1 boot on set 1 esp on']),
]  # fmt: skip


@pytest.mark.parametrize("args, scripts", SCRIPTS)
def test_scripts(args, scripts):
    given = {"device": "DEV", "state": "present", **args}
    fake = host(check=True)
    result = run_on(fake, "parted", given)
    assert result["changed"] is bool(scripts) and edits(fake) == [] and " ".join(result["script"]) == " ".join(scripts)
    after = KIB + "3:51200kiB:102400kiB:51200kiB:::;\n"
    told = [KIB, after]
    fake = host(kib=lambda _: told.pop(0) if len(told) > 1 else told[0])
    result = run_on(fake, "parted", given)
    assert (
        edits(fake) == scripts
        and result["disk"]["table"] == "msdos"
        and len(result["partitions"]) == (3 if scripts else 2)
    )


def test_a_partition_goes():
    told = [KIB, KIB.replace("2:30720", "3:30720")]
    fake = host(kib=lambda _: told.pop(0))
    result = run_on(fake, "parted", {"device": "DEV", "number": 2, "state": "absent"})
    assert result["changed"] and edits(fake) == ["rm 2"] and fake.calls[2] == "parted -s -f -m -a optimal DEV -- rm 2"
    assert not run_on(host(), "parted", {"device": "DEV", "number": 7, "state": "absent"})["changed"]
    fake = host(check=True)
    assert run_on(fake, "parted", {"device": "DEV", "number": 2, "state": "absent"})["script"] == ["rm", "2"]


def test_only_looking():
    result = run_on(host(kib=(1, NONE, "Error: /root/m.img: unrecognised disk label\n")), "parted", {"device": "DEV"})
    assert (
        not result["changed"] and result["disk"]["table"] == "unknown" and result["script"] == ["unit", "KiB", "print"]
    )


def test_older_parted_repairs_nothing_and_undefined_aligns_nothing():
    fake = FakeHost({"parted -s -m DEV -- unit KiB print": KIB, "parted --version": "parted (GNU parted) 3.4\n",
                     "parted -s -m DEV -- unit KiB mkpart": ""})  # fmt: skip
    result = run_on(fake, "parted", {"device": "DEV", "number": 3, "state": "present", "align": "undefined"})
    assert fake.calls[2] == "parted -s -m DEV -- unit KiB mkpart primary 0% 100%"
    assert result["failed"] and "of the partitions 3 is not there: there are 1, 2" in result["msg"]


@pytest.mark.parametrize(
    "args, message",
    [
        ({"state": "present"}, "state is present but all of the following are missing: number"),
        ({"state": "present", "number": 0}, "The partition number must be greater then 0."),
        ({"state": "present", "number": 1, "part_end": "x"}, "Error interpreting parted size output: 'x'"),
        (
            {"state": "present", "number": 1, "part_start": 5},
            "The argument 'part_start' doesn't respect required format.",
        ),
        ({"state": "present", "number": 1, "label": "zfs"}, "value of label must be one of"),
        ({"state": "present", "number": "one"}, "argument 'number'"),
        ({"unit": "miles"}, "value of unit must be one of"),
    ],
)
def test_bad_input(args, message):
    fake = host()
    assert message in run_on(fake, "parted", {"device": "DEV", **args})["msg"] and fake.calls == []


def test_what_parted_says():
    error = "Error: Can't have overlapping partitions.\n"
    fake = host(**{"parted -s -f -m": (1, "", error)})
    result = run_on(fake, "parted", {"device": "DEV", "number": 3, "state": "present"})
    assert result["msg"].startswith("Error while running parted script: ") and (result["err"], result["rc"]) == (
        error,
        1,
    )
    fake = host(kib=(1, "", "Error: Could not stat device DEV - No such file or directory.\n"))
    assert run_on(fake, "parted", {"device": "DEV"})["msg"].startswith("Error while getting device information")
    assert "install the package parted " in run_on(FakeHost({}), "parted", {"device": "DEV"})["msg"]


def test_flags_of_gpt():
    assert parted.flag_changes({"label": "gpt", "flags": ["esp"]}, ["boot", "esp"]) == []
    assert parted.flag_changes({"label": "msdos", "flags": None}, ["boot"]) == []


@pytest.mark.skipif(not shutil.which("parted"), reason="no parted here")
def test_a_real_image(tmp_path):
    image = tmp_path / "disk.img"
    with open(image, "wb") as file:
        file.truncate(50 << 20)
    args = {
        "device": str(image),
        "number": 1,
        "state": "present",
        "label": "gpt",
        "name": "data",
        "part_end": "20MiB",
        "flags": ["lvm"],
    }
    assert run_module("parted", args, check=True)["changed"] and not image.read_bytes().strip(b"\0")
    made = run_module("parted", args)
    assert made["changed"] and made["partitions"][0]["name"] == "data" and made["partitions"][0]["flags"] == ["lvm"]
    assert not run_module("parted", args)["changed"]
    larger = dict(args, part_end="100%", resize=True)
    assert run_module("parted", larger)["changed"] and not run_module("parted", larger)["changed"]
    assert run_module("parted", dict(args, state="absent"))["partitions"] == []
