"""TLS: what a client sees of it, whatever the records and the speed."""

import contextlib
import os
import random
import resource
import socket
import ssl
import subprocess
import tempfile
import time

import pytest

from client import poll, set_, value_reply
from daemon import free_port
from tls import TLSServer, client_context, hello, reset

BIG = random.Random(1).randbytes(900_000)
SMALL_BUFFER = 4096
VERSIONS = [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3]
each_version = pytest.mark.parametrize("version", VERSIONS, ids=["1.2", "1.3"])


@pytest.fixture(scope="module")
def server(authority, issued):
    """One server for this module, with a plain port beside."""
    port = free_port()
    options = ["-m", "64", "-v", *issued.options]
    with TLSServer(client_context(authority), *options, plain_port=port) as running:
        yield running
        code = running.process.poll()
        assert code is None, f"the server died with {code}: {running.errors()}"


def serves(server):
    with server.connect(timeout=5) as client:
        return client.run(set_(b"other", b"y") + b"get other\r\n") == b"STORED\r\n" + value_reply(
            b"other", b"y"
        )


def store(client, key, value):
    """With nothing behind it, for the sake of memcached 1.6.18: see `test_a_request_behind`."""
    client.send(set_(key, value))
    assert client.read_line() == b"STORED\r\n"


# -- bytes in, bytes out --


@each_version
def test_both_versions(server, authority, version):
    context = client_context(authority, version)
    with server.connect(context=context) as client:
        assert client.socket.version() == {771: "TLSv1.2", 772: "TLSv1.3"}[version]
        assert client.run(set_(b"a", b"hello") + b"get a\r\n") == b"STORED\r\n" + value_reply(
            b"a", b"hello"
        )


@each_version
@pytest.mark.parametrize("size", [1, 7, 1000, 16_384, 100_000])
def test_values_in_records_of_any_size(server, authority, version, size):
    value = BIG[: min(900_000, size * 2000)]
    with server.connect(context=client_context(authority, version)) as client:
        assert client.exchange(set_(b"records", value), 8, record=size) == b"STORED\r\n"
        expected = value_reply(b"records", value)
        assert client.exchange(b"get records\r\n", len(expected), record=size) == expected


@pytest.mark.differs("1.6.18", reason="stalls at a request behind a large value in one TLS record")
@pytest.mark.parametrize("size", [17_000, 100_000, 900_000])
def test_a_request_behind_a_large_value(server, size):
    with server.connect(timeout=3) as client:
        client.send(set_(b"large", BIG[:size]) + b"get large\r\n")
        expected = b"STORED\r\n" + value_reply(b"large", BIG[:size])
        assert client.read(len(expected)) == expected


def test_many_requests_in_one_record(server, client):
    client.run(set_(b"small", b"v"))
    request = b"get small\r\n" * 1400  # 15.4 KB
    assert client.run(request) == value_reply(b"small", b"v") * 1400


def test_many_records_that_have_all_arrived(server, client):
    """More than one receive brings, and more than a buffer holds: nothing may be left behind in
    OpenSSL while the socket is silent."""
    client.run(set_(b"small", b"v"))
    for count in (100, 3000, 30_000):
        with server.paused():
            client.send(b"get small\r\n" * count)
        expected = value_reply(b"small", b"v") * count
        assert client.read(len(expected)) == expected


def test_a_value_in_many_parts_to_a_slow_reader(server, client):
    """Half way, the value is replaced: what is sent stays the old one."""
    store(client, b"big", BIG)
    expected = value_reply(b"big", BIG) * 20
    with server.connect(receive_buffer=SMALL_BUFFER) as slow:
        slow.send(b"get big\r\n" * 20)
        assert slow.read(1000) == expected[:1000]
        received = bytearray(expected[:1000])
        for _ in range(10):
            time.sleep(0.02)
            received += slow.read(200_000)
        client.run(b"delete other\r\n" + b"touch big 0\r\n")
        received += slow.read(len(expected) - len(received))
        assert received == expected


def test_a_reader_half_way_keeps_its_bytes(server, client):
    store(client, b"big", BIG)
    expected = value_reply(b"big", BIG)
    with server.connect(receive_buffer=SMALL_BUFFER) as slow:
        slow.send(b"get big\r\n")
        assert slow.read(1000) == expected[:1000]
        for number in range(40):
            store(client, b"big", b"%d" % (number % 10) * 900_000)
        assert slow.read(len(expected) - 1000) == expected[1000:]


def test_small_and_large_replies_mixed(server, client):
    rest = random.Random(2)
    sizes = [0, 1, 100, 15_000, 17_000, 300_000]
    values = {b"m%d" % number: rest.randbytes(rest.choice(sizes)) for number in range(40)}
    for key, value in values.items():
        store(client, key, value)
    keys = [rest.choice(list(values)) for _ in range(200)]
    expected = b"".join(value_reply(key, values[key]) for key in keys)
    with server.connect(receive_buffer=SMALL_BUFFER) as slow:
        slow.send(b"".join(b"get %s\r\n" % key for key in keys))
        time.sleep(0.1)
        assert slow.read(len(expected)) == expected


def test_a_sender_that_does_not_read_does_not_harm(server, client):
    """The replies wait, the requests wait, and both come out whole."""
    store(client, b"big", BIG)
    with server.connect(receive_buffer=SMALL_BUFFER) as one:
        one.send(b"get big\r\n" * 30)
        assert serves(server)
        expected = value_reply(b"big", BIG) * 30 + b"STORED\r\n"
        assert one.exchange(set_(b"last", b"x" * 500_000), len(expected)) == expected


@pytest.mark.parametrize("kilobytes", [1, 16, 1024])
def test_every_size_of_the_write_buffer(launch_tls, kilobytes):
    server = launch_tls("-o", f"ssl_wbuf_size={kilobytes}")
    with server.connect(receive_buffer=SMALL_BUFFER) as client:
        store(client, b"big", BIG)
        client.send(b"get big\r\n" * 5)
        time.sleep(0.1)
        expected = value_reply(b"big", BIG) * 5
        assert client.read(len(expected)) == expected
        settings = client.stats("settings")
        assert settings["ssl_wbuf_size"] == str(kilobytes << 10)


@contextlib.contextmanager
def s_client(server, version):
    """OpenSSL's client. Yields what sends it a line and waits until all that it has written
    contains something so many times: a line that begins with K, k or R is an order to it."""
    command = ["openssl", "s_client", "-connect", f"127.0.0.1:{server.address[1]}", version]
    with tempfile.TemporaryFile() as output:
        process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=output, stderr=subprocess.STDOUT
        )

        def written():
            return os.pread(output.fileno(), 1 << 20, 0)

        def say(line, answer, times=1):
            process.stdin.write(line)
            process.stdin.flush()
            assert poll(lambda: written().count(answer) >= times), written()

        try:
            yield say
        finally:
            process.kill()
            process.communicate()


def test_keys_that_change_under_way(server):
    """TLS 1.3: a client may have both sides change their keys at any time."""
    with s_client(server, "-tls1_3") as say:
        say(set_(b"k", b"hi"), b"STORED\r\n")
        for number, order in enumerate([b"K\n", b"k\n", b"K\n"], 1):
            say(order, b"KEYUPDATE", number)
            say(b"get k\r\n", value_reply(b"k", b"hi"), number)


def test_renegotiation_is_refused(server):
    with s_client(server, "-tls1_2") as say:
        say(b"version\r\n", b"VERSION ")
        say(b"R\n", b"no renegotiation")
    assert serves(server)


# -- the ends of connections --


def test_the_server_says_goodbye(server):
    with server.connect() as client:
        client.socket.suppress_ragged_eofs = False
        client.send(b"version\r\nquit\r\n")
        assert client.read_line().startswith(b"VERSION ")
        # Not SSLEOFError: the end is one that the server has told.
        assert client.socket.recv(100) == b""


@pytest.mark.cached_only("replies reach a client that ends its half of TCP without a word of TLS")
def test_replies_follow_the_end_of_what_a_client_sends(server, client):
    store(client, b"big", BIG)
    with server.connect(receive_buffer=SMALL_BUFFER) as half:
        with server.paused():
            half.send(b"get big\r\n" * 3)
            half.finish_sending()
        expected = value_reply(b"big", BIG) * 3
        assert half.read(len(expected)) == expected
        assert half.read(1) == b""


def test_plain_text_to_a_port_with_tls(server, client):
    for request in (b"get a\r\n", b"GET / HTTP/1.0\r\n\r\n", b"\x80" * 24, b"\0" * 5000):
        with server.connect_raw() as plain:
            plain.send(request)
            # An alert at most, of 7 bytes.
            assert len(plain.read_to_end()) <= 7
    assert client.ask(b"version").startswith(b"VERSION ")


def test_tls_to_a_port_without(server, authority):
    with server.connect_plain() as client:
        assert client.run(set_(b"plain", b"p")) == b"STORED\r\n"
    with server.connect() as client:
        assert client.run(b"get plain\r\n") == value_reply(b"plain", b"p")
    with server.connect_plain() as client:
        client.send(hello(server.context))
        client.finish_sending()
        assert b"VALUE" not in client.read_to_end()
    assert serves(server)


@pytest.mark.cached_only("what goes wrong with TLS is told in one line, and counted")
def test_what_goes_wrong_is_told(server, client):
    before = client.stats()
    with server.connect_raw() as plain:
        plain.send(b"get a\r\n")
        plain.read_to_end()
    with server.connect_plain() as wrong:
        wrong.send(hello(server.context))
        assert wrong.read_to_end() == b"ERROR\r\n"
    with server.connect_raw():
        pass  # a port that is only looked at
    after = client.stats()
    assert int(after["ssl_handshake_errors"]) == int(before["ssl_handshake_errors"]) + 1
    assert poll(lambda: "the client does not speak TLS" in server.errors())
    assert poll(lambda: "TLS is spoken to a listener without it" in server.errors())


@each_version
def test_abrupt_ends_within_the_handshake(server, authority, version):
    first = hello(client_context(authority, version))
    for length in [0, 1, 4, 5, 6, 11, 50, len(first) - 1, len(first)]:
        for end in (lambda client: client.close(), reset):
            raw = server.connect_raw()
            raw.send(first[:length])
            end(raw)
        with server.connect_raw() as raw:
            raw.send(first[:length])
            raw.finish_sending()
            raw.read_to_end()
    with server.connect() as client:
        assert poll(lambda: client.stats()["curr_connections"] in ("1", "2", "3"))
    assert serves(server)


def test_a_spoilt_handshake_does_no_harm(server, authority):
    rest = random.Random(3)
    first = hello(server.context)
    for _ in range(300):
        spoilt = bytearray(first)
        for _ in range(rest.randint(1, 4)):
            spoilt[rest.randrange(len(spoilt))] = rest.randrange(256)
        with server.connect_raw() as raw:
            raw.send(bytes(spoilt))
            raw.finish_sending()
            raw.read_to_end()
    assert serves(server)


@pytest.mark.differs("1.6.18", reason="some statistics and settings have other names")
@each_version
def test_a_spoilt_record_ends_its_connection(server, authority, version):
    with server.connect() as watch:
        before = int(watch.stats()["ssl_proto_errors"])
        client = server.connect(context=client_context(authority, version))
        assert client.run(set_(b"a", b"1")) == b"STORED\r\n"
        # Past the encryption: the record's head is right, the rest is not.
        raw = socket.socket(fileno=os.dup(client.socket.fileno()))
        raw.sendall(b"\x17\x03\x03\x00\x40" + b"x" * 64)
        client.socket.setblocking(True)
        with contextlib.suppress(ssl.SSLError, OSError):
            while client.socket.recv(100):
                pass
        raw.close()
        client.close()
        assert poll(lambda: int(watch.stats()["ssl_proto_errors"]) == before + 1)
    assert serves(server)


@pytest.mark.cached_only("a TLS handshake must be done within ten seconds")
def test_silence_holds_no_place(launch_tls):
    server = launch_tls("-v", "-t", "2")
    first = hello(server.context)
    with contextlib.ExitStack() as stack:
        watch = stack.enter_context(server.connect())
        idle = stack.enter_context(server.connect())
        raw = [stack.enter_context(server.connect_raw(timeout=20)) for _ in range(3)]
        raw[1].send(first[:100])
        for position in range(10):
            time.sleep(0.5)
            raw[2].send(first[position : position + 1])
        for one in raw:
            assert one.read_to_end() == b""
        # Who has shaken hands may be silent as long as he likes.
        assert idle.run(set_(b"a", b"1")) == b"STORED\r\n"
        assert watch.stats()["ssl_handshake_errors"] == "3"
        assert server.errors().count("TLS handshake: takes too long") == 3


def test_a_thousand_connections(launch_tls):
    limit = resource.getrlimit(resource.RLIMIT_NOFILE)
    if limit[1] != resource.RLIM_INFINITY and limit[1] < 2500:
        pytest.skip("too few descriptors are allowed")
    server = launch_tls("-c", "2000", "-t", "2", "-m", "64")
    with contextlib.ExitStack() as stack:
        resource.setrlimit(resource.RLIMIT_NOFILE, (max(limit[0], 2500), limit[1]))
        stack.callback(resource.setrlimit, resource.RLIMIT_NOFILE, limit)
        clients = [stack.enter_context(server.connect()) for _ in range(1000)]
        for number, client in enumerate(clients):
            client.send(set_(b"c%d" % number, b"%d" % number) + b"get c%d\r\n" % number)
        for number, client in enumerate(clients):
            expected = b"STORED\r\n" + value_reply(b"c%d" % number, b"%d" % number)
            assert client.read(len(expected)) == expected
        assert int(clients[0].stats()["curr_connections"]) >= 1000
        for client in clients[1:]:
            client.close()
        assert poll(lambda: int(clients[0].stats()["curr_connections"]) < 10)


@pytest.mark.cached_only("a stop finishes what is in flight; memcached drops it")
def test_a_stop_finishes_what_is_in_flight(launch_tls):
    server = launch_tls("-m", "64")
    with server.connect(receive_buffer=SMALL_BUFFER) as client:
        store(client, b"big", BIG)
        client.send(b"get big\r\n" * 3)
        expected = value_reply(b"big", BIG) * 3
        assert client.read(1000) == expected[:1000]
        server.send_signal(15)
        assert client.read(len(expected) - 1000) == expected[1000:]
    assert server.wait() == 0


# -- statistics and clients --


@pytest.mark.differs("1.6.18", reason="some statistics and settings have other names")
def test_statistics(launch_tls, issued):
    server = launch_tls("-o", "ssl_session_cache")
    names = "ssl_new_sessions ssl_handshake_errors ssl_proto_errors time_since_server_cert_refresh"
    with server.connect() as client:
        stats = list(client.stats())
        place = stats.index("ssl_new_sessions")
        assert stats[place : place + 4] == names.split()
        assert stats[place - 1] == "log_watchers"
        settings = client.stats("settings")
        rows = {name: value for name, value in settings.items() if name.startswith("ssl_")}
    assert list(rows.items()) == [
        ("ssl_enabled", "yes"),
        ("ssl_chain_cert", str(issued.certificate)),
        ("ssl_key", str(issued.key)),
        ("ssl_verify_mode", "0"),
        ("ssl_keyformat", "1"),
        ("ssl_ciphers", "NULL"),
        ("ssl_ca_cert", "NULL"),
        ("ssl_wbuf_size", "16384"),
        ("ssl_session_cache", "yes"),
        ("ssl_kernel_tls", "no"),
        ("ssl_min_version", "tlsv1.2"),
    ]


def test_pymemcache(server):
    base = pytest.importorskip("pymemcache.client.base")
    client = base.Client(("localhost", server.address[1]), tls_context=server.context)
    assert client.set("pymemcache", BIG)
    assert client.get("pymemcache") == BIG
    assert client.set_many({f"p{n}": str(n) for n in range(300)}) == []
    found = client.get_many([f"p{n}" for n in range(300)])
    assert found == {f"p{n}": str(n).encode() for n in range(300)}
    assert client.incr("p7", 3) == 10
    assert client.delete("p8")
    client.quit()
