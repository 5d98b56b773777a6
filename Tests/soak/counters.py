#!/usr/bin/env python3
"""Many connections change the same keys at once; no change may be lost or done twice.

incr: 64 connections send 100,000 increments each to one key. Every number from 1 to
6,400,000 has to be answered exactly once, in rising order on each connection.

cas: 64 connections send a cas with the same token for each of 1,000 keys, in an order
of their own, 20 times. Each token has to have exactly one winner, and each key the
winner's value.

One process, with epoll, pipelined. Standard library only.
"""

import argparse
import collections
import os
import random
import selectors
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "clients"))
from daemon import Daemon, server_binary  # noqa: E402

INCR_COMMANDS_PER_WRITE = 1000
QUIET_SECONDS_MAX = 30


class Pipeline:
    """One connection with a source of requests, and the lines that answer them."""

    def __init__(self, daemon, number, requests):
        self.connection = daemon.connect()
        self.connection.setblocking(False)
        self.number = number
        self.requests = iter(requests)  # pairs: bytes to send, lines that answer them
        self.unsent = memoryview(b"")
        self.received = bytearray()
        self.lines_due = 0

    def advance(self):
        """Reads and writes what is possible. False when all is answered."""
        try:
            while chunk := self.connection.recv(1 << 18):
                self.received += chunk
                self.lines_due -= chunk.count(b"\n")
            raise ConnectionError(f"connection {self.number} closed by the server")
        except BlockingIOError:
            pass
        try:
            # The next request goes out when the last is answered: so neither side
            # fills its buffers while the other does not read.
            if not self.unsent and self.lines_due == 0:
                request, lines = next(self.requests)
                self.unsent, self.lines_due = memoryview(request), lines
            while self.unsent:
                self.unsent = self.unsent[self.connection.send(self.unsent) :]
        except BlockingIOError:
            pass
        except StopIteration:
            return False
        return True

    def wants(self):
        return selectors.EVENT_READ | (selectors.EVENT_WRITE if self.unsent else 0)


def drive(pipelines):
    """Runs all of them at once, until each is answered in full."""
    with selectors.DefaultSelector() as selector:
        for pipeline in pipelines:
            pipeline.advance()
            selector.register(pipeline.connection, pipeline.wants(), pipeline)
        while selector.get_map():
            ready = selector.select(QUIET_SECONDS_MAX)
            if not ready:
                raise TimeoutError(f"no reply for {QUIET_SECONDS_MAX} s")
            for key, _ in ready:
                pipeline = key.data
                if not pipeline.advance():
                    selector.unregister(pipeline.connection)
                elif pipeline.wants() != key.events:
                    selector.modify(pipeline.connection, pipeline.wants(), pipeline)
    for pipeline in pipelines:
        pipeline.connection.close()


def check(condition, message):
    if not condition:
        raise AssertionError(message)


def incr(daemon, connections, increments):
    """All increments of one key, and what they answered."""
    daemon.ask(b"set total 0 0 1\r\n0\r\n", b"STORED\r\n")
    writes, rest = divmod(increments, INCR_COMMANDS_PER_WRITE)
    sizes = [INCR_COMMANDS_PER_WRITE] * writes + [rest] * (rest > 0)
    requests = [(b"incr total 1\r\n" * size, size) for size in sizes]
    pipelines = [Pipeline(daemon, number, requests) for number in range(connections)]
    drive(pipelines)

    total = connections * increments
    seen, between = bytearray(total + 1), 0
    for pipeline in pipelines:
        numbers = list(map(int, pipeline.received.split()))
        check(len(numbers) == increments, f"{len(numbers)} replies on one connection")
        check(all(a < b for a, b in zip(numbers, numbers[1:])), "replies that do not rise")
        check(numbers[-1] <= total, f"counted to {numbers[-1]}, beyond the total")
        for number in numbers:
            seen[number] = 1
        # How often another connection came between: how real the race was.
        between += sum(b - a > 1 for a, b in zip(numbers, numbers[1:]))
    check(seen.count(1) == total, "numbers that were answered twice")
    value = daemon.raw_item("total")[1]
    check(value == b"%d" % total, f"the key holds {value!r}")
    return f"{total:,} increments, total exact; {between:,} times another came between"


def tokens_of(daemon, keys):
    """Sets the keys anew, and returns the token of each."""
    sets = b"".join(b"set %s 0 0 3 noreply\r\nnew\r\n" % key for key in keys)
    reply = daemon.ask(sets + b"gets %s\r\n" % b" ".join(keys), b"END\r\n")
    headers = [line.split() for line in reply.split(b"\r\n") if line.startswith(b"VALUE ")]
    check([header[1] for header in headers] == keys, "keys that are not there")
    return {header[1]: header[4] for header in headers}


def values_of(daemon, keys):
    lines = daemon.ask(b"get %s\r\n" % b" ".join(keys), b"END\r\n").split(b"\r\n")
    return {header.split()[1]: value for header, value in zip(lines[0:-2:2], lines[1::2])}


def cas(daemon, connections, count, rounds, rng):
    """All connections try to swap every key; returns who won how often."""
    keys = [b"key%d" % number for number in range(count)]
    wins = collections.Counter()
    for _ in range(rounds):
        tokens = tokens_of(daemon, keys)
        orders = [rng.sample(keys, count) for _ in range(connections)]
        pipelines = []
        for number, order in enumerate(orders):
            swap = b"cas %s 0 0 3 %s\r\n" + b"%03d\r\n" % number
            request = b"".join(swap % (key, tokens[key]) for key in order)
            pipelines.append(Pipeline(daemon, number, [(request, count)]))
        drive(pipelines)

        winners = collections.defaultdict(list)
        for pipeline, order in zip(pipelines, orders):
            replies = pipeline.received.split(b"\r\n")[:-1]
            unknown = set(map(bytes, replies)) - {b"STORED", b"EXISTS"}
            check(not unknown, f"replies to cas: {unknown}")
            for key, reply in zip(order, replies):
                if reply == b"STORED":
                    winners[key].append(pipeline.number)
        many = [key for key in keys if len(winners[key]) != 1]
        check(not many, f"tokens without exactly one winner: {many[:5]}")
        values = values_of(daemon, keys)
        for key in keys:
            (winner,) = winners[key]
            check(values[key] == b"%03d" % winner, f"{key!r} holds {values[key]!r}")
            wins[winner] += 1
    tries = connections * count * rounds
    return f"{tries:,} swaps, one winner for each of {count * rounds:,} tokens; " + (
        f"{len(wins)} connections won, one at most {max(wins.values()):,} times"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--connections", type=int, default=64)
    parser.add_argument("--increments", type=int, default=100_000, help="of each connection")
    parser.add_argument("--keys", type=int, default=1000, help="swapped by all at once")
    parser.add_argument("--rounds", type=int, default=20, help="of cas")
    parser.add_argument("--server", help="the program to run (default: as the tests do)")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if arguments.server:
        os.environ["CACHED_SERVER"] = arguments.server

    print(f"server: {server_binary()}, seed: {arguments.seed}", flush=True)
    rng = random.Random(arguments.seed)
    runs = {
        "incr": lambda daemon: incr(daemon, arguments.connections, arguments.increments),
        "cas": lambda daemon: cas(
            daemon, arguments.connections, arguments.keys, arguments.rounds, rng
        ),
    }
    for name, run in runs.items():
        began = time.monotonic()
        try:
            with Daemon() as daemon:
                result = run(daemon)
        except (AssertionError, OSError) as error:
            print(f"{name}: {error}", file=sys.stderr)
            return 1
        print(f"{name}: {result}; {time.monotonic() - began:.1f} s", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
