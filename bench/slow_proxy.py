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
import sys
from collections.abc import Sequence

CHUNK = 1 << 16


async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, delay: float) -> None:
    """Pass on what ``reader`` gives, each piece ``delay`` seconds after it came."""
    loop = asyncio.get_running_loop()
    waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue()

    async def take() -> None:
        data = b"-"
        while data:
            try:
                data = await reader.read(CHUNK)
            except OSError:
                data = b""
            waiting.put_nowait((loop.time() + delay, data))

    taking = asyncio.create_task(take())
    try:
        while True:
            due, data = await waiting.get()
            await asyncio.sleep(due - loop.time())
            if not data:
                break
            writer.write(data)
            await writer.drain()
        writer.write_eof()
    except OSError:
        pass
    finally:
        taking.cancel()


async def relay(
    target: tuple[str, int], delay: float, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
) -> None:
    """Serve one client until both sides have ended."""
    up_writer = None
    try:
        # The client believes to be connected a round trip too early. Its connect reaches the target half a
        # round trip after that, and so does its first byte.
        await asyncio.sleep(3 * delay)
        up_reader, up_writer = await asyncio.open_connection(*target)
        await asyncio.gather(carry(reader, up_writer, delay), carry(up_reader, writer, delay))
    except OSError:
        pass
    finally:
        for end in (writer, up_writer):
            if end is not None:
                with contextlib.suppress(OSError):
                    end.close()


async def serve(targets: Sequence[tuple[str, int]], delay: float) -> None:
    """Listen for all targets, say where, and serve until stdin ends."""
    ports = []
    servers = []
    for target in targets:
        server = await asyncio.start_server(
            lambda reader, writer, target=target: relay(target, delay, reader, writer), "127.0.0.1", 0
        )
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
