"""The floor server: it answers like a cache that has everything, whatever is sent, in whatever
pieces, and it never dies of it.

    .build/venv/bin/python -m pytest Tests/bench/test_floor.py
"""

import os
import random
import socket
import subprocess
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
from pymemcache.client.base import Client

ROOT = Path(__file__).resolve().parents[2]
BENCH = os.environ.get("CACHED_BENCH", str(ROOT / ".build/release/cached-bench"))


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


@contextmanager
def floor(*options):
    port = free_port()
    process = subprocess.Popen(
        [BENCH, "floor", f"--port={port}", *options], env=os.environ | {"SWIFT_BACKTRACE": "enable=no"}
    )
    try:
        for _ in range(500):
            try:
                connect(port).close()
                break
            except ConnectionRefusedError:
                time.sleep(0.01)
        yield port
        assert process.poll() is None, "the floor server died"
    finally:
        process.kill()
        process.wait()


def connect(port):
    connection = socket.create_connection(("127.0.0.1", port), timeout=10)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def receive(connection, count):
    data = b""
    while len(data) < count:
        piece = connection.recv(1 << 20)
        assert piece, f"the connection ended after {data[-80:]!r}"
        data += piece
    return data


@pytest.fixture(scope="module")
def small():
    with floor("--threads=2", "--value-size=10") as port:
        yield port


def test_a_real_client(small):
    client = Client(("127.0.0.1", small), timeout=10)
    assert client.set("k", "anything", noreply=False) is True
    assert client.get("k") == b"x" * 10
    assert client.get_many(["a", "b", "c"]) == {key: b"x" * 10 for key in "abc"}
    assert client.version().startswith(b"0")
    assert int(client.stats()[b"pid"]) > 0
    assert client.flush_all(noreply=False) is True
    client.close()


# What is sent, and what it is answered with.
DIALOG = [
    (b"get a\r\n", b"VALUE a 0 10\r\nxxxxxxxxxx\r\nEND\r\n"),
    (b"set k 0 0 5\r\nhello\r\n", b"STORED\r\n"),
    (b"set k 0 0 5 noreply\r\nhello\r\n", b""),
    (
        b"get  a bb   ccc\n",
        b"".join(b"VALUE %b 0 10\r\nxxxxxxxxxx\r\n" % key for key in (b"a", b"bb", b"ccc")) + b"END\r\n",
    ),
    (b"set k 0 0 0\r\n\r\n", b"STORED\r\n"),
    (b"mg key v\r\n", b"VA 10\r\nxxxxxxxxxx\r\n"),
    (b"mg key v O12 k\r\n", b"VA 10 O12 kkey\r\nxxxxxxxxxx\r\n"),
    (b"mg key\r\n", b"HD\r\n"),
    (b"ms key 3\r\nabc\r\n", b"HD\r\n"),
    (b"ms key 3 q\r\nabc\r\n", b""),
    (b"mn\r\n", b"MN\r\n"),
    (b"version\r\n", b"VERSION 0 (floor)\r\n"),
    (b"flush_all\r\n", b"OK\r\n"),
]


def test_input_in_two_pieces_split_at_every_byte(small):
    sent = b"".join(question for question, _ in DIALOG)
    expected = b"".join(answer for _, answer in DIALOG)
    for split in range(1, len(sent)):
        with connect(small) as connection:
            connection.sendall(sent[:split])
            time.sleep(0.001)
            connection.sendall(sent[split:])
            assert receive(connection, len(expected)) == expected, f"split at {split}"


def test_input_byte_by_byte(small):
    with connect(small) as connection:
        for question, answer in DIALOG:
            for byte in question:
                connection.sendall(bytes([byte]))
                time.sleep(0.0002)
            assert receive(connection, len(answer)) == answer


def test_a_pipeline_much_longer_than_any_buffer(small):
    count = 30_000
    answer = b"VALUE key 0 10\r\nxxxxxxxxxx\r\nEND\r\n"
    with connect(small) as connection:
        sender = threading.Thread(
            target=connection.sendall, args=(b"get key\r\n" * count,)
        )
        sender.start()
        assert receive(connection, len(answer) * count) == answer * count
        sender.join()


@pytest.mark.parametrize("size", [0, 1, 16 << 10, (16 << 10) + 1, 100_000, 1_000_000])
def test_values_of_all_sizes_to_a_slow_reader(size):
    keys = [b"key%d" % number for number in range(20)]
    one = b"".join(b"VALUE %b 0 %d\r\n%b\r\n" % (key, size, b"x" * size) for key in keys)
    expected = (one + b"END\r\n") * 3 + b"VA %d\r\n%b\r\n" % (size, b"x" * size) + b"MN\r\n"
    with floor(f"--value-size={size}") as port, connect(port) as connection:
        connection.sendall((b"get " + b" ".join(keys) + b"\r\n") * 3 + b"mg k v\r\nmn\r\n")
        time.sleep(0.05)  # so that the socket is full
        assert receive(connection, len(expected)) == expected


def test_a_value_that_is_set_may_be_large(small):
    with connect(small) as connection:
        for _ in range(3):
            connection.sendall(b"set k 0 0 3000000\r\n" + b"y" * 3_000_000 + b"\r\nget k\r\n")
            expected = b"STORED\r\nVALUE k 0 10\r\nxxxxxxxxxx\r\nEND\r\n"
            assert receive(connection, len(expected)) == expected


@pytest.mark.parametrize(
    "nonsense",
    [
        b"\r\n",
        b"hello\r\n",
        b"set k 0 0 -1\r\n",
        b"set k 0 0 99999999999999999999\r\n",
        b"set k\r\n",
        b"get " + b"k" * 251 + b"\r\n",
        b"get a\rb\r\n",
        b"mg\r\n",
        b"x" * 100_000,
        bytes(range(256)),
        b"quit\r\n",
    ],
)
def test_nonsense_ends_the_connection(small, nonsense):
    with connect(small) as connection:
        try:
            connection.sendall(b"mn\r\n" + nonsense)
            while connection.recv(4096):
                pass
        except ConnectionResetError:
            pass


def test_random_input(small):
    """Pieces of requests, garbage between them, cut anywhere: the server lives."""
    seed = random.randrange(1 << 32)
    print("seed", seed)
    chosen = random.Random(seed)
    for _ in range(300):
        text = bytearray(b"".join(chosen.choice(DIALOG)[0] for _ in range(20)))
        for _ in range(chosen.randrange(3)):
            text[chosen.randrange(len(text))] = chosen.randrange(256)
        with connect(small) as connection:
            try:
                while text:
                    cut = chosen.randrange(1, 200)
                    connection.sendall(text[:cut])
                    del text[:cut]
            except (ConnectionResetError, BrokenPipeError):
                pass
    with connect(small) as connection:
        connection.sendall(b"mn\r\n")
        assert receive(connection, 4) == b"MN\r\n"


def test_wrong_options():
    for options in ([], ["--port=0"], ["--port=x"], ["--threads"], ["--frobnicate"], ["here"]):
        result = subprocess.run([BENCH, "floor", *options], capture_output=True, text=True)
        assert result.returncode == 2
        assert result.stderr.startswith("cached-bench floor: ")
