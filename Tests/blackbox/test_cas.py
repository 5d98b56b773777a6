"""cas, gets and the CAS value itself."""

import re

import pytest

from client import set_, storage, value_reply

BAD_LINE = b"CLIENT_ERROR bad command line format\r\n"


def cas_of(client, key=b"a"):
    reply = client.run(b"gets %s\r\n" % key)
    found = re.match(rb"VALUE \S+ \d+ \d+ (\d+)\r\n", reply)
    return found and int(found[1])


def cas(key, value, token):
    return storage(b"cas", key, value, tail=b"%d" % token)


def test_gets_shows_the_cas_after_the_length(client):
    client.run(set_(b"a", b"xy", flags=7))
    assert re.fullmatch(rb"VALUE a 7 2 [1-9]\d*\r\nxy\r\nEND\r\n", client.run(b"gets a\r\n"))


def test_get_does_not_show_the_cas(client):
    client.run(set_(b"a", b"xy"))
    assert client.run(b"get a\r\n") == value_reply(b"a", b"xy")


def test_cas_with_the_current_token_stores(client):
    client.run(set_(b"a", b"old"))
    assert client.run(cas(b"a", b"new", cas_of(client))) == b"STORED\r\n"
    assert client.run(b"get a\r\n") == value_reply(b"a", b"new")


def test_cas_with_another_token_finds_that_it_exists(client):
    client.run(set_(b"a", b"old"))
    assert client.run(cas(b"a", b"new", cas_of(client) + 1)) == b"EXISTS\r\n"
    assert client.run(b"get a\r\n") == value_reply(b"a", b"old")


def test_a_token_is_good_once(client):
    client.run(set_(b"a", b"old"))
    token = cas_of(client)
    assert client.run(cas(b"a", b"new", token) * 2) == b"STORED\r\nEXISTS\r\n"


def test_cas_of_a_missing_key_is_not_found(client):
    assert client.run(cas(b"a", b"x", 1) + b"get a\r\n") == b"NOT_FOUND\r\nEND\r\n"


def test_cas_zero_matches_nothing(client):
    client.run(set_(b"a", b"old"))
    assert client.run(cas(b"a", b"new", 0)) == b"EXISTS\r\n"


def test_cas_has_64_bits(client):
    client.run(set_(b"a", b"old"))
    assert client.run(cas(b"a", b"x", 2**64 - 1)) == b"EXISTS\r\n"


def test_cas_takes_new_flags(client):
    client.run(set_(b"a", b"old", flags=1))
    client.run(storage(b"cas", b"a", b"new", flags=2, tail=b"%d" % cas_of(client)))
    assert client.run(b"get a\r\n") == value_reply(b"a", b"new", flags=2)


@pytest.mark.differs("1.6.18", reason="the body of a refused storage command is read as commands")
@pytest.mark.parametrize("token", [b"x", b"-1", b"1x", b"18446744073709551616", b""])
def test_a_bad_token_is_malformed_and_the_body_is_swallowed(client, token):
    assert client.run(b"cas a 0 0 7 %s\r\nnothing\r\n" % token) == BAD_LINE


@pytest.mark.parametrize(
    "change",
    [
        set_(b"a", b"1"),
        storage(b"replace", b"a", b"1"),
        storage(b"append", b"a", b"1"),
        storage(b"prepend", b"a", b"1"),
        b"incr a 1\r\n",
        b"decr a 1\r\n",
        b"incr a 0\r\n",
    ],
    ids=["set", "replace", "append", "prepend", "incr", "decr", "incr_0"],
)
def test_a_change_changes_the_cas(client, change):
    client.run(set_(b"a", b"1"))
    before = cas_of(client)
    client.run(change)
    assert cas_of(client) > before


@pytest.mark.parametrize(
    "command",
    [
        b"get a\r\n",
        b"gets a\r\n",
        b"touch a 100\r\n",
        b"gat 100 a\r\n",
        b"gats 100 a\r\n",
        storage(b"add", b"a", b"2"),
        b"incr a x\r\n",
    ],
    ids=["get", "gets", "touch", "gat", "gats", "add", "bad_incr"],
)
def test_what_changes_nothing_keeps_the_cas(client, command):
    client.run(set_(b"a", b"1"))
    before = cas_of(client)
    client.run(command)
    assert cas_of(client) == before


def test_two_keys_never_share_a_cas(client):
    client.run(b"".join(set_(b"k%d" % n, b"x") for n in range(100)))
    assert len({cas_of(client, b"k%d" % n) for n in range(100)}) == 100


def test_a_key_that_was_deleted_and_set_again_has_a_new_cas(client):
    client.run(set_(b"a", b"1"))
    token = cas_of(client)
    assert client.run(b"delete a\r\n" + set_(b"a", b"1") + cas(b"a", b"2", token)) == (
        b"DELETED\r\nSTORED\r\nEXISTS\r\n"
    )


def test_without_cas_every_cas_is_zero_and_none_matches(launch):
    with launch("-C").connect() as client:
        client.run(set_(b"a", b"1"))
        assert client.run(b"gets a\r\n") == b"VALUE a 0 1 0\r\n1\r\nEND\r\n"
        assert client.run(b"gats 0 a\r\n") == b"VALUE a 0 1 0\r\n1\r\nEND\r\n"
        assert client.run(cas(b"a", b"2", 0) + cas(b"a", b"2", 1)) == b"EXISTS\r\nEXISTS\r\n"
