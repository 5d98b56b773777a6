"""pymemcache's own integration tests, from its source distribution."""

from suites import run_pytest, source_of

PASSED = 100
# Skipped by pymemcache itself, for each of its three kinds of client: its issue 39.
SKIPPED = ["test_tls"] * 3


def test_pymemcache_suite(tcp_daemon):
    outcome = run_pytest(
        source_of("pymemcache"),
        "pymemcache/test/test_integration.py",  # the other files use mocks
        "-m=integration",
        "--server=127.0.0.1",
        f"--port={tcp_daemon.port}",
    )
    assert outcome.failed == [], outcome.output
    assert [name.split("[")[0] for name in outcome.skipped] == SKIPPED, outcome.output
    assert len(outcome.passed) == PASSED, outcome.output
    assert tcp_daemon.stat("cmd_set") > PASSED, "the suite used another server"
