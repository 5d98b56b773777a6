#!/usr/bin/env python3
"""Sets millions of values of changing sizes, and watches the server's memory.

Each set has to be answered with STORED, each value that is still there has to be read
back as it was written, and the resident memory has to stay within the limit plus 10%
plus a fixed size for the program itself. Prints a table, ends with 1 on a violation.

    Tests/soak/sizes.py --sets 1000000 --limits 16,64

Standard library only. Three threads suffice to load a server: the values are slices of
one pool of random bytes, which sendmsg() gathers without Python touching them.
"""

import argparse
import collections
import math
import os
import random
import sys
import threading
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "clients"))
from daemon import Daemon, server_binary  # noqa: E402

KB, MB = 1 << 10, 1 << 20
SAMPLE_SECONDS = 0.2
CONNECTIONS = 3
ROUNDS = 4

# Bytes of a value, drawn evenly on a logarithmic scale.
SMALL, MID, LARGE = (10, 200), (1 * KB, 10 * KB), (50 * KB, 500 * KB)

# Each phase: its share of the sets, and how likely each range is in it. A phase has a
# few of all sizes. Large ones are the fewest, or the run would take hours: so the mean
# over all sets is about 5 KB.
PHASES = {
    "small": (0.60, {SMALL: 0.979, MID: 0.02, LARGE: 0.001}),
    "mid": (0.385, {SMALL: 0.05, MID: 0.947, LARGE: 0.003}),
    "large": (0.015, {SMALL: 0.05, MID: 0.05, LARGE: 0.90}),
}
# There and back again, so that each size has to take memory from each other.
ORDER = ["small", "mid", "large", "large", "mid", "small"]

BATCH_SETS_MAX = 500  # two buffers each: sendmsg() takes 1,024
BATCH_BYTES_MAX = 2 * MB
POOL_BYTES = 8 * MB
VERIFY_EVERY_BATCHES = 50


def log_mean(low, high):
    return (high - low) / math.log(high / low)


def mean_size(weights):
    return sum(weight * log_mean(*sizes) for sizes, weight in weights.items())


def draw_values(weights, rng, pool, count=20_000):
    """Slices of the pool, with the sizes of a phase."""
    values = []
    for low, high in rng.choices(list(weights), weights.values(), k=count):
        size = int(low * (high / low) ** rng.random())
        start = rng.randrange(len(pool) - size)
        values.append(pool[start : start + size])
    return values


class Sender(threading.Thread):
    """One connection: sends batches of sets, one ahead of the replies it reads."""

    def __init__(self, daemon, number, seed, plan):
        super().__init__(daemon=True)
        self.connection = daemon.connect()
        self.number = number
        self.rng = random.Random(seed + number)
        self.plan = plan  # a list of (sets, number of keys, values)
        self.received = b""
        self.replies = collections.Counter()
        self.bytes = self.read_hits = self.read_misses = 0
        self.problem = None

    def run(self):
        try:
            for sets, keys, values in self.plan:
                self.phase(sets, keys, values)
            self.connection.close()
        except Exception as error:  # tells the main thread, which reports it
            self.problem = f"connection {self.number}: {error!r}"

    def phase(self, sets, keys, values):
        batches = 0
        waiting = collections.deque()
        while sets:
            batch = self.build(min(sets, BATCH_SETS_MAX), keys, values)
            self.send(batch[0])
            waiting.append(batch)
            sets -= len(batch[1])
            batches += 1
            if len(waiting) == 2:
                self.read_replies(len(waiting.popleft()[1]))
            if batches % VERIFY_EVERY_BATCHES == 0 or not sets:
                while waiting:
                    self.read_replies(len(waiting.popleft()[1]))
                self.verify(batch[1])

    def build(self, sets, keys, values):
        """The buffers to send, and what they write: a list of (key, value)."""
        choice = self.rng.random
        buffers, written, size, ending = [], [], 0, b""
        while len(written) < sets and size < BATCH_BYTES_MAX:
            value = values[int(choice() * len(values))]
            key = b"%d:%d" % (self.number, int(choice() * keys))
            buffers.append(b"%sset %s 0 0 %d\r\n" % (ending, key, len(value)))
            buffers.append(value)
            written.append((key, value))
            size += len(value)
            ending = b"\r\n"
        buffers.append(ending)
        self.bytes += size
        return buffers, written

    def send(self, buffers):
        while buffers:
            sent = self.connection.sendmsg(buffers)
            done = 0
            while done < len(buffers) and sent >= len(buffers[done]):
                sent -= len(buffers[done])
                done += 1
            del buffers[:done]
            if sent:
                buffers[0] = memoryview(buffers[0])[sent:]

    def read_replies(self, count):
        """Counts the next replies. Those of the following batch may have come too."""
        while self.received.count(b"\n") < count:
            self.received += self.receive()
        stored = b"STORED\r\n" * count
        if self.received.startswith(stored):
            self.received = self.received[len(stored) :]
            self.replies["STORED"] += count
            return
        *lines, self.received = self.received.split(b"\r\n", count)
        self.replies.update(line.decode(errors="replace") for line in lines)

    def receive(self):
        received = self.connection.recv(256 * KB)
        if not received:
            raise ConnectionError("closed by the server")
        return received

    def verify(self, written):
        """Reads some keys of a batch back: gone is fine, anything but the value is not.
        The keys of a connection are its own, so that it knows what they hold."""
        latest = dict(written)
        for key in self.rng.sample(sorted(latest), min(10, len(latest))):
            self.connection.sendall(b"get %s\r\n" % key)
            received = self.receive()
            while not received.endswith(b"END\r\n") or len(received) < self.expected(received):
                received += self.receive()
            if received == b"END\r\n":
                self.read_misses += 1
                continue
            value = latest[key]
            if received != b"VALUE %s 0 %d\r\n%s\r\nEND\r\n" % (key, len(value), bytes(value)):
                raise ValueError(f"{key!r} holds another value than was set")
            self.read_hits += 1

    @staticmethod
    def expected(received):
        """How long a reply to get has to be, told by its first line."""
        header, newline, _ = received.partition(b"\r\n")
        if header == b"END" or not newline:
            return 5
        return len(header) + 2 + int(header.split()[3]) + 2 + 5


def status_bytes(pid, name):
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith(name + ":"):
            return int(line.split()[1]) * KB
    raise RuntimeError(f"no {name} in the status of process {pid}")


def make_plan(sets, limit_mb, connections, rng, pool):
    """For one connection: the sets, the keys and the values of each phase."""
    steps = [phase for _ in range(ROUNDS) for phase in ORDER]
    plan, left = [], sets
    values = {name: draw_values(weights, rng, pool) for name, (_, weights) in PHASES.items()}
    for index, name in enumerate(steps):
        share, weights = PHASES[name]
        count = left if index == len(steps) - 1 else int(sets * share / ROUNDS / 2)
        # Three times what fits: so most sets evict, and many overwrite.
        keys = int(3 * limit_mb * MB / mean_size(weights) / connections) + 1
        plan.append((count, keys, values[name]))
        left -= count
    return plan


def soak(limit_mb, arguments):
    """One run; returns a row of the table and a list of violations."""
    rng = random.Random(arguments.seed)
    pool = memoryview(rng.randbytes(POOL_BYTES))
    with Daemon("-m", limit_mb) as daemon:
        pid = daemon.process.pid
        senders = []
        for number in range(CONNECTIONS):
            sets = arguments.sets // CONNECTIONS + (number < arguments.sets % CONNECTIONS)
            plan = make_plan(sets, limit_mb, CONNECTIONS, rng, pool)
            senders.append(Sender(daemon, number, arguments.seed, plan))
        idle = peak = status_bytes(pid, "VmRSS")
        began = time.monotonic()
        for sender in senders:
            sender.start()
        while any(sender.is_alive() for sender in senders):
            time.sleep(SAMPLE_SECONDS)
            peak = max(peak, status_bytes(pid, "VmRSS"))
        seconds = time.monotonic() - began
        peak = max(peak, status_bytes(pid, "VmHWM"))  # what the samples may have missed
        stats = daemon.stats()

    replies = sum((sender.replies for sender in senders), collections.Counter())
    hits = sum(sender.read_hits for sender in senders)
    misses = sum(sender.read_misses for sender in senders)
    allowed = limit_mb * MB * 1.1 + arguments.startup_mb * MB
    problems = [sender.problem for sender in senders if sender.problem]
    if replies != {"STORED": arguments.sets}:
        problems.append(f"replies: {dict(replies.most_common(5))}")
    if peak > allowed:
        problems.append(f"resident: {peak / MB:.1f} MB, {allowed / MB:.1f} MB allowed")
    if not hits:
        problems.append("no value could be read back")
    sent = sum(sender.bytes for sender in senders)
    row = [
        f"{limit_mb} MB",
        f"{replies['STORED']:,}",
        f"{replies.total() - replies['STORED']:,}",
        f"{sent / max(1, replies.total()) / KB:.1f} KB",
        f"{seconds:.0f} s",
        f"{idle / MB:.1f} MB",
        f"{peak / MB:.1f} MB",
        f"{allowed / MB:.1f} MB",
        f"{int(stats['evictions']):,}",
        f"{hits:,} of {hits + misses:,}",
    ]
    return row, [f"-m {limit_mb}: {problem}" for problem in problems]


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--sets", type=int, default=10_000_000, help="sets for each limit")
    parser.add_argument("--limits", default="16,64,1024", help="values of -m, in MB")
    parser.add_argument("--startup-mb", type=float, default=12, help="memory allowed besides")
    parser.add_argument("--server", help="the program to run (default: as the tests do)")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    if arguments.server:
        os.environ["CACHED_SERVER"] = arguments.server

    print(f"server: {server_binary()}, sets: {arguments.sets:,}, seed: {arguments.seed}")
    columns = ["limit", "stored", "errors", "mean size", "time", "idle", "peak", "allowed"]
    columns += ["evictions", "read back"]
    print(" ".join(f"{column:>13}" for column in columns), flush=True)
    violations = []
    for limit in arguments.limits.split(","):
        row, problems = soak(int(limit), arguments)
        print(" ".join(f"{cell:>13}" for cell in row), flush=True)
        violations += problems
    for violation in violations:
        print(violation, file=sys.stderr)
    return 1 if violations else 0


if __name__ == "__main__":
    sys.exit(main())
