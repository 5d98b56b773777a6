"""incr and decr."""

import pytest

from client import set_, value_reply
from test_cas import cas_of

BAD_DELTA = b"CLIENT_ERROR invalid numeric delta argument\r\n"
NOT_A_NUMBER = b"CLIENT_ERROR cannot increment or decrement non-numeric value\r\n"
LARGEST = b"18446744073709551615"


@pytest.mark.parametrize(
    "before, command, reply, after",
    [
        (b"10", b"incr n 1", b"11", b"11"),
        (b"10", b"decr n 1", b"9", b"9 "),
        (b"10", b"decr n 10", b"0", b"0 "),
        (b"10", b"decr n 11", b"0", b"0 "),
        (b"0", b"decr n 1", b"0", b"0"),
        (b"99", b"incr n 1", b"100", b"100"),
        (b"5", b"incr n 0", b"5", b"5"),
        (b"5", b"incr n 007", b"12", b"12"),
        (b"1", b"incr n 18446744073709551614", LARGEST, LARGEST),
        (LARGEST, b"incr n 1", b"0", b"0" + b" " * 19),
        (LARGEST, b"incr n 18446744073709551615", b"18446744073709551614", b"18446744073709551614"),
        (LARGEST, b"decr n 18446744073709551615", b"0", b"0" + b" " * 19),
        (b"1", b"incr n 18446744073709551615", b"0", b"0"),
        (b"0", b"incr n 18446744073709551615", LARGEST, LARGEST),
    ],
)
def test_a_number_changes_and_keeps_at_least_its_length(client, before, command, reply, after):
    client.run(set_(b"n", before))
    assert client.run(command + b"\r\nget n\r\n") == reply + b"\r\n" + value_reply(b"n", after)


def test_padding_goes_when_the_number_grows_again(client):
    client.run(set_(b"n", b"100"))
    for command, reply, after in [
        (b"decr n 91", b"9", b"9  "),
        (b"incr n 1", b"10", b"10 "),
        (b"incr n 990", b"1000", b"1000"),
    ]:
        assert client.run(command + b"\r\n") == reply + b"\r\n"
        assert client.run(b"get n\r\n") == value_reply(b"n", after)


@pytest.mark.parametrize(
    "stored, reply, after",
    [
        (b" 12", b"13", b"13 "),
        (b"+1", b"2", b"2 "),
        (b"12 ", b"13", b"13 "),
        (b"007", b"8", b"8  "),
        (b"\t1", b"2", b"2 "),
        (b"1\t", b"2", b"2 "),
        (b"1\n", b"2", b"2 "),
        (b"1\r\n2", b"2", b"2   "),
        (b"1 x", b"2", b"2  "),
        (b"1\0", b"2", b"2 "),
        (b"0" * 30 + b"5", b"6", b"6" + b" " * 30),
        (b"5" + b" " * 40, b"6", b"6" + b" " * 40),
    ],
)
def test_a_stored_number_may_have_blanks_sign_and_zeros(client, stored, reply, after):
    client.run(set_(b"n", stored))
    assert client.run(b"incr n 1\r\nget n\r\n") == reply + b"\r\n" + value_reply(b"n", after)


@pytest.mark.parametrize(
    "stored",
    [
        b"",
        b"-1",
        b"x",
        b"1x",
        b"x1",
        b"0x1",
        b"1.5",
        b"+",
        b"-",
        b"- 1",
        b"1,000",
        b"18446744073709551616",
        b"99999999999999999999999",
        b"\xd9\xa1",
    ],
)
@pytest.mark.parametrize("command", [b"incr", b"decr"])
def test_what_is_no_number_is_refused_and_kept(client, command, stored):
    client.run(set_(b"n", stored))
    assert client.run(command + b" n 1\r\nget n\r\n") == NOT_A_NUMBER + value_reply(b"n", stored)


@pytest.mark.cached_only("memcached reads memory behind a value of blanks only")
@pytest.mark.parametrize("stored", [b" ", b"  ", b"\t"])
def test_blanks_alone_are_no_number(client, stored):
    client.run(set_(b"n", stored))
    assert client.run(b"incr n 1\r\nget n\r\n") == NOT_A_NUMBER + value_reply(b"n", stored)


def test_a_large_value_is_no_number(client):
    client.run(set_(b"n", b"1" * 1_000_000))
    assert client.run(b"incr n 1\r\n") == NOT_A_NUMBER


@pytest.mark.parametrize(
    "delta", [b"x", b"-1", b"1x", b"1.5", b"18446744073709551616", b"0x1", b"noreply2", b"+"]
)
@pytest.mark.parametrize("command", [b"incr", b"decr"])
def test_a_delta_is_plain_digits_of_64_bits(client, command, delta):
    client.run(set_(b"n", b"5"))
    assert client.run(command + b" n %s\r\nget n\r\n" % delta) == BAD_DELTA + value_reply(
        b"n", b"5"
    )


@pytest.mark.differs(
    "1.6.18", reason="numbers are parsed more loosely: + and 2^32 wrap in lengths, times and deltas"
)
def test_a_delta_has_no_sign(client):
    client.run(set_(b"n", b"5"))
    assert client.run(b"incr n +1\r\n") == BAD_DELTA


@pytest.mark.parametrize("command", [b"incr", b"decr"])
def test_a_bad_delta_is_noticed_before_a_missing_key(client, command):
    assert client.run(command + b" missing x\r\n") == BAD_DELTA


@pytest.mark.parametrize("command", [b"incr", b"decr"])
def test_a_missing_key_is_not_found_and_not_made(client, command):
    assert client.run(command + b" n 1\r\nget n\r\n") == b"NOT_FOUND\r\nEND\r\n"


def test_flags_stay(client):
    client.run(set_(b"n", b"5", flags=77))
    assert client.run(b"incr n 1\r\nincr n 100\r\nget n\r\n") == (
        b"6\r\n106\r\n" + value_reply(b"n", b"106", flags=77)
    )


def test_the_cas_changes_and_a_failure_keeps_it(client):
    client.run(set_(b"a", b"5"))
    before = cas_of(client)
    client.run(b"incr a x\r\n")
    assert cas_of(client) == before
    client.run(b"incr a 1\r\n")
    assert cas_of(client) > before
