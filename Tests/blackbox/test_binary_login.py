"""SASL PLAIN with -Y alone, with hashed passwords, and what takes access away."""

import pytest

from binary import (
    AUTH_CONTINUE,
    AUTH_ERROR,
    GET,
    OK,
    SASL_AUTH,
    SASL_STEP,
    Binary,
    packet,
    replies,
    store,
)
from logins import HASHES, write_users

from daemon import Server

pytestmark = pytest.mark.cached_only("SASL, with the users of a file")

USERS = ["alice:secret", "bob:pa:ss word", f"carol:{HASHES['sha256']}"]


@pytest.fixture(scope="module")
def users(tmp_path_factory):
    return write_users(tmp_path_factory.mktemp("sasl") / "users", *USERS)


@pytest.fixture(scope="module")
def server(binary, users):
    with Server(binary, "-Y", users) as running:
        yield running
        code = running.process.poll()
        assert code is None, f"the server died with {code}: {running.errors()}"


@pytest.fixture
def guest(server):
    with server.connect() as client:
        yield Binary(client)


def plain(user, password, opcode=SASL_AUTH, **fields):
    value = b"\0" + user + b"\0" + password
    return packet(opcode, b"PLAIN", value=value, **fields)


def ask(guest, request):
    """The reply to one request, with nothing sent behind it: a guest may not send a no-op."""
    guest.client.send(request)
    head = guest.client.read(24)
    body = guest.client.read(int.from_bytes(head[8:12]))
    return replies(head + body)[0]


def is_logged_in(guest):
    return guest.ask(packet(GET, b"nothing")).status != AUTH_ERROR


@pytest.mark.parametrize(
    "user, password",
    [(b"alice", b"secret"), (b"bob", b"pa:ss word"), (b"carol", b"secret")],
    ids=["plain", "colon", "hashed"],
)
def test_who_logs_in_may_do_everything(guest, user, password):
    reply = ask(guest, plain(user, password, opaque=77))
    assert (reply.status, reply.value, reply.opaque) == (OK, b"Authenticated", 77)
    assert guest.ask(store(b"a", b"1")).status == OK
    assert guest.value(b"a") == b"1"


def test_the_credentials_may_come_in_a_second_message(guest):
    reply = ask(guest, packet(SASL_AUTH, b"PLAIN"))
    assert (reply.status, reply.value) == (AUTH_CONTINUE, b"")
    assert ask(guest, plain(b"carol", b"secret", opcode=SASL_STEP)).status == OK
    assert is_logged_in(guest)


def test_there_is_one_second_message(guest):
    ask(guest, packet(SASL_AUTH, b"PLAIN"))
    assert ask(guest, plain(b"alice", b"wrong", opcode=SASL_STEP)).status == AUTH_ERROR
    assert ask(guest, plain(b"alice", b"secret", opcode=SASL_STEP)).status == AUTH_ERROR


@pytest.mark.parametrize(
    "again",
    [
        plain(b"alice", b"wrong"),
        plain(b"carol", b"wrong"),
        packet(SASL_AUTH, b"CRAM-MD5", value=b"x"),
        packet(SASL_AUTH, b"PLAIN"),
        plain(b"alice", b"secret", opcode=SASL_STEP),
    ],
    ids=["wrong", "wrong hashed", "mechanism", "begun", "step"],
)
def test_a_login_that_fails_takes_the_access_away(guest, again):
    ask(guest, plain(b"alice", b"secret"))
    assert is_logged_in(guest)
    assert ask(guest, again).status in (AUTH_ERROR, AUTH_CONTINUE)
    assert ask(guest, packet(GET, b"nothing")).status == AUTH_ERROR


def test_what_is_behind_a_hashed_login_waits_for_it(guest):
    guest.client.send(plain(b"carol", b"secret") + store(b"b", b"2") + packet(GET, b"b"))
    assert [ask(guest, b"").status for _ in range(3)] == [OK, OK, OK]


def test_others_do_not_wait_for_a_hash(launch, tmp_path):
    server = launch("-Y", write_users(tmp_path / "users", f"dave:{HASHES['slow']}"))
    owner, waiting = Binary(server.connect()), Binary(server.connect())
    assert ask(owner, plain(b"dave", b"secret")).status == OK
    waiting.client.send(plain(b"dave", b"secret"))
    assert owner.ask(packet(GET, b"nothing")).status != AUTH_ERROR
    waiting.client.socket.setblocking(False)
    with pytest.raises(BlockingIOError):
        waiting.client.socket.recv(1)
    waiting.client.socket.settimeout(10)
    assert ask(waiting, b"").status == OK


def test_a_password_is_not_printed(launch, users):
    server = launch("-Y", users, "-vv")
    with server.connect() as client:
        ask(Binary(client), plain(b"alice", b"secret"))
        ask(Binary(client), plain(b"alice", b"mistaken"))
    assert "secret" not in server.errors() and "mistaken" not in server.errors()
