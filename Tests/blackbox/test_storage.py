"""set, add, replace, append, prepend and cas: what is stored and what is refused."""

import pytest

from client import set_, storage, value_reply

STORED, NOT_STORED = b"STORED\r\n", b"NOT_STORED\r\n"
BAD_LINE = b"CLIENT_ERROR bad command line format\r\n"
BAD_CHUNK = b"CLIENT_ERROR bad data chunk\r\n"
ALL = [b"set", b"add", b"replace", b"append", b"prepend", b"cas"]


def stored(client, key=b"a"):
    """What `get` answers for the key."""
    return client.run(b"get %s\r\n" % key)


def test_set_stores_a_new_key(client):
    assert client.run(set_(b"a", b"value", flags=3)) == STORED
    assert stored(client) == value_reply(b"a", b"value", flags=3)


def test_set_replaces_value_and_flags(client):
    client.run(set_(b"a", b"old", flags=1))
    assert client.run(set_(b"a", b"newer", flags=2)) == STORED
    assert stored(client) == value_reply(b"a", b"newer", flags=2)


@pytest.mark.parametrize(
    "value", [b"", b"\r\n", b"\r\n\r\nEND\r\n", b"\0" * 9, bytes(range(256)), b"get a\r\n"]
)
def test_a_value_is_any_bytes(client, value):
    assert client.run(set_(b"a", value)) == STORED
    assert stored(client) == value_reply(b"a", value)


def test_add_stores_a_new_key(client):
    assert client.run(storage(b"add", b"a", b"x", flags=4)) == STORED
    assert stored(client) == value_reply(b"a", b"x", flags=4)


def test_add_keeps_a_present_key(client):
    client.run(set_(b"a", b"old"))
    assert client.run(storage(b"add", b"a", b"new")) == NOT_STORED
    assert stored(client) == value_reply(b"a", b"old")


@pytest.mark.parametrize("command", [b"replace", b"append", b"prepend"])
def test_what_needs_a_present_key_stores_nothing_without_it(client, command):
    assert client.run(storage(command, b"a", b"x")) == NOT_STORED
    assert stored(client) == b"END\r\n"


def test_replace_takes_the_new_value_and_flags(client):
    client.run(set_(b"a", b"old", flags=1))
    assert client.run(storage(b"replace", b"a", b"newer", flags=9)) == STORED
    assert stored(client) == value_reply(b"a", b"newer", flags=9)


@pytest.mark.parametrize("command, joined", [(b"append", b"middleX"), (b"prepend", b"Xmiddle")])
def test_append_and_prepend_join_values(client, command, joined):
    client.run(set_(b"a", b"middle"))
    assert client.run(storage(command, b"a", b"X")) == STORED
    assert stored(client) == value_reply(b"a", joined)


@pytest.mark.parametrize("command", [b"append", b"prepend"])
def test_append_and_prepend_ignore_their_flags_and_exptime(client, command):
    client.run(set_(b"a", b"x", flags=5))
    client.run(storage(command, b"a", b"x", flags=9, exptime=-1))
    assert stored(client) == value_reply(b"a", b"xx", flags=5)


@pytest.mark.parametrize("command", [b"append", b"prepend"])
def test_nothing_can_be_appended(client, command):
    client.run(set_(b"a", b"x"))
    assert client.run(storage(command, b"a", b"")) == STORED
    assert stored(client) == value_reply(b"a", b"x")


def test_appending_many_times_keeps_every_byte(client):
    client.run(set_(b"a", b""))
    for number in range(200):
        client.run(storage(b"append", b"a", b"%04d" % number))
    assert stored(client) == value_reply(b"a", b"".join(b"%04d" % n for n in range(200)))


@pytest.mark.parametrize("flags", [0, 1, 65535, 65536, 2**31, 2**32 - 1])
def test_flags_have_32_bits(client, flags):
    assert client.run(set_(b"a", b"x", flags=flags)) == STORED
    assert stored(client) == value_reply(b"a", b"x", flags=flags)


@pytest.mark.parametrize(
    "written, kept", [(b"4294967296", 0), (b"4294967301", 5), (b"18446744073709551615", 4294967295)]
)
def test_flags_above_32_bits_are_taken_modulo_2_to_the_32(client, written, kept):
    assert client.run(b"set a %s 0 1\r\nx\r\n" % written) == STORED
    assert stored(client) == value_reply(b"a", b"x", flags=kept)


@pytest.mark.parametrize(
    "written, kept", [(b"+5", 5), (b"007", 7), (b"00000000000000000000009", 9), (b"-0", 0)]
)
def test_flags_may_have_a_sign_and_zeros_in_front(client, written, kept):
    assert client.run(b"set a %s 0 1\r\nx\r\n" % written) == STORED
    assert stored(client) == value_reply(b"a", b"x", flags=kept)


@pytest.mark.differs("1.6.18", reason="the body of a refused storage command is read as commands")
@pytest.mark.parametrize(
    "flags", [b"x", b"-1", b"1x", b"0x10", b"1.5", b"+-5", b"18446744073709551616"]
)
def test_bad_flags_are_malformed_and_the_body_is_swallowed(client, flags):
    client.run(set_(b"a", b"old"))
    assert client.run(b"set a %s 0 7\r\nnothing\r\n" % flags) == BAD_LINE
    assert stored(client) == value_reply(b"a", b"old")


@pytest.mark.differs("1.6.18", reason="the body of a refused storage command is read as commands")
@pytest.mark.parametrize("exptime", [b"x", b"1x", b"1.5", b"9223372036854775808"])
def test_a_bad_exptime_is_malformed_and_the_body_is_swallowed(client, exptime):
    client.run(set_(b"a", b"old"))
    assert client.run(b"set a 0 %s 7\r\nnothing\r\n" % exptime) == BAD_LINE
    assert stored(client) == value_reply(b"a", b"old")


@pytest.mark.differs("1.6.18", reason="the body of a refused storage command is read as commands")
@pytest.mark.parametrize("command", ALL)
def test_a_malformed_storage_command_leaves_the_old_value(client, command):
    client.run(set_(b"a", b"old"))
    assert client.run(command + b" a x 0 7 1\r\nnothing\r\n") == BAD_LINE
    assert stored(client) == value_reply(b"a", b"old")


@pytest.mark.differs("1.6.18", reason="the body of a refused storage command is read as commands")
def test_the_body_behind_bad_flags_is_swallowed_whatever_its_size(client):
    assert client.run(b"set a x 0 300000\r\n" + b"bogus command\r\n" * 20_000 + b"\r\n") == BAD_LINE


@pytest.mark.parametrize(
    "length",
    [
        b"x",
        b"-1",
        b"1x",
        b"1.0",
        b"0x1",
        b"2147483646",
        b"2147483647",
        b"2147483648",
        b"99999999999999999999",
    ],
)
def test_the_body_behind_a_bad_length_is_not_swallowed(client, length):
    client.run(set_(b"a", b"old"))
    assert client.run(b"set a 0 0 %s\r\nget a\r\n" % length) == BAD_LINE + value_reply(b"a", b"old")


@pytest.mark.differs(
    "1.6.18", reason="numbers are parsed more loosely: + and 2^32 wrap in lengths, times and deltas"
)
@pytest.mark.parametrize("length", [b"+1", b"4294967297"])
def test_a_length_is_plain_digits_of_31_bits(client, length):
    assert client.run(b"set a 0 0 %s\r\nx\r\n" % length) == BAD_LINE * 2


def test_a_length_may_have_zeros_in_front(client):
    assert client.run(b"set a 0 0 001\r\nx\r\n") == STORED


@pytest.mark.parametrize("command", ALL)
def test_a_body_longer_than_its_length_is_a_bad_chunk(client, command):
    client.run(set_(b"a", b"old"))
    assert client.run(command + b" a 0 0 3 1\r\nabcdeget a\r\n") == BAD_CHUNK + value_reply(
        b"a", b"old"
    )


def test_a_bad_chunk_takes_exactly_its_length_and_two_bytes(client):
    assert client.run(b"set a 0 0 1\r\nxyzbogus\r\n") == BAD_CHUNK + b"ERROR\r\n"


def test_a_bad_chunk_is_known_as_soon_as_its_two_bytes_are_there(client):
    client.send(b"set a 0 0 1\r\nxyz")
    assert client.read_line() == BAD_CHUNK


@pytest.mark.parametrize("body", [b"x\n\n", b"x\r\r", b"x\n\r", b"\r\nx"])
def test_a_body_ends_with_exactly_cr_lf(client, body):
    assert client.run(b"set a 0 0 1\r\n" + body) == BAD_CHUNK


def test_a_bad_chunk_in_a_large_value_is_found(client):
    assert client.run(b"set a 0 0 300000\r\n" + b"x" * 300_002) == BAD_CHUNK
    assert stored(client) == b"END\r\n"


def test_a_value_that_looks_like_a_line_ending_is_no_end(client):
    assert client.run(b"set a 0 0 3\r\nx\r\n\r\nget a\r\n") == STORED + value_reply(b"a", b"x\r\n")


def test_a_connection_lost_in_the_middle_of_a_body_stores_nothing(server, client):
    client.run(set_(b"a", b"old"))
    with server.connect() as broken:
        broken.send(b"set a 0 0 10\r\n12345")
    assert stored(client) == value_reply(b"a", b"old")


@pytest.mark.cached_only("memcached ignores any number of tokens behind delete KEY")
def test_delete_takes_a_time_and_noreply_behind_the_key_and_no_more(client):
    client.run(set_(b"a", b"x"))
    malformed = b"CLIENT_ERROR bad command line format\r\n"
    assert client.run(b"delete a 0 0 0\r\n") == malformed
    assert client.run(b"delete a 0 0 noreply\r\n") == b""
    assert client.run(b"delete a 0 0\r\n") == b"DELETED\r\n"
