"""A million random requests, answered by cached as by memcached."""

import os
import pathlib

import pytest

from .differences import Differences
from .run import Run
from .servers import start, version_of

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
SERVER = os.environ.get("CACHED_SERVER") or str(REPOSITORY / ".build" / "release" / "cached")
ORACLE = os.environ.get("CACHED_ORACLE") or "/usr/bin/memcached"
REQUESTS = int(os.environ.get("CACHED_DIFFERENTIAL_REQUESTS", "1000000"))
SEED = int(os.environ.get("CACHED_DIFFERENTIAL_SEED", "1"))


def test_the_same_requests_have_the_same_answers():
    differences = Differences(version_of(SERVER), version_of(ORACLE))
    with start(SERVER) as server, start(ORACLE) as oracle:
        run = Run([server.address, oracle.address], differences, SEED, most_differences=5)
        reports = run.go(REQUESTS)
    if reports:
        pytest.fail("\n\n".join(reports), pytrace=False)
    assert run.sent >= REQUESTS
