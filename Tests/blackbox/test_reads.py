"""get, gets, gat, gats, touch and delete."""

import re

import pytest

from client import set_, value_reply

BAD_TIME = b"CLIENT_ERROR invalid exptime argument\r\n"


def value_line(key, value, flags=0):
    return b"VALUE %s %d %d\r\n%s\r\n" % (key, flags, len(value), value)


@pytest.mark.parametrize("command", [b"get a", b"gets a", b"gat 0 a", b"gats 0 a", b"get a b c d"])
def test_a_miss_is_only_the_end(client, command):
    assert client.run(command + b"\r\n") == b"END\r\n"


def test_values_come_in_the_order_of_the_keys(client):
    client.run(set_(b"a", b"1") + set_(b"b", b"22", flags=5) + set_(b"c", b""))
    assert client.run(b"get c b missing a\r\n") == (
        value_line(b"c", b"") + value_line(b"b", b"22", 5) + value_line(b"a", b"1") + b"END\r\n"
    )


def test_a_key_that_is_named_twice_is_answered_twice(client):
    client.run(set_(b"a", b"1"))
    assert client.run(b"get a x a\r\n") == value_line(b"a", b"1") * 2 + b"END\r\n"


def test_gets_names_the_cas_of_each_key(client):
    client.run(set_(b"a", b"1") + set_(b"b", b"2"))
    reply = client.run(b"gets a b\r\n")
    found = re.fullmatch(rb"VALUE a 0 1 (\d+)\r\n1\r\nVALUE b 0 1 (\d+)\r\n2\r\nEND\r\n", reply)
    assert found[1] != found[2]


def test_a_thousand_keys_in_one_get(client):
    client.run(b"".join(set_(b"k%d" % n, b"v%d" % n) for n in range(1000)))
    keys = b" ".join(b"k%d" % n for n in range(1000))
    assert client.run(b"get " + keys + b"\r\n") == (
        b"".join(value_line(b"k%d" % n, b"v%d" % n) for n in range(1000)) + b"END\r\n"
    )


@pytest.mark.parametrize(
    "times",
    [
        50_000,
        pytest.param(
            100_000,
            marks=pytest.mark.differs(
                "memcached", reason="one get answers the same key at most some 64,000 times"
            ),
        ),
    ],
)
def test_a_key_that_is_repeated_in_a_get_is_answered_as_often(client, times):
    client.run(set_(b"a", b"1"))
    assert (
        client.run(b"get" + b" a" * times + b"\r\n") == value_line(b"a", b"1") * times + b"END\r\n"
    )


def test_a_missing_key_named_100000_times_is_one_end(client):
    assert client.run(b"get" + b" a" * 100_000 + b"\r\n") == b"END\r\n"


def test_gat_answers_like_get(client):
    client.run(set_(b"a", b"1", flags=3) + set_(b"b", b"2"))
    assert (
        client.run(b"gat 100 a x b\r\n")
        == value_line(b"a", b"1", 3) + value_line(b"b", b"2") + b"END\r\n"
    )


def test_gats_shows_the_cas(client):
    client.run(set_(b"a", b"1"))
    assert client.run(b"gats 100 a\r\n") == client.run(b"gets a\r\n")


@pytest.mark.parametrize("time", [b"x", b"1x", b"1.5", b"a"])
@pytest.mark.parametrize("line", [b"gat %s a", b"gats %s a", b"touch a %s"])
def test_a_bad_time_is_refused_and_changes_nothing(client, line, time):
    client.run(set_(b"a", b"1"))
    assert client.run(line % time + b"\r\nget a\r\n") == BAD_TIME + value_reply(b"a", b"1")


@pytest.mark.differs(
    "1.6.18", reason="numbers are parsed more loosely: + and 2^32 wrap in lengths, times and deltas"
)
@pytest.mark.parametrize("time", [b"+5", b"2147483648", b"4294967296", b"-2147483649"])
@pytest.mark.parametrize("line", [b"gat %s a", b"gats %s a", b"touch a %s"])
def test_the_time_of_touch_and_gat_is_plain_and_has_32_bits(client, line, time):
    client.run(set_(b"a", b"1"))
    assert client.run(line % time + b"\r\nget a\r\n") == BAD_TIME + value_reply(b"a", b"1")


def test_touch_of_a_present_key(client):
    client.run(set_(b"a", b"1", flags=2))
    assert client.run(b"touch a 100\r\nget a\r\n") == b"TOUCHED\r\n" + value_reply(
        b"a", b"1", flags=2
    )


def test_touch_of_a_missing_key(client):
    assert client.run(b"touch a 100\r\nget a\r\n") == b"NOT_FOUND\r\nEND\r\n"


def test_touch_with_a_negative_time_ends_the_key(client):
    client.run(set_(b"a", b"1"))
    assert client.run(b"touch a -1\r\nget a\r\n") == b"TOUCHED\r\nEND\r\n"


def test_gat_with_a_negative_time_answers_and_ends_the_key(client):
    client.run(set_(b"a", b"1"))
    assert client.run(b"gat -1 a\r\nget a\r\n") == value_reply(b"a", b"1") + b"END\r\n"


def test_delete_of_a_present_key(client):
    client.run(set_(b"a", b"1"))
    assert client.run(b"delete a\r\nget a\r\ndelete a\r\n") == b"DELETED\r\nEND\r\nNOT_FOUND\r\n"


def test_delete_of_a_missing_key(client):
    assert client.run(b"delete a\r\n") == b"NOT_FOUND\r\n"


def test_delete_with_the_old_zero_delay(client):
    client.run(set_(b"a", b"1"))
    assert client.run(b"delete a 0\r\nget a\r\n") == b"DELETED\r\nEND\r\n"


@pytest.mark.differs("1.6.18", reason="delete takes only a zero or noreply behind the key")
@pytest.mark.parametrize("tail", [b"5", b"-1", b"foo", b"foo bar", b"0 0", b"NOREPLY"])
def test_delete_with_anything_behind_the_key_deletes(client, tail):
    client.run(set_(b"a", b"1"))
    assert client.run(b"delete a %s\r\nget a\r\n" % tail) == b"DELETED\r\nEND\r\n"


def test_delete_leaves_other_keys(client):
    client.run(set_(b"a", b"1") + set_(b"ab", b"2"))
    assert client.run(b"delete a\r\nget ab\r\n") == b"DELETED\r\n" + value_reply(b"ab", b"2")


def test_another_connection_sees_a_change_at_once(server, client):
    with server.connect() as other:
        for number in range(100):
            client.run(set_(b"a", b"%d" % number))
            assert other.run(b"get a\r\n") == value_reply(b"a", b"%d" % number)
