"""The load generator under test, and the servers that it loads."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "Tests" / "clients"))

from daemon import Daemon, free_port  # noqa: E402

BENCH = os.environ.get("CACHED_BENCH", str(ROOT / ".build" / "release" / "cached-bench"))
RUN_SECONDS_MAX = 60


def pytest_sessionstart(session):
    if not os.access(BENCH, os.X_OK):
        pytest.exit(f"no program at {BENCH}: build it, or set CACHED_BENCH", 4)


def bench(*options):
    """Runs `cached-bench run`; returns how it ended."""
    return subprocess.run(
        [BENCH, "run", *map(str, options)],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=RUN_SECONDS_MAX,
    )


def measure(server, *options, status=0):
    """Runs against a server and returns the JSON report's result."""
    finished = bench(f"--server={server}", "--format=json", *options)
    assert finished.returncode == status, finished.stderr
    return json.loads(finished.stdout)["result"]


def assert_clean(result):
    assert result["errors"] == result["wrongValues"] == result["connectionsLost"] == 0
    assert result["setsNotStored"] == result["requestsLost"] == 0


def started(monkeypatch, name, *options, **settings):
    """`cached` is what $CACHED_SERVER says, or what was built."""
    if name == "memcached":
        monkeypatch.setenv("CACHED_SERVER", "memcached")
    return Daemon(*options, **settings)


@pytest.fixture(params=["cached", "memcached"])
def daemon(request, monkeypatch):
    """An empty server with room for all that a test sets."""
    with started(monkeypatch, request.param, "-m", "256") as running:
        yield running


@pytest.fixture(params=["cached", "memcached"])
def unix_daemon(request, monkeypatch):
    with started(monkeypatch, request.param, unix=True) as running:
        yield running


__all__ = ["assert_clean", "bench", "free_port", "measure"]
