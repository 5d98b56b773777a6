"""aiomcache and emcache, on asyncio: the text protocol, TLS, and emcache's login."""

import asyncio

import aiomcache
import aiomcache.exceptions
import emcache
import pytest
from checks import Cache, ClientChecks, check_refusal
from emcache.client_errors import AuthenticationError
from secured import PASSWORD, USER, certificate_authority, trusting_context


class Aiomcache(Cache):
    too_large = aiomcache.exceptions.ClientException

    def __init__(self, daemon, context=None):
        self.runner = asyncio.Runner()
        arguments = {"ssl": context} if context else {}
        self.client = aiomcache.Client("127.0.0.1", daemon.port, conn_args=arguments)

    def set(self, key, value, seconds=0):
        assert self.run(self.client.set(key.encode(), value, exptime=seconds)) is True

    def get(self, key):
        return self.run(self.client.get(key.encode()))

    def get_many(self, keys):
        found = self.run(self.client.multi_get(*(key.encode() for key in keys)))
        return {key: value for key, value in zip(keys, found) if value is not None}

    def gets(self, key):
        return self.run(self.client.gets(key.encode()))

    def cas(self, key, value, token):
        return self.run(self.client.cas(key.encode(), value, token))

    def incr(self, key, by):
        return self.if_found(self.client.incr(key.encode(), by))

    def decr(self, key, by):
        return self.if_found(self.client.decr(key.encode(), by))

    def touch(self, key, seconds):
        return self.run(self.client.touch(key.encode(), seconds))

    def delete(self, key):
        return self.run(self.client.delete(key.encode()))

    def if_found(self, call):
        try:
            return self.run(call)
        except aiomcache.exceptions.ClientException as error:
            assert "NOT_FOUND" in str(error)
            return None

    def run(self, call):
        return self.runner.run(call)

    def close(self):
        self.run(self.client.close())
        self.runner.close()


class Emcache(Cache):
    too_large = emcache.StorageCommandError

    def __init__(self, daemon, **options):
        self.runner = asyncio.Runner()
        if daemon.socket_path:
            address = emcache.MemcachedUnixSocketPath(daemon.socket_path)
        else:
            address = emcache.MemcachedHostAddress("127.0.0.1", daemon.port)
        self.client = self.run(emcache.create_client([address], timeout=30, **options))

    def set(self, key, value, seconds=0):
        self.run(self.client.set(key.encode(), value, exptime=seconds))

    def get(self, key):
        item = self.run(self.client.get(key.encode()))
        return item and item.value

    def get_many(self, keys):
        found = self.run(self.client.get_many([key.encode() for key in keys]))
        return {key.decode(): item.value for key, item in found.items()}

    def gets(self, key):
        item = self.run(self.client.gets(key.encode()))
        return item.value, item.cas

    def cas(self, key, value, token):
        try:
            self.run(self.client.cas(key.encode(), value, token))
        except emcache.StorageCommandError:
            return False
        return True

    def incr(self, key, by):
        return self.if_found(self.client.increment(key.encode(), by))

    def decr(self, key, by):
        return self.if_found(self.client.decrement(key.encode(), by))

    def touch(self, key, seconds):
        return self.if_found(self.client.touch(key.encode(), seconds), True) or False

    def delete(self, key):
        return self.if_found(self.client.delete(key.encode()), True) or False

    def if_found(self, call, found=None):
        try:
            result = self.run(call)
        except emcache.NotFoundCommandError:
            return None
        return found or result

    def run(self, call):
        return self.runner.run(call)

    def close(self):
        self.run(self.client.close())
        self.runner.close()


class TestAiomcache(ClientChecks):
    @pytest.fixture(params=["tcp", "tls"])
    def client(self, request):
        daemon = request.getfixturevalue(f"{request.param}_daemon")
        daemon.flush()
        client = Aiomcache(daemon, trusting_context() if request.param == "tls" else None)
        yield client
        client.close()


def login(user=USER, password=PASSWORD):
    return {"username": user, "password": password}


def tls():
    return {"ssl": True, "ssl_extra_ca": str(certificate_authority())}


@pytest.mark.filterwarnings("ignore:ssl.PROTOCOL_TLS is deprecated")
class TestEmcache(ClientChecks):
    @pytest.fixture(params=["tcp", "unix", "login", "tls", "tls_login"])
    def client(self, request):
        daemon = request.getfixturevalue(f"{request.param}_daemon")
        daemon.flush()
        options = login() if request.param.endswith("login") else {}
        options |= tls() if request.param.startswith("tls") else {}
        client = Emcache(daemon, **options)
        yield client
        client.close()

    def test_get_and_touch(self, client):
        client.set("key", b"value", 2)
        assert client.run(client.client.gat(100, b"key")).value == b"value"
        assert client.run(client.client.gats(100, b"key")).cas == client.gets("key")[1]
        assert client.run(client.client.gat(100, b"unknown")) is None
        found = client.run(client.client.gat_many(100, [b"key", b"unknown"]))
        assert list(found) == [b"key"]

    def test_many_at_once(self, client):
        async def all_at_once():
            keys = [b"key%d" % number for number in range(500)]
            await asyncio.gather(*(client.client.set(key, key) for key in keys))
            items = await asyncio.gather(*(client.client.get(key) for key in keys))
            assert [item.value for item in items] == keys

        client.run(all_at_once())


def test_no_login(login_daemon):
    login_daemon.flush()
    check_refusal(lambda: Emcache(login_daemon), emcache.CommandError)
    assert login_daemon.raw_item("key") is None


@pytest.mark.parametrize("user, password", [(USER, "wrong"), ("nobody", PASSWORD)])
def test_wrong_login(login_daemon, user, password):
    login_daemon.flush()
    check_refusal(lambda: Emcache(login_daemon, **login(user, password)), AuthenticationError)
    assert login_daemon.raw_item("key") is None
