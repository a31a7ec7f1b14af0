"""The runner: takes steps from the wire, runs them one after the other, sends their results.

It stops at the first step that fails and drops what is queued behind it, except further items of the
same task and steps of a later epoch, which the controller sends once it knows of the failure. A second
thread reads, so that files can stream in while a module runs, a lost controller is noticed, and a
sign of life goes out while a step takes long. A step that runs when the connection breaks is brought to
its end, and a successor may fetch its result (remote.pickup). See remote.wire for the frames, bootstrap
for the start.
"""

import collections
import gc
import importlib
import os
import select
import signal
import sys
import threading
import time

from fleet.remote import pickup
from fleet.remote.host import Failed, Host, Unmet
from fleet.remote.state import converge, plain
from fleet.remote.wire import CHUNK, Unpacker, pack, pack_data

BEAT = 5.0
LAZY_FLUSH = 0.02


class TimedOut(Exception):
    """The step took longer than its task allows."""


class Lost(Exception):
    """The controller was lost while the step needed it; the step has come to nothing and may be sent again."""


class Runner(object):
    """One runner: one identity on one host, until the controller says bye or is gone."""

    def __init__(self, source, sink, load):
        self.source = source
        self.sink = sink
        self.load = load
        self.queue = collections.deque()
        self.change = threading.Condition()
        self.contents = {}
        self.gone = False
        self.lost = False
        self.listener = None
        self.successor = None
        self.kept = pickup.Kept()
        self.last = 0
        self.ended = None
        self.dropped = -1
        self.failed_task = None
        self.out = collections.deque()
        self.flushed = time.time()
        self.writing = threading.Lock()
        self.running = None
        self.host = None
        self.cache = {}
        self.pretended = False

    def main(self):
        reader = threading.Thread(target=self.read)
        reader.daemon = True
        reader.start()
        while True:
            step = self.take()
            if step is None:
                break
            if "resume" in step:
                self.resume(step)
            else:
                self.one(step)
        self.flush()
        if self.lost and self.listener is not None:
            self.hand_over(reader)

    def take(self):
        """The next step to run, None when there will be no more."""
        with self.change:
            while True:
                while self.queue and not self.lost:
                    step = self.queue.popleft()
                    if self.wanted(step):
                        self.running = step
                        return step
                if self.gone or self.lost:
                    return None
                if self.out:
                    self.flush()
                self.change.wait()

    def wanted(self, step):
        if "resume" in step:
            return True
        if step["epoch"] > self.dropped:
            return True
        return self.failed_task is not None and step["task"] == self.failed_task

    def resume(self, step):
        """Get from the runner before this one what it did, and go on as that one would."""
        found = pickup.fetch(step["resume"])
        answer = {"t": "resumed", "found": found is not None}
        if found is not None:
            state, frames = found
            answer.update(last=state["last"], done=frames)
            with self.change:
                self.dropped = max(self.dropped, state["dropped"])
                self.failed_task = state["failed_task"]
            self.pretended = self.pretended or state["pretended"]
        self.running = None
        self.out.append(pack(answer))
        self.flush()

    def hand_over(self, reader):
        """Wait for a successor and tell it all."""
        self.ended = time.time()
        reader.join()
        if self.successor is not None:
            state = {"last": self.last, "dropped": self.dropped, "failed_task": self.failed_task,
                     "pretended": self.pretended}
            pickup.give(self.successor, state, self.kept)

    def one(self, step):
        try:
            result = self.execute(step)
        except Lost:
            return
        self.last = step["id"]
        if result.get("failed") and not step.get("go_on"):
            with self.change:
                self.dropped = max(self.dropped, step["epoch"])
                self.failed_task = step["task"]
        self.running = None
        frame = pack({"t": "done", "id": step["id"], "result": result})
        self.kept.add(frame)
        self.out.append(frame)
        if time.time() - self.flushed > LAZY_FLUSH:
            self.flush()

    def execute(self, step):
        host = self.host = Host(
            check=step.get("check", False),
            diff=step.get("diff", False),
            env=step.get("env"),
            cache=self.cache,
            content=self.content,
            send=self.send_data,
            busy=self.flush,
            upcoming=self.upcoming,
        )
        started = time.time()
        saved = dict(os.environ) if host.env else None
        try:
            if saved is not None:
                os.environ.update(host.env)
            job = step.get("job")
            if job:
                from fleet.remote import jobs

                result = jobs.begin(job, lambda: self.detached(step, host))
            else:
                result = self.limited(step, host)
        except Lost:
            raise
        except Exception:  # pylint: disable=broad-except  # whatever a module does, the runner lives on
            result = self.crashed()
        if saved is not None:
            os.environ.clear()
            os.environ.update(saved)
        if host.warnings:
            result.setdefault("warnings", []).extend(host.warnings)
        if result.get("changed") or result.get("failed"):
            self.cache.pop("moment", None)
            self.pretended = self.pretended or (host.check and not step.get("alone"))
        result["_ansible_seconds"] = round(time.time() - started, 4)
        return result

    def upcoming(self):
        """The calls that are queued behind the step that runs."""
        with self.change:
            return [(step["module"], step["args"]) for step in self.queue]

    def detached(self, step, host):
        """Run a step in a process of its own, whose result nobody reads from the wire."""
        self.sink = os.open(os.devnull, os.O_WRONLY)
        try:
            result = self.call(step, host)
        except Exception:  # pylint: disable=broad-except
            result = self.crashed()
        if host.warnings:
            result.setdefault("warnings", []).extend(host.warnings)
        return result

    def limited(self, step, host):
        """Run the step's module within its time limit and turn what it raises into a result."""
        limit = step.get("timeout")
        if limit:
            signal.signal(signal.SIGALRM, self.expired)
            signal.setitimer(signal.ITIMER_REAL, limit)
        try:
            return self.call(step, host)
        except TimedOut:
            for child in host.children:
                kill(child)
            limit = int(limit) if limit == int(limit) else limit
            return {"failed": True, "changed": False, "timedout": {"period": limit},
                    "msg": "Timed out after %s second(s)." % limit}
        finally:
            if limit:
                signal.setitimer(signal.ITIMER_REAL, 0)

    @staticmethod
    def expired(number, frame):
        raise TimedOut()

    def call(self, step, host):
        module = importlib.import_module("fleet.modules." + step["module"])
        try:
            args = module.SPEC.complete(step["args"])
            result = module.run(host, args) if hasattr(module, "run") else converge(module, host, args)
        except Unmet as unmet:
            if not (host.check and self.pretended):
                return dict(plain(unmet.result), failed=True, changed=False)
            host.warn("not known before the earlier changes are made: %s" % unmet.result["msg"])
            return dict(plain(unmet.result), changed=True, unmet=True)
        except Failed as failed:
            return dict({"changed": False}, failed=True, **plain(failed.result))
        except OSError as error:
            where = " %s" % error.filename if error.filename else ""
            return {"failed": True, "changed": False, "msg": "%s%s" % (error.strerror or error, where),
                    "exception": trace()}
        result.setdefault("changed", False)
        return result

    @staticmethod
    def crashed():
        kind, error = sys.exc_info()[:2]
        # Ansible's words; a bare key or an empty text would say nothing without the kind of error.
        text = str(error) if str(error) and not isinstance(error, LookupError) else "%s: %s" % (kind.__name__, error)
        return {
            "failed": True,
            "changed": False,
            "msg": "Task failed: Module failed: %s" % text,
            "exception": trace(),
        }

    def content(self, name):
        """Ask the controller for the content called ``name`` and yield its chunks as they come."""
        with self.change:
            stream = self.contents[name] = collections.deque()
        self.out.append(pack({"t": "need", "name": name}))
        self.flush()
        while True:
            with self.change:
                while not stream:
                    if self.gone or self.lost:
                        raise Lost("the controller was lost while a file was on its way")
                    self.change.wait()
                chunk = stream.popleft()
            if not chunk:
                break
            yield chunk
        del self.contents[name]

    def send_data(self, name, chunks):
        """Stream bytes to the controller under ``name``."""
        for chunk in chunks:
            for start in range(0, len(chunk), CHUNK):
                self.out.append(pack_data(name, chunk[start:start + CHUNK]))
                self.flush()
        self.out.append(pack_data(name, b""))
        self.flush()

    def flush(self):
        """Send what is waiting."""
        with self.writing:
            # Another thread may add meanwhile; taking one by one loses nothing.
            frames = []
            while self.out:
                frames.append(self.out.popleft())
            data = b"".join(frames)
            self.flushed = time.time()
            view = memoryview(data)
            try:
                while view and not self.lost:
                    try:
                        view = view[os.write(self.sink, view):]
                    except BlockingIOError:
                        # Not for ever: the connection may be dead, which a successor's call tells.
                        select.select([], [self.sink], [], 1.0)
            except OSError:
                # Nobody listens any more; the step that runs is brought to its end all the same.
                self.lost = True

    def read(self):
        """The reader thread: everything that comes in, and signs of life going out."""
        try:
            self.listen_to_controller()
        except (OSError, ValueError):
            pass
        with self.change:
            self.lost = self.lost or not self.gone
            self.gone = True
            self.queue.clear()
            self.change.notify_all()
        while self.lost and self.listener is not None and self.successor is None and not self.forsaken():
            if select.select([self.listener.fileno()], [], [], 0.5)[0]:
                self.successor = pickup.answer(self.listener)

    def forsaken(self):
        """True when nobody has asked for the results for long enough."""
        return self.ended is not None and time.time() - self.ended > pickup.WAIT

    def listen_to_controller(self):
        """Until the controller hangs up, or a successor calls: then the connection is dead and nobody noticed."""
        unpacker = Unpacker()
        while True:
            ears = [self.source] if self.listener is None else [self.source, self.listener.fileno()]
            ready = select.select(ears, [], [], BEAT)[0]
            if not ready:
                if self.running:
                    self.out.append(pack({"t": "beat"}))
                    self.flush()
                continue
            if self.source not in ready:
                self.successor = pickup.answer(self.listener)
                if self.successor is not None:
                    return
                continue
            data = os.read(self.source, 1 << 18)
            if not data:
                return
            for frame in unpacker.feed(data):
                self.accept(frame)

    def accept(self, frame):
        if isinstance(frame, tuple):
            name, chunk = frame
            if name == "code":
                self.load(chunk)
                return
            with self.change:
                if name in self.contents:
                    self.contents[name].append(chunk)
                    self.change.notify_all()
            return
        with self.change:
            if frame["t"] == "steps":
                self.queue.extend(frame["steps"])
            elif frame["t"] == "own":
                self.listener = pickup.listen(frame["token"])
            elif frame["t"] == "resume":
                self.queue.append({"resume": frame["token"], "id": None})
            elif frame["t"] == "drop":
                self.dropped = max(self.dropped, frame["epoch"])
                self.failed_task = None
                self.out.append(pack({"t": "dropped", "running": self.running["id"] if self.running else None}))
            elif frame["t"] == "bye":
                self.gone = True
            elif frame["t"] == "kill":
                for child in list(self.host.children) if self.host else []:
                    kill(child)
                os._exit(1)
            self.change.notify_all()
        if frame["t"] == "drop":
            self.flush()


def trace():
    """The text of the traceback of what was just caught."""
    import traceback  # not needed on the usual way, and 1.5 ms

    return traceback.format_exc()


def kill(child):
    try:
        os.killpg(child.pid, signal.SIGKILL)
    except OSError:
        pass


def start(load):
    """Take over the process: keep the wire's ends apart from what modules and their children use."""
    gc.disable()
    for number in (signal.SIGHUP, signal.SIGPIPE):
        signal.signal(number, signal.SIG_IGN)
    source, sink = os.dup(0), os.dup(1)
    os.set_blocking(sink, False)
    null = os.open(os.devnull, os.O_RDWR)
    for fd in (0, 1, 2):
        os.dup2(null, fd)
    runner = Runner(source, sink, load)
    try:
        runner.main()
    finally:
        os._exit(0)
