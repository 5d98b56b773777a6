"""meta-memcache: the meta commands, with leases, stale values and early renewal."""

import pytest
from checks import Cache, ClientChecks
from meta_memcache import CacheClient, Key, ServerAddress
from meta_memcache.configuration import LeasePolicy, RecachePolicy, StalePolicy
from meta_memcache.connection.pool import ConnectionPool
from meta_memcache.connection.providers import HostConnectionPoolProvider
from meta_memcache.errors import MemcacheServerError
from meta_memcache.executors.default import DefaultExecutor
from meta_memcache.protocol import SetMode
from meta_memcache.routers.default import DefaultRouter
from meta_memcache.serializer import MixedSerializer

HOUR = 3600


class MetaMemcache(Cache):
    too_large = MemcacheServerError

    def __init__(self, daemon):
        # The documented way to sockets of one's own, here logged in or to a file.
        address = ServerAddress("127.0.0.1", daemon.port or 0)
        pool = ConnectionPool(
            str(address),
            daemon.connect,
            initial_pool_size=1,
            max_pool_size=1,
            read_buffer_size=1 << 16,  # with its usual 4 KB it takes 20 s for a megabyte
        )
        provider = HostConnectionPoolProvider(address, pool)
        self.client = CacheClient(DefaultRouter(provider, DefaultExecutor(MixedSerializer())))
        self.get, self.gets = self.client.get, self.client.get_cas
        self.touch, self.delete = self.client.touch, self.client.delete
        self.incr = self.client.delta_and_get

    def set(self, key, value, seconds=HOUR):
        assert self.client.set(key, value, seconds) is True

    def get_many(self, keys):
        found = self.client.multi_get(keys)
        return {key.key: value for key, value in found.items() if value is not None}

    def cas(self, key, value, token):
        return self.client.set(key, value, HOUR, cas_token=token)

    def decr(self, key, by):
        return self.client.delta_and_get(key, -by)

    def close(self):
        pass  # the pool's connections go with it


class TestMetaMemcache(ClientChecks):
    @pytest.fixture(params=["tcp", "unix", "login"])
    def client(self, request):
        daemon = request.getfixturevalue(f"{request.param}_daemon")
        daemon.flush()
        return MetaMemcache(daemon)


@pytest.fixture
def cache(tcp_daemon):
    tcp_daemon.flush()
    return MetaMemcache(tcp_daemon).client


def test_objects(cache):
    values = {"text": "naïve", "number": 7, "pickled": {"a": [1, None]}, "bytes": b"\0\xff"}
    for key, value in values.items():
        assert cache.set(key, value, HOUR) is True
    assert {key.key: value for key, value in cache.multi_get(values).items()} == values
    tokens = cache.multi_get_cas(["text", "unknown"])
    assert tokens[Key("text")][0] == "naïve" and tokens[Key("unknown")] == (None, None)


def test_keys_in_base64(cache):
    """Keys that are no ASCII, or too long to be sent as they are, are encoded."""
    for key in "ключ", "with space", "\t", "鍵" * 40:
        assert cache.get(key) is None
        assert cache.set(key, key, HOUR) is True
        assert cache.get(key) == key
        assert cache.delta_initialize_and_get(f"{key}n", 1, 10, HOUR) == 10
        assert cache.delete(key) is True
        assert cache.get(key) is None


def test_modes_of_set(cache):
    assert cache.set("key", b"b", HOUR, set_mode=SetMode.REPLACE) is False
    assert cache.set("key", b"b", HOUR, set_mode=SetMode.APPEND) is False
    assert cache.refill("key", b"b", HOUR) is True
    assert cache.refill("key", b"x", HOUR) is False
    assert cache.set("key", b"c", HOUR, set_mode=SetMode.APPEND) is True
    assert cache.set("key", b"a", HOUR, set_mode=SetMode.PREPEND) is True
    assert cache.get("key") == b"abc"
    assert cache.set("key", b"d", HOUR, set_mode=SetMode.REPLACE) is True
    assert cache.get("key") == b"d"


def test_counters_are_created(cache):
    assert cache.delta_initialize_and_get("count", 5, initial_value=40, initial_ttl=HOUR) == 40
    assert cache.delta_initialize_and_get("count", 5, initial_value=40, initial_ttl=HOUR) == 45
    assert cache.delta("count", -46) is True
    assert cache.delta_and_get("count", 3, refresh_ttl=HOUR) == 3
    token = cache.get_cas("count")[1]
    assert cache.delta("count", 1, cas_token=token) is True
    assert cache.delta("count", 1, cas_token=token) is False


def test_no_reply(cache):
    for number in range(200):
        cache.set(f"key{number}", number, HOUR, no_reply=True)
    cache.delete("key0", no_reply=True)
    cache.delete("unknown", no_reply=True)
    cache.delta("key1", 10, no_reply=True)
    cache.touch("key2", HOUR, no_reply=True)
    found = cache.multi_get([f"key{number}" for number in range(200)])
    assert [found[Key(f"key{number}")] for number in range(4)] == [None, 11, 2, 3]
    assert sum(value is not None for value in found.values()) == 199


def test_conditions_on_deletes(cache):
    token = cache.set_cas("key", 1, HOUR)
    assert cache.get_cas("key") == (1, token)
    assert cache.set("key", 2, HOUR, cas_token=token) is True
    assert cache.delete("key", cas_token=token) is False
    assert cache.get("key") == 2
    assert cache.delete("key", cas_token=cache.get_cas("key")[1]) is True
    assert cache.invalidate("key") is True


def test_one_client_gets_the_lease(cache):
    waits = []
    policy = LeasePolicy(ttl=30, miss_retries=3)

    def get():
        return cache.get_or_lease_cas("key", policy, lease_wait_fn=waits.append)

    value, token = get()
    assert value is None and waits == []  # this one is to make the value
    assert get() == (None, token)  # the others wait, and give up
    assert len(waits) == 2
    assert cache.set("key", "made", HOUR, cas_token=token) is True
    assert get()[0] == "made" and len(waits) == 2


def test_one_client_renews_early(cache):
    policy = RecachePolicy(ttl=30)
    cache.set("key", "old", 20)
    assert cache.get("key", recache_policy=policy) is None  # as good as expired: make it anew
    assert cache.get("key", recache_policy=policy) == "old"  # for the others it is not
    cache.set("key", "new", HOUR)
    assert cache.get("key", recache_policy=policy) == "new"


def test_deleted_values_stay_as_stale(cache):
    policy = StalePolicy(mark_stale_on_deletion_ttl=30)
    cache.set("key", "old", HOUR)
    assert cache.delete("key", stale_policy=policy) is True
    value, token = cache.get_cas("key")
    assert value is None  # the winner makes it anew
    assert cache.get("key") == "old"  # the others do with the stale one
    assert cache.set("key", "new", HOUR, cas_token=token) is True
    assert cache.get("key") == cache.get("key") == "new"


def test_a_renewal_that_comes_too_late_is_stale_itself(cache):
    policy = StalePolicy(mark_stale_on_deletion_ttl=30, mark_stale_on_cas_mismatch=True)
    cache.set("key", "old", HOUR)
    cache.delete("key", stale_policy=policy)
    token = cache.get_cas("key")[1]
    cache.delete("key", stale_policy=policy)  # while the winner is still at work
    assert cache.set("key", "late", HOUR, cas_token=token, stale_policy=policy) is True
    assert cache.get("key") is None  # again one has to make it
    assert cache.get("key") == "late"
