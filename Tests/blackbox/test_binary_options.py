"""What options do to the binary protocol."""

import time

import pytest

from binary import (
    DELETE,
    GAT,
    GET,
    GETQ,
    INVALID,
    NO_MEMORY,
    NOT_FOUND,
    NOT_STORED,
    OK,
    REPLACE,
    STAT,
    Binary,
    count,
    packet,
    store,
    touch,
)

FULL = b"x" * 500_000


def fill(packets):
    """Stores until nothing more fits; returns how many were."""
    for number in range(100):
        if packets.ask(store(b"full%d" % number, FULL)).status != OK:
            return number
    raise AssertionError("it is never full")


def test_with_M_a_full_cache_has_no_memory_and_keeps_what_it_has(launch):
    packets = Binary(launch("-m", "8", "-M").connect())
    stored = fill(packets)
    reply = packets.ask(store(b"one more", FULL))
    assert (reply.status, reply.value) == (NO_MEMORY, b"Out of memory allocating item")
    assert stored >= 10
    assert all(packets.value(b"full%d" % n) == FULL for n in range(stored))


def test_with_M_a_set_without_memory_removes_the_old_value(launch):
    packets = Binary(launch("-m", "8", "-M").connect())
    packets.run(store(b"a", b"old"), store(b"b", b"old"))
    fill(packets)
    assert packets.ask(store(b"a", FULL)).status == NO_MEMORY
    assert packets.ask(store(b"b", FULL, opcode=REPLACE)).status == NO_MEMORY
    assert (packets.value(b"a"), packets.value(b"b")) == (None, b"old")


OURS = pytest.mark.cached_only(
    "options of our own: long names, a configuration file, --default-ttl, --dummy"
)


@OURS
def test_a_dummy_answers_and_stores_nothing(launch):
    packets = Binary(launch("--dummy").connect())
    assert packets.ask(store(b"a", b"1")).status == OK
    assert packets.ask(store(b"a", FULL)).status == OK
    assert packets.ask(packet(0x0E, b"a", value=b"1")).status == NOT_STORED
    reply = packets.ask(count(b"n", initial=7, exptime=0))
    assert (reply.status, reply.number) == (OK, 7)
    for request in [packet(GET, b"a"), packet(DELETE, b"a"), touch(b"a", 0), count(b"n")]:
        assert packets.ask(request).status == NOT_FOUND


@OURS
@pytest.mark.parametrize(
    "request_", [store(b"a", b"1"), count(b"a", initial=1, exptime=0)], ids=["set", "incr"]
)
def test_the_default_ttl_is_that_of_an_exptime_of_0(launch, request_):
    packets = Binary(launch("--default-ttl", "1").connect())
    packets.run(request_)
    assert packets.value(b"a") == b"1"
    time.sleep(2.1)
    assert packets.value(b"a") is None


def test_detail_counts_by_prefix(launch):
    packets = Binary(launch("-D", ":").connect())
    packets.run(
        store(b"p:a", b"1"),
        packet(GET, b"p:a"),
        packet(GETQ, b"p:b"),
        touch(b"p:a", 0, opcode=GAT),
        packet(DELETE, b"p:a"),
    )
    dump, last = packets.run(packet(STAT, b"detail dump"))
    assert dump.key == b"detailed"
    assert dump.value == b"PREFIX p get 3 hit 2 set 1 del 1\r\nEND\r\n"
    assert (last.key, last.value) == (b"", b"")


def test_detail_is_switched_on_and_off(launch):
    packets = Binary(launch().connect())
    packets.run(store(b"off:a", b"1"))
    for name in [b"detail on", b"detail off"]:
        assert packets.ask(packet(STAT, name)).status == OK
        packets.run(store(b"p:a", b"1"))
    dump = packets.run(packet(STAT, b"detail dump"))[0]
    assert dump.value == b"PREFIX p get 0 hit 0 set 1 del 0\r\nEND\r\n"


@pytest.mark.parametrize("name", [b"detail", b"detail ", b"detail of", b"detailed", b"detail x"])
def test_detail_without_a_known_word_is_not_found(launch, name):
    assert Binary(launch().connect()).ask(packet(STAT, name)).status == NOT_FOUND


@pytest.mark.differs("1.6.18", reason="-X leaves stats detail allowed")
def test_detail_is_not_found_with_X(launch):
    packets = Binary(launch("-X").connect())
    for name in [b"detail on", b"detail dump"]:
        assert packets.ask(packet(STAT, name)).status == NOT_FOUND


def test_a_trace_shows_keys_and_no_values(launch):
    server = launch("-vv")
    Binary(server.connect()).run(store(b"the key", b"the value"), packet(GET, b"the key"))
    assert "the key" in server.errors() and "the value" not in server.errors()


def test_verbose_servers_take_what_is_wrong(launch):
    server = launch("-vv")
    for request in [packet(0x77), packet(GET), packet(STAT, b"\0\xff\n")]:
        replies = Binary(server.connect()).end(request + packet(0x07))
        assert replies and replies[0].status in (0x81, INVALID, NOT_FOUND)
