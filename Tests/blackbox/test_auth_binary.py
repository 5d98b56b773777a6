"""The binary protocol before a login: nothing but SASL and version."""

import struct

import pytest

from client import set_, value_reply
from logins import STORED, answer, answer_and_close, logged_in, login, write_users

from daemon import Server

pytestmark = pytest.mark.cached_only("SASL, with the users of a file")

AUTH_ERROR = 0x20
VERSION = 0x0B
SASL = [0x20, 0x21, 0x22]


def request(opcode, key=b"", extras=b"", value=b""):
    body = extras + key + value
    return (
        struct.pack("!BBHBBHIIQ", 0x80, opcode, len(key), len(extras), 0, 0, len(body), 7, 0) + body
    )


def status(reply):
    return struct.unpack("!xxxxxxH", reply[:8])[0]


# Each opcode with what its body has to be, and with other bodies.
BODIES = {
    "none": {},
    "key": {"key": b"precious"},
    "store": {"key": b"precious", "extras": b"\0" * 8, "value": b"junk"},
    "count": {"key": b"precious", "extras": b"\0" * 20},
    "touch": {"key": b"precious", "extras": b"\0" * 4},
    "delay": {"extras": b"\0" * 4},
    "long": {"key": b"k" * 250, "extras": b"\0" * 255, "value": b"v" * 100_000},
}
OPCODES = [opcode for opcode in range(256) if opcode not in (VERSION, *SASL)]


@pytest.fixture(scope="module", params=["tcp", "unix"])
def server(request, binary, tmp_path_factory):
    folder = tmp_path_factory.mktemp("b")
    path = folder / "s" if request.param == "unix" else None
    with Server(binary, "-Y", write_users(folder / "u", "alice:secret"), unix=path) as running:
        yield running


@pytest.mark.parametrize("body", BODIES.values(), ids=BODIES)
def test_a_guest_may_do_nothing(server, body):
    with logged_in(server) as owner:
        owner.run(set_(b"precious", b"treasure"))
        for opcode in OPCODES:
            reply = answer_and_close(server, request(opcode, **body))
            assert status(reply) == AUTH_ERROR and reply[24:] == b"Auth failure.", opcode
        assert owner.run(b"get precious\r\n") == value_reply(b"precious", b"treasure")


def test_version_is_for_everybody(server):
    assert status(answer(server, request(VERSION))) == 0


def test_a_text_login_is_no_binary_one(server):
    reply = answer(server, login(b"alice", b"secret") + request(0x00, b"precious"))
    assert reply.startswith(STORED) and not reply[len(STORED) :].startswith(b"\x81")


def test_a_body_of_gigabytes_is_not_waited_for(server):
    header = struct.pack("!BBHBBHIIQ", 0x80, 0x01, 8, 8, 0, 0, (1 << 30) - 1, 7, 0)
    assert status(answer_and_close(server, header)) == AUTH_ERROR
