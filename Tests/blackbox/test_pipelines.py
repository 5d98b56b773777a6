"""However the bytes arrive, the replies are the same."""

import re
import time

import pytest

from client import set_, storage, value_reply

OPTIONS = ["-m", "64"]

# All kinds of commands, good and bad, none that closes. It empties the cache
# first, so it can be sent any number of times. CAS values are masked.
TRANSCRIPT = b"".join(
    [
        b"flush_all\r\n",
        set_(b"a", b"1"),
        b"get a\r\n",
        b"gets a\n",
        b"get  a   missing a \r\n",
        b"get\r\n",
        b"\r\n",
        b"x\n",
        storage(b"add", b"a", b"2"),
        storage(b"add", b"b", b"two words", flags=4294967295),
        storage(b"replace", b"b", b"\r\n", flags=12),
        storage(b"replace", b"c", b"none"),
        storage(b"append", b"b", b"\r\nEND\r\n"),
        storage(b"prepend", b"b", b"VALUE"),
        storage(b"append", b"c", b"x"),
        b"gets a b c\r\n",
        storage(b"cas", b"a", b"x", tail=b"18446744073709551615"),
        storage(b"cas", b"missing", b"x", tail=b"1"),
        b"cas a 0 0 1 word\r\nx\r\n",
        b"cas a 0 0 1\r\nx\r\n",
        set_(b"n", b"99"),
        b"incr n 1\r\n",
        b"incr n 18446744073709551615\r\n",
        b"incr n x\r\n",
        b"incr n\r\n",
        b"incr b 1\r\n",
        b"decr missing 1\r\n",
        b"get n\r\n",
        set_(b"empty", b""),
        b"get empty\r\n",
        b"incr empty 1\r\n",
        b"touch a 100\r\n",
        b"touch missing 100\r\n",
        b"touch a word\r\n",
        b"gat 100 a b\r\n",
        b"gats 0 a\r\n",
        b"gat word a\r\n",
        b"set neg 0 -1 1\r\nx\r\n",
        b"get neg\r\n",
        b"set q 0 0 1 noreply\r\nq\r\n",
        b"append q 0 0 1 noreply\r\nr\r\n",
        b"get q\r\n",
        b"delete q noreply\r\n",
        b"incr n 1 noreply\r\n",
        b"touch n 0 noreply\r\n",
        b"verbosity 0 noreply\r\n",
        b"set bad 0 0 3\r\nabcdeget a\r\n",
        b"set bad x 0 5\r\nnever\r\n",
        b"set bad 0 0 -1\r\n",
        b"set bad 0 0 1 1 1\nx\r\n",
        b"set " + b"k" * 251 + b" 0 0 2\r\nno\r\n",
        b"get a " + b"k" * 250 + b"\r\n",
        b"delete " + b"k" * 251 + b"\r\n",
        b"delete a\r\n",
        b"delete a 0\r\n",
        b"delete\r\n",
        b"bogus\r\n",
        b"GET a\r\n",
        b"stats bogus\r\n",
        b"stats detail\r\n",
        b"verbosity\r\n",
        b"verbosity 0\r\n",
        b"cache_memlimit 1\r\n",
        b"cache_memlimit\r\n",
        set_(b"long", b"0123456789\r\n" * 20),
        b"get long\r\n",
        b"flush_all word\r\n",
        b"flush_all 0 noreply\r\n",
        b"get b n long\r\n",
    ]
)


def replies(client):
    """The transcript's replies, up to the `version` that is sent behind it."""
    return re.sub(rb"(VALUE \S+ \d+ \d+) \d+", rb"\1 CAS", client.read_until(client.fence))


@pytest.fixture(scope="module")
def whole(server):
    with server.connect() as client:
        client.fence = client.ask(b"version")
        client.send(TRANSCRIPT + b"version\r\n")
        reply = replies(client)
        assert reply.count(b"ERROR") > 15 and reply.count(b"VALUE") > 10
        return reply


def test_the_transcript_answers_the_same_in_lines(client, whole):
    client.fence = client.ask(b"version")
    for line in (TRANSCRIPT + b"version\r\n").splitlines(keepends=True):
        client.send(line)
    assert replies(client) == whole


def test_the_transcript_split_anywhere_answers_the_same(client, whole):
    client.fence = client.ask(b"version")
    request = TRANSCRIPT + b"version\r\n"
    for split in range(1, len(request)):
        client.send(request[:split])
        time.sleep(0.0003)  # so that the server sees two packets
        client.send(request[split:])
        assert replies(client) == whole, split


def test_the_transcript_one_byte_a_packet_answers_the_same(client, whole):
    client.fence = client.ask(b"version")
    for byte in TRANSCRIPT + b"version\r\n":
        client.send(bytes([byte]))
        time.sleep(0.0003)
    assert replies(client) == whole


@pytest.mark.parametrize("size", [7, 100, 1000])
def test_the_transcript_over_and_over_in_odd_packets_answers_the_same(client, whole, size):
    client.fence = client.ask(b"version")
    request = (TRANSCRIPT + b"version\r\n") * 10
    for start in range(0, len(request), size):
        client.send(request[start : start + size])
    for _ in range(10):
        assert replies(client) == whole


def test_the_transcript_many_times_in_one_packet_answers_as_often(client, whole):
    client.fence = client.ask(b"version")
    client.send((TRANSCRIPT + b"version\r\n") * 20)
    for _ in range(20):
        assert replies(client) == whole


def test_ten_thousand_commands_in_one_packet(client):
    commands, expected = [], []
    for number in range(2500):
        key, value = b"k%d" % (number % 100), b"%d" % number
        commands += [
            set_(key, value),
            b"get %s\r\n" % key,
            b"incr %s 1\r\n" % key,
            b"delete %s\r\n" % key,
        ]
        expected += [
            b"STORED\r\n",
            value_reply(key, value),
            b"%d\r\n" % (number + 1),
            b"DELETED\r\n",
        ]
    assert client.run(b"".join(commands)) == b"".join(expected)


def test_ten_thousand_errors_in_one_packet(client):
    assert client.run(b"bogus\r\n" * 10_000) == b"ERROR\r\n" * 10_000


@pytest.mark.parametrize("size", [1, 2, 16_383, 16_384, 100_000])
def test_a_large_value_in_packets_of_any_size(client, size):
    value = bytes(range(256)) * (20 if size < 3 else 2000)
    request = set_(b"a", value) + b"get a\r\n"
    for start in range(0, len(request), size):
        client.send(request[start : start + size])
    assert client.read(8) == b"STORED\r\n"
    assert client.read(len(value_reply(b"a", value))) == value_reply(b"a", value)


@pytest.mark.parametrize("split", [-1, -2, -3])
def test_the_end_of_a_large_body_may_be_split(client, split):
    request = set_(b"a", b"x" * 200_000)
    client.send(request[:split])
    time.sleep(0.02)
    client.send(request[split:])
    assert client.read_line() == b"STORED\r\n"
    assert client.run(b"get a\r\n") == value_reply(b"a", b"x" * 200_000)


def test_large_values_in_a_row_keep_their_order(client):
    values = [bytes([97 + n]) * (100_000 + n) for n in range(20)]
    requests = b"".join(
        set_(b"k%d" % n, value) + b"get k%d\r\n" % n for n, value in enumerate(values)
    )
    assert client.run(requests) == b"".join(
        b"STORED\r\n" + value_reply(b"k%d" % n, value) for n, value in enumerate(values)
    )
