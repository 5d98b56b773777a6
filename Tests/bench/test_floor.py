"""The floor server: it answers like a cache that has everything, whatever is sent, in whatever
pieces, and it never dies of it.

    .build/venv/bin/python -m pytest Tests/bench/test_floor.py
"""

import os
import random
import socket
import struct
import subprocess
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import pytest
import pylibmc
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


def test_a_real_client_of_the_binary_protocol(small):
    client = pylibmc.Client([f"127.0.0.1:{small}"], binary=True)
    assert client.set("k", "anything")
    assert client.get("k") == b"x" * 10
    assert client.get_multi(["a", "b", "c"]) == {key: b"x" * 10 for key in "abc"}
    client.disconnect_all()


def request(opcode, extras=b"", key=b"", value=b""):
    """Its opaque is the opcode, four times."""
    rest = extras + key + value
    header = struct.pack(">BBHBBHI", 0x80, opcode, len(key), len(extras), 0, 0, len(rest))
    return header + bytes([opcode] * 4 + [0] * 8) + rest


def done(opcode):
    return b"\x81" + request(opcode)[1:]


def found(opcode, value, key=b""):
    return b"\x81" + request(opcode, bytes(4), key, value)[1:]


GET, SET, GETQ, NOOP, GETK, GETKQ, SETQ = 0x00, 0x01, 0x09, 0x0A, 0x0C, 0x0D, 0x11


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
    (request(GET, key=b"key"), found(GET, b"x" * 10)),
    (request(GETK, key=b"key"), found(GETK, b"x" * 10, b"key")),
    (request(GETQ, key=b"a"), found(GETQ, b"x" * 10)),
    (request(GETKQ, key=b"b"), found(GETKQ, b"x" * 10, b"b")),
    (request(SET, bytes(8), b"key", b"anything"), done(SET)),
    (request(SET, bytes(8), b"key"), done(SET)),
    (request(SETQ, bytes(8), b"key", b"\r\nget a\r\n"), b""),
    (request(NOOP), done(NOOP)),
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
        expected += found(GETK, b"x" * size, b"k") * 3 + done(NOOP)
        connection.sendall((b"get " + b" ".join(keys) + b"\r\n") * 3 + b"mg k v\r\nmn\r\n")
        connection.sendall(request(GETK, key=b"k") * 3 + request(NOOP))
        time.sleep(0.05)  # so that the socket is full
        assert receive(connection, len(expected)) == expected


def test_a_value_that_is_set_may_be_large(small):
    with connect(small) as connection:
        for _ in range(3):
            connection.sendall(request(SET, bytes(8), b"k", b"y" * 3_000_000) + request(NOOP))
            assert receive(connection, 48) == done(SET) + done(NOOP)
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
        request(0x02, bytes(8), b"key"),
        request(GET),
        request(GET, bytes(4), b"key"),
        request(GET, key=b"key", value=b"value"),
        request(GET, key=b"k" * 251),
        request(SET, bytes(8)),
        request(SET, bytes(4), b"key"),
        request(SET, bytes(8), b"key")[:11] + b"\x08" + request(SET, bytes(8), b"key")[12:],
        request(NOOP, value=b"value"),
        b"\x80\x01\x00\x03\x08\x00\x00\x00\xff\xff\xff\xff" + bytes(23),
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
