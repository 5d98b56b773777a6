"""version, verbosity, quit, cache_memlimit and shutdown."""

import re

import pytest

from client import set_, value_reply


def test_version_is_of_the_form_that_clients_parse(client):
    assert re.fullmatch(rb"VERSION 1\.\d+\.\d+\r\n", client.ask(b"version"))


def test_version_ignores_what_follows(client):
    assert client.ask(b"version a b c") == client.ask(b"version")


def test_quit_closes_without_a_word(client):
    client.send(b"quit\r\nversion\r\n")
    assert client.read_to_end() == b""


@pytest.mark.parametrize("line", [b"quit noreply", b"quit now please"])
def test_quit_ignores_what_follows(client, line):
    client.send(line + b"\r\n")
    assert client.read_to_end() == b""


def test_replies_before_quit_arrive(client):
    client.run(set_(b"a", b"x"))
    client.send(b"get a\r\n" * 100 + b"quit\r\n" + b"get a\r\n")
    assert client.read_to_end() == value_reply(b"a", b"x") * 100


@pytest.mark.parametrize("line", [b"verbosity 0", b"verbosity 0 0"])
def test_verbosity_is_ok(client, line):
    assert client.run(line + b"\r\n") == b"OK\r\n"


def test_verbosity_above_the_highest_is_ok(launch):
    with launch().connect() as client:
        assert client.run(b"verbosity 100\r\n") == b"OK\r\n"


@pytest.mark.parametrize("level", [b"x", b"-1", b"1x"])
def test_verbosity_without_a_level_is_malformed(client, level):
    assert client.run(b"verbosity %s\r\n" % level) == b"CLIENT_ERROR bad command line format\r\n"


@pytest.mark.parametrize(
    "argument, reply",
    [
        (b"x", b"ERROR"),
        (b"-1", b"ERROR"),
        (b"1.5", b"ERROR"),
        (b"0", b"MEMLIMIT_TOO_SMALL cannot set maxbytes to less than 8m"),
        (b"7", b"MEMLIMIT_TOO_SMALL cannot set maxbytes to less than 8m"),
        (b"1000000001", b"MEMLIMIT_ADJUST_FAILED input value is megabytes not bytes"),
    ],
)
def test_a_bad_memory_limit_is_refused(client, argument, reply):
    before = client.stats()["limit_maxbytes"]
    assert client.run(b"cache_memlimit %s\r\n" % argument) == reply + b"\r\n"
    assert client.stats()["limit_maxbytes"] == before


def test_the_memory_limit_changes_at_run_time(launch):
    with launch("-m", "64").connect() as client:
        for megabytes in (128, 32, 8):
            assert client.run(b"cache_memlimit %d\r\n" % megabytes) == b"OK\r\n"
            assert client.stats()["limit_maxbytes"] == str(megabytes << 20)
            assert client.stats("settings")["maxbytes"] == str(megabytes << 20)


def test_a_raised_memory_limit_is_used(launch):
    with launch("-m", "8").connect() as client:
        client.run(b"cache_memlimit 64\r\n")
        for number in range(400):
            client.run(set_(b"k%d" % number, b"x" * 100_000))
        assert client.stats()["evictions"] == "0"
        assert client.run(b"get k0\r\n") == value_reply(b"k0", b"x" * 100_000)


@pytest.mark.differs(
    "1.6.18", reason="shutdown that is not enabled is an ERROR:, and its mode is not checked"
)
@pytest.mark.parametrize("line", [b"shutdown", b"shutdown graceful", b"shutdown x"])
def test_shutdown_is_off_by_default(client, line):
    assert client.run(line + b"\r\n") == b"SERVER_ERROR: shutdown not enabled\r\n"


@pytest.mark.parametrize("line", [b"shutdown", b"shutdown graceful"])
def test_shutdown_ends_a_server_that_allows_it(launch, line):
    server = launch("-A")
    with server.connect() as client:
        client.send(line + b"\r\n")
        assert client.read_to_end() == b""
    assert server.wait() == 0


def test_an_unknown_shutdown_mode_is_refused(launch):
    with launch("-A").connect() as client:
        assert client.run(b"shutdown now\r\n") == b"CLIENT_ERROR invalid shutdown mode\r\n"
