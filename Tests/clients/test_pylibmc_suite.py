"""pylibmc's own tests, from its source distribution."""

from pathlib import Path

import pytest
from suites import run_pytest, source_of

TESTS = 41

BINARY_ONLY = [
    "test_utf8_encoding",  # its key has spaces, which end a key in a text command
    "test_zerokey",  # its key has a NUL, which ends a key in libmemcached's text parser
]


@pytest.mark.parametrize("protocol", ["text", "binary"])
def test_pylibmc_suite(tcp_daemon, protocol):
    left_out = BINARY_ONLY if protocol == "text" else []
    before = tcp_daemon.stat("cmd_set")

    outcome = run_pytest(
        source_of("pylibmc"),
        "tests",
        *[f"--deselect=tests/test_client.py::ClientTests::{name}" for name in left_out],
        *("-p", "pylibmc_address"),
        PYTHONPATH=str(Path(__file__).parent),
        MEMCACHED_PORT=str(tcp_daemon.port),
        CACHED_SUITE_PROTOCOL=protocol,
    )

    assert outcome.failed == [], outcome.output
    assert outcome.skipped == [], outcome.output
    assert len(outcome.passed) == TESTS - len(left_out), outcome.output
    assert tcp_daemon.stat("cmd_set") > before + TESTS, "the suite used another server"
