#!/usr/bin/env python3
"""Compares the daemon with memcached: requests/s, processor time and memory.

Both run with `-t 2 -m 1024`, in turns, so that what else the machine does meets both, under
memaslap from libmemcached-tools: one thread, 32 connections, ten gets for each set, each
connection waiting for its reply. Prints a Markdown table of medians, lowest and highest.

    Tests/soak/compare.py --rounds 3 --seconds 2

On a small machine the load generator takes a good part of the processors: requests/s then
tell as much of it as of the server, and processor time per request is the better measure.
Standard library only.
"""

import argparse
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "clients"))
from daemon import Daemon, server_binary  # noqa: E402

OPTIONS = ["-t", "2", "-m", "1024"]
KEY_BYTES = 16  # memaslap's least
CONNECTIONS = 32
KEYS_PER_GET = [1, 16, 64]
# Bytes of a value, and how many of them the memory is measured with: well within -m.
FILLS = {32: 2_000_000, 1000: 500_000}
FILL_BATCH = 1000


def load_generator():
    for name in ("memaslap", "memcaslap"):  # Debian has renamed it
        if found := shutil.which(name):
            return found
    raise RuntimeError("there is no memaslap: install libmemcached-tools")


def configuration(value_bytes):
    """memaslap's: lengths from and to with their share, then commands (0 is set, 1 get)."""
    lengths = f"key\n{KEY_BYTES} {KEY_BYTES} 1\nvalue\n{value_bytes} {value_bytes} 1\n"
    return lengths + f"cmd\n0 {1 / 11:.4f}\n1 {10 / 11:.4f}\n"


def cpu_seconds(pid):
    """What all threads of a process have used."""
    # The name in parentheses may hold spaces; user and system time are fields 14 and 15.
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def resident_bytes(pid):
    status = Path(f"/proc/{pid}/status").read_text()
    return int(re.search(r"^VmRSS:\s+(\d+) kB", status, re.MULTILINE)[1]) << 10


def serve_load(daemon, value_bytes, keys_per_get, seconds):
    """Runs memaslap once; returns requests per second and CPU microseconds of each."""
    with tempfile.NamedTemporaryFile("w", suffix=".conf") as file:
        file.write(configuration(value_bytes))
        file.flush()
        command = [load_generator(), "-s", f"127.0.0.1:{daemon.port}", "-F", file.name]
        command += ["-T", "1", "-c", str(CONNECTIONS), "-t", f"{seconds}s"]
        command += ["-d", str(keys_per_get)]
        before = cpu_seconds(daemon.process.pid)
        result = subprocess.run(command, capture_output=True, text=True, timeout=seconds + 60)
        used = cpu_seconds(daemon.process.pid) - before
    rate = re.search(r"Run time: ([\d.]+)s Ops: (\d+) TPS: (\d+)", result.stdout)
    if result.returncode != 0 or not rate:
        raise RuntimeError(f"memaslap failed: {result.stdout[-300:]} {result.stderr[-300:]}")
    stats = daemon.stats()
    if int(stats["get_hits"]) < 0.99 * int(stats["cmd_get"]):
        raise RuntimeError("more than 1% misses: this is another load than was meant")
    # The server's own count, as its processor time is: memaslap may leave some requests out.
    requests = int(stats["cmd_get"]) + int(stats["cmd_set"])
    return float(rate[3]), used * 1e6 / requests


def fill(daemon, value_bytes):
    """Stores items, and returns the resident bytes for each beyond its key and value."""
    count, tail = FILLS[value_bytes], b"%d noreply\r\n" % value_bytes + b"x" * value_bytes
    idle = resident_bytes(daemon.process.pid)
    with daemon.connect() as connection:
        for start in range(0, count, FILL_BATCH):
            numbers = range(start, start + FILL_BATCH)
            sets = [b"set %016d 0 0 %b\r\n" % (number, tail) for number in numbers]
            connection.sendall(b"".join(sets))
        connection.sendall(b"version\r\n")
        connection.recv(100)  # all sets before it are done
    if daemon.stat("curr_items") != count:
        raise RuntimeError(f"{daemon.stat('curr_items')} of {count} items stored")
    resident = resident_bytes(daemon.process.pid)
    return resident / 2**20, (resident - idle) / count - KEY_BYTES - value_bytes


def measure(servers, rounds, seconds):
    """Lists of numbers by what was measured, in turns, and by server."""
    measured = {}

    def note(what, server, number):
        measured.setdefault(what, {name: [] for name in servers})[server].append(number)

    for turn in range(rounds):
        print(f"round {turn + 1} of {rounds}", file=sys.stderr)
        for size in FILLS:
            for server, program in servers.items():
                os.environ["CACHED_SERVER"] = program
                for keys in KEYS_PER_GET:
                    load = f"{size} B, " + ("get" if keys == 1 else f"get of {keys} keys")
                    with Daemon(*OPTIONS) as daemon:
                        rate, cpu = serve_load(daemon, size, keys, seconds)
                    note(f"{load}: requests/s", server, rate)
                    note(f"{load}: server CPU µs/request", server, cpu)
                with Daemon(*OPTIONS) as daemon:
                    resident, overhead = fill(daemon, size)
                note(f"{FILLS[size]:,} × {size} B: VmRSS, MB", server, resident)
                note(f"{FILLS[size]:,} × {size} B: bytes/item besides", server, overhead)
    return measured


def shown(numbers):
    """Median, lowest and highest, with as many digits as they deserve."""
    middle = statistics.median(numbers)
    digits = 0 if middle >= 100 else 1 if middle >= 20 else 2
    return f"{middle:,.{digits}f} ({min(numbers):,.{digits}f}–{max(numbers):,.{digits}f})"


def ratio(numbers):
    first, second = (statistics.median(values) for values in numbers.values())
    return first / second


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--seconds", type=int, default=5, help="of each run of memaslap")
    parser.add_argument("--server", help="the program to run (default: as the tests do)")
    parser.add_argument("--memcached", default="memcached", help="what it is compared with")
    parser.add_argument("--json", action="store_true", help="all numbers, in place of the table")
    arguments = parser.parse_args()
    if arguments.server:
        os.environ["CACHED_SERVER"] = arguments.server

    servers = {"cached": str(server_binary()), "memcached": arguments.memcached}
    measured = measure(servers, arguments.rounds, arguments.seconds)
    if arguments.json:
        results = [
            {"what": what, "ratio": ratio(numbers), **numbers}
            for what, numbers in measured.items()
        ]
        print(json.dumps(results, indent=2))
        return 0
    print("| load | cached | memcached | ratio |")
    print("| --- | --- | --- | --- |")
    for what, numbers in measured.items():
        print(f"| {what} | {' | '.join(map(shown, numbers.values()))} | {ratio(numbers):.2f} |")
    return 0


if __name__ == "__main__":
    sys.exit(main())
