"""What goes wrong at the server is seen, said, and counted."""

import time

import pytest
from conftest import assert_clean, bench, free_port, measure
from fake_server import FakeServer


@pytest.mark.parametrize(
    "spoil",
    [
        lambda key, flags, value: (key, flags, value[:-1] + b"\0"),
        lambda key, flags, value: (key, flags, value[:20] + b"\0" + value[21:]),
        lambda key, flags, value: (key, flags, value[:-1]),
        lambda key, flags, value: (key, b"77777", value),
        lambda key, flags, value: (b"key:77", flags, value),
    ],
    ids=["last byte", "a byte within", "length", "flags", "key"],
)
def test_a_wrong_value_is_caught(spoil):
    with FakeServer(spoil=spoil) as server:
        result = measure(
            server.address,
            "--fill-first",
            "--verify",
            "--requests=50",
            "--keys=10",
            "--ratio=0:1",
            "--connections=2",
            status=1,
        )
    assert result["wrongValues"] == 50
    assert result["firstWrongValue"]


def test_a_right_server_is_not_accused():
    with FakeServer() as server:
        result = measure(
            server.address,
            "--fill-first",
            "--verify",
            "--requests=200",
            "--keys=10",
            "--keys-per-get=3",
            "--connections=2",
        )
    assert_clean(result)
    assert result["hits"] == 3 * result["gets"]


def test_an_error_is_counted_and_shown():
    with FakeServer(refuse_sets=b"SERVER_ERROR out of memory\r\n") as server:
        result = measure(server.address, "--requests=20", "--ratio=1:0", "--connections=2")
    assert result["errors"] == result["setsNotStored"] == 20
    assert result["firstError"] == "SERVER_ERROR out of memory"


def test_connections_that_are_all_lost_end_the_run():
    with FakeServer(close_after=5) as server:
        finished = bench(f"--server={server.address}", "--seconds=5", "--connections=3")
    assert finished.returncode == 1
    assert "all 3 connections were lost" in finished.stderr


def test_nobody_there():
    finished = bench(f"--server=127.0.0.1:{free_port()}", "--requests=1")
    assert finished.returncode == 1
    assert "cannot connect" in finished.stderr


def test_silence_ends_the_run():
    begun = time.monotonic()
    with FakeServer(silent=True) as server:
        finished = bench(f"--server={server.address}", "--requests=10", "--connections=2")
    assert finished.returncode == 1
    assert "has not answered for 10 s" in finished.stderr
    assert time.monotonic() - begun > 9


def test_a_stall_is_not_omitted():
    """Requests that were due while the server stood still count from when they were due: half
    a second of two is a quarter of all, and most of that waits for more than 100 ms."""
    with FakeServer(stall=(0.7, 0.5)) as server:
        result = measure(
            server.address, "--rate=200", "--seconds=2", "--connections=1", "--depth=1"
        )
    assert result["requests"] == 400
    latency = result["getLatency"]
    assert latency["p99Ns"] > 300_000_000
    assert latency["p90Ns"] > 100_000_000
    assert result["requestsHeldUp"] > 0
