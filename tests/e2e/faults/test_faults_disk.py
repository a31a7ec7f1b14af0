"""Disks that are full, read-only or noexec: the old file stays whole, nothing is left behind."""

import pytest

pytestmark = pytest.mark.e2e


@pytest.fixture
def mount(site):
    """Mount a small tmpfs on ``sick`` with options; gives its path."""

    def made(options, size="64k"):
        site.sick.run(f"mkdir -p /mnt/small; mount -t tmpfs -o size={size},mode=1777 tmpfs /mnt/small")
        site.sick.run("echo old >/mnt/small/file")
        site.well.run("mkdir -p /mnt/small; echo old >/mnt/small/file")
        if options:
            site.sick.run(f"mount -o remount,{options} /mnt/small")
        return "/mnt/small"

    yield made
    site.sick.run("umount /mnt/small 2>/dev/null; rm -rf /mnt/small")
    site.well.run("rm -rf /mnt/small")


def failed(ran, *words):
    assert ran.code == 2, ran.text
    assert ran.recap("sick")["failed"] == 1 and ran.recap("well")["failed"] == 0, ran.text
    for word in words:
        assert word in ran.fatal("sick")


@pytest.mark.parametrize("module", ["copy", "template", "inline", "lineinfile"])
def test_full(site, mount, module):
    folder = mount("")
    big = site.folder / "big"
    big.write_bytes(b"x" * (300_000 if module != "inline" else 40_000) + b"\n")
    if module == "inline":
        site.sick.run(f"head -c 40000 /dev/zero >{folder}/filler")
    task = {
        "copy": f"copy: {{src: {big}, dest: {folder}/file}}",
        "inline": f"copy: {{src: {big}, dest: {folder}/file}}",
        "template": f"template: {{src: {big}, dest: {folder}/file}}",
        "lineinfile": f"lineinfile: {{path: {folder}/file, line: \"{{{{ 'y' * 200000 }}}}\"}}",
    }[module]
    ran = site.run(f"    - {task}\n    - command: echo went on\n")
    failed(ran, "No space left on device")
    assert site.sick.run(f"cat {folder}/file; ls -A {folder}").stdout.split() == ["old", "file"] + ["filler"] * (
        module == "inline"
    )
    assert ran.recap("well")["ok"] == 2


def test_read_only(site, mount):
    folder = mount("ro")
    failed(site.run(f"    - copy: {{content: new, dest: {folder}/file}}\n"), "Read-only file system")
    assert site.sick.run(f"cat {folder}/file; ls -A {folder}").stdout.split() == ["old", "file"]


def test_noexec_tmp(site):
    """Nothing is executed from the temporary folder, not even a script."""
    script = site.folder / "script.sh"
    script.write_text("#!/bin/sh\necho ran as $0 with $1\n")
    site.sick.run("mount -t tmpfs -o noexec,mode=1777 tmpfs /tmp")
    try:
        ran = site.run(f"""
    - ping:
    - copy: {{content: new, dest: /tmp/file}}
    - shell: cat /tmp/file
    - script: {script} word
      register: told
    - debug: var=told.stdout
""")
        assert ran.code == 0 and ran.out.count("with word") == 2, ran.text
    finally:
        site.sick.run("umount /tmp")
        site.well.run("rm -f /tmp/file")
