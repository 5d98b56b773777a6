"""set, add, replace, append, prepend and delete in the binary protocol."""

import pytest

from binary import (
    ADD,
    APPEND,
    DELETE,
    EXISTS,
    GET,
    NOT_FOUND,
    NOT_STORED,
    OK,
    PREPEND,
    REPLACE,
    SET,
    TOO_LARGE,
    packet,
    store,
)
from client import set_, value_reply
from meta import mg


def test_set_answers_with_a_cas_and_nothing_else(packets):
    reply = packets.ask(store(b"a", b"x", opaque=0x12345678))
    assert reply[:6] == (SET, OK, b"", b"", b"", 0x12345678)
    assert reply.cas > 0


@pytest.mark.parametrize("value", [b"", b"x", bytes(range(256)), b"\r\n", b"y" * 100_000])
def test_a_value_may_be_any_bytes(packets, value):
    packets.run(store(b"a", value))
    assert packets.value(b"a") == value


@pytest.mark.parametrize("key", [b"a", b"k" * 250, b"a b", b"\0", b"\r\n", bytes(range(250))])
def test_a_key_may_be_any_bytes_up_to_250(packets, key):
    packets.run(store(key, b"x"))
    assert packets.value(key) == b"x"


@pytest.mark.parametrize("flags", [0, 1, 0xDEADBEEF, 0xFFFFFFFF])
def test_flags_are_returned(packets, flags):
    packets.run(store(b"a", b"x", flags=flags))
    assert packets.ask(packet(GET, b"a")).flags == flags


@pytest.mark.parametrize("opcode, on_hit, on_miss", [
    (SET, OK, OK),
    (ADD, EXISTS, OK),
    (REPLACE, OK, NOT_FOUND),
])  # fmt: skip
def test_add_and_replace_depend_on_the_key(packets, opcode, on_hit, on_miss):
    assert packets.ask(store(b"a", b"new", opcode=opcode)).status == on_miss
    packets.run(store(b"a", b"old"))
    assert packets.ask(store(b"a", b"new", opcode=opcode)).status == on_hit


def test_what_is_refused_leaves_the_old_value(packets):
    packets.run(store(b"a", b"old"), store(b"a", b"new", opcode=ADD))
    assert packets.value(b"a") == b"old"


@pytest.mark.parametrize("opcode, value", [(APPEND, b"oldnew"), (PREPEND, b"newold")])
def test_append_and_prepend(packets, opcode, value):
    packets.run(store(b"a", b"old", flags=7))
    reply = packets.ask(packet(opcode, b"a", value=b"new"))
    assert reply[:5] == (opcode, OK, b"", b"", b"")
    assert packets.value(b"a") == value
    assert packets.ask(packet(GET, b"a")).flags == 7


@pytest.mark.parametrize("opcode", [APPEND, PREPEND])
def test_append_and_prepend_store_nothing_where_nothing_is(packets, opcode):
    assert packets.ask(packet(opcode, b"a", value=b"new")).status == NOT_STORED
    assert packets.value(b"a") is None


@pytest.mark.parametrize(
    "request_, status, text",
    [
        (packet(GET, b"b"), NOT_FOUND, b"Not found"),
        (packet(DELETE, b"b"), NOT_FOUND, b"Not found"),
        (store(b"a", b"x", opcode=ADD), EXISTS, b"Data exists for key."),
        (store(b"b", b"x", opcode=REPLACE), NOT_FOUND, b"Not found"),
        (packet(APPEND, b"b", value=b"x"), NOT_STORED, b"Not stored."),
        (store(b"a", b"x", cas=1 << 60), EXISTS, b"Data exists for key."),
        (store(b"a", b"x" * 1_100_000), TOO_LARGE, b"Too large."),
    ],
)
def test_an_error_is_a_status_and_a_text_without_cas(packets, request_, status, text):
    packets.run(store(b"a", b"old"))
    reply = packets.ask(request_)
    assert (reply.status, reply.extras, reply.key, reply.value) == (status, b"", b"", text)
    assert reply.cas == 0


def test_delete(packets):
    packets.run(store(b"a", b"x"))
    assert packets.ask(packet(DELETE, b"a", opaque=5))[:6] == (DELETE, OK, b"", b"", b"", 5)
    assert packets.value(b"a") is None
    assert packets.ask(packet(DELETE, b"a")).status == NOT_FOUND


@pytest.mark.parametrize("opcode", [SET, REPLACE])
@pytest.mark.parametrize("exptime", [2592001, 1])
def test_a_time_in_the_past_is_over_at_once(packets, opcode, exptime):
    packets.run(store(b"a", b"old"))
    if exptime == 1:  # a date, not a second from now
        exptime = 1_000_000_000
    assert packets.ask(store(b"a", b"x", exptime=exptime, opcode=opcode)).status == OK
    assert packets.value(b"a") is None


@pytest.mark.differs("memcached", reason="a negative time is a date from 2038 to 2106 to it")
@pytest.mark.parametrize("exptime", [0xFFFFFFFF, 0xFFFFFFFB, 0x80000000])
def test_a_negative_time_is_over_at_once(packets, exptime):
    assert packets.ask(store(b"a", b"x", exptime=exptime)).status == OK
    assert packets.value(b"a") is None


@pytest.mark.parametrize(
    "exptime, answers",
    [
        (0, [b"HD t-1\r\n"]),
        (100, [b"HD t100\r\n", b"HD t99\r\n"]),
        (2592000, [b"HD t2592000\r\n", b"HD t2591999\r\n"]),
    ],
)
def test_a_time_is_what_it_is_in_text(packets, client, exptime, answers):
    packets.run(store(b"a", b"x", exptime=exptime))
    assert client.run(mg(b"a", b"t")) in answers


def test_all_protocols_share_their_items(packets, client):
    packets.run(store(b"a", b"one", flags=5))
    assert client.run(b"get a\r\n") == value_reply(b"a", b"one", flags=5)
    client.run(set_(b"a", b"two", flags=6))
    reply = packets.ask(packet(GET, b"a"))
    assert (reply.flags, reply.value) == (6, b"two")


def test_a_value_that_is_too_large_is_refused_and_the_old_one_goes(packets):
    packets.run(store(b"a", b"old"))
    assert packets.ask(store(b"a", b"x" * 1_048_577)).status == TOO_LARGE
    assert packets.value(b"a") is None


@pytest.mark.parametrize("opcode", [ADD, REPLACE])
def test_add_and_replace_of_a_value_that_is_too_large_keep_the_old_one(packets, opcode):
    packets.run(store(b"a", b"old"))
    assert packets.ask(store(b"a", b"x" * 1_048_577, opcode=opcode)).status == TOO_LARGE
    assert packets.value(b"a") == b"old"


@pytest.mark.parametrize("opcode", [APPEND, PREPEND])
def test_what_grows_too_large_is_not_stored(packets, opcode):
    value = b"x" * 1_000_000
    packets.run(store(b"a", value))
    assert packets.ask(packet(opcode, b"a", value=b"y" * 100_000)).status == NOT_STORED
    assert packets.ask(packet(opcode, b"a", value=b"y" * 1_100_000)).status == TOO_LARGE
    assert packets.value(b"a") == value


def test_data_type_and_bucket_are_ignored(packets):
    request = packet(SET, b"a", b"\0" * 8, b"x", data_type=1, bucket=0x1234)
    assert packets.ask(request).status == OK
    assert packets.value(b"a") == b"x"


def test_every_bit_of_the_opaque_comes_back(packets):
    for bit in range(32):
        assert packets.ask(packet(GET, b"none", opaque=1 << bit)).opaque == 1 << bit
