"""Faults of memcached that are not copied: what it does otherwise, and what is done here."""

import pytest

from binary import INVALID, Binary, packet, store, time_extras
from client import set_, value_reply
from meta import cas_of, ma, mg, ms

BAD_LINE = b"CLIENT_ERROR bad command line format\r\n"
OPAQUE = b"CLIENT_ERROR opaque token too long\r\n"
TOO_LONG_OPAQUE = b"O" + b"x" * 32
TOO_LONG_KEY = b"k" * 251


@pytest.fixture
def a(client):
    client.run(set_(b"a", b"x") + set_(b"n", b"99"))
    return client


# Counting.


@pytest.mark.differs("memcached", reason="ma loses T and E when the number grows longer")
def test_a_number_that_grows_longer_takes_the_new_time(a):
    assert a.run(ma(b"n", b"T5000", b"v")) == b"VA 3\r\n100\r\n"
    assert a.run(mg(b"n", b"t")) in (b"HD t5000\r\n", b"HD t4999\r\n")


@pytest.mark.differs("memcached", reason="ma loses T and E when the number grows longer")
def test_a_number_that_grows_longer_takes_the_new_cas(a):
    assert a.run(ma(b"n", b"E77", b"c")) == b"HD c77\r\n"
    assert cas_of(a, b"n") == 77


# Requests in error change nothing.


@pytest.mark.differs("memcached", reason="an opaque that is too long is refused after all is done")
@pytest.mark.parametrize(
    "request_, key, value",
    [
        (ma(b"n", TOO_LONG_OPAQUE), b"n", b"VA 2 t-1 h0\r\n99\r\n"),
        (ma(b"m", b"N0", TOO_LONG_OPAQUE), b"m", b"EN\r\n"),
        (mg(b"m", b"N0", TOO_LONG_OPAQUE), b"m", b"EN\r\n"),
        (mg(b"a", b"T100", TOO_LONG_OPAQUE), b"a", b"VA 1 t-1 h0\r\nx\r\n"),
    ],
)
def test_a_request_with_a_bad_opaque_does_nothing(a, request_, key, value):
    assert a.run(request_) == OPAQUE
    assert a.run(mg(key, b"v", b"t", b"h")) == value


@pytest.mark.differs("1.6.45", reason="a refused ms leaves its E to the next set")
def test_a_refused_ms_leaves_nothing_behind(a):
    assert a.run(ms(b"b", b"x", b"E77", TOO_LONG_OPAQUE)) in (
        OPAQUE,
        b"CLIENT_ERROR invalid flag\r\n",
    )
    a.run(set_(b"a", b"y"))
    assert cas_of(a) != 77


@pytest.mark.differs("memcached", reason="a get with a long key has read the keys before it")
def test_a_refused_get_has_read_nothing(a):
    a.run(b"get a " + TOO_LONG_KEY + b"\r\n")
    assert a.run(mg(b"a", b"h")) == b"HD h0\r\n"


@pytest.mark.differs("memcached", reason="a get with a long key has read the keys before it")
def test_a_refused_gat_has_touched_nothing(a):
    a.run(b"gat 100 a " + TOO_LONG_KEY + b"\r\n")
    assert a.run(mg(b"a", b"t")) == b"HD t-1\r\n"


# Numbers.


@pytest.mark.differs("memcached", reason="numbers of set may hold NUL, blanks, or a minus")
@pytest.mark.parametrize(
    "line", [b"set a 1\0junk 0 1", b"set a \t 0 1", b"set a -9223372036854775809 0 1"]
)
def test_flags_are_plain_digits(a, line):
    assert a.run(line + b"\r\ny\r\n") == BAD_LINE
    assert a.run(b"get a\r\n") == value_reply(b"a", b"x")


# Replies.


@pytest.mark.differs("memcached", reason="drops the replies that wait when a connection ends")
@pytest.mark.parametrize(
    "ending", [b"GET / HTTP/1.1\r\n", b"x" * 3000, b"set a 0 0 5\r\nhel", b"ms a 5\r\nhel"]
)
def test_what_was_asked_before_the_end_is_answered(a, ending):
    a.send(b"get n\r\nmg n v\r\n" + ending)
    a.finish_sending()
    assert a.read_to_end() == value_reply(b"n", b"99") + b"VA 2\r\n99\r\n"


@pytest.mark.differs("memcached", reason="drops the replies that wait when a get is refused")
def test_a_refused_get_leaves_the_replies_before_it(a):
    a.send(mg(b"n", b"v") + b"get a " + TOO_LONG_KEY + b"\r\n" + mg(b"a", b"s") + b"quit\r\n")
    assert a.read_to_end() == b"VA 2\r\n99\r\n" + BAD_LINE + b"HD s1\r\n"


# Packets.


@pytest.mark.differs("memcached", reason="takes the value of a touch for the next packet")
@pytest.mark.parametrize("opcode", [0x1C, 0x1D, 0x23])
def test_a_touch_with_a_value_is_invalid(server, a, opcode):
    with server.connect() as client:
        request = packet(opcode, b"a", time_extras(100), b"value")
        (reply,) = Binary(client).end(request, store(b"a", b"y"))
        assert reply.status == INVALID
    assert a.run(mg(b"a", b"t", b"v")) == b"VA 1 t-1\r\nx\r\n"
