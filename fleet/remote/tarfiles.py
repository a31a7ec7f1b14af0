"""Archives of tar(1): what is in them, what of it is missing or different below a folder, and unpacking.

The program does the work: it knows sparse files, extended headers and archives that try to write elsewhere.
"""

import os
import re

from fleet.remote import room
from fleet.remote.attributes import why_refused
from fleet.remote.host import Failed

DIFFERS = re.compile(
    r"^(?:\S*tar: )?(?P<name>.*?): (?P<what>Mode differs|Uid differs|Gid differs|Contents differ|Size differs|"
    r"Mod time differs|Symlink differs|File type differs|Device number differs|Not linked to .*|"
    r"(?:Warning: )?Cannot \w+: .*)$"
)
STUCK = re.compile(r"^(?:\S*tar: )?(?P<name>.*?): Cannot ", re.MULTILINE)
LISTED = re.compile(r"-\S+ \S+ +(\d+) \d{4}-\d\d-\d\d \d\d:\d\d (.+)$")
TOTAL = re.compile(r"^Total bytes read: (\d+)", re.MULTILINE)
NEWER = re.compile(r"Current \S(?P<name>.*)\S is newer or same age$", re.MULTILINE)
PACKED = ((b"\x1f\x8b", "gzip", "gzip"), (b"BZh", "bzip2", "bzip2"), (b"\xfd7zXZ\0", "xz", "xz-utils"),
          (b"\x28\xb5\x2f\xfd", "zstd", "zstd"), (b"LZIP", "lzip", "lzip"))


class TarArchive(object):
    """One archive and where it is to go. ``args`` are those of the module unarchive."""

    def __init__(self, host, path, args):
        self.host = host
        self.path = path
        self.args = args
        self.program = host.which("gtar") or host.need("tar", "tar")
        self.packer = self._packer()
        self.listed = []
        self.name = "TgzArchive" if self.packer == "gzip" else "TarArchive"

    def _packer(self):
        with open(self.path, "rb") as source:
            head = source.read(8)
        for magic, program, package in PACKED:
            if head.startswith(magic):
                self.host.need(program, package)
                return program
        return None

    def _command(self, action, options=(), names=()):
        command = [self.program, action, "-C", self.args["dest"], "--quoting-style=literal", "--force-local"]
        command += ["--use-compress-program=%s" % self.packer] if self.packer else []
        command += list(options)
        command += ["--exclude=%s" % each for each in self.args["exclude"] or ()]
        command += self.args["extra_opts"] or []
        return command + ["-f", self.path] + (["--"] + list(names) if names else [])

    def names(self):
        """Names as they come to lie below ``dest``; folders end in a slash. Raises Failed when it is no archive."""
        moved = ["--show-transformed-names"] if self.args["extra_opts"] else []
        ran = self.host.run(self._command("--list", moved, self.args["include"] or ()), ok=None)
        if ran.rc != 0:
            missing = [line for line in ran.err.splitlines() if line.endswith("Not found in archive")]
            if missing:
                raise Failed("the archive does not hold %s" % ", ".join(line.split(": ")[-2] for line in missing))
            raise NoArchive(ran.err.strip())
        self.listed = [name[1:] if name.startswith("/") else name for name in ran.lines]
        return self.listed

    def differences(self):
        """What is not below ``dest`` as in the archive: [(name, what)], without what the task decides itself."""
        ran = self.host.run(self._command("--diff", (), self.args["include"] or ()), ok=None)
        found = []
        for line in (ran.out + ran.err).splitlines():
            match = DIFFERS.match(line)
            # A folder that --strip-components leaves no name of is `dest` itself.
            if match and match.group("name") and not self._ours(match.group("what")):
                found.append((match.group("name"), match.group("what")))
        if ran.rc > 1 and not found:
            raise Failed("cannot compare %s with %s: %s" % (self.path, self.args["dest"], ran.err.strip()), rc=ran.rc)
        return found

    def _ours(self, what):
        """Whether the task says it, or nobody but root can make it so."""
        if what == "Uid differs":
            return self.args["owner"] is not None or os.geteuid() != 0
        if what == "Gid differs":
            return self.args["group"] is not None or os.geteuid() != 0
        return what == "Mode differs" and self.args["mode"] is not None

    def unpack(self, differing):
        """(whether anything came of it, the return key ``extract_results``). Raises Failed."""
        self._refuse_what_does_not_fit()
        options = []
        if self.args["keep_newer"]:
            options.append("--keep-newer-files")
        command = self._command("--extract", options, self.args["include"] or ())
        ran = self.host.run(command, ok=None)
        told = {"cmd": command, "rc": ran.rc, "out": ran.out, "err": ran.err}
        if ran.rc != 0:
            stuck = STUCK.search(ran.err)
            place = os.path.join(self.args["dest"], stuck.group("name") if stuck else ".")
            raise Failed("failed to unpack %s to %s: %s%s" % (self.path, self.args["dest"], ran.err.strip()[-500:],
                                                              why_refused(place)), extract_results=told)
        kept = set(found.group("name") for found in NEWER.finditer(ran.err))
        return any(name not in kept for name, _ in differing), told

    def _refuse_what_does_not_fit(self):
        if not any(os.path.isfile(os.path.join(self.args["dest"], name)) for name in self.listed):
            return
        told = ["--verbose", "--numeric-owner", "--totals", "--show-transformed-names"]
        ran = self.host.run(self._command("--list", told, self.args["include"] or ()), ok=None)
        sizes = [(found.group(2).lstrip("/"), int(found.group(1))) for found in map(LISTED.match, ran.lines) if found]
        total = TOTAL.search(ran.err)
        most = int(total.group(1)) if total else sum(size for _, size in sizes)
        lacking = room.lacking(self.args["dest"], sizes, most)
        if lacking:
            raise Failed("failed to unpack %s to %s: No space left on device: %d bytes are needed at once, %d are free; "
                         "nothing was changed" % ((self.path, self.args["dest"]) + lacking))


class NoArchive(Failed):
    """The file is of no kind that can be unpacked."""
