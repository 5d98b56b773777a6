"""Logging in with the text protocol: a first `set` of `user password`, with -Y."""

import pytest

from client import set_, value_reply
from logins import (
    COMMANDS,
    FAILED,
    REFUSED,
    STORED,
    answer,
    answer_and_close,
    logged_in,
    login,
    write_users,
)

from daemon import Server

USERS = ["alice:secret", "bob:pa:ss word", "carol:crlf\r", "alice:second", "last:line"]


@pytest.fixture(scope="module")
def users(tmp_path_factory):
    file = tmp_path_factory.mktemp("auth") / "users"
    write_users(file, *USERS)
    file.write_bytes(file.read_bytes()[:-1])  # the last line may lack its newline
    return str(file)


@pytest.fixture(scope="module", params=["tcp", "unix"])
def server(request, binary, users, tmp_path_factory):
    path = tmp_path_factory.mktemp("s") / "s" if request.param == "unix" else None
    with Server(binary, "-Y", users, "-A", unix=path) as running:
        yield running
        code = running.process.poll()
        assert code is None, f"the server died with {code}: {running.errors()}"


@pytest.fixture
def owner(server):
    """Somebody who is logged in, and has stored something."""
    with logged_in(server) as client:
        assert client.run(b"flush_all\r\n" + set_(b"precious", b"treasure")) == b"OK\r\n" + STORED
        yield client


@pytest.mark.parametrize("line", COMMANDS, ids=lambda line: line.decode("latin-1"))
def test_a_guest_may_do_nothing(server, owner, line):
    assert answer(server, line + b"\r\n") == REFUSED
    assert owner.run(b"get precious\r\n") == value_reply(b"precious", b"treasure")


@pytest.mark.parametrize("name", [b"add", b"replace", b"append", b"prepend", b"cas"])
def test_a_guest_who_stores_gets_one_error(server, owner, name):
    tail = b" 1" if name == b"cas" else b""
    request = name + b" precious 0 0 8" + tail + b"\r\n12345678\r\n"
    assert answer(server, request) == REFUSED
    assert owner.run(b"get precious\r\n") == value_reply(b"precious", b"treasure")


def test_what_guests_do_is_not_counted(server, owner):
    before = owner.stats()
    for line in COMMANDS:
        answer(server, line + b"\r\n")
    after = owner.stats()
    for name in ["cmd_get", "cmd_set", "cmd_flush", "cmd_touch", "auth_cmds", "auth_errors"]:
        assert after[name] == before[name], name


@pytest.mark.differs("1.6.18", reason="a guest's short line is answered")
@pytest.mark.parametrize("line", [b"quit", b"mn", b"me x"])
def test_a_short_line_closes(server, line):
    assert answer_and_close(server, line + b"\r\n" + b"\r\n") == b""


def test_login(server):
    for user, password in [
        (b"alice", b"secret"),
        (b"alice", b"second"),
        (b"carol", b"crlf"),
        (b"last", b"line"),
    ]:
        assert answer(server, login(user, password)) == STORED


@pytest.mark.differs("1.6.18", reason="a login is cut into words, and a NUL ends it")
def test_a_password_may_hold_spaces(server):
    assert answer(server, login(b"bob", b"pa:ss word")) == STORED


@pytest.mark.parametrize(
    "user, password",
    [
        (b"alice", b"wrong"),
        (b"alice", b"secre"),
        (b"alice", b"secrets"),
        (b"alice", b"Secret"),
        (b"alice", b"pa:ss word"),
        (b"bob", b"pa"),
        (b"carol", b"crlf\r"),
        (b"nobody", b"secret"),
        (b"alic", b"secret"),
        (b"alicea", b"secret"),
        (b"ALICE", b"secret"),
        (b"alice:secret", b"secret"),
        (b"alice", b"secret\nbob"),
        (b"alice", b"x" * 500),
        (b"x" * 250, b"secret"),
    ],
)
def test_what_is_wrong_is_refused(server, user, password):
    assert answer(server, login(user, password)) == FAILED


@pytest.mark.differs("1.6.18", reason="a login is cut into words, and a NUL ends it")
@pytest.mark.parametrize(
    "user, password",
    [
        (b"", b""),
        (b"", b"secret"),
        (b"alice", b""),
        (b"alice", b" secret"),
        (b"alice", b"secret "),
        (b"alice", b"secret\0"),
        (b"alice\0", b"secret"),
    ],
)
def test_no_byte_is_overlooked(server, user, password):
    assert answer(server, login(user, password)) == FAILED


@pytest.mark.parametrize("value", [b"", b"a", b"alice", b"alice:secret", b"alice\tsecret"])
def test_a_login_has_two_words(server, value):
    assert (
        answer(server, set_(b"key", value)) == b"CLIENT_ERROR bad authentication token format\r\n"
    )


@pytest.mark.parametrize(
    "request_",
    [
        b"set key 0 0 12\r\nalice secretXX",
        b"set key 0 0 5\r\nalice secret\r\n"[:22],
        b"set key 0 0 12\r\nalice secret\n\n",
        b"set key 0 0 12\r\nalice secret\r\r",
        b"set key 0 0 11\r\nalice secret\r",
    ],
)
def test_a_login_ends_with_a_line_ending(server, request_):
    assert answer(server, request_) == b"CLIENT_ERROR bad command line termination\r\n"


@pytest.mark.parametrize("key", [b"k", b"k" * 250, b"k" * 1000, b"\x01\xff"])
@pytest.mark.parametrize(
    "arguments", [b"0 0 12", b"x y 12", b"0 0 012", b" 0  0  12 ", b"0 0 12 x"]
)
def test_key_flags_and_exptime_can_be_anything(server, key, arguments):
    assert answer(server, b"set " + key + b" " + arguments + b"\r\nalice secret\r\n") == STORED


@pytest.mark.differs("1.6.18", reason="numbers of a login are parsed more loosely")
@pytest.mark.parametrize("length", [b"+12", b"000000000012", b"4294967308"])
def test_the_length_is_a_number(server, length):
    assert answer(server, b"set key 0 0 " + length + b"\r\nalice secret\r\n") == REFUSED


@pytest.mark.differs("1.6.18", reason="numbers of a login are parsed more loosely")
@pytest.mark.parametrize("length", [b"16385", b"4294967295"])
def test_an_overlong_login_is_refused_before_it_comes(server, length):
    assert (
        answer(server, b"set key 0 0 " + length + b"\r\n")
        == b"CLIENT_ERROR auth token too long\r\n"
    )


@pytest.mark.differs("1.6.18", reason="dies of a login of 2 GB")
def test_a_huge_login_is_refused_before_it_comes(launch, users):
    server = launch("-Y", users)
    request = b"set key 0 0 2147483647\r\n"
    assert answer(server, request) == b"CLIENT_ERROR auth token too long\r\n"


@pytest.mark.parametrize("length", [767, 768, 1500, 2040])
def test_a_login_that_is_longer_than_any_password_is_refused(server, length):
    assert answer(server, login(b"alice", b"x" * (length - 6))) == FAILED


def test_a_login_stores_nothing(server):
    with logged_in(server) as client:
        assert client.run(b"get key\r\n") == b"END\r\n"


def test_a_second_set_is_a_set(server):
    with logged_in(server) as client:
        assert client.run(login(b"alice", b"wrong")) == STORED
        assert client.run(b"get key\r\n") == value_reply(b"key", b"alice wrong")


def test_login_and_commands_may_come_together(server):
    request = login(b"alice", b"secret") + set_(b"a", b"1") + b"get a\r\nincr a 5\r\n"
    assert answer(server, request) == STORED + STORED + value_reply(b"a", b"1") + b"6\r\n"


def test_a_long_pipeline_behind_a_login_is_answered(server):
    request = login(b"alice", b"secret") + b"get nothing\r\n" * 5000
    assert answer(server, request) == STORED + b"END\r\n" * 5000


def test_a_large_value_behind_a_login_is_stored(server):
    value = b"v" * 300_000
    request = login(b"alice", b"secret") + set_(b"a", value) + b"get a\r\n"
    assert answer(server, request) == STORED + STORED + value_reply(b"a", value)


def test_a_login_may_come_byte_by_byte(server):
    with server.connect() as client:
        for byte in login(b"alice", b"secret"):
            client.send(bytes([byte]))
        assert client.read_line() == STORED


def test_a_failed_login_may_be_tried_again(server):
    with server.connect() as client:
        for _ in range(3):
            client.send(login(b"alice", b"wrong"))
            assert client.read_line() == FAILED
            assert client.ask(b"version") == REFUSED
        client.send(login(b"alice", b"secret"))
        assert client.read_line() == STORED
        assert client.ask(b"version").startswith(b"VERSION ")


def test_each_connection_logs_in_itself(server, owner):
    with server.connect() as other:
        assert other.ask(b"get precious") == REFUSED


def test_logins_and_failures_are_counted(server, owner):
    before = owner.stats()
    answer(server, login(b"alice", b"secret"))
    answer(server, login(b"alice", b"wrong"))
    answer(server, login(b"nobody", b"secret"))
    answer(server, b"set key 0 0 5\r\nalice\r\n")
    after = owner.stats()
    assert int(after["auth_cmds"]) - int(before["auth_cmds"]) == 3
    assert int(after["auth_errors"]) - int(before["auth_errors"]) == 2


def test_the_settings_tell_the_user_file(server, owner, users):
    settings = owner.stats("settings")
    assert settings["auth_enabled_ascii"] == users
    assert settings["auth_enabled_sasl"] == "no"


def test_a_line_without_an_end_closes(server):
    assert answer_and_close(server, b"x" * 2049) == b""
    assert answer_and_close(server, b"set " + b"k" * 2100) == b""


@pytest.mark.differs("memcached", reason="a guest's line of more than 2,048 bytes may end")
def test_a_longer_line_closes_with_an_end_too(server):
    assert answer_and_close(server, b"x" * 2049 + b"\r\n") == b""
