"""python-binary-memcached's own tests, from its source distribution."""

import json
from pathlib import Path

from daemon import Daemon
from secured import PASSWORD, USER
from suites import run_pytest, source_of

PASSED = 252

LEFT_OUT = [
    "test_ipv6.py",  # its distribution lacks the half of it
    "test_tls.py",  # starts a `memcached` of its own
]


def test_bmemcached_suite(tcp_daemon, unix_daemon, sasl_daemon):
    before = [daemon.stat("cmd_set") for daemon in (tcp_daemon, unix_daemon, sasl_daemon)]
    with Daemon() as other_daemon:
        outcome = run_pytest(
            source_of("python-binary-memcached"),
            "test",
            *[f"--ignore=test/{name}" for name in LEFT_OUT],
            *("-p", "bmemcached_addresses"),
            PYTHONPATH=str(Path(__file__).parent),
            MEMCACHED_HOST="127.0.0.1",
            CACHED_SUITE_PORT=str(tcp_daemon.port),
            CACHED_SUITE_OTHER_PORT=str(other_daemon.port),
            CACHED_SUITE_SOCKET=unix_daemon.socket_path,
            CACHED_SUITE_SASL=json.dumps([sasl_daemon.port, USER, PASSWORD]),
        )
    assert outcome.failed == [], outcome.output
    assert outcome.skipped == [], outcome.output
    assert len(outcome.passed) == PASSED, outcome.output
    after = [daemon.stat("cmd_set") for daemon in (tcp_daemon, unix_daemon, sasl_daemon)]
    assert all(now > then for now, then in zip(after, before)), "the suite used another server"
