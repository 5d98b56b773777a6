"""Command lines: endings, lengths, unknown commands, tokens, noreply's place."""

import pytest

from client import set_, value_reply

ERROR = b"ERROR\r\n"
BAD_LINE = b"CLIENT_ERROR bad command line format\r\n"


@pytest.mark.parametrize("ending", [b"\n", b"\r\n"])
def test_either_line_ending_ends_a_command(client, ending):
    client.run(set_(b"a", b"x"))
    assert client.run(b"get a" + ending) == value_reply(b"a", b"x")


def test_a_storage_line_may_end_with_a_bare_newline(client):
    assert client.run(b"set a 0 0 1\nx\r\nget a\n") == b"STORED\r\n" + value_reply(b"a", b"x")


def test_a_second_carriage_return_belongs_to_the_last_token(client):
    client.run(set_(b"a", b"x") + set_(b"a\r", b"y"))
    assert client.run(b"get a\r\r\n") == value_reply(b"a\r", b"y")


@pytest.mark.differs(
    "1.6.18", reason="malformed lines are ERROR, not CLIENT_ERROR bad command line format"
)
@pytest.mark.parametrize("line", [b"\n", b"\r\n", b"a\n", b"a\r\n", b"ab\n", b" \r\n"])
def test_a_line_under_four_bytes_is_malformed(client, line):
    assert client.run(line) == BAD_LINE


@pytest.mark.parametrize("line", [b"ab\r\n", b"abc\n", b"xyz\r\n"])
def test_an_unknown_line_of_four_bytes_is_an_error(client, line):
    assert client.run(line) == ERROR


@pytest.mark.parametrize(
    "command",
    [
        b"bogus",
        b"bogus a b",
        b"config get cluster",
        b"getx a",
        b"set2 a 0 0 1",
        b"get\ta",
        b"gett",
        b"flush_al",
        b"flush_all2",
        b"versions",
        b"quits",
        b"quit\tnow",
        b"cache_memlimi 64",
        b"\0\0\0\0",
        b"\xff\xfe\xfd",
    ],
)
def test_an_unknown_command_is_an_error(client, command):
    assert client.run(command + b"\r\n") == ERROR


@pytest.mark.parametrize(
    "command", [b"GET a", b"Get a", b"SET a 0 0 1", b"VERSION", b"QUIT", b"Flush_All"]
)
def test_commands_are_lower_case_only(client, command):
    assert client.run(command + b"\r\n") == ERROR


@pytest.mark.differs("1.6.18", reason="a leading space is skipped")
@pytest.mark.parametrize("command", [b" get a", b"  get a", b" delete a"])
def test_a_leading_space_is_an_error(client, command):
    assert client.run(command + b"\r\n") == ERROR


@pytest.mark.differs(
    "1.6.18", reason="malformed lines are ERROR, not CLIENT_ERROR bad command line format"
)
@pytest.mark.parametrize(
    "line",
    [
        b"get",
        b"get ",
        b"get   ",
        b"gets",
        b"gets ",
        b"gat",
        b"gat 0",
        b"gats",
        b"gats 0",
        b"gats 0 ",
        b"set",
        b"set a",
        b"set a 0",
        b"set a 0 0",
        b"add a 0 0",
        b"replace a 0 0",
        b"append a 0 0",
        b"prepend a 0 0",
        b"cas a 0 0",
        b"delete",
        b"delete ",
        b"touch",
        b"touch a",
        b"incr",
        b"incr a",
        b"decr",
        b"decr a",
        b"verbosity",
    ],
)
def test_too_few_tokens_are_malformed(client, line):
    assert client.run(line + b"\r\n") == BAD_LINE


def test_cache_memlimit_without_a_number_is_an_error(client):
    assert client.run(b"cache_memlimit\r\n") == ERROR


@pytest.mark.parametrize(
    "line, reply",
    [
        (b"touch a 0 junk", b"TOUCHED\r\n"),
        (b"incr a 1 junk", b"2\r\n"),
        (b"decr a 1 junk", b"0\r\n"),
        (b"flush_all 0 junk", b"OK\r\n"),
        (b"verbosity 0 junk", b"OK\r\n"),
        (b"cache_memlimit 64 junk", b"OK\r\n"),
        (b"set a 0 0 1 junk\r\nx", b"STORED\r\n"),
    ],
)
def test_an_extra_token_is_ignored(client, line, reply):
    client.run(set_(b"a", b"1"))
    assert client.run(line + b"\r\n") == reply


@pytest.mark.differs("1.6.18", reason="only one extra token is ignored")
@pytest.mark.parametrize(
    "line, reply",
    [
        (b"set a 0 0 1 junk more\r\nx", b"STORED\r\n"),
        (b"flush_all 0 0 0", b"OK\r\n"),
        (b"add b 0 0 1 1 2 3 4 5 6 7 8 9\r\nx", b"STORED\r\n"),
        (b"incr a 1 2 3 4", b"2\r\n"),
    ],
)
def test_any_number_of_extra_tokens_is_ignored(client, line, reply):
    client.run(set_(b"a", b"1"))
    assert client.run(line + b"\r\n") == reply


@pytest.mark.parametrize("line", [b"get  a", b"get a ", b"get   a   ", b"gets", b"gat  0  a  "])
def test_runs_of_spaces_separate_tokens(client, line):
    client.run(set_(b"a", b"x"))
    if line == b"gets":
        line = b"get" + b" " * 1500 + b"a"
    assert client.run(line + b"\r\n") == value_reply(b"a", b"x")


def test_spaces_around_the_tokens_of_set_are_skipped(client):
    assert client.run(b"set   a   7   0   1  \r\nx\r\nget a\r\n") == (
        b"STORED\r\n" + value_reply(b"a", b"x", flags=7)
    )


@pytest.mark.differs(
    "1.6.18", reason="malformed lines are ERROR, not CLIENT_ERROR bad command line format"
)
def test_a_tab_does_not_separate_tokens(client):
    assert client.run(b"set a 0 0\t1\r\n") == BAD_LINE


def test_get_followed_by_http_is_a_get(client):
    client.run(set_(b"/", b"x"))
    assert client.run(b"get / HTTP/1.1\r\n") == value_reply(b"/", b"x")


@pytest.mark.parametrize("line", [b"GET / HTTP/1.1", b"POST /a/b HTTP/1.0", b"bogus HTTP/"])
def test_a_web_request_closes_the_connection_silently(client, line):
    client.send(line + b"\r\nversion\r\n")
    assert client.read_to_end() == b""


def test_replies_before_a_web_request_still_arrive(client):
    client.run(set_(b"a", b"x"))
    client.send(b"get a\r\n")
    assert client.read(len(value_reply(b"a", b"x"))) == value_reply(b"a", b"x")
    client.send(b"GET / HTTP/1.1\r\n")
    assert client.read_to_end() == b""


def test_an_http_token_that_is_not_the_last_is_an_error_only(client):
    assert client.run(b"POST / HTTP/1.1 x\r\n") == ERROR


@pytest.mark.parametrize("size", [2046, 2047, 2048, 3000])
def test_a_long_line_that_ends_is_answered(client, size):
    assert client.run(b"x" * size + b"\r\n") == ERROR


def test_an_unterminated_line_of_2048_bytes_waits_for_its_end(client):
    client.send(b"x" * 2048)
    client.send(b"\r\n")
    assert client.read_line() == ERROR


@pytest.mark.parametrize(
    "line",
    [
        b"x" * 2049,
        b"delete " + b"k" * 2100,
        b"set " + b"k" * 2100,
        b"gat 0 " + b"a " * 1100,
        b" " * 2100,
        b"get" + b"k" * 2100,
        b"gets" + b"k" * 2100,
    ],
)
def test_an_unterminated_line_over_2048_bytes_closes_silently(client, line):
    client.send(line)
    assert client.read_to_end() == b""


@pytest.mark.parametrize("command", [b"get", b"gets"])
def test_a_get_line_has_no_limit_of_length(client, command):
    client.run(set_(b"a", b"x"))
    line = command + b" missing" * 20_000
    client.send(line)
    assert client.run(b"\r\n") == b"END\r\n"


@pytest.mark.parametrize(
    "key", [b"a\tb", b"\x01\x02\x7f", b"caf\xc3\xa9", b"\xff\xfe", b"a\rb", b"-", b"noreply"]
)
def test_a_key_may_hold_any_byte_but_space_and_newline(client, key):
    assert client.run(set_(key, b"x") + b"get %s\r\n" % key) == b"STORED\r\n" + value_reply(
        key, b"x"
    )


@pytest.mark.differs("1.6.18", reason="a NUL byte ends the line")
def test_a_key_may_hold_a_nul_byte(client):
    assert client.run(set_(b"a\0b", b"x") + b"get a a\0b a\0c\r\n") == (
        b"STORED\r\n" + value_reply(b"a\0b", b"x")
    )


@pytest.mark.parametrize("size", [1, 2, 249, 250])
def test_keys_up_to_250_bytes_are_stored(client, size):
    key = b"k" * size
    assert client.run(set_(key, b"x") + b"get %s\r\n" % key) == b"STORED\r\n" + value_reply(
        key, b"x"
    )


LONG_KEY = b"k" * 251


@pytest.mark.parametrize(
    "line", [b"delete %s", b"delete %s 0", b"touch %s 0", b"incr %s 1", b"decr %s 1"]
)
def test_a_key_of_251_bytes_is_malformed(client, line):
    assert client.run(line % LONG_KEY + b"\r\n") == BAD_LINE


@pytest.mark.differs("1.6.18", reason="the body of a refused storage command is read as commands")
@pytest.mark.parametrize("command", [b"set", b"add", b"replace", b"append", b"prepend", b"cas"])
def test_the_body_behind_a_key_of_251_bytes_is_swallowed(client, command):
    assert client.run(command + b" %s 0 0 7 1\r\nnothing\r\n" % LONG_KEY) == BAD_LINE


@pytest.mark.differs(
    "1.6.45", reason="a stray line ending follows the error for a long key in a get"
)
@pytest.mark.parametrize(
    "line",
    [
        b"get %s",
        b"gets %s",
        b"gat 0 %s",
        b"gats 0 %s",
        b"get %s a",
        b"get a %s",
        b"get a %s b",
        b"get a b c d %s",
    ],
)
def test_a_long_key_anywhere_in_a_get_makes_one_error_and_no_value(client, line):
    client.run(set_(b"a", b"x"))
    assert client.run(line % LONG_KEY + b"\r\n") == BAD_LINE
