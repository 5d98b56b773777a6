"""What goes wrong at the server is seen, said, and counted."""

import os
import socket
import subprocess
import time

import pytest
from conftest import assert_clean, bench, free_port, measure, started
from fake_server import GET, GETK, NOOP, FakeServer, reply

PROTOCOLS = ["text", "binary"]


@pytest.mark.parametrize("protocol", PROTOCOLS)
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
def test_a_wrong_value_is_caught(spoil, protocol):
    with FakeServer(spoil=spoil) as server:
        result = measure(
            server.address,
            f"--protocol={protocol}",
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


@pytest.mark.parametrize("protocol", PROTOCOLS)
def test_a_right_server_is_not_accused(protocol):
    with FakeServer() as server:
        result = measure(
            server.address,
            f"--protocol={protocol}",
            "--fill-first",
            "--verify",
            "--requests=200",
            "--keys=10",
            "--keys-per-get=3",
            "--connections=2",
        )
    assert_clean(result)
    assert result["hits"] == 3 * result["gets"]


@pytest.mark.parametrize(
    "protocol, shown",
    [("text", "SERVER_ERROR out of memory"), ("binary", "status 0x0082, out of memory")],
)
def test_an_error_is_counted_and_shown(protocol, shown):
    with FakeServer(refuse_sets=b"out of memory") as server:
        result = measure(
            server.address,
            f"--protocol={protocol}",
            "--requests=20",
            "--ratio=1:0",
            "--connections=2",
        )
    assert result["errors"] == result["setsNotStored"] == 20
    assert result["firstError"] == shown


def field(answer, place, change):
    """An answer with another byte at one place."""
    return answer[:place] + bytes([(answer[place] + change) % 256]) + answer[place + 1 :]


MAGIC, OPCODE, KEY_BYTES, EXTRA_BYTES, TYPE, REST_BYTES, OPAQUE = 0, 1, 3, 4, 5, 11, 15


@pytest.mark.parametrize(
    "distort",
    [
        lambda answer: field(answer, MAGIC, -1),
        lambda answer: field(answer, OPCODE, 1),
        lambda answer: field(answer, OPCODE, GETK - GET),
        lambda answer: field(answer, KEY_BYTES, 1),
        lambda answer: field(answer, EXTRA_BYTES, -1),
        lambda answer: field(answer, EXTRA_BYTES, 200),
        lambda answer: field(answer, TYPE, 1),
        lambda answer: field(answer, REST_BYTES, -1),
        lambda answer: field(answer, REST_BYTES, 1),
        lambda answer: field(answer, OPAQUE, 1),
        lambda answer: field(answer, OPAQUE, -1),
        lambda answer: answer + answer,
        lambda answer: reply(NOOP, 0),
        lambda answer: b"ERROR\r\n",
    ],
    ids="magic,opcode,opcode with key,key length,extras length,extras beyond the rest,type,"
    "shorter,longer,later opaque,earlier opaque,twice,no-op,text".split(","),
)
def test_what_is_no_binary_answer_ends_the_connection(distort):
    with FakeServer(distort=distort) as server:
        finished = bench(
            f"--server={server.address}",
            "--protocol=binary",
            "--fill-first",
            "--keys=10",
            "--ratio=0:1",
            "--depth=4",
            "--connections=2",
        )
    assert finished.returncode == 1
    assert "all 2 connections were lost" in finished.stderr
    assert "is not one to what was asked" in finished.stderr


@pytest.mark.parametrize(
    "distort",
    [
        lambda answer: answer + answer,
        lambda answer: field(answer, OPAQUE, 200),
        lambda answer: field(answer, OPCODE, GET - 0x09),
        lambda answer: reply(NOOP, int.from_bytes(answer[12:16], "big")),
        lambda answer: reply(0x09, int.from_bytes(answer[12:16], "big"), status=1),
    ],
    ids=["twice", "another opaque", "not quiet", "no-op too early", "a miss that is told"],
)
def test_what_is_no_answer_to_quiet_gets_ends_the_connection(distort):
    with FakeServer(distort=distort) as server:
        finished = bench(
            f"--server={server.address}",
            "--protocol=binary",
            "--fill-first",
            "--keys=100",
            "--ratio=0:1",
            "--keys-per-get=8",
            "--connections=2",
        )
    assert finished.returncode == 1
    assert "is not one to what was asked" in finished.stderr


@pytest.mark.parametrize("options", [(), ("--keys-per-get=8",)], ids=["get", "quiet gets"])
def test_errors_of_binary_gets_are_counted(options):
    """That of a quiet get does not end its request: the no-op's answer does."""

    def refuse(answer):
        return reply(answer[1], int.from_bytes(answer[12:16], "big"), status=0x85, value=b"busy")

    with FakeServer(distort=refuse) as server:
        result = measure(
            server.address,
            "--protocol=binary",
            "--fill-first",
            "--keys=100",
            "--ratio=0:1",
            "--requests=50",
            "--connections=2",
            *options,
        )
    assert result["requests"] == result["gets"] == 50
    assert result["errors"] == (400 if options else 50)
    assert result["firstError"] == "status 0x0085, busy"
    assert result["hits"] == result["connectionsLost"] == 0


def test_a_server_without_the_meta_protocol_is_an_error_not_a_crash():
    with FakeServer() as server:
        finished = bench(
            f"--server={server.address}", "--protocol=meta", "--requests=100", "--ratio=1:0"
        )
    assert finished.returncode == 1
    assert "connections were lost" in finished.stderr
    assert "the first error before: ERROR" in finished.stderr


@pytest.mark.parametrize("name", ["cached", "memcached"])
def test_a_server_without_the_binary_protocol_is_an_error_not_a_crash(monkeypatch, name):
    with started(monkeypatch, name, "-B", "ascii") as daemon:
        finished = bench(
            f"--server={daemon.location}", "--protocol=binary", "--seconds=5", "--depth=100"
        )
    assert finished.returncode == 1
    assert "connections were lost" in finished.stderr



def test_a_server_that_speaks_no_text_has_its_process_named():
    """memcached waits for the rest of a header then."""
    port = free_port()
    command = ["memcached", "-l", "127.0.0.1", "-p", str(port), "-U", "0", "-B", "binary"]
    with subprocess.Popen(command + (["-u", "root"] if os.geteuid() == 0 else [])) as server:
        try:
            address = f"127.0.0.1:{port}"
            options = ["--protocol=binary", "--requests=100", "--ratio=1:0"]
            for _ in range(500):
                with socket.socket() as probe:
                    if probe.connect_ex(("127.0.0.1", port)) == 0:
                        break
                time.sleep(0.01)
            result = measure(address, f"--server-pid={server.pid}", *options)
            assert_clean(result)
            assert result["server"]["cpuSeconds"] > 0
            finished = bench(f"--server={address}", *options)
            assert finished.returncode == 1
            assert "did not answer to stats in 10 s" in finished.stderr
            assert "--server-pid" in finished.stderr
        finally:
            server.kill()


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
