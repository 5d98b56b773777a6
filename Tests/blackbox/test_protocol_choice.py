"""Which protocol a connection speaks: its first byte, or -B."""

import pytest

from binary import NOOP, OK, VERSION, Binary, packet, store
from client import set_, value_reply


def test_the_first_byte_chooses(server):
    with server.connect() as text, server.connect() as other:
        assert Binary(other).ask(packet(NOOP)).status == OK
        assert text.run(b"mn\r\n") == b"MN\r\n"


def test_text_stays_text(server):
    with server.connect() as client:
        client.run(set_(b"a", b"x"))
        assert client.run(packet(VERSION) + b"\n") == b"ERROR\r\n"


def test_a_binary_connection_takes_no_text(server):
    with server.connect() as client:
        packets = Binary(client)
        packets.run(store(b"a", b"x"))
        assert packets.end(b"get a\r\n" + b"version\r\n" * 10) == []


@pytest.mark.parametrize("byte", [b"\x00", b"\x7f", b"\x81", b"\xff"])
def test_any_other_first_byte_is_text(server, byte):
    with server.connect() as client:
        assert client.run(byte + b"foo\r\n") == b"ERROR\r\n"


def test_a_first_byte_may_come_alone(server):
    with server.connect() as client:
        request = packet(NOOP, opaque=1)
        client.send(request[:1])
        client.send(request[1:])
        assert client.read(24)[:2] == b"\x81\x0a"


@pytest.mark.parametrize("first", [b"get a\r\n", b"\x00" * 24, b"\x81" + b"\0" * 23, b"GET / HTTP"])
def test_B_binary_closes_on_anything_else(launch, first):
    with launch("-B", "binary", probe=packet(NOOP)).connect() as client:
        client.send(first + b"x" * 24)
        assert client.read_to_end() == b""


def test_B_binary_speaks_it(launch):
    with launch("-B", "binary", probe=packet(NOOP)).connect() as client:
        assert Binary(client).value(b"a") is None


@pytest.mark.parametrize("first", [b"\x80", packet(VERSION)])
def test_B_ascii_takes_every_byte_for_text(launch, first):
    with launch("-B", "ascii").connect() as client:
        assert client.run(first + b"foo\r\n") == b"ERROR\r\n"


def test_B_auto_is_the_default(launch):
    server = launch("-B", "auto")
    with server.connect() as text, server.connect() as other:
        Binary(other).run(store(b"a", b"x"))
        assert text.run(b"get a\r\n") == value_reply(b"a", b"x")


@pytest.mark.parametrize("name, setting", [("auto", "auto-negotiate"), ("ascii", "ascii")])
def test_the_settings_tell_the_protocol(launch, name, setting):
    with launch("-B", name).connect() as client:
        assert client.stats("settings")["binding_protocol"] == setting
