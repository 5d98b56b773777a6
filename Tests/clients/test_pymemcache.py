"""pymemcache: the text protocol, and the same within TLS."""

import ssl

import pytest
from checks import Cache, ClientChecks
from pymemcache.client.base import Client
from pymemcache.client.hash import HashClient
from pymemcache.exceptions import MemcacheServerError, MemcacheUnexpectedCloseError
from secured import certificate_authority, trusting_context


class Pymemcache(Cache):
    too_large = MemcacheServerError

    def __init__(self, daemon, context=None):
        self.client = Client(
            daemon.socket_path or ("127.0.0.1", daemon.port),
            default_noreply=False,
            tls_context=context,
            timeout=30,
        )
        self.get, self.get_many, self.gets = self.client.get, self.client.get_many, self.client.gets
        self.cas, self.incr, self.decr = self.client.cas, self.client.incr, self.client.decr
        self.touch, self.delete = self.client.touch, self.client.delete
        self.close = self.client.close

    def set(self, key, value, seconds=0):
        assert self.client.set(key, value, seconds) is True


class TestPymemcache(ClientChecks):
    @pytest.fixture(params=["tcp", "unix", "tls"])
    def client(self, request):
        daemon = request.getfixturevalue(f"{request.param}_daemon")
        daemon.flush()
        client = Pymemcache(daemon, trusting_context() if request.param == "tls" else None)
        yield client
        client.close()


def test_noreply_calls(tcp_daemon):
    tcp_daemon.flush()
    client = Client(("127.0.0.1", tcp_daemon.port))  # noreply is its default
    client.set_many({f"key{number}": b"1" for number in range(100)})
    client.incr("key1", 5, noreply=True)
    client.touch("key2", 100)
    client.delete_many([f"key{number}" for number in range(50, 100)])
    client.append("key3", b"2")
    client.prepend("key3", b"0")
    assert len(client.get_many([f"key{number}" for number in range(100)])) == 50
    assert (client.get("key1"), client.get("key3")) == (b"6", b"012")


def test_keys_spread_over_tls(tls_daemon):
    tls_daemon.flush()
    servers = [("127.0.0.1", tls_daemon.port), ("localhost", tls_daemon.port)]
    client = HashClient(servers, tls_context=trusting_context(), use_pooling=True)
    values = {f"key{number}": b"value" for number in range(100)}
    assert client.set_many(values) == []
    assert client.get_many(values) == values
    client.close()


def test_an_unknown_certificate_is_noticed(tls_daemon):
    client = Client(("127.0.0.1", tls_daemon.port), tls_context=ssl.create_default_context())
    with pytest.raises(ssl.SSLCertVerificationError):
        client.get("key")


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_versions_of_tls(tls_daemon, version):
    context = ssl.create_default_context(cafile=certificate_authority())
    context.minimum_version = context.maximum_version = version
    client = Client(("127.0.0.1", tls_daemon.port), tls_context=context)
    assert client.set("key", version.name, noreply=False) is True
    assert client.get("key") == version.name.encode()
    client.close()


def test_no_tls_to_a_daemon_that_wants_it(tls_daemon):
    client = Client(("127.0.0.1", tls_daemon.port), timeout=5)
    with pytest.raises((MemcacheUnexpectedCloseError, OSError)):
        client.get("key")
