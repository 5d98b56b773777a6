"""What else is spoken, within TLS: the binary protocol, logins, both at once."""

import signal

import pytest

from binary import GET, OK, SASL_AUTH, packet, replies, store
from client import poll, set_, value_reply
from logins import FAILED, REFUSED, STORED
from tls import TLSServer, client_context

BIG = b"b" * 900_000


@pytest.fixture
def users(tmp_path):
    file = tmp_path / "users"
    file.write_text("alice:secret\n")
    file.chmod(0o600)
    return file


def read_binary(client):
    """The next reply."""
    header = client.read(24)
    (reply,) = replies(header + client.read(int.from_bytes(header[8:12], "big")))
    return reply


def test_the_binary_protocol(launch_tls):
    server = launch_tls("-m", "64")
    with server.connect() as client, server.connect(receive_buffer=4096) as slow:
        client.send(store(b"big", BIG))
        assert read_binary(client).status == OK
        slow.send(packet(GET, b"big") * 5)
        assert [read_binary(slow).value for _ in range(5)] == [BIG] * 5


def test_logins(launch_tls, users):
    server = launch_tls("-Y", str(users))
    with server.connect() as guest:
        assert guest.ask(b"get precious") == REFUSED
        assert guest.ask(b"refresh_certs") == REFUSED
        guest.send(set_(b"login", b"alice wrong"))
        assert guest.read_line() == FAILED
        guest.send(set_(b"login", b"alice secret"))
        assert guest.read_line() == STORED
        assert guest.run(set_(b"a", b"1") + b"get a\r\n") == STORED + value_reply(b"a", b"1")


@pytest.mark.cached_only("one SIGHUP reads users and certificates")
def test_one_signal_for_users_and_certificates(authority, users):
    issued, fresh = authority.issue("both"), authority.issue("both2")
    with TLSServer(client_context(authority), *issued.options, "-Y", str(users)) as server:
        users.write_text("alice:changed\n")
        issued.replace(fresh)
        server.send_signal(signal.SIGHUP)

        def has_both():
            with server.connect() as client:
                client.send(set_(b"login", b"alice changed"))
                return client.read_line() == STORED and client.certificate() == fresh.der()

        assert poll(has_both)


@pytest.mark.cached_only("SASL PLAIN within TLS, with memcached's user file")
def test_sasl(launch_tls, users):
    server = launch_tls("-S", "-Y", str(users), "-B", "binary")
    with server.connect() as client:
        client.send(packet(SASL_AUTH, b"PLAIN", b"", b"\0alice\0secret"))
        assert read_binary(client).status == OK
        client.send(store(b"a", b"1"))
        assert read_binary(client).status == OK


def test_a_watcher_is_told(launch_tls):
    server = launch_tls()
    with server.connect() as watcher, server.connect() as client:
        assert watcher.ask(b"watch mutations") == b"OK\r\n"
        assert client.run(set_(b"watched", b"1")) == STORED
        assert b"key=watched" in watcher.read_until(b"\n")


def test_a_list_of_keys_for_a_slow_reader(launch_tls):
    server = launch_tls("-m", "64")
    keys = {b"key%d" % number for number in range(20_000)}
    with server.connect() as client, server.connect(receive_buffer=4096) as slow:
        assert client.run(b"".join(set_(key, b"v") for key in keys)) == STORED * len(keys)
        slow.send(b"lru_crawler metadump all\r\n")
        assert client.run(b"get key7\r\n") == value_reply(b"key7", b"v")
        lines = slow.read_until(b"END\r\n").splitlines()
        listed = [line.split()[0] for line in lines if line.startswith(b"key=")]
        assert sorted(listed) == sorted(b"key=" + key for key in keys)
