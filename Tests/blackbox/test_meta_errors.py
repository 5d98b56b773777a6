"""What meta commands refuse, with which words, and what they take after all."""

import pytest

from client import set_, value_reply
from meta import ma, md, mg, ms

HD = b"HD\r\n"
BAD_LINE = b"CLIENT_ERROR bad command line format\r\n"
BAD_TOKEN = b"CLIENT_ERROR bad token in command line format\r\n"
BAD_FLAG = b"CLIENT_ERROR invalid or duplicate flag\r\n"
DUPLICATE = b"CLIENT_ERROR duplicate flag\r\n"
INVALID = b"CLIENT_ERROR invalid flag\r\n"
TOO_MANY = b"CLIENT_ERROR options flags are too long\r\n"
OPAQUE = b"CLIENT_ERROR opaque token too long\r\n"


@pytest.fixture
def a(client):
    client.run(set_(b"a", b"5"))
    return client


def is_unchanged(client):
    return client.run(b"get a\r\n") == value_reply(b"a", b"5")


# Lines.


@pytest.mark.differs(
    "1.6.18", reason="malformed lines are ERROR, not CLIENT_ERROR bad command line format"
)
@pytest.mark.parametrize("line", [b"mg", b"mg ", b"md", b"md  ", b"ma", b"ma ", b"ms", b"ms "])
def test_a_key_is_needed(client, line):
    assert client.run(line + b"\r\n") == BAD_LINE


@pytest.mark.parametrize("line", [b"ms a", b"ms a ", b"me", b"me  "])
def test_ms_needs_a_length_too_and_me_a_key(client, line):
    assert client.run(line + b"\r\n") == BAD_LINE


@pytest.mark.parametrize("line", [b"mx a", b"mga a", b"MG a", b"Mg a", b"mg\ta", b"m a b", b"mnn"])
def test_an_unknown_command_is_an_error(client, line):
    assert client.run(line + b"\r\n") == b"ERROR\r\n"


@pytest.mark.differs("1.6.18", reason="a leading space is skipped")
def test_a_leading_space_is_an_error(client):
    assert client.run(b" mg a\r\n") == b"ERROR\r\n"


@pytest.mark.differs(
    "1.6.18", reason="malformed lines are ERROR, not CLIENT_ERROR bad command line format"
)
def test_mn_with_a_bare_newline_is_too_short(client):
    assert client.run(b"mn\n") == BAD_LINE


@pytest.mark.parametrize("command", [b"mg", b"md", b"me"])
def test_a_key_has_up_to_250_bytes(client, command):
    assert client.run(command + b" " + b"k" * 250 + b"\r\n") in (b"EN\r\n", b"NF\r\n")
    assert client.run(command + b" " + b"k" * 251 + b"\r\n") == BAD_LINE


@pytest.mark.differs("1.6.18", reason="ma has an error of its own for a long key")
def test_ma_has_its_one_error_for_a_long_key_too(client):
    assert client.run(ma(b"k" * 251)) == BAD_FLAG


@pytest.mark.differs("1.6.18", reason="the body of a refused storage command is read as commands")
def test_ms_swallows_the_value_of_a_long_key(client):
    assert client.run(ms(b"k" * 251, b"bogus")) == BAD_LINE


# The length of ms.


@pytest.mark.parametrize("length", [b"x", b"-1", b"1x", b"S5", b"2147483646"])
def test_a_length_that_is_none_is_malformed_and_swallows_nothing(a, length):
    assert a.run(b"ms a %s\r\nget a\r\n" % length) == BAD_LINE + value_reply(b"a", b"5")


def test_the_length_stands_behind_the_key(a):
    assert a.run(b"ms a T0 2\r\nget a\r\n") == BAD_LINE + value_reply(b"a", b"5")


@pytest.mark.differs(
    "1.6.18", reason="numbers are parsed more loosely: + and 2^32 wrap in lengths, times and deltas"
)
@pytest.mark.parametrize("length", [b"+1", b"4294967297"])
def test_a_length_is_plain_digits_of_31_bits(a, length):
    assert a.run(b"ms a %s\r\nx\r\n" % length) == BAD_LINE * 2


# Flags.


@pytest.mark.parametrize("command", [b"mg a %s\r\n", b"ms a 1 %s\r\nx\r\n"])
@pytest.mark.parametrize("flags", [b"k k", b"q v q", b"O1 O2", b"T1 T2", b"v k s t f v"])
def test_a_flag_may_stand_only_once(a, command, flags):
    assert a.run(command % flags) == DUPLICATE
    assert is_unchanged(a)


@pytest.mark.parametrize("command", [b"mg a %s\r\n", b"ms a 1 %s\r\nx\r\n"])
@pytest.mark.parametrize("flag", [b"w", b"g", b"W", b"X", b"Z", b"S", b"S10", b"B", b"1", b"0v"])
def test_an_unknown_flag_is_invalid(a, command, flag):
    assert a.run(command % flag) == INVALID
    assert is_unchanged(a)


@pytest.mark.parametrize("flag", [b"vv", b"kv", b"qq", b"sfoo", b"cfs"])
def test_only_the_first_letter_of_a_flag_counts(a, flag):
    assert a.run(mg(b"a", flag, b"O1") * 2) == a.run(mg(b"a", flag[:1], b"O1") * 2)


@pytest.mark.differs("1.6.18", reason="md has one error for every wrong flag, as ma has")
@pytest.mark.parametrize("flags, error", [(b"k k", DUPLICATE), (b"w", INVALID), (b"Tx", BAD_TOKEN)])
def test_md_has_the_same_errors(a, flags, error):
    assert a.run(md(b"a", flags)) == error
    assert is_unchanged(a)


@pytest.mark.parametrize("flags", [b"k k", b"w", b"Tx1", b"Nx", b"Cx", b"D-1", b"Jx"])
def test_ma_has_one_error_for_all(a, flags):
    assert a.run(ma(b"a", flags)) == BAD_FLAG
    assert is_unchanged(a)


@pytest.mark.differs("1.6.18", reason="a flag that begins with no letter is an invalid flag")
@pytest.mark.parametrize("flag", [b"!", b"~", b"=", b"-", b"{", b"\x7f", b"\xff"])
@pytest.mark.parametrize("command", [b"mg", b"md", b"ma"])
def test_a_flag_that_begins_with_no_letter_and_no_digit_is_malformed(a, command, flag):
    assert a.run(command + b" a k " + flag + b"\r\n") == BAD_LINE


@pytest.mark.differs("1.6.18", reason="a flag that begins with no letter is an invalid flag")
@pytest.mark.parametrize("flag", [b"!", b"~", b"\xff"])
def test_such_a_flag_of_ms_leaves_its_value_to_be_read_as_a_command(a, flag):
    assert a.run(b"ms a 5 " + flag + b"\r\nget a\r\n") == BAD_LINE + value_reply(b"a", b"5")


# Tokens.


@pytest.mark.parametrize("flag", [b"T", b"Tx", b"T1x", b"N", b"Nx", b"R", b"R1.5", b"T--1"])
@pytest.mark.parametrize("command", [b"mg a %s\r\n", b"ms a 1 %s\r\nx\r\n"])
def test_a_time_is_a_number(a, command, flag):
    assert a.run(command % flag) == BAD_TOKEN
    assert is_unchanged(a)


@pytest.mark.differs(
    "1.6.18", reason="numbers are parsed more loosely: + and 2^32 wrap in lengths, times and deltas"
)
@pytest.mark.parametrize("flag", [b"T2147483648", b"N-2147483649", b"R4294967296", b"T+1"])
def test_a_time_has_32_bits_and_no_plus(a, flag):
    assert a.run(mg(b"a", flag)) == BAD_TOKEN


@pytest.mark.parametrize("flag", [b"F", b"Fx", b"F1x", b"F-1", b"F18446744073709551616"])
def test_client_flags_are_a_number(a, flag):
    assert a.run(ms(b"a", b"x", flag)) == BAD_LINE
    assert is_unchanged(a)


@pytest.mark.differs(
    "1.6.18", reason="numbers are parsed more loosely: + and 2^32 wrap in lengths, times and deltas"
)
@pytest.mark.parametrize("flag", [b"F4294967296", b"F+5"])
def test_client_flags_have_32_bits_and_no_plus(a, flag):
    assert a.run(ms(b"a", b"x", flag)) == BAD_LINE
    assert is_unchanged(a)


@pytest.mark.parametrize("flag", [b"C", b"Cx", b"C-1", b"C18446744073709551616"])
def test_a_cas_is_a_number_of_64_bits(a, flag):
    assert a.run(ms(b"a", b"x", flag)) == BAD_TOKEN
    assert is_unchanged(a)


def test_numbers_may_have_zeros_in_front(a):
    assert a.run(ms(b"a", b"x", b"F007", b"T000", b"k")) == b"HD ka\r\n"
    assert a.run(mg(b"a", b"f")) == b"HD f7\r\n"


@pytest.mark.parametrize("length", [0, 1, 31])
def test_an_opaque_has_up_to_31_bytes(a, length):
    opaque = b"O" + b"x" * length
    assert a.run(mg(b"a", opaque)) == b"HD " + opaque + b"\r\n"
    assert a.run(mg(b"b", opaque)) == b"EN " + opaque + b"\r\n"
    assert a.run(ms(b"a", b"5", opaque)) == b"HD " + opaque + b"\r\n"
    assert a.run(ma(b"a", opaque)) == b"HD " + opaque + b"\r\n"
    assert a.run(md(b"a", opaque)) == b"HD " + opaque + b"\r\n"


@pytest.mark.parametrize("command", [b"mg a %s\r\n", b"mg b %s\r\n", b"md a %s\r\n"])
def test_a_longer_opaque_is_an_error(a, command):
    assert a.run(command % (b"O" + b"x" * 32)) == OPAQUE


def test_a_longer_opaque_of_ms_swallows_the_value(a):
    assert a.run(ms(b"a", b"bogus", b"O" + b"x" * 32)) == OPAQUE
    assert is_unchanged(a)


@pytest.mark.differs("1.6.18", reason="a NUL byte ends the line")
def test_an_opaque_may_contain_a_nul(a):
    assert a.run(mg(b"a", b"O\0x")) == b"HD O\0x\r\n"


def test_an_opaque_may_be_any_bytes_but_spaces(a):
    opaque = b"O\x01\t\xff\x80!=OO"
    assert a.run(mg(b"a", opaque)) == b"HD " + opaque + b"\r\n"


@pytest.mark.differs("1.6.18", reason="a meta request has one token less at most")
def test_20_tokens_are_not_too_many(a):
    flags = b"k q c s t v f h l u P L O x I N0 T0 R0"
    assert len(flags.split()) == 18
    assert a.run(mg(b"a", flags)).startswith(b"VA 1 ka c")


@pytest.mark.differs("1.6.18", reason="the body of a refused storage command is read as commands")
def test_more_than_20_tokens_are_an_error_for_every_command(a):
    flags = b"k q c s t v f h l u P L O x I N0 T0 R0 C0"
    assert a.run(mg(b"a", flags)) == TOO_MANY
    assert a.run(ms(b"a", b"x", flags)) == TOO_MANY
    assert a.run(ma(b"a", flags)) == BAD_FLAG
    assert is_unchanged(a)


# What goes on afterwards.


@pytest.mark.parametrize(
    "bad",
    [
        b"mg a k k\r\n",
        b"ms a 2 w\r\nhi\r\n",
        b"ms a 2 MX\r\nhi\r\n",
        b"ms a 2 T\r\nhi\r\n",
        b"md a O" + b"x" * 32 + b"\r\n",
        b"ma a w\r\n",
        b"mg Z b\r\n",
        b"me\r\n",
    ],
)
def test_the_requests_around_an_error_are_answered(a, bad):
    reply = a.run(mg(b"a", b"s") + bad + mg(b"a", b"v"))
    assert reply.startswith(b"HD s1\r\nCLIENT_ERROR ")
    assert reply.endswith(b"\r\nVA 1\r\n5\r\n")


@pytest.mark.parametrize("size", [0, 1, 1000, 100_000])
def test_a_refused_value_of_any_size_is_swallowed(a, size):
    assert a.run(ms(b"a", b"\n" * size, b"w")) == INVALID


def test_every_split_of_a_pipeline_gives_the_same(a):
    request = ms(b"b", b"hello", b"k") + mg(b"b", b"v", b"O1") + md(b"b", b"q") + b"mn\r\n"
    for cut in range(1, len(request)):
        a.send(request[:cut])
        a.send(request[cut:])
        assert a.read_until(b"MN\r\n") == b"HD kb\r\nVA 5 O1\r\nhello\r\nMN\r\n"
