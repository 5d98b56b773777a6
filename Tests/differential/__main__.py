"""python -m differential --server .build/release/cached --oracle /usr/bin/memcached"""

import argparse
import sys
import time

from .differences import Differences
from .run import KINDS, Run
from .servers import start, version_of


def main():
    parser = argparse.ArgumentParser(prog="differential")
    parser.add_argument("--server", required=True, help="the program under test")
    parser.add_argument("--oracle", required=True, help="the program that is right")
    parser.add_argument("--requests", type=int, default=1_000_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--differences", type=int, default=5, help="how many are shown")
    parser.add_argument("--kinds", nargs="+", choices=KINDS, default=list(KINDS))
    options = parser.parse_args()
    differences = Differences(version_of(options.server), version_of(options.oracle))
    began = time.monotonic()
    with start(options.server) as server, start(options.oracle) as oracle:
        run = Run(
            [server.address, oracle.address],
            differences,
            options.seed,
            options.differences,
            options.kinds,
        )
        for report in run.go(options.requests):
            print(report, end="\n\n")
    for known in differences.list:
        print(f"{known.met:8} with a known difference: {known.reason}")
    seconds = time.monotonic() - began
    print(f"{run.sent} requests in {seconds:.0f} s, {len(run.reports)} differences")
    return 1 if run.reports else 0


sys.exit(main())
