"""A login over SASL: -S, PLAIN, and what a connection may do before and after."""

import struct

import pytest

from binary import (
    AUTH_CONTINUE,
    AUTH_ERROR,
    GET,
    INVALID,
    NO_MEMORY,
    NOOP,
    OK,
    SASL_AUTH,
    SASL_LIST,
    STAT,
    VERSION,
    Binary,
    packet,
    replies,
    store,
)
from conftest import oracle_version
from sasl import ALICE, MALLORY, plain, sasl_server, start, step

pytestmark = pytest.mark.differs("1.6.45", reason="the one built here has no SASL")

FAILURE = (AUTH_ERROR, b"Auth failure.")


@pytest.fixture(scope="module", params=["tcp", "unix"])
def server(request, binary, tmp_path_factory):
    folder = tmp_path_factory.mktemp("s")
    unix = folder / "socket" if request.param == "unix" else None
    with sasl_server(binary, bool(oracle_version()), folder, unix=unix) as running:
        yield running


class Guest:
    """A new connection, whose replies are counted: there is no fence before a login."""

    def __init__(self, server):
        self.client = server.connect()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.client.close()

    def ask(self, request):
        self.client.send(request)
        head = self.client.read(24)
        (reply,) = replies(head + self.client.read(int.from_bytes(head[8:12])))
        return reply

    def says(self, request):
        reply = self.ask(request)
        return reply.status, reply.value

    def may_read(self):
        return self.ask(packet(GET, b"none")).status != AUTH_ERROR

    def is_closed(self):
        return self.client.read_to_end() == b""


@pytest.fixture
def guest(server):
    with Guest(server) as connection:
        yield connection


# Before.


def test_the_list_of_mechanisms_is_plain(guest):
    reply = guest.ask(packet(SASL_LIST, opaque=9))
    assert reply == (SASL_LIST, OK, b"", b"", b"PLAIN", 9, 0)


def test_version_is_told_to_everybody(guest):
    assert guest.ask(packet(VERSION)).status == OK
    assert not guest.may_read()


@pytest.mark.parametrize("request_", [packet(GET, b"a"), packet(NOOP), packet(STAT)])
def test_anything_else_is_refused_and_closes(guest, request_):
    assert guest.says(request_) == FAILURE
    assert guest.is_closed()


def test_what_follows_a_refusal_is_not_looked_at(guest):
    guest.client.send(store(b"a", b"x") + ALICE + packet(VERSION))
    assert [reply.status for reply in replies(guest.client.read_to_end())] == [AUTH_ERROR]


@pytest.mark.parametrize("line", [b"version", b"get a", b"set a 0 0 12\r\nalice secret", b"mn"])
def test_text_is_shut_out(guest, line):
    guest.client.send((line + b"\r\n").ljust(48, b"\n"))
    assert guest.is_closed()


# A login.


def test_user_and_password_open_the_door(guest):
    reply = guest.ask(ALICE[:12] + struct.pack(">L", 9) + ALICE[16:])
    assert reply == (SASL_AUTH, OK, b"", b"", b"Authenticated", 9, 0)
    packets = Binary(guest.client)
    packets.run(store(b"a", b"x"))
    assert packets.value(b"a") == b"x"


def test_a_password_may_contain_a_space(guest):
    assert guest.ask(start(plain(b"bob", b"pass word"))).status == OK


def test_an_identity_may_be_the_user_and_nobody_else(server):
    with Guest(server) as one, Guest(server) as other:
        assert one.ask(start(plain(b"alice", b"secret", b"alice"))).status == OK
        assert other.says(start(plain(b"alice", b"secret", b"bob"))) == FAILURE
        assert not other.may_read()


@pytest.mark.parametrize(
    "data",
    [
        plain(b"alice", b"guess"),
        plain(b"alice", b"secre"),
        plain(b"alice", b"secrets"),
        plain(b"alice", b"SECRET"),
        plain(b"alice", b"pass word"),
        plain(b"alic", b"secret"),
        plain(b"alicee", b"secret"),
        plain(b"nobody", b"secret"),
        plain(b"alice", b""),
        plain(b"", b"secret"),
        plain(b"alice", b"secret\0"),
        plain(b"alice", b"secret") + b"\0more",
        b"alice\0secret",
        b"\0\0",
        b"\0",
        b"x",
        b"alice secret",
        b"x" * 5000,
    ],
)
def test_what_is_wrong_is_refused_and_may_be_tried_again(guest, data):
    assert guest.says(start(data)) == FAILURE
    assert guest.ask(packet(VERSION)).status == OK
    assert guest.ask(ALICE).status == OK
    assert guest.may_read()


@pytest.mark.parametrize("mechanism", [b"CRAM-MD5", b"LOGIN", b"X", b"PLAI", b"PLAINS", b"\0"])
def test_another_mechanism_is_refused(guest, mechanism):
    assert guest.says(start(plain(b"alice", b"secret"), mechanism)) == FAILURE
    assert not guest.may_read()


def test_a_name_that_no_mechanism_has_is_invalid_and_its_data_is_skipped(guest):
    assert guest.ask(start(plain(b"alice", b"secret"), b"M" * 33)).status == INVALID
    assert guest.ask(packet(VERSION)).status == OK


@pytest.mark.parametrize(
    "request_",
    [
        packet(SASL_AUTH, b"", value=plain(b"alice", b"secret")),
        packet(SASL_AUTH, b"PLAIN", b"\0" * 4, plain(b"alice", b"secret")),
        packet(SASL_LIST, b"key"),
    ],
)
def test_a_malformed_request_is_invalid_and_closes(guest, request_):
    assert guest.ask(request_).status == INVALID
    assert guest.is_closed()


def test_a_login_may_be_made_in_two_steps(guest):
    assert guest.says(start(b"")) == (AUTH_CONTINUE, b"")
    assert not_yet_in(guest)
    assert guest.ask(step(plain(b"alice", b"secret"))).status == OK
    assert guest.may_read()


def not_yet_in(guest):
    return guest.ask(packet(VERSION)).status == OK


def test_the_second_step_may_fail(guest):
    guest.ask(start(b""))
    assert guest.says(step(plain(b"alice", b"guess"))) == FAILURE
    assert not guest.may_read()


def test_a_second_step_without_a_first_is_refused(guest):
    assert guest.says(step(plain(b"alice", b"secret"))) == FAILURE
    assert not guest.may_read()


@pytest.mark.parametrize("cut", range(1, len(ALICE)))
def test_a_login_may_come_in_pieces(guest, cut):
    guest.client.send(ALICE[:cut])
    guest.client.send(ALICE[cut:] + packet(NOOP))
    reply = guest.client.read(24 + 13 + 24)
    assert [each.status for each in replies(reply)] == [OK, OK]


def test_requests_may_follow_in_the_same_packet(guest):
    guest.client.send(ALICE + store(b"a", b"x") + packet(GET, b"a") + packet(0x17))
    assert [reply.status for reply in replies(guest.client.read_to_end())] == [OK, OK, OK]


def test_each_connection_logs_in_itself(server, guest):
    assert guest.ask(ALICE).status == OK
    with Guest(server) as other:
        assert not other.may_read()


# After.


def test_a_failed_login_revokes_an_earlier_one(guest):
    assert guest.ask(ALICE).status == OK
    assert guest.may_read()
    assert guest.says(MALLORY) == FAILURE
    assert not guest.may_read()


@pytest.mark.differs("1.6.18", reason="SASL refuses a second login on one connection")
@pytest.mark.parametrize("user, password", [(b"alice", b"secret"), (b"bob", b"pass word")])
def test_a_second_login_is_as_good_as_the_first(guest, user, password):
    guest.ask(ALICE)
    assert guest.ask(start(plain(user, password))).status == OK
    assert guest.may_read()


def test_logins_and_failures_are_counted(guest):
    guest.ask(MALLORY)
    guest.ask(ALICE)
    packets = Binary(guest.client)
    before = counts(packets)
    packets.run(MALLORY, ALICE)
    after = counts(packets)
    assert after["auth_cmds"] - before["auth_cmds"] == 2
    assert after["auth_errors"] - before["auth_errors"] == 1


def counts(packets):
    rows = {row.key.decode(): row.value for row in packets.run(packet(STAT))}
    return {name: int(rows[name]) for name in ("auth_cmds", "auth_errors")}


def test_the_settings_tell_that_a_login_is_wanted(guest):
    guest.ask(ALICE)
    rows = {row.key: row.value for row in Binary(guest.client).run(packet(STAT, b"settings"))}
    assert rows[b"auth_enabled_sasl"] == b"yes"
    assert rows[b"binding_protocol"] == b"binary"


@pytest.mark.parametrize("size", [10_000, 100_000, 1_000_000])
def test_a_login_larger_than_any_password_is_refused(guest, size):
    request = start(b"x" * size)
    guest.client.send(request)
    head = guest.client.read(24)
    assert int.from_bytes(head[6:8]) in (AUTH_ERROR, NO_MEMORY)
