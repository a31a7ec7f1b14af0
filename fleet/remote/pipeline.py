"""Programs that feed each other, without a shell: dumps and what is restored from them go through in chunks."""

import subprocess
import tempfile

from fleet.remote.host import Failed

CHUNK = 1 << 18
COMPRESSORS = (
    (".gz", "gzip", "gzip"),
    (".bz2", "bzip2", "bzip2"),
    (".xz", "xz", "xz-utils"),
    (".zst", "zstd", "zstd"),
)


def compressor(host, path):
    """The full path of the program that packs files named like ``path``, or None. Raises Failed."""
    for ending, name, package in COMPRESSORS:
        if path.endswith(ending):
            return host.need(name, package)
    return None


class Pipeline(object):
    """Running programs, each reading what the one before it writes. ``source`` is an open file for the first.

    ``notes`` is what the last one said on its standard error, once all have ended well.
    """

    def __init__(self, host, commands, source=None, env=None, cwd=None, pass_fds=()):
        self.host = host
        self.commands = commands
        self.children = []
        self.notes = ""
        # What programs complain about goes to files: nobody has to read them while the data flows.
        self.complaints = [tempfile.TemporaryFile() for _ in commands]
        stream = source if source is not None else subprocess.DEVNULL
        try:
            for argv, complaint in zip(commands, self.complaints):
                child = subprocess.Popen(argv, stdin=stream, stdout=subprocess.PIPE, stderr=complaint, cwd=cwd,
                                         env=host.environ(env), start_new_session=True, pass_fds=pass_fds)
                if self.children:
                    self.children[-1].stdout.close()
                self.children.append(child)
                host.children.append(child)
                stream = child.stdout
        except OSError as error:
            self.stop()
            raise Failed("cannot run %s: %s" % (argv[0], error.strerror), rc=error.errno)

    def chunks(self):
        """What the last program writes; afterwards Failed, if one of them failed. Ends them all in any case."""
        try:
            for chunk in iter(lambda: self.children[-1].stdout.read(CHUNK), b""):
                yield chunk
            self.finish()
        finally:
            self.stop()

    def finish(self):
        """Wait for all of them. Raises Failed with what the first that failed said."""
        codes = [child.wait() for child in self.children]
        failed = [index for index, code in enumerate(codes) if code != 0]
        # One that was cut off by the next one's end (SIGPIPE) is not the reason.
        for index in sorted(failed, key=lambda index: codes[index] == -13):
            told = self.said(index)
            raise Failed(told or "%s failed with exit code %d" % (self.commands[index][0], codes[index]),
                         rc=codes[index], stderr=told)
        self.notes = self.said(-1)

    def said(self, index):
        """What a program complained about."""
        self.complaints[index].seek(0)
        return self.complaints[index].read().decode("utf-8", "replace")

    def stop(self):
        for child in self.children:
            if child.poll() is None:
                child.kill()
            child.wait()
            child.stdout.close()
            if child in self.host.children:
                self.host.children.remove(child)
        for complaint in self.complaints:
            complaint.close()

