#!/usr/bin/env python3
"""Shows that no work on the whole cache makes other requests wait for longer than 10 ms.

A process of its own does one get at a time, over one connection to each worker of the
daemon, while ten million small items are stored, flushed, culled, expired and deleted.

    Tests/soak/stalls.py --items 1000000 --phases growth,flush

What the machine adds is told apart by prober.py. And a baseline is measured twice, with
the processors idle, and with the same load on a second daemon that the probed one has
nothing to do with.

Standard library only. Ends with 1 if the daemon was slow more often than the machine.
"""

import argparse
import os
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "clients"))
from daemon import Daemon, server_binary  # noqa: E402
from prober import Probing, receive  # noqa: E402

WORKERS = 2
MEMORY_MB = 4096
QUIET_SECONDS = 10  # of a phase without load, at least
RECLAIM_SECONDS_MAX = 300
BATCH = 1000
BURST = 50_000

SET = b"set key%017d 0 %d 10 noreply\r\n0123456789\r\n"
DELETE = b"delete key%017d noreply\r\n"


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
    if exptime and time.time() > exptime - 1:
        raise RuntimeError("loading took so long that the first items have expired")
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
        probing = Probing(name, daemon, WORKERS, self.items)
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
        """New keys at the moment when all items have expired: the cull drops those first.
        The background drops them too, so it depends on luck how much is left to the cull."""
        with self.daemon("--max-entries", self.items, "--cull-frequency", 3) as daemon:
            self._await_expiry(daemon)
            with self.probing("cull of what expired", daemon):
                while daemon.ask(b"get key%017d\r\n" % 0, b"END\r\n") != b"END\r\n":
                    time.sleep(0.005)
                burst = b"".join([b"set new%d 0 1 1 noreply\r\n1\r\n" % n for n in range(BURST)])
                ask(daemon, f"set of {BURST:,} new keys", burst + b"version\r\n", b"\r\n")
                await_reclaimed(daemon)

    def _await_expiry(self, daemon):
        """Loads items that all expire in the same second, and waits until just before."""
        moment = int(time.time() + 2 * self.load_seconds) + 15
        load(daemon, self.items, exptime=moment)
        time.sleep(max(0, moment - time.time() - 0.5))


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
