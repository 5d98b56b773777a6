"""exptime in all its forms, and how long a TTL lasts.

Tests that wait share their waiting: they look at several keys at once.
"""

import time

import pytest

from client import poll, set_, storage, value_reply

MONTH = 2_592_000


def test_zero_never_expires(client):
    client.run(set_(b"a", b"x", exptime=0))
    assert client.run(b"get a\r\n") == value_reply(b"a", b"x")


@pytest.mark.parametrize("exptime", [-1, -2, -MONTH, -(2**31)])
@pytest.mark.parametrize("command", [b"set", b"add"])
def test_a_negative_time_is_stored_and_gone(client, command, exptime):
    assert (
        client.run(storage(command, b"a", b"x", exptime=exptime) + b"get a\r\n")
        == b"STORED\r\nEND\r\n"
    )


def test_a_negative_time_removes_what_was_there(client):
    client.run(set_(b"a", b"old"))
    assert client.run(set_(b"a", b"x", exptime=-1) + b"get a\r\n") == b"STORED\r\nEND\r\n"


def test_what_has_expired_can_be_added(client):
    client.run(set_(b"a", b"old", exptime=-1))
    assert client.run(storage(b"add", b"a", b"x") + b"get a\r\n") == b"STORED\r\n" + value_reply(
        b"a", b"x"
    )


@pytest.mark.parametrize(
    "command, reply",
    [
        (storage(b"replace", b"a", b"x"), b"NOT_STORED\r\n"),
        (storage(b"append", b"a", b"x"), b"NOT_STORED\r\n"),
        (storage(b"prepend", b"a", b"x"), b"NOT_STORED\r\n"),
        (storage(b"cas", b"a", b"x", tail=b"1"), b"NOT_FOUND\r\n"),
        (b"incr a 1\r\n", b"NOT_FOUND\r\n"),
        (b"touch a 0\r\n", b"NOT_FOUND\r\n"),
        (b"delete a\r\n", b"NOT_FOUND\r\n"),
        (b"gat 0 a\r\n", b"END\r\n"),
        (b"gets a\r\n", b"END\r\n"),
    ],
    ids=lambda value: value.split()[0].decode(),
)
def test_what_has_expired_is_missing_to_every_command(client, command, reply):
    client.run(set_(b"a", b"1", exptime=-1))
    assert client.run(command) == reply


def test_thirty_days_is_relative(client):
    client.run(set_(b"a", b"x", exptime=MONTH))
    assert client.run(b"get a\r\n") == value_reply(b"a", b"x")


def test_a_second_more_than_thirty_days_is_a_date_long_past(client):
    assert client.run(set_(b"a", b"x", exptime=MONTH + 1) + b"get a\r\n") == b"STORED\r\nEND\r\n"


@pytest.mark.parametrize("distance, reply", [(100, value_reply(b"a", b"x")), (-100, b"END\r\n")])
def test_a_date_is_absolute(client, distance, reply):
    client.run(set_(b"a", b"x", exptime=int(time.time()) + distance))
    assert client.run(b"get a\r\n") == reply


@pytest.mark.parametrize("line", [b"touch a %d", b"gat %d a"])
def test_touch_and_gat_take_dates(client, line):
    client.run(set_(b"a", b"x"))
    client.run(line % (int(time.time()) + 100) + b"\r\n")
    assert client.run(b"get a\r\n") == value_reply(b"a", b"x")
    client.run(line % (int(time.time()) - 100) + b"\r\n")
    assert client.run(b"get a\r\n") == b"END\r\n"


def test_the_last_date_of_31_bits_is_still_to_come(client):
    client.run(set_(b"a", b"x", exptime=2**31 - 1))
    assert client.run(b"get a\r\n") == value_reply(b"a", b"x")


@pytest.mark.parametrize("exptime", [2**31, 2**31 + 1, 2**32 - 1, 2**63 - 1])
def test_a_date_from_2_to_the_31_on_wraps_into_the_past(client, exptime):
    assert client.run(set_(b"a", b"x", exptime=exptime) + b"get a\r\n") == b"STORED\r\nEND\r\n"


@pytest.mark.parametrize("exptime", [2**32, -(2**32), -(2**63), 2**32 + 100])
def test_a_date_is_taken_modulo_2_to_the_32(client, exptime):
    client.run(set_(b"a", b"x", exptime=exptime))
    assert client.run(b"get a\r\n") == value_reply(b"a", b"x")


@pytest.mark.parametrize("written", [b"+100", b"0100", b"-0"])
def test_the_time_of_set_may_have_sign_and_zeros(client, written):
    client.run(b"set a 0 %s 1\r\nx\r\n" % written)
    assert client.run(b"get a\r\n") == value_reply(b"a", b"x")


def test_keys_expire_in_the_order_of_their_times(client):
    client.run(
        set_(b"one", b"1", exptime=1) + set_(b"three", b"3", exptime=3) + set_(b"never", b"x")
    )
    client.run(set_(b"touched", b"1", exptime=1) + b"touch touched 100\r\n")
    client.run(set_(b"gat", b"1", exptime=1) + b"gat 100 gat\r\n")
    client.run(set_(b"shortened", b"1") + b"touch shortened 1\r\n")
    client.run(set_(b"n", b"1", exptime=1) + b"incr n 1\r\n")
    client.run(set_(b"joined", b"1", exptime=1) + storage(b"append", b"joined", b"2", exptime=100))
    gone = [b"one", b"shortened", b"n", b"joined"]
    assert poll(lambda: client.run(b"get %s\r\n" % b" ".join(gone)) == b"END\r\n", timeout=4)
    for key in (b"three", b"never", b"touched", b"gat"):
        assert client.run(b"get %s\r\n" % key) != b"END\r\n"
    assert poll(lambda: client.run(b"get three\r\n") == b"END\r\n", timeout=4)


def test_a_date_comes(client):
    client.run(set_(b"a", b"x", exptime=int(time.time()) + 2))
    assert client.run(b"get a\r\n") == value_reply(b"a", b"x")
    assert poll(lambda: client.run(b"get a\r\n") == b"END\r\n", timeout=5)


@pytest.mark.cached_only(
    "a TTL of n lasts at least n and less than n + 1 seconds; memcached's may end a second early"
)
def test_a_ttl_of_one_lasts_one_to_two_seconds(client):
    keys = [b"k%d" % n for n in range(8)]
    born, died = {}, {}
    for key in keys:
        born[key] = time.monotonic()
        client.run(set_(key, b"x", exptime=1))
        time.sleep(0.12)

    def look():
        for key in keys:
            if key not in died:
                before = time.monotonic()
                if client.run(b"get %s\r\n" % key) == b"END\r\n":
                    died[key] = time.monotonic()
                else:
                    assert before - born[key] < 2.2
        return len(died) == len(keys)

    assert poll(look, timeout=5)
    lives = [died[key] - born[key] for key in keys]
    assert min(lives) >= 1 and max(lives) < 2.2


def test_flush_all_ends_everything_at_once(client):
    client.run(set_(b"a", b"old") + set_(b"b", b"old", exptime=100))
    assert client.run(b"flush_all\r\nget a b\r\n") == b"OK\r\nEND\r\n"


@pytest.mark.parametrize("argument", [b"0", b"-1", b"-100", b"0 junk"])
def test_flush_all_with_zero_or_less_is_immediate(client, argument):
    client.run(set_(b"a", b"old"))
    assert client.run(b"flush_all %s\r\nget a\r\n" % argument) == b"OK\r\nEND\r\n"


def test_a_set_behind_flush_all_survives(client):
    client.run(set_(b"a", b"old"))
    assert client.run(b"flush_all\r\n" + set_(b"a", b"x") + b"get a\r\n") == (
        b"OK\r\nSTORED\r\n" + value_reply(b"a", b"x")
    )
    time.sleep(1.1)
    assert client.run(b"get a\r\n") == value_reply(b"a", b"x")


@pytest.mark.parametrize(
    "command, reply",
    [
        (storage(b"add", b"a", b"x"), b"STORED\r\n"),
        (storage(b"replace", b"a", b"x"), b"NOT_STORED\r\n"),
        (b"incr a 1\r\n", b"NOT_FOUND\r\n"),
        (b"touch a 0\r\n", b"NOT_FOUND\r\n"),
        (b"delete a\r\n", b"NOT_FOUND\r\n"),
    ],
    ids=lambda value: value.split()[0].decode(),
)
def test_what_was_flushed_is_missing_to_every_command(client, command, reply):
    client.run(set_(b"a", b"1"))
    assert client.run(b"flush_all\r\n" + command) == b"OK\r\n" + reply


def test_a_delayed_flush_ends_also_what_is_set_before_its_moment(client):
    client.run(set_(b"before", b"x"))
    assert client.run(b"flush_all 2\r\n") == b"OK\r\n"
    client.run(set_(b"between", b"x"))
    assert client.run(b"get before\r\n") == value_reply(b"before", b"x")
    assert client.run(b"get between\r\n") == value_reply(b"between", b"x")
    assert poll(lambda: client.run(b"get before between\r\n") == b"END\r\n", timeout=5)


def test_a_later_flush_all_takes_the_place_of_a_delayed_one(client):
    client.run(b"flush_all 1\r\nflush_all 100\r\n" + set_(b"a", b"x"))
    time.sleep(2.1)
    assert client.run(b"get a\r\n") == value_reply(b"a", b"x")


@pytest.mark.parametrize("argument", [b"x", b"1x", b"1.5", b"noreply2"])
def test_flush_all_with_a_bad_delay_flushes_nothing(client, argument):
    client.run(set_(b"a", b"x"))
    assert client.run(b"flush_all %s\r\nget a\r\n" % argument) == (
        b"CLIENT_ERROR invalid exptime argument\r\n" + value_reply(b"a", b"x")
    )


def test_a_server_without_flush_all_refuses_and_counts_it(launch):
    with launch("-F").connect() as client:
        client.run(set_(b"a", b"x"))
        assert client.run(b"flush_all\r\nflush_all 0\r\nflush_all noreply\r\nget a\r\n") == (
            b"CLIENT_ERROR flush_all not allowed\r\n" * 2 + value_reply(b"a", b"x")
        )
        assert client.stats()["cmd_flush"] == "3"
