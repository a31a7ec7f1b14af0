"""Prints what a host's state is, as JSON. Runs on the host, with the Python that is there."""

import grp
import hashlib
import json
import os
import pwd
import re
import stat
import subprocess
import sys

ROOTS = ("/etc", "/srv", "/opt", "/home", "/root", "/usr/local", "/var/spool/cron", "/var/log/app", "/var/lib/app")
VOLATILE = re.compile(
    r"^/etc/(machine-id|hostname|ld\.so\.cache|\.pwd\.lock|mtab|resolv\.conf)$"
    r"|^/etc/(passwd|shadow|group|gshadow|subuid|subgid)-$"
    r"|^/etc/timezone$|^/root/\.gnupg|^/etc/apt/trusted\.gpg\.d/extra\.gpg|^/srv/apt\.tar\.gz$|^/etc/users$|^/etc/ssh/(ssh_host_|ssh_known_hosts\.old$)|^/etc/systemd/network/|^/etc/apt/.*\.(lock|save)$"
    r"|^/root/(\.ansible(_async)?|\.cache)(/|$)|^/home/[^/]+/\.ansible(/|$)|/\.ssh/id_\w+(\.pub)?$|\.pyc$|/__pycache__$|\.dist-info/RECORD$"
)
"""What is different on any two hosts, or is left behind by a way of working. See README.md."""
BACKUP = re.compile(r"\.\d+\.\d{4}-\d\d-\d\d@\d\d:\d\d:\d\d~$")

RANDOM = re.compile(rb"(?s)(-----BEGIN [A-Z0-9 ]+-----)\n.*?(?=-----END)|(?<= )AAAA[\w+/=]+\s*")
"""Keys and certificates: in /srv/keys they are made on the host. OpenSSH's end with or without a blank and a line's end."""


def tree(own):
    """Every file: kind, mode, owner, group, digest of the content with the host's ``own`` words replaced."""
    found = {}
    for root in ROOTS:
        for folder, folders, files in os.walk(root):
            for name in sorted(folders) + sorted(files) + ([""] if folder == root else []):
                path = os.path.join(folder, name).rstrip("/")
                if not VOLATILE.search(path):
                    found[BACKUP.sub(".BACKUP~", path)] = entry(path, own)
    return found


def entry(path, own):
    info = os.lstat(path)
    made = [oct(info.st_mode), name_of(pwd.getpwuid, info.st_uid), name_of(grp.getgrgid, info.st_gid)]
    if stat.S_ISLNK(info.st_mode):
        made.append(os.readlink(path))
    elif stat.S_ISREG(info.st_mode):
        with open(path, "rb") as file:
            content = file.read()
        for word, instead in own.items():
            content = content.replace(word.encode(), instead.encode())
        if "/crontabs/" in path:
            content = re.sub(rb"# \(\S+ installed on .*\n", b"", content)
        if path == "/etc/shadow":
            # Hashes have random salts; what counts is whether there is one.
            content = re.sub(rb"\$[^:]+", b"HASH", content)
        if path.startswith("/etc/pam.d/"):
            # fleet leaves blanks as they are and writes no line about itself.
            content = re.sub(rb"[ \t]+", b" ", re.sub(rb"# Updated by Ansible.*\n", b"", content))
        if path.startswith("/srv/keys/"):
            content = b"" if re.search(r"\.(p12|raw)\b", path) else RANDOM.sub(rb"\1", content)
        made.append(hashlib.sha1(content).hexdigest())
        if info.st_size < 2000:
            made.append(content.decode("utf-8", "replace"))
    return made


def name_of(ask, number):
    try:
        return ask(number)[0]
    except KeyError:
        return str(number)


def lines(*words):
    try:
        done = subprocess.run(words, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)
    except FileNotFoundError:
        return []
    return done.stdout.decode("utf-8", "replace").splitlines()


def state(own):
    units = lines("systemctl", "list-units", "--all", "--type=service,timer,socket,mount", "--plain", "--no-legend")
    return {
        "files": tree(own),
        "packages": lines("dpkg-query", "-W", "-f", "${Package} ${Version} ${db:Status-Abbrev}\n"),
        "rpms": sorted(lines("rpm", "-qa")),
        # The second time those that came as dependencies.
        "arch": lines("pacman", "-Q") + lines("pacman", "-Qd"),
        "auto": lines("apt-mark", "showauto"),
        "enabled": [
            line for line in lines("systemctl", "list-unit-files", "--plain", "--no-legend") if " transient" not in line
        ],
        "active": [
            " ".join(line.split()[:3:2])
            for line in units
            if not re.search(
                r"user@|user-runtime|run-user|run-credentials|ssh@|session|systemd-(hostname|locale|timedate|oom)d",
                line,
            )
        ],
        # How many packets a rule has seen is no state.
        "rules": [
            re.sub(r"counter packets \d+ bytes \d+", "counter", line) for line in lines("nft", "list", "ruleset")
        ],
        "sysctl": [
            line for line in lines("sysctl", "-a") if re.match(r"net\.ipv4\.(conf\.all|tcp_syn|ip_forward)", line)
        ],
        "locale": lines("locale", "-a"),
        "date": lines("date", "+%Z"),
    }


if __name__ == "__main__":
    print(json.dumps(state(json.loads(sys.argv[1]))))
