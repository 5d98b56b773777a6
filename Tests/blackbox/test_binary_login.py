"""SASL PLAIN over the binary protocol, with -Y and with -S."""

import pytest

from binary import (
    AUTH_CONTINUE,
    AUTH_ERROR,
    GET,
    INVALID,
    OK,
    SASL_AUTH,
    SASL_LIST,
    SASL_STEP,
    STAT,
    VERSION,
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


@pytest.fixture(scope="module", params=["-S", "-Y alone"])
def server(request, binary, users):
    with Server(binary, "-Y", users, *(["-S"] if request.param == "-S" else [])) as running:
        yield running
        code = running.process.poll()
        assert code is None, f"the server died with {code}: {running.errors()}"


@pytest.fixture
def guest(server):
    with server.connect() as client:
        yield Binary(client)


def plain(user, password, opcode=SASL_AUTH, acting=b"", **fields):
    value = acting + b"\0" + user + b"\0" + password
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


@pytest.mark.parametrize(
    "request_",
    [
        plain(b"alice", b"wrong"),
        plain(b"alice", b""),
        plain(b"alice", b"secret\0"),
        plain(b"alice", b"secret", acting=b"bob"),
        plain(b"", b"secret"),
        plain(b"nobody", b"secret"),
        plain(b"carol", b"wrong"),
        packet(SASL_AUTH, b"PLAIN", value=b"alice secret"),
        packet(SASL_AUTH, b"PLAIN", value=b"\0alice\0" + b"x" * 10_000),
        packet(SASL_AUTH, b"CRAM-MD5"),
        packet(SASL_AUTH, b"CRAM-MD5", value=b"\0alice\0secret"),
        plain(b"alice", b"secret", opcode=SASL_STEP),
    ],
    ids=lambda request: None,
)
def test_what_is_no_login_is_refused_and_may_be_followed_by_one(guest, request_):
    for _ in range(2):
        reply = ask(guest, request_)
        assert (reply.status, reply.value) == (AUTH_ERROR, b"Auth failure.")
    assert ask(guest, plain(b"alice", b"secret")).status == OK
    assert is_logged_in(guest)


def test_a_mechanism_of_more_than_32_bytes_is_invalid(guest):
    assert ask(guest, packet(SASL_AUTH, b"X" * 32, value=b"y")).status == AUTH_ERROR
    assert ask(guest, packet(SASL_AUTH, b"X" * 33, value=b"y" * 100)).status == INVALID
    assert ask(guest, plain(b"alice", b"secret")).status == OK


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


def test_a_guest_may_ask_for_mechanisms_and_version(guest):
    reply = ask(guest, packet(SASL_LIST, opaque=5))
    assert (reply.status, reply.value, reply.opaque) == (OK, b"PLAIN", 5)
    assert ask(guest, packet(VERSION)).status == OK
    assert ask(guest, packet(SASL_LIST, b"key")).status == INVALID


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


def test_a_pipeline_in_pieces_logs_in_as_well(guest):
    data = plain(b"alice", b"secret") + store(b"c", b"3") + packet(GET, b"c")
    for position in range(0, len(data), 7):
        guest.client.send(data[position : position + 7])
    assert [ask(guest, b"").status for _ in range(3)] == [OK, OK, OK]


def test_logins_are_counted(server, guest):
    ask(guest, plain(b"alice", b"secret"))

    def counts():
        found = {reply.key: reply.value for reply in guest.run(packet(STAT))}
        return int(found[b"auth_cmds"]), int(found[b"auth_errors"])

    commands, errors = counts()
    with server.connect() as client:
        other = Binary(client)
        ask(other, plain(b"alice", b"wrong"))
        ask(other, plain(b"alice", b"secret"))
    assert counts() == (commands + 2, errors + 1)


def test_a_password_is_not_printed(launch, users):
    server = launch("-Y", users, "-vv")
    with server.connect() as client:
        ask(Binary(client), plain(b"alice", b"secret"))
        ask(Binary(client), plain(b"alice", b"mistaken"))
    assert "secret" not in server.errors() and "mistaken" not in server.errors()
