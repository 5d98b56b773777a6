"""increment and decrement in the binary protocol."""

import pytest

from binary import (
    DECREMENT,
    EXISTS,
    GET,
    INCREMENT,
    NEVER_CREATE,
    NON_NUMERIC,
    NOT_FOUND,
    OK,
    count,
    packet,
    store,
)
from meta import mg

UP, DOWN = INCREMENT, DECREMENT


@pytest.fixture
def n(packets):
    """A connection, with 10 in `n`."""
    packets.run(store(b"n", b"10", flags=7))
    return packets


@pytest.mark.parametrize("opcode, delta, result", [
    (UP, 1, 11),
    (UP, 0, 10),
    (UP, 90, 100),
    (DOWN, 1, 9),
    (DOWN, 11, 0),
    (UP, 2**64 - 1, 9),
    (DOWN, 2**64 - 1, 0),
])  # fmt: skip
def test_the_result_is_a_number_of_64_bits(n, opcode, delta, result):
    reply = n.ask(count(b"n", delta, opcode=opcode, opaque=3))
    assert (reply.opcode, reply.status, reply.extras, reply.key, reply.opaque) == (
        opcode,
        OK,
        b"",
        b"",
        3,
    )
    assert len(reply.value) == 8
    assert reply.number == result
    assert reply.cas > 0


def test_the_number_is_text_in_the_item_and_keeps_its_flags(n):
    n.run(count(b"n", 5))
    reply = n.ask(packet(GET, b"n"))
    assert (reply.value, reply.flags) == (b"15", 7)


def test_a_shorter_number_is_padded_in_the_item(n):
    assert n.ask(count(b"n", 1, opcode=DOWN)).number == 9
    assert n.value(b"n") == b"9 "


@pytest.mark.parametrize("opcode", [UP, DOWN])
def test_a_missing_number_is_created_with_the_initial_value(packets, opcode):
    reply = packets.ask(count(b"n", 5, initial=100, exptime=0, opcode=opcode))
    assert (reply.status, reply.number) == (OK, 100)
    assert reply.cas > 0
    assert packets.value(b"n") == b"100"


def test_the_new_number_has_flags_0_and_the_time_given(packets, client):
    packets.run(count(b"n", exptime=100))
    assert packets.ask(packet(GET, b"n")).flags == 0
    assert client.run(mg(b"n", b"t")) in (b"HD t100\r\n", b"HD t99\r\n")


def test_the_time_of_a_number_that_is_there_stays(n, client):
    n.run(count(b"n", exptime=100))
    assert client.run(mg(b"n", b"t")) == b"HD t-1\r\n"


@pytest.mark.parametrize("opcode", [UP, DOWN])
def test_with_all_bits_of_the_time_set_nothing_is_created(packets, opcode):
    reply = packets.ask(count(b"n", initial=5, exptime=NEVER_CREATE, opcode=opcode))
    assert (reply.status, reply.value) == (NOT_FOUND, b"Not found")
    assert packets.value(b"n") is None


def test_an_initial_value_has_64_bits(packets):
    assert packets.ask(count(b"n", initial=2**64 - 1, exptime=0)).number == 2**64 - 1
    assert packets.value(b"n") == b"18446744073709551615"
    assert packets.ask(count(b"n", 1)).number == 0


@pytest.mark.parametrize("value", [b"", b"x", b"1x", b"-1", b"18446744073709551616"])
def test_what_is_no_number_is_an_error(packets, value):
    packets.run(store(b"n", value))
    reply = packets.ask(count(b"n"))
    assert reply.status == NON_NUMERIC
    assert reply.value == b"Non-numeric server-side value for incr or decr"
    assert packets.value(b"n") == value


def test_the_cas_changes_with_the_number(n):
    before = n.ask(packet(GET, b"n")).cas
    after = n.ask(count(b"n")).cas
    assert after > before
    assert n.ask(packet(GET, b"n")).cas == after


def test_a_cas_is_a_condition(n):
    cas = n.ask(packet(GET, b"n")).cas
    assert n.ask(count(b"n", cas=cas + 1000)).status == EXISTS
    assert n.ask(count(b"n", cas=cas)).number == 11
    assert n.ask(count(b"n", cas=cas)).status == EXISTS


def test_numbers_are_shared_with_text(n, client):
    assert client.run(b"incr n 5\r\n") == b"15\r\n"
    assert n.ask(count(b"n", 5)).number == 20
    assert client.run(b"get n\r\n") == b"VALUE n 7 2\r\n20\r\nEND\r\n"
