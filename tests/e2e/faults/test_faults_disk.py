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


UNPACK = "unarchive: {src: /root/new.tar, dest: /mnt/small, remote_src: true%s}"


@pytest.mark.parametrize("options", ["", ", exclude: [last]", ", keep_newer: true"])
def test_an_archive_that_does_not_fit(site, mount, options):
    """tar removes an old file before it writes the new one: what does not fit is refused before."""
    folder = mount("", "256k")
    site.sick.run(f"""cd {folder}; yes old | head -c 90000 >b; rm file; mkdir /root/new; cd /root/new
      yes new | head -c 100000 | tee a b c >last; tar -cf ../new.tar a b c last""")
    try:
        ran = site.run(f"    - {UNPACK % options}\n", "--limit", "sick")
        assert ran.code == 2 and "No space left on device" in ran.fatal("sick"), ran.text
        assert "nothing was changed" in ran.fatal("sick"), ran.text
        assert site.sick.run(f"ls -A {folder}; sort -u {folder}/b").stdout == "b\nold\n"
        # Two of the new files fit where the old one was.
        ran = site.run(f"    - {UNPACK % ', include: [b, c]'}\n", "--limit", "sick")
        assert ran.code == 0 and site.sick.run(f"cd {folder}; ls -A; sort -u b c").stdout == "b\nc\nnew\n"
    finally:
        site.sick.run("rm -rf /root/new /root/new.tar")


def test_a_file_with_holes_fits(site, mount):
    """What an archive holds counts, not how large a file looks."""
    folder = mount("", "256k")
    site.sick.run(
        f"cd {folder}; truncate -s 50M file; cd /root; echo end >file; truncate -s 100M file; tar -Scf new.tar file"
    )
    try:
        ran = site.run(f"    - {UNPACK % ''}\n", "--limit", "sick")
        assert ran.code == 0 and site.sick.run(f"stat -c %s {folder}/file").stdout == "104857600\n", ran.text
    finally:
        site.sick.run("rm -f /root/file /root/new.tar")


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
