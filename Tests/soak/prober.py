"""Probes a daemon from a process of its own: one get at a time, and how long each took.

The machine makes requests wait too. So for each slow get it is noted how long the prober
and the daemon's threads were ready to run and got no processor (/proc/PID/schedstat):
what is left is the daemon's own. Standard library only.
"""

import array
import gc
import multiprocessing
import os
import random
import time
from pathlib import Path

STALL_MS = 10
# More than this share of slow gets, or one as slow as this, is no accident.
SLOW_SHARE_MAX = 0.0001
LONGEST_MS_MAX = 50
PAUSE_SECONDS = 0.0005


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


def probe(daemon, workers, keys, stop, pipe):
    """Runs in a process of its own until `stop` is set, then sends what it measured."""
    gc.disable()
    # The acceptor gives a connection to the worker with the fewest: so one to each.
    connections = [daemon.connect() for _ in range(workers)]
    tasks = Path(f"/proc/{daemon.process.pid}/task").iterdir()
    schedule = Schedule("/proc/thread-self/schedstat", *(task / "schedstat" for task in tasks))
    latencies, slow, number = array.array("q"), [], 0
    rng = random.Random(1)
    pipe.send("ready")
    while not stop.is_set():
        time.sleep(PAUSE_SECONDS)
        connection = connections[number % workers]
        number += 1
        request = b"get key%017d\r\n" % int(rng.random() * keys)
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

    def __init__(self, name, daemon, workers, keys):
        self.name, self.arguments = name, (daemon, workers, keys)
        self.stop = multiprocessing.Event()

    def __enter__(self):
        self.pipe, theirs = multiprocessing.Pipe()
        arguments = (*self.arguments, self.stop, theirs)
        self.process = multiprocessing.Process(target=probe, args=arguments, daemon=True)
        self.process.start()
        theirs.close()  # so that the end of the process is seen here
        self.pipe.recv()
        self.began = time.monotonic()
        return self

    def __exit__(self, kind, value, traceback):
        self.seconds = time.monotonic() - self.began
        self.stop.set()
        if kind is not None:
            self.process.terminate()  # nobody would read what it sends
        else:
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
