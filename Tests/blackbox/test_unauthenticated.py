"""Nothing is told to those who have not logged in: every command, protocol and listener."""

import contextlib

import pytest

from binary import (
    AUTH_ERROR,
    SASL_AUTH,
    SASL_LIST,
    SASL_STEP,
    VERSION,
    count,
    header,
    packet,
    replies,
    store,
    touch,
)
from client import set_
from daemon import Server
from logins import answer_and_close, login, write_users
from sasl import ALICE, sasl_server, start, step

pytestmark = pytest.mark.cached_only("a user file for all protocols")

KEY, VALUE = b"precious", b"treasure-7f3a"
OPEN_TO_ALL = {VERSION, SASL_LIST, SASL_AUTH, SASL_STEP}
MEMORY_BYTES = 8 << 20


@pytest.fixture(scope="module", params=["text-tcp", "text-unix", "sasl-tcp", "sasl-unix"])
def guarded(request, binary, tmp_path_factory):
    """A server with a treasure: with -Y for all protocols, or with -S for binary alone."""
    wanted, kind = request.param.split("-")
    folder = tmp_path_factory.mktemp("u")
    unix = folder / "socket" if kind == "unix" else None
    if wanted == "sasl":
        server = sasl_server(binary, False, folder, unix=unix)
    else:
        server = Server(binary, "-Y", write_users(folder / "users", "alice:secret"), unix=unix)
    with server as running:
        running.wants_sasl = wanted == "sasl"
        with running.connect() as owner:
            if running.wants_sasl:
                owner.send(ALICE + store(KEY, VALUE))
                owner.read(24 + 13 + 24)
            else:
                owner.send(login(b"alice", b"secret") + set_(KEY, VALUE))
                assert owner.read_until(b"STORED\r\nSTORED\r\n")
        yield running


def treasure(server):
    """What is stored, as the owner sees it."""
    with server.connect() as owner:
        if server.wants_sasl:
            owner.send(ALICE + packet(0x00, KEY) + packet(0x17))
            return replies(owner.read_to_end())[1].value
        owner.send(login(b"alice", b"secret"))
        owner.read_line()
        return owner.run(b"get %s\r\n" % KEY).split(b"\r\n")[1]


def told(server, request):
    """All that a new connection hears for a request; it gives up after two seconds."""
    with server.connect(timeout=2) as guest:
        with contextlib.suppress(ConnectionError):
            guest.send(request)
        guest.finish_sending()
        return guest.read_to_end()


def assert_nothing_is_told(server, request):
    heard = told(server, request)
    for secret in (VALUE, b"VALUE", b"STAT ", b"pid", b"HD", b"VA ", b"ME ", b"alice", b"secret"):
        assert secret not in heard, (request[:100], heard)
    assert len(heard) < 200, (request[:100], heard)


NAMES = (
    b"get gets gat gats set add replace append prepend cas delete touch incr decr version verbosity"
    b" flush_all stats cache_memlimit shutdown mg ms md ma me mn watch lru_crawler lru slabs config"
    b" refresh_certs debugtime misbehave quit nonsense"
).split()
WORDS = [
    b"",
    KEY,
    KEY + b" 0",
    KEY + b" v",
    KEY + b" 0 0 4\r\nfool",
    KEY + b" 0 0 4 1\r\nfool",
    KEY + b" 4\r\nfool",
    b"0 " + KEY,
    b"noreply",
    b"settings",
    b"conns",
    b"cachedump 1 10",
    b"detail dump",
    b"metadump all",
    b"mgdump all",
    b"fetchers",
    b"get cluster",
]


@pytest.mark.parametrize("words", WORDS)
def test_no_text_command_works(guarded, words):
    for name in NAMES:
        assert_nothing_is_told(guarded, name + b" " + words + b"\r\n")
        assert_nothing_is_told(guarded, name + b" " + words + b"\n")
    assert treasure(guarded) == VALUE


@pytest.mark.parametrize("name", [b"mg", b"ms", b"md", b"ma", b"me", b"mn"])
def test_no_meta_command_works_with_any_flag(guarded, name):
    length = b" 4" if name == b"ms" else b""
    for flag in b"bcfhklqstvuIxSCEFMNORTPL":
        line = name + b" " + KEY + length + b" %c\r\n" % flag
        assert_nothing_is_told(guarded, line + (b"fool\r\n" if length else b""))
    assert treasure(guarded) == VALUE


def packets_of(opcode):
    """An opcode with every body that some opcode has."""
    return [
        packet(opcode),
        packet(opcode, KEY),
        packet(opcode, KEY, value=b"fool"),
        packet(opcode, extras=b"\0" * 4),
        store(KEY, b"fool", opcode=opcode),
        count(KEY, 1, initial=7, exptime=0, opcode=opcode),
        touch(KEY, 1, opcode=opcode),
        header(opcode, 8, 0, 1 << 20) + KEY,
    ]


@pytest.mark.parametrize("opcode", [code for code in range(256) if code not in OPEN_TO_ALL])
def test_no_packet_works(guarded, opcode):
    for request in packets_of(opcode):
        found = replies(answer_and_close(guarded, request))
        assert [reply.status for reply in found] == [AUTH_ERROR], request
        assert found[0].value == b"Auth failure."
    if opcode % 16 == 0:
        assert treasure(guarded) == VALUE


@pytest.mark.parametrize("opcode", sorted(OPEN_TO_ALL))
def test_what_is_open_to_all_tells_nothing_else(guarded, opcode):
    for request in packets_of(opcode):
        assert_nothing_is_told(guarded, request)
    assert treasure(guarded) == VALUE


# Behind a login that failed, and in front of one.


def test_a_failed_login_opens_nothing(guarded):
    wrong = start(b"\0alice\0guess") if guarded.wants_sasl else login(b"alice", b"guess")
    request = packet(0x00, KEY) if guarded.wants_sasl else b"get %s\r\n" % KEY
    heard = told(guarded, wrong + request)
    assert VALUE not in heard
    assert heard


def test_the_login_of_one_protocol_is_none_in_the_other(guarded):
    assert_nothing_is_told(guarded, b"set x 0 0 12\r\nalice guess!\r\n" + packet(0x00, KEY))
    heard = told(guarded, step(b"\0alice\0secret") + packet(0x00, KEY))
    assert VALUE not in heard


def test_an_unfinished_login_opens_nothing(guarded):
    for request in [ALICE[:-1], login(b"alice", b"secret")[:-1], start(b"") + packet(0x00, KEY)]:
        heard = told(guarded, request)
        assert VALUE not in heard
        assert b"Authenticated" not in heard


# Memory.


FLOODS = {
    "text": b"get " + KEY + b"\r\n",
    "long": b"x" * 4000,
    "meta": b"mg " + KEY + b" v\r\n",
    "login": login(b"alice", b"guess"),
    "mechanisms": packet(SASL_LIST),
    "sasl": start(b"\0alice\0guess"),
    "announced": header(SASL_AUTH, 5, 0, 1 << 29) + b"PLAIN",
    "set": header(0x01, 8, 8, 1 << 29) + b"\0" * 8 + KEY,
}


@pytest.mark.parametrize("flood", FLOODS.values(), ids=FLOODS)
def test_guests_take_little_memory(guarded, flood):
    treasure(guarded)
    before = guarded.resident_bytes()
    with contextlib.ExitStack() as stack:
        for _ in range(50):
            guest = stack.enter_context(guarded.connect(timeout=0.2))
            with contextlib.suppress(OSError):  # closed, or it reads no more
                guest.send(flood * (200_000 // len(flood)))
        assert guarded.resident_bytes() - before < MEMORY_BYTES
    assert treasure(guarded) == VALUE
