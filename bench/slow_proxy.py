#!/usr/bin/env python3
"""A TCP proxy that makes a network far away: everything takes ``--delay`` milliseconds longer, each way.

usage: slow_proxy.py [--delay MS] ADDRESS:PORT ...

Prints one loopback port a target, in their order, on one line, and serves until its stdin ends.
A client's connect succeeds at once, while a real one would take a round trip: that is made up for before
its first byte goes on. Bandwidth is not limited.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import functools
import sys
from collections.abc import Sequence

CHUNK = 1 << 16


Pieces = asyncio.Queue[tuple[float, bytes]]


async def take(reader: asyncio.StreamReader, pieces: Pieces, delay: float) -> None:
    """Put down what comes, and when it is due on the other side; b"" at the end."""
    loop = asyncio.get_running_loop()
    data = b"-"
    while data:
        try:
            data = await reader.read(CHUNK)
        except OSError:
            data = b""
        pieces.put_nowait((loop.time() + delay, data))


async def give(pieces: Pieces, writer: asyncio.StreamWriter) -> None:
    """Hand on every piece when it is due."""
    loop = asyncio.get_running_loop()
    while True:
        due, data = await pieces.get()
        await asyncio.sleep(due - loop.time())
        if not data:
            break
        writer.write(data)
        await writer.drain()
    writer.write_eof()


async def relay(
    target: tuple[str, int], delay: float, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Serve one client until both sides have ended."""
    up: Pieces = asyncio.Queue()
    down: Pieces = asyncio.Queue()
    tasks = []
    up_writer = None
    try:
        # The client believes to be connected a round trip too early; what it sends from then on is read after that.
        await asyncio.sleep(2 * delay)
        tasks.append(asyncio.create_task(take(reader, up, delay)))
        await asyncio.sleep(delay)
        up_reader, up_writer = await asyncio.open_connection(*target)
        tasks.append(asyncio.create_task(take(up_reader, down, delay)))
        await asyncio.gather(give(up, up_writer), give(down, writer))
    except OSError:
        pass
    finally:
        for task in tasks:
            task.cancel()
        for end in (writer, up_writer):
            if end is not None:
                with contextlib.suppress(OSError):
                    end.close()


async def serve(targets: Sequence[tuple[str, int]], delay: float) -> None:
    """Listen for all targets, say where, and serve until stdin ends."""
    ports = []
    servers = []
    for target in targets:
        server = await asyncio.start_server(functools.partial(relay, target, delay), "127.0.0.1", 0)
        servers.append(server)
        ports.append(server.sockets[0].getsockname()[1])
    print(*ports, flush=True)
    await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
    for server in servers:
        server.close()


def main(args: Sequence[str] | None = None) -> None:
    parser = argparse.ArgumentParser(description="TCP proxies that add a delay each way")
    parser.add_argument("--delay", type=float, default=100.0, metavar="MS", help="milliseconds each way (100)")
    parser.add_argument("targets", nargs="+", metavar="ADDRESS:PORT")
    given = parser.parse_args(args)
    targets = []
    for text in given.targets:
        address, _, port = text.rpartition(":")
        targets.append((address, int(port)))
    asyncio.run(serve(targets, given.delay / 1000))


if __name__ == "__main__":
    main()
