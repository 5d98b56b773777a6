"""The quiet opcodes: success is silent, errors are not; and the order of what comes."""

import pytest

from binary import (
    ADD,
    ADDQ,
    APPENDQ,
    DECREMENTQ,
    DELETEQ,
    EXISTS,
    FLUSHQ,
    GET,
    INCREMENTQ,
    NON_NUMERIC,
    NOT_FOUND,
    NOT_STORED,
    PREPENDQ,
    REPLACEQ,
    SETQ,
    TOO_LARGE,
    count,
    packet,
    store,
)


@pytest.fixture
def a(packets):
    packets.run(store(b"a", b"old"), store(b"n", b"10"))
    return packets


@pytest.mark.parametrize(
    "request_, key, value",
    [
        (store(b"a", b"new", opcode=SETQ), b"a", b"new"),
        (store(b"b", b"new", opcode=ADDQ), b"b", b"new"),
        (store(b"a", b"new", opcode=REPLACEQ), b"a", b"new"),
        (packet(APPENDQ, b"a", value=b"!"), b"a", b"old!"),
        (packet(PREPENDQ, b"a", value=b"!"), b"a", b"!old"),
        (packet(DELETEQ, b"a"), b"a", None),
        (count(b"n", 5, opcode=INCREMENTQ), b"n", b"15"),
        (count(b"n", 5, opcode=DECREMENTQ), b"n", b"5 "),
        (count(b"m", 5, initial=7, exptime=0, opcode=INCREMENTQ), b"m", b"7"),
        (packet(FLUSHQ), b"a", None),
        (packet(FLUSHQ, extras=b"\0\0\0\0"), b"a", None),
    ],
)
def test_success_is_silent(a, request_, key, value):
    assert a.run(request_) == []
    assert a.value(key) == value


@pytest.mark.parametrize(
    "request_, status",
    [
        (store(b"a", b"new", opcode=SETQ, cas=1 << 60), EXISTS),
        (store(b"b", b"new", opcode=SETQ, cas=1 << 60), NOT_FOUND),
        (store(b"a", b"x" * 1_100_000, opcode=SETQ), TOO_LARGE),
        (store(b"a", b"new", opcode=ADDQ), EXISTS),
        (store(b"b", b"new", opcode=REPLACEQ), NOT_FOUND),
        (packet(APPENDQ, b"b", value=b"!"), NOT_STORED),
        (packet(PREPENDQ, b"b", value=b"!"), NOT_STORED),
        (packet(DELETEQ, b"b"), NOT_FOUND),
        (packet(DELETEQ, b"a", cas=1 << 60), EXISTS),
        (count(b"m", opcode=INCREMENTQ), NOT_FOUND),
        (count(b"a", opcode=DECREMENTQ), NON_NUMERIC),
    ],
)
def test_errors_are_answered_with_the_quiet_opcode_and_the_opaque(a, request_, status):
    request_ = request_[:12] + b"\x11\x22\x33\x44" + request_[16:]
    reply = a.ask(request_)
    assert (reply.opcode, reply.status, reply.opaque) == (request_[1], status, 0x11223344)
    assert reply.value


def test_answers_keep_their_order_among_silent_ones(a):
    replies = a.run(
        store(b"b", b"x", opcode=SETQ, opaque=1),
        store(b"b", b"x", opcode=ADDQ, opaque=2),
        packet(GET, b"b", opaque=3),
        packet(DELETEQ, b"b", opaque=4),
        packet(DELETEQ, b"b", opaque=5),
        store(b"b", b"y", opcode=ADD, opaque=6),
    )
    assert [reply.opaque for reply in replies] == [2, 3, 5, 6]


def test_a_hundred_thousand_quiet_sets_in_one_go(packets):
    sets = b"".join(store(b"k%d" % (n % 1000), b"%d" % n, opcode=SETQ) for n in range(100_000))
    assert packets.run(sets) == []
    assert packets.value(b"k999") == b"99999"
