"""A way back that the host goes by itself, after some seconds, unless somebody claims it first.

A folder in /run holds the shell script and a file `armed`. Whoever renames that file has won: the timer, which then
runs the script, or the one who confirms. So the two can never both have their way, and the script runs once.
"""

import os
import shlex
import shutil
import subprocess
import time

from fleet.remote.host import Failed

BASE = "/run/fleet-revert"


def folder_of(name):
    if not name or not name.replace("-", "").isalnum():
        raise Failed("no name of a way back: %r" % (name,))
    return os.path.join(BASE, name)


def arm(host, name, seconds, files, lines):
    """Have the shell run ``lines`` in ``seconds``; ``files`` are {name: text} they find in their folder ($PWD)."""
    folder = folder_of(name)
    os.makedirs(BASE, mode=0o700, exist_ok=True)
    os.mkdir(folder, 0o700)
    script = "cd %s && mv armed taken || exit 0\n%s\necho $? > reverted\n" % (shlex.quote(folder), "\n".join(lines))
    for short, text in dict(files, armed="", script=script).items():
        with open(os.path.join(folder, short), "w", encoding="utf-8", errors="surrogateescape") as sink:
            sink.write(text)
    try:
        _start(host, name, seconds, os.path.join(folder, "script"))
    except Failed:
        shutil.rmtree(folder, ignore_errors=True)
        raise


def _start(host, name, seconds, path):
    program = host.which("systemd-run") if os.path.isdir("/run/systemd/system") else None
    if program:
        host.run([program, "--quiet", "--collect", "--unit=fleet-revert-" + name, "--on-active=%d" % seconds,
                  "--timer-property=AccuracySec=100ms", "/bin/sh", path])
        return
    # A session of its own and no pipe of ours: it outlives the runner and the connection.
    subprocess.Popen(["/bin/sh", "-c", "sleep %d; exec /bin/sh %s" % (seconds, shlex.quote(path))],
                     stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                     cwd="/", close_fds=True, start_new_session=True)


def claim(host, name):
    """Take the way back away. False when the host has gone it already."""
    folder = folder_of(name)
    try:
        os.rename(os.path.join(folder, "armed"), os.path.join(folder, "kept"))
    except OSError:
        return False
    program = host.which("systemctl") if os.path.isdir("/run/systemd/system") else None
    if program:
        host.run([program, "stop", "fleet-revert-%s.timer" % name], ok=None)
    shutil.rmtree(folder, ignore_errors=True)
    return True


def go(host, name, patience=15.0):
    """Go the way back now, or wait until the timer's run of it has ended; gives its exit code. Raises Failed."""
    folder = folder_of(name)
    if not os.path.isdir(folder):
        raise Failed("there is no way back named %s" % name)
    host.run(["/bin/sh", os.path.join(folder, "script")], ok=None)
    end = time.monotonic() + patience
    while not os.path.exists(os.path.join(folder, "reverted")):
        if time.monotonic() > end:
            raise Failed("the way back %s has not ended within %d seconds" % (name, patience))
        time.sleep(0.1)
    with open(os.path.join(folder, "reverted")) as source:
        code = source.read().strip()
    program = host.which("systemctl") if os.path.isdir("/run/systemd/system") else None
    if program:
        host.run([program, "stop", "fleet-revert-%s.timer" % name], ok=None)
    shutil.rmtree(folder, ignore_errors=True)
    return int(code or 1)
