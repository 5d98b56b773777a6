"""noreply: where it counts, and what it hides."""

import pytest

from client import set_, storage, value_reply

BAD_LINE = b"CLIENT_ERROR bad command line format\r\n"


@pytest.mark.parametrize(
    "command, left",
    [
        (storage(b"set", b"a", b"2", tail=b"noreply"), b"2"),
        (storage(b"replace", b"a", b"2", tail=b"noreply"), b"2"),
        (storage(b"append", b"a", b"2", tail=b"noreply"), b"12"),
        (storage(b"prepend", b"a", b"2", tail=b"noreply"), b"21"),
        (storage(b"add", b"a", b"2", tail=b"noreply"), b"1"),
        (storage(b"cas", b"a", b"2", tail=b"0 noreply"), b"1"),
        (b"incr a 4 noreply\r\n", b"5"),
        (b"decr a 1 noreply\r\n", b"0"),
        (b"touch a 0 noreply\r\n", b"1"),
        (b"verbosity 0 noreply\r\n", b"1"),
        (b"cache_memlimit 64 noreply\r\n", b"1"),
    ],
    ids=lambda value: value.split()[0].decode(),
)
def test_noreply_does_the_work_silently(client, command, left):
    client.run(set_(b"a", b"1"))
    assert client.run(command + b"get a\r\n") == value_reply(b"a", left)


@pytest.mark.parametrize(
    "command",
    [
        b"delete a noreply",
        b"delete a 0 noreply",
        b"flush_all noreply",
        b"flush_all 0 noreply",
        b"flush_all -1 noreply",
        b"touch a -1 noreply",
    ],
)
def test_noreply_removes_silently(client, command):
    client.run(set_(b"a", b"1"))
    assert client.run(command + b"\r\nget a\r\n") == b"END\r\n"


@pytest.mark.differs("1.6.18", reason="delete takes only a zero or noreply behind the key")
def test_noreply_counts_behind_any_token_of_delete(client):
    client.run(set_(b"a", b"1"))
    assert client.run(b"delete a junk noreply\r\nget a\r\n") == b"END\r\n"


def test_noreply_stores_with_the_current_cas(client):
    client.run(set_(b"a", b"1"))
    token = client.run(b"gets a\r\n").split()[4]
    assert client.run(storage(b"cas", b"a", b"2", tail=token + b" noreply") + b"get a\r\n") == (
        value_reply(b"a", b"2")
    )


@pytest.mark.parametrize(
    "command",
    [
        b"delete missing noreply",
        b"touch missing 0 noreply",
        b"incr missing 1 noreply",
        b"decr missing 1 noreply",
        b"replace missing 0 0 1 noreply\r\nx",
        b"append missing 0 0 1 noreply\r\nx",
        b"prepend missing 0 0 1 noreply\r\nx",
        b"cas missing 0 0 1 1 noreply\r\nx",
    ],
)
def test_noreply_hides_that_a_key_is_missing(client, command):
    assert client.run(command + b"\r\n") == b""


@pytest.mark.parametrize(
    "command",
    [
        b"incr a x noreply",
        b"incr text 1 noreply",
        b"decr a noreply",
        b"touch a x noreply",
        b"touch a noreply",
        b"incr a noreply",
        b"flush_all x noreply",
        b"verbosity x noreply",
        b"verbosity noreply",
        b"cache_memlimit 1 noreply",
        b"cache_memlimit noreply",
        b"delete " + b"k" * 251 + b" noreply",
    ],
)
def test_noreply_hides_client_errors(client, command):
    client.run(set_(b"a", b"1") + set_(b"text", b"x"))
    assert client.run(command + b"\r\n") == b""


@pytest.mark.differs(
    "1.6.18", reason="noreply is read by position, and errors are not always hidden"
)
@pytest.mark.parametrize(
    "command",
    [
        b"set a x 0 7 noreply\r\nnothing",
        b"set a 0 x 7 noreply\r\nnothing",
        b"cas a 0 0 7 x noreply\r\nnothing",
        b"cas a 0 0 7 noreply\r\nnothing",
        b"set %s 0 0 7 noreply\r\nnothing" % (b"k" * 251),
    ],
    ids=["flags", "exptime", "cas", "no_cas", "key"],
)
def test_noreply_hides_errors_of_storage_commands_with_the_body(client, command):
    assert client.run(command + b"\r\n") == b""


def test_noreply_hides_a_bad_chunk_but_not_what_is_behind_it(client):
    assert client.run(b"set a 0 0 1 noreply\r\nxyzbogus\r\n") == b"ERROR\r\n"


def test_noreply_hides_that_a_value_is_too_large(client):
    client.run(set_(b"a", b"old"))
    size = (1 << 20) + 1
    assert (
        client.run(b"set a 0 0 %d noreply\r\n%s\r\nget a\r\n" % (size, b"x" * size)) == b"END\r\n"
    )


@pytest.mark.differs(
    "1.6.18", reason="malformed lines are ERROR, not CLIENT_ERROR bad command line format"
)
@pytest.mark.parametrize(
    "command",
    [
        b"set noreply",
        b"set a noreply",
        b"set a 0 noreply",
        b"incr noreply",
        b"decr noreply",
        b"touch noreply",
    ],
)
def test_noreply_does_not_hide_too_few_tokens(client, command):
    assert client.run(command + b"\r\n") == BAD_LINE


@pytest.mark.differs(
    "1.6.18", reason="noreply is read by position, and errors are not always hidden"
)
@pytest.mark.parametrize(
    "command", [b"set a 0 0 noreply", b"set a 0 0 x noreply", b"set a 0 0 -1 noreply"]
)
def test_noreply_does_not_hide_a_bad_length(client, command):
    assert client.run(command + b"\r\n") == BAD_LINE


@pytest.mark.differs(
    "1.6.18", reason="noreply is read by position, and errors are not always hidden"
)
@pytest.mark.parametrize(
    "command",
    [
        b"delete noreply",
        b"bogus noreply",
        b"bogus a b noreply",
        b"shutdown noreply",
        b"set a 0 0 1 junk noreply\r\nx",
    ],
)
def test_noreply_counts_as_the_last_token_of_any_command(client, command):
    assert client.run(command + b"\r\n") == b""


@pytest.mark.parametrize(
    "line", [b"get noreply", b"gets noreply", b"gat 0 noreply", b"gats 0 noreply"]
)
def test_noreply_is_a_key_to_a_get(client, line):
    assert client.run(line + b"\r\n") == b"END\r\n"


def test_noreply_is_the_second_key_of_a_get(client):
    client.run(set_(b"a", b"1") + set_(b"noreply", b"2"))
    assert client.run(b"get a noreply\r\n") == (
        b"VALUE a 0 1\r\n1\r\n" + value_reply(b"noreply", b"2")
    )


@pytest.mark.parametrize("word", [b"NOREPLY", b"noReply", b"noreplyx", b"norepl"])
def test_only_the_exact_word_counts(client, word):
    assert client.run(b"set a 0 0 1 %s\r\nx\r\n" % word) == b"STORED\r\n"


@pytest.mark.differs("1.6.18", reason="only one extra token is ignored")
def test_noreply_before_another_token_does_not_count(client):
    assert client.run(b"set a 0 0 1 noreply junk\r\nx\r\n") == b"STORED\r\n"


def test_a_space_behind_noreply_changes_nothing(client):
    assert client.run(b"set a 0 0 1 noreply \r\nx\r\n") == b""


def test_version_and_stats_answer_in_spite_of_noreply(client):
    assert client.ask(b"version noreply").startswith(b"VERSION ")
    assert client.run(b"stats noreply\r\n") == b"ERROR\r\n"


def test_thousands_of_silent_commands_then_one_answer(client):
    sets = b"".join(storage(b"set", b"k%d" % n, b"x", tail=b"noreply") for n in range(5000))
    assert client.run(sets + b"get k4999\r\n") == value_reply(b"k4999", b"x")
