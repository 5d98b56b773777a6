#!/usr/bin/env python3
"""Shows that no work on the whole cache makes other requests wait for longer than 10 ms.

A process of its own does one get at a time, over one connection to each worker of the
daemon, while ten million small items are stored, flushed, culled, expired and deleted.

    Tests/soak/stalls.py --items 1000000 --phases growth,flush

The machine makes requests wait too. So for each slow get it is noted how long the prober
and the daemon's threads were ready to run and got no processor (/proc/PID/schedstat):
what is left is the daemon's own. And a baseline is measured twice, with the processors
idle, and with the same load on a second daemon that the probed one has nothing to do with.

Standard library only. Ends with 1 if the daemon was slow more often than the machine.
"""

import argparse
import array
import gc
import multiprocessing
import os
import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "clients"))
from daemon import Daemon, server_binary  # noqa: E402

STALL_MS = 10
# More than this share of slow gets, or one as slow as this, is no accident.
SLOW_SHARE_MAX = 0.0001
LONGEST_MS_MAX = 50

WORKERS = 2
MEMORY_MB = 4096
PROBE_PAUSE_SECONDS = 0.0005
QUIET_SECONDS = 10  # of a phase without load, at least
RECLAIM_SECONDS_MAX = 300
BATCH = 1000

SET = b"set key%017d 0 %d 10 noreply\r\n0123456789\r\n"
DELETE = b"delete key%017d noreply\r\n"


class Schedule:
    """How long threads ran, and how long they waited for a processor, in nanoseconds."""

    def __init__(self, *paths):
        self.files = [os.open(path, os.O_RDONLY) for path in paths]

    def read(self):
        return [tuple(map(int, os.pread(file, 64, 0).split()[:2])) for file in self.files]

    @staticmethod
    def waits(before, after):
        return [later[1] - earlier[1] for earlier, later in zip(before, after)]


def receive(connection, end):
    reply = connection.recv(1 << 16)
    while not reply.endswith(end):
        chunk = connection.recv(1 << 16)
        if not chunk:
            raise ConnectionError(f"closed after {reply[-100:]!r}")
        reply += chunk
    return reply


def probe(daemon, items, stop, pipe):
    """Runs in a process of its own until `stop` is set, then sends what it measured."""
    gc.disable()
    # The acceptor gives a connection to the worker with the fewest: so one to each.
    connections = [daemon.connect() for _ in range(WORKERS)]
    tasks = Path(f"/proc/{daemon.process.pid}/task").iterdir()
    schedule = Schedule("/proc/thread-self/schedstat", *(task / "schedstat" for task in tasks))
    latencies, slow, number = array.array("q"), [], 0
    rng = random.Random(1)
    pipe.send("ready")
    while not stop.is_set():
        time.sleep(PROBE_PAUSE_SECONDS)
        connection = connections[number % WORKERS]
        number += 1
        request = b"get key%017d\r\n" % int(rng.random() * items)
        before = schedule.read()
        began = time.perf_counter_ns()
        connection.sendall(request)
        receive(connection, b"END\r\n")
        latency = time.perf_counter_ns() - began
        latencies.append(latency)
        if latency > STALL_MS * 1_000_000:
            own, *threads = Schedule.waits(before, schedule.read())
            # Of the daemon's threads, the one that waited longest: the others may have
            # waited for a lock that it held.
            slow.append((latency, own + max(threads)))
    pipe.send((latencies, slow))


class Probing:
    """Probes a daemon while its block runs."""

    def __init__(self, name, daemon, items):
        self.name, self.daemon, self.items = name, daemon, items
        self.stop = multiprocessing.Event()

    def __enter__(self):
        self.pipe, theirs = multiprocessing.Pipe()
        arguments = (self.daemon, self.items, self.stop, theirs)
        self.process = multiprocessing.Process(target=probe, args=arguments, daemon=True)
        self.process.start()
        theirs.close()  # so that the end of the process is seen here
        self.pipe.recv()
        self.began = time.monotonic()
        return self

    def __exit__(self, kind, value, traceback):
        self.seconds = time.monotonic() - self.began
        self.stop.set()
        if kind is None:
            latencies, slow = self.pipe.recv()
            self.ms = sorted(latency / 1e6 for latency in latencies)
            self.slow = len(slow)
            own = [(latency - waited) / 1e6 for latency, waited in slow]
            self.blamed = sorted(ms for ms in own if ms > STALL_MS)
        self.process.join()

    def percentile(self, share):
        return self.ms[min(len(self.ms) - 1, int(share * len(self.ms)))]

    def row(self):
        numbers = [self.percentile(share) for share in (0.5, 0.99, 0.999, 1)]
        cells = [f"{self.seconds:.0f} s", f"{len(self.ms):,}"]
        cells += [f"{number:.2f}" for number in numbers]
        cells += [f"{self.slow}", f"{len(self.blamed)}"]
        return f"{self.name:<28}" + "".join(f"{cell:>9}" for cell in cells)

    def is_worse_than(self, baseline):
        """True if the daemon was slow repeatedly, or for long, where the machine was not."""
        expected = len(baseline.blamed) / len(baseline.ms) * len(self.ms)
        often = len(self.blamed) > max(1, SLOW_SHARE_MAX * len(self.ms), expected)
        longest = self.blamed[-1] if self.blamed else 0
        longest_expected = baseline.blamed[-1] if baseline.blamed else 0
        return often or longest > max(LONGEST_MS_MAX, longest_expected)


def send_all(daemon, items, build):
    """Pipelines one request for each item, and waits until the last is done."""
    with daemon.connect() as connection:
        connection.settimeout(None)
        for start in range(0, items, BATCH):
            numbers = range(start, min(start + BATCH, items))
            connection.sendall(b"".join([build(number) for number in numbers]))
        connection.sendall(b"version\r\n")
        receive(connection, b"\r\n")  # all requests before it were noreply


def load(daemon, items, exptime=0):
    send_all(daemon, items, lambda number: SET % (number, exptime))
    stored = daemon.stat("curr_items")
    if stored != items:
        raise RuntimeError(f"{stored} of {items} items stored")


def ask(daemon, what, command, end):
    """A request that works on the whole cache: its own reply may take its time."""
    began = time.monotonic()
    daemon.ask(command, end)
    print(f"    {what}: answered in {(time.monotonic() - began) * 1e3:.1f} ms", flush=True)


def await_reclaimed(daemon):
    """Waits until the memory of what died is free again, and a while longer."""
    began = time.monotonic()
    while daemon.stat("bytes") > 0:
        if time.monotonic() - began > RECLAIM_SECONDS_MAX:
            raise RuntimeError(f"dead items still there after {RECLAIM_SECONDS_MAX} s")
        time.sleep(0.5)
    seconds = time.monotonic() - began
    print(f"    memory reclaimed after {seconds:.1f} s", flush=True)
    time.sleep(max(0, QUIET_SECONDS - seconds))


class Soak:
    def __init__(self, items):
        self.items = items
        self.results = []

    def probing(self, name, daemon):
        probing = Probing(name, daemon, self.items)
        self.results.append(probing)
        return probing

    def daemon(self, *options):
        return Daemon("-m", MEMORY_MB, "-t", WORKERS, *options)

    def run(self, phases):
        with self.daemon() as daemon:
            with self.probing("baseline, idle", daemon) as self.idle:
                time.sleep(QUIET_SECONDS)
            with self.daemon() as other, self.probing("baseline, busy", daemon) as self.busy:
                began = time.monotonic()
                load(other, self.items)
                self.load_seconds = time.monotonic() - began
        for phase in phases:
            getattr(self, phase)()

    def growth(self):
        with self.daemon() as daemon, self.probing("growth", daemon):
            load(daemon, self.items)

    def flush(self):
        with self.daemon() as daemon:
            load(daemon, self.items)
            with self.probing("flush_all", daemon):
                time.sleep(1)
                ask(daemon, "flush_all", b"flush_all\r\n", b"OK\r\n")
                await_reclaimed(daemon)

    def delete(self):
        with self.daemon() as daemon:
            load(daemon, self.items)
            with self.probing("delete, one by one", daemon):
                send_all(daemon, self.items, lambda number: DELETE % number)

    def cull(self):
        with self.daemon("--max-entries", self.items, "--cull-frequency", 3) as daemon:
            with self.probing("growth to --max-entries", daemon):
                load(daemon, self.items)
            with self.probing("cull of a third", daemon):
                time.sleep(1)
                ask(daemon, "set N+1", b"set one 0 0 1\r\n1\r\n", b"STORED\r\n")
                time.sleep(QUIET_SECONDS)
            expected = self.items - self.items // 3 + 1
            if daemon.stat("curr_items") != expected:
                raise RuntimeError(f"{daemon.stat('curr_items')} items, not {expected}")

    def expiry(self):
        with self.daemon() as daemon:
            self._await_expiry(daemon)
            with self.probing("expiry of all", daemon):
                await_reclaimed(daemon)

    def expired_cull(self):
        """A cull that finds all items expired, before the background has dropped them."""
        with self.daemon("--max-entries", self.items, "--cull-frequency", 3) as daemon:
            self._await_expiry(daemon)
            with self.probing("cull of what expired", daemon):
                time.sleep(2)  # all are dead now, and few of them dropped
                ask(daemon, "set N+1", b"set one 0 1 1\r\n1\r\n", b"STORED\r\n")
                await_reclaimed(daemon)

    def _await_expiry(self, daemon):
        """Loads items that all expire in the same second, and waits until just before."""
        moment = int(time.time() + 1.5 * self.load_seconds) + 10
        load(daemon, self.items, exptime=moment)
        left = moment - time.time()
        if left < 1:
            raise RuntimeError("loading took so long that the first items expired")
        time.sleep(left - 0.5)


def main():
    phases = "growth,flush,delete,cull,expiry,expired_cull"
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--items", type=int, default=10_000_000)
    parser.add_argument("--phases", default=phases, help=f"of {phases}")
    parser.add_argument("--server", help="the program to run (default: as the tests do)")
    arguments = parser.parse_args()
    if arguments.server:
        os.environ["CACHED_SERVER"] = arguments.server

    print(f"server: {server_binary()}, items: {arguments.items:,}", flush=True)
    soak = Soak(arguments.items)
    soak.run(arguments.phases.split(","))

    columns = ["time", "gets", "p50 ms", "p99", "p99.9", "max", ">10 ms", "daemon's"]
    print(f"{'phase':<28}" + "".join(f"{column:>9}" for column in columns))
    bad = []
    for result in soak.results:
        print(result.row())
        # Gets beside a loader compete with it for the processors; others do not.
        is_loaded = result.name.startswith(("growth", "delete"))
        if result.is_worse_than(soak.busy if is_loaded else soak.idle):
            bad.append(result)
    for result in bad:
        own = ", ".join(f"{ms:.0f}" for ms in result.blamed[-10:])
        print(f"{result.name}: the daemon's own waits, longest, in ms: {own}", file=sys.stderr)
    return 1 if bad else 0


if __name__ == "__main__":
    sys.exit(main())
