"""get, getk and their quiet forms, touch and the forms that get and touch."""

import re

import pytest

from binary import (
    GAT,
    GATK,
    GATKQ,
    GATQ,
    GET,
    GETK,
    GETKQ,
    GETQ,
    NOT_FOUND,
    OK,
    TOUCH,
    packet,
    store,
    touch,
)
from meta import mg

PLAIN = [GET, GETK]
QUIET = [GETQ, GETKQ]
TOUCHING = [GAT, GATQ, GATK, GATKQ]
WITH_KEY = [GETK, GETKQ, GATK, GATKQ]
FLAGS = b"\0\0\0\7"


def fetch(opcode, key, exptime=0, **fields):
    if opcode in TOUCHING:
        return touch(key, exptime, opcode=opcode, **fields)
    return packet(opcode, key, **fields)


@pytest.fixture
def a(packets):
    """A connection, with `a` there."""
    packets.run(store(b"a", b"hello", flags=7))
    return packets


@pytest.mark.parametrize("opcode", PLAIN + QUIET + TOUCHING)
def test_a_hit_has_flags_value_and_cas_and_the_key_if_asked_for(a, opcode):
    reply = a.ask(fetch(opcode, b"a", opaque=9))
    key = b"a" if opcode in WITH_KEY else b""
    assert reply[:6] == (opcode, OK, FLAGS, key, b"hello", 9)
    assert reply.cas > 0


@pytest.mark.parametrize("opcode", [GET, GAT])
def test_a_miss_is_not_found_with_a_text(a, opcode):
    reply = a.ask(fetch(opcode, b"b", opaque=9))
    assert reply == (opcode, NOT_FOUND, b"", b"", b"Not found", 9, 0)


@pytest.mark.parametrize("opcode", [GETK, GATK])
def test_a_miss_with_a_key_has_the_key_and_no_text(a, opcode):
    reply = a.ask(fetch(opcode, b"b", opaque=9))
    assert reply == (opcode, NOT_FOUND, b"", b"b", b"", 9, 0)


@pytest.mark.parametrize("opcode", [*QUIET, GATQ, GATKQ])
def test_a_quiet_miss_is_silent(a, opcode):
    assert a.run(fetch(opcode, b"b")) == []


def test_quiet_gets_and_a_noop_are_a_multi_get(a):
    a.run(*(store(b"k%d" % n, b"v%d" % n) for n in (1, 3, 4)))
    replies = a.run(*(packet(GETKQ, b"k%d" % n, opaque=n) for n in range(6)))
    assert [(reply.opaque, reply.key, reply.value) for reply in replies] == [
        (1, b"k1", b"v1"),
        (3, b"k3", b"v3"),
        (4, b"k4", b"v4"),
    ]


def test_quiet_gets_may_end_with_a_plain_one(a):
    replies = a.run(packet(GETQ, b"a", opaque=1), packet(GETQ, b"b"), packet(GET, b"c", opaque=3))
    assert [(reply.opaque, reply.status) for reply in replies] == [(1, OK), (3, NOT_FOUND)]


def test_getting_keeps_the_cas_and_marks_the_item_as_read(a, client):
    a.run(store(b"b", b"x"))
    before = a.ask(packet(GET, b"b")).cas
    assert a.ask(packet(GET, b"b")).cas == before
    assert client.run(mg(b"b", b"h")) == b"HD h1\r\n"


# touch, and get and touch.


def test_touch_answers_with_the_flags_and_no_value(a):
    reply = a.ask(touch(b"a", 100, opaque=9))
    assert reply[:6] == (TOUCH, OK, FLAGS, b"", b"", 9)


def test_touch_of_a_missing_key_is_not_found(a):
    assert a.ask(touch(b"b", 100)).status == NOT_FOUND


@pytest.mark.parametrize("opcode", [TOUCH, *TOUCHING])
def test_touching_sets_the_time_and_keeps_the_cas(a, client, opcode):
    before = a.ask(packet(GET, b"a")).cas
    assert a.ask(touch(b"a", 100, opcode=opcode)).cas == before
    assert re.fullmatch(rb"HD t(100|99)\r\n", client.run(mg(b"a", b"t")))
    a.run(touch(b"a", 0, opcode=opcode))
    assert client.run(mg(b"a", b"t")) == b"HD t-1\r\n"


@pytest.mark.parametrize("opcode", TOUCHING)
def test_a_time_in_the_past_still_returns_the_value_once(a, opcode):
    assert a.ask(touch(b"a", 2592001, opcode=opcode)).value == b"hello"
    assert a.value(b"a") is None


@pytest.mark.differs("memcached", reason="a negative time is a date from 2038 to 2106 to it")
@pytest.mark.parametrize("opcode", [TOUCH, *TOUCHING])
def test_touching_with_minus_one_ends_the_item(a, opcode):
    assert a.ask(touch(b"a", 0xFFFFFFFF, opcode=opcode)).status == OK
    assert a.value(b"a") is None


def test_an_expired_item_is_a_miss(a):
    a.run(store(b"a", b"x", exptime=2592001))
    assert a.ask(packet(GET, b"a")).status == NOT_FOUND
    assert a.ask(touch(b"a", 100)).status == NOT_FOUND
