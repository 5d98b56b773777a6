"""Packets that come in pieces, and many in one piece."""

import time

import pytest

from binary import (
    ADD,
    APPEND,
    Binary,
    DELETE,
    GAT,
    GET,
    GETK,
    GETKQ,
    NOOP,
    SET,
    SETQ,
    VERSION,
    count,
    packet,
    replies,
    store,
    touch,
)

SEQUENCE = [
    store(b"a", b"hello", flags=7),
    packet(GETK, b"a"),
    packet(GET, b"none"),
    store(b"a", b"x", opcode=ADD),
    packet(APPEND, b"a", value=b" world"),
    touch(b"a", 0, opcode=GAT),
    count(b"n", 1, initial=5, exptime=0),
    packet(0x77, value=b"unknown"),
    packet(GETKQ, b"none"),
    packet(DELETE, b"a"),
    packet(DELETE, b"n"),
]
END = packet(NOOP, opaque=0xABCD)


def without_cas(found):
    return [reply._replace(cas=0) for reply in found]


def read_through(packets):
    """All replies up to the one to END."""
    found = []
    while not found or (found[-1].opcode, found[-1].opaque) != (NOOP, 0xABCD):
        head = packets.client.read(24)
        found += replies(head + packets.client.read(int.from_bytes(head[8:12])))
    return without_cas(found)


def test_a_pipeline_cut_anywhere_gives_the_same(packets):
    pipeline = b"".join(SEQUENCE) + END
    packets.client.send(pipeline)
    expected = read_through(packets)
    for cut in range(1, len(pipeline)):
        packets.client.send(pipeline[:cut])
        packets.client.send(pipeline[cut:])
        assert read_through(packets) == expected, cut


def test_a_pipeline_a_byte_at_a_time_gives_the_same(packets):
    pipeline = b"".join(SEQUENCE) + END
    packets.client.send(pipeline)
    expected = read_through(packets)
    for place in range(len(pipeline)):
        packets.client.send(pipeline[place : place + 1])
    assert read_through(packets) == expected


@pytest.mark.parametrize("cut", [1, 12, 24, 28, 33, 34, 38])
def test_a_packet_is_waited_for(packets, cut):
    request = store(b"a", b"hello")
    packets.client.send(request[:cut])
    time.sleep(0.05)
    packets.client.send(request[cut:])
    assert packets.client.read(24)[6:8] == b"\0\0"
    assert packets.value(b"a") == b"hello"


@pytest.mark.parametrize("size", [10_000, 300_000, 1_000_000])
@pytest.mark.parametrize("piece", [1000, 65_536, 299_999])
def test_a_large_value_may_come_in_pieces(packets, size, piece):
    value = bytes(range(256)) * (size // 256)
    request = store(b"a", value)
    for place in range(0, len(request), piece):
        packets.client.send(request[place : place + piece])
    packets.client.read(24)
    assert packets.value(b"a") == value


@pytest.mark.parametrize("opcode", [SET, SETQ, ADD])
def test_a_value_that_is_too_large_is_read_to_its_end(packets, opcode):
    request = store(b"b", b"\x80" * 3_000_000, opcode=opcode)
    found = packets.run(request, packet(VERSION, opaque=1))
    assert [reply.opaque for reply in found] == [0, 1]


def test_others_are_served_while_a_value_is_under_way(server, packets):
    request = store(b"a", b"x" * 500_000)
    packets.run(store(b"a", b"old"))
    with server.connect() as slow:
        slow.send(request[:250_000])
        assert packets.value(b"a") == b"old"
        slow.send(request[250_000:])
        slow.read(24)
        assert packets.value(b"a") == b"x" * 500_000


def test_ten_thousand_gets_in_one_go(packets):
    packets.run(store(b"a", b"x" * 100))
    found = packets.run(*(packet(GET, b"a", opaque=n) for n in range(10_000)))
    assert [reply.opaque for reply in found] == list(range(10_000))
    assert {reply.value for reply in found} == {b"x" * 100}


def test_many_large_values_in_one_go(packets):
    value = bytes(range(256)) * 2000
    packets.run(*(store(b"k%d" % n, value) for n in range(10)))
    found = packets.run(*(packet(GETK, b"k%d" % (n % 10), opaque=n) for n in range(40)))
    assert [(reply.opaque, reply.key) for reply in found] == [
        (n, b"k%d" % (n % 10)) for n in range(40)
    ]
    assert all(reply.value == value for reply in found)


def test_half_a_request_behind_a_slow_reader_holds_up_none_before_it(server):
    big = b"b" * 900_000
    with server.connect(receive_buffer=4096) as client:
        binary = Binary(client)
        assert binary.ask(store(b"big", big)).status == 0
        # The header of a set with a long key: more bytes than the gets that are still to be done.
        client.send(packet(GET, b"big") * 24 + store(b"k" * 250, b"value")[:24])
        time.sleep(0.3)
        reply = 24 + 4 + len(big)
        assert len(client.read(24 * reply)) == 24 * reply
