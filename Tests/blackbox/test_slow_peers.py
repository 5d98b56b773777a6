"""Slow readers, slow writers and half-closed peers harm nobody but themselves."""

import contextlib
import socket

import pytest

from client import poll, set_, value_reply

OPTIONS = ["-m", "64"]
BIG = b"A" * 900_000
SMALL_BUFFER = 4096


def serves(server):
    with server.connect(timeout=5) as client:
        return client.run(set_(b"other", b"y") + b"get other\r\n") == b"STORED\r\n" + value_reply(
            b"other", b"y"
        )


@pytest.mark.parametrize(
    "change, reply",
    [
        (b"delete big\r\n", b"DELETED\r\n"),
        (set_(b"big", b"B" * 900_000), b"STORED\r\n"),
        (set_(b"big", b"short"), b"STORED\r\n"),
        (b"flush_all\r\n", b"OK\r\n"),
        (b"append big 0 0 3\r\nxyz\r\n", b"STORED\r\n"),
        (b"prepend big 0 0 3\r\nxyz\r\n", b"STORED\r\n"),
        (b"touch big -1\r\n", b"TOUCHED\r\n"),
        (b"gat -1 big\r\n", value_reply(b"big", BIG)),
    ],
    ids=["delete", "set", "set_short", "flush_all", "append", "prepend", "touch", "gat"],
)
def test_a_reader_half_way_through_a_value_keeps_the_old_bytes(server, client, change, reply):
    client.run(set_(b"big", BIG))
    expected = value_reply(b"big", BIG)
    with server.connect(receive_buffer=SMALL_BUFFER) as slow:
        slow.send(b"get big\r\n")
        assert slow.read(1000) == expected[:1000]
        assert client.run(change) == reply
        for number in range(5):  # other large values, which may take the room of the old one
            client.run(
                set_(b"big", b"%d" % number * 900_000) + set_(b"also%d" % number, b"C" * 900_000)
            )
        assert slow.read(len(expected) - 1000) == expected[1000:]


def test_a_reader_half_way_keeps_its_bytes_while_memory_is_short(launch):
    server = launch("-m", "16")
    expected = value_reply(b"big", BIG)
    with server.connect() as client, server.connect(receive_buffer=SMALL_BUFFER) as slow:
        client.run(set_(b"big", BIG))
        slow.send(b"get big\r\n")
        assert slow.read(1000) == expected[:1000]
        for number in range(60):
            client.run(set_(b"k%d" % number, b"B" * 800_000))
        assert client.run(b"get k59\r\n") == value_reply(b"k59", b"B" * 800_000)
        assert slow.read(len(expected) - 1000) == expected[1000:]


def test_many_readers_half_way_each_get_their_own_bytes(server, client):
    with contextlib.ExitStack() as stack:
        readers = []
        for letter in b"abcdefgh":
            expected = value_reply(b"big", bytes([letter]) * 700_000)
            client.run(set_(b"big", bytes([letter]) * 700_000))
            reader = stack.enter_context(server.connect(receive_buffer=SMALL_BUFFER))
            reader.send(b"get big\r\n")
            assert reader.read(500) == expected[:500]
            readers.append((reader, expected))
        client.run(b"delete big\r\n")
        for reader, expected in readers:
            assert reader.read(len(expected) - 500) == expected[500:]


def test_a_peer_that_never_reads_costs_a_bounded_amount(server, client):
    client.run(set_(b"big", BIG))
    before = server.resident_bytes()
    with contextlib.ExitStack() as stack:
        for _ in range(4):
            greedy = stack.enter_context(server.connect(receive_buffer=SMALL_BUFFER, timeout=0.3))
            with contextlib.suppress(TimeoutError):
                greedy.send(b"get big\r\n" * 2000)
        assert serves(server)
        assert server.resident_bytes() - before < 64 << 20
    assert serves(server)


def test_a_peer_that_never_reads_small_replies_is_held_back(server, client):
    client.run(set_(b"a", b"x" * 2000))
    before = server.resident_bytes()
    with server.connect(receive_buffer=SMALL_BUFFER, timeout=0.3) as greedy:
        with pytest.raises(TimeoutError):
            for _ in range(1000):
                greedy.send(b"get a\r\n" * 20_000)
        assert serves(server)
        assert server.resident_bytes() - before < 64 << 20


def test_a_peer_that_reads_late_gets_everything(server, client):
    client.run(set_(b"big", BIG))
    with server.connect(receive_buffer=SMALL_BUFFER) as late:
        late.send(b"get big\r\n" * 20)
        assert serves(server)
        expected = value_reply(b"big", BIG)
        for _ in range(20):
            assert late.read(len(expected)) == expected


def test_slow_writers_do_not_hold_up_others(server, client):
    with contextlib.ExitStack() as stack:
        slow = [stack.enter_context(server.connect()) for _ in range(50)]
        for number, writer in enumerate(slow):
            writer.send(b"set slow%d 0 0 100000\r\n" % number + b"x" * 50_000)
        assert serves(server)
        for number, writer in enumerate(slow):
            assert client.run(b"get slow%d\r\n" % number) == b"END\r\n"
            writer.send(b"x" * 50_000 + b"\r\n")
            assert writer.read_line() == b"STORED\r\n"
        assert client.run(b"get slow49\r\n") == value_reply(b"slow49", b"x" * 100_000)


def test_half_a_line_holds_up_nobody(server, client):
    with server.connect() as slow:
        slow.send(b"get a")
        assert serves(server)
        slow.send(b"\r\n")
        assert slow.read_line() == b"END\r\n"


def test_a_half_closed_peer_gets_all_replies_and_then_the_end(server, client):
    client.run(set_(b"a", b"x"))
    client.send(b"get a\r\n" * 1000)
    client.finish_sending()
    assert client.read_to_end() == value_reply(b"a", b"x") * 1000


def test_a_half_closed_slow_peer_gets_all_of_large_replies(server, client):
    client.run(set_(b"big", BIG))
    with server.connect(receive_buffer=SMALL_BUFFER) as slow:
        slow.send(b"get big\r\n" * 10 + b"version\r\n")
        slow.finish_sending()
        assert serves(server)
        expected = value_reply(b"big", BIG)
        for _ in range(10):
            assert slow.read(len(expected)) == expected
        assert slow.read_to_end().startswith(b"VERSION ")


def test_a_peer_that_half_closes_at_once_is_closed(server, client):
    client.finish_sending()
    assert client.read_to_end() == b""


def test_a_half_closed_peer_with_half_a_command_is_closed(server, client):
    client.send(b"set a 0 0 10\r\n12345")
    client.finish_sending()
    assert client.read_to_end() == b""


def connections(server):
    with server.connect() as client:
        return int(client.stats()["curr_connections"])


def test_peers_that_reset_are_forgotten(server, client):
    before = connections(server)
    client.run(set_(b"big", BIG))
    for _ in range(20):
        with server.connect(receive_buffer=SMALL_BUFFER) as rude:
            rude.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
            rude.send(b"get big\r\n" * 10 + b"set a 0 0 100\r\nxx")
    assert poll(lambda: connections(server) <= before)
    assert serves(server)
