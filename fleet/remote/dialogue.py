"""A talk with a program on a terminal of its own: what it asks is looked for, and answered.

The terminal does not echo and is 80 by 24. A pattern is looked for in what came since the last answer.
"""

import errno
import fcntl
import os
import pty
import re
import select
import signal
import struct
import subprocess
import termios
import time

from fleet.remote.process import Stream

WINDOW = 1 << 16
"""Bytes a question is looked for in."""
THOUGHT = 0.05
"""Seconds before an answer: a program that asks for a password may first print, then switch its terminal to silence and
throw away what was typed before."""


class Silence(Exception):
    """Nothing that was asked for came in time."""


class Unanswered(Exception):
    """A question came once more than there are answers for it."""


class Answers(object):
    """Patterns of questions, and what to send for each: one answer for always, or a list for one time each."""

    def __init__(self, responses):
        self.patterns = []
        for question, answer in responses.items():
            expression = re.compile(str(question).encode("utf-8", "surrogateescape"), re.DOTALL)
            answers = iter([line(each) for each in answer]) if isinstance(answer, list) else line(answer)
            self.patterns.append((str(question), expression, answers))

    def find(self, text):
        """(where the first question ends, question, its answers) or None."""
        found = None
        for question, expression, answers in self.patterns:
            match = expression.search(text)
            if match and (found is None or match.start() < found[0]):
                found = (match.start(), match.end(), question, answers)
        return found[1:] if found else None


def line(answer):
    """An answer as it is typed: one line end behind it."""
    return str(answer).encode("utf-8", "surrogateescape").rstrip(b"\n") + b"\n"


def next_answer(question, answers):
    if isinstance(answers, bytes):
        return answers
    try:
        return next(answers)
    except StopIteration:
        raise Unanswered(question)


def split(command):
    """The words of a command line: a backslash takes the next letter as it is, but in quotes nothing is special.

    That is how commands for pexpect are written, in which a shell's text in double quotes keeps its backslashes.
    Raises ValueError for a quote that is not closed.
    """
    words, held, quote, letters = [], None, "", iter(command)
    for letter in letters:
        if quote:
            quote, more = ("", "") if letter == quote else (quote, letter)
        elif letter in "'\"":
            quote, more = letter, ""
        elif letter.isspace():
            words += [] if held is None else [held]
            held = None
            continue
        else:
            more = next(letters, "") if letter == "\\" else letter
        held = (held or "") + more
    if quote:
        raise ValueError("No closing quotation")
    return words + ([] if held is None else [held])


class Talk(object):
    """What came of it: exit code (None for a program that a signal ended) and all that was printed."""

    def __init__(self):
        self.rc = None
        self.stream = Stream()

    @property
    def out(self):
        return self.stream.text()


def hold(host, argv, answers, talk, cwd=None, timeout=None, echo=False):
    """Run ``argv``, answer it and fill ``talk``.

    Raises OSError when the program cannot be started, Silence, Unanswered.
    """
    if host._busy:
        host._busy()
    master, slave = pty.openpty()
    try:
        child = _start(host, argv, slave, cwd, echo)
    except BaseException:
        os.close(master)
        raise
    finally:
        os.close(slave)
    host.children.append(child)
    try:
        _exchange(master, answers, talk, timeout)
        child.wait()
    finally:
        _hang_up(child, master)
        host.children.remove(child)
    talk.rc = child.returncode if child.returncode >= 0 else None


def _start(host, argv, slave, cwd, echo):
    fcntl.ioctl(slave, termios.TIOCSWINSZ, struct.pack("HHHH", 24, 80, 0, 0))
    modes = termios.tcgetattr(slave)
    modes[3] = modes[3] | termios.ECHO if echo else modes[3] & ~termios.ECHO
    termios.tcsetattr(slave, termios.TCSANOW, modes)

    def take_terminal():
        # A session leader's first terminal: what reads passwords opens it as /dev/tty.
        fcntl.ioctl(0, termios.TIOCSCTTY, 0)
        signal.signal(signal.SIGHUP, signal.SIG_DFL)

    return subprocess.Popen(argv, stdin=slave, stdout=slave, stderr=slave, cwd=cwd, start_new_session=True,
                            env=dict(os.environ, **host.env), preexec_fn=take_terminal)


def _exchange(master, answers, talk, timeout):
    pending = b""
    until = None if timeout is None else time.monotonic() + timeout
    while True:
        left = None if until is None else max(0.0, until - time.monotonic())
        if not select.select([master], [], [], left)[0]:
            raise Silence()
        data = _read(master)
        if not data:
            return
        talk.stream.feed(data)
        pending = (pending + data)[-WINDOW:]
        found = answers.find(pending)
        while found:
            answer = next_answer(*found[1:])
            time.sleep(THOUGHT)
            _write(master, answer)
            pending = pending[found[0]:]
            until = None if timeout is None else time.monotonic() + timeout
            # A pattern that takes nothing would be found for ever.
            found = answers.find(pending) if found[0] and pending else None


def _read(master):
    """What came, b"" when all who had the terminal open have closed it."""
    try:
        return os.read(master, 4096)
    except OSError as error:
        if error.errno == errno.EIO:
            return b""
        raise


def _write(master, data):
    try:
        while data:
            data = data[os.write(master, data):]
    except OSError as error:
        # A program that has ended meanwhile reads no answer; what it printed is still to be read.
        if error.errno != errno.EIO:
            raise


def _hang_up(child, master):
    os.close(master)
    if child.poll() is None:
        try:
            os.killpg(child.pid, signal.SIGKILL)
        except OSError:
            child.kill()
        child.wait()
