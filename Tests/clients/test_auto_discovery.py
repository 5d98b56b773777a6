"""Clients that ask one node of a cluster for the others, as they do with ElastiCache.

pymemcache's AWSElastiCacheHashClient is in its repository and in no release yet; what it
asks for, and how it takes the answer apart, is done here with pymemcache's own Client.
django-elastipymemcache has a copy of that class, which is used whole.
"""

import time

import pytest
from daemon import Daemon, is_memcached
from django_elastipymemcache.client import AWSElastiCacheClient
from pymemcache.client import Client
from pymemcache.client.base import normalize_server_spec
from pymemcache.client.hash import HashClient

pytestmark = pytest.mark.skipif(is_memcached(), reason="an addition: --cluster-nodes")


def nodes(*daemons):
    return ",".join(f"localhost|127.0.0.1|{daemon.port}" for daemon in daemons)


def config_set(daemon, version, *members):
    text = f"{version}\n{nodes(*members).replace(',', ' ')}\n".encode()
    request = b"config set cluster 0 %d\r\n%s\r\n" % (len(text), text)
    assert daemon.ask(request, b"\r\n") == b"STORED\r\n"


@pytest.fixture
def cluster():
    """Two daemons, of which the first knows both."""
    with Daemon() as second, Daemon("--cluster-updates") as first:
        config_set(first, 1, first, second)
        yield first, second


def items(*daemons):
    return [daemon.stat("curr_items") for daemon in daemons]


def test_pymemcache_finds_the_nodes(cluster):
    client = Client(("127.0.0.1", cluster[0].port))
    reply = client.raw_command(b"config get cluster", end_tokens=b"\n\r\nEND\r\n")
    client.close()
    *_, line = reply.splitlines()
    servers = [node.split("|") for node in line.decode().split(" ")]
    found = [normalize_server_spec((ip, int(port))) for _, ip, port in servers]
    assert found == [("127.0.0.1", daemon.port) for daemon in cluster]
    ring = HashClient(found)
    for number in range(100):
        ring.set(f"key{number}", str(number), noreply=False)
    assert ring.get_many([f"key{number}" for number in range(100)]).keys() == {
        f"key{number}" for number in range(100)
    }
    assert sum(items(*cluster)) == 100 and min(items(*cluster)) > 10


@pytest.mark.parametrize("use_vpc_ip_address", [True, False])
def test_the_client_of_elasticache_uses_all_nodes(cluster, use_vpc_ip_address):
    client = AWSElastiCacheClient(cluster[0].location, use_vpc_ip_address=use_vpc_ip_address)
    host = "127.0.0.1" if use_vpc_ip_address else "localhost"
    assert set(client.clients) == {f"{host}:{daemon.port}" for daemon in cluster}
    for number in range(100):
        client.set(f"key{number}", str(number), noreply=False)
    assert client.get("key42") == b"42"
    assert sum(items(*cluster)) == 100 and min(items(*cluster)) > 10
    client.close()


def test_the_client_of_elasticache_follows_a_change(cluster):
    first, second = cluster
    client = AWSElastiCacheClient(first.location, discovery_interval=0.01)
    config_set(first, 2, first)
    time.sleep(0.1)  # longer than the interval, by far
    for number in range(20):
        client.set(f"key{number}", "x", noreply=False)
    assert set(client.clients) == {f"127.0.0.1:{first.port}"}
    assert items(first, second) == [20, 0]
    client.close()


def test_django_uses_all_nodes_of_a_static_cluster(django_ready):
    from django.core.cache import cache
    from django.test.utils import override_settings

    with Daemon() as second, Daemon("--cluster-nodes", nodes(second)) as first:
        caches = {
            "default": {
                "BACKEND": "django_elastipymemcache.backend.ElastiPymemcache",
                "LOCATION": first.location,
            }
        }
        with override_settings(CACHES=caches):
            cache.set("greeting", {"text": "hello"}, 60)
            assert cache.get("greeting") == {"text": "hello"}
            cache.set_many({"a": 1, "b": 2})
            assert cache.get_many(["a", "b", "c"]) == {"a": 1, "b": 2}
            assert cache.incr("a") == 2
        # The node that was asked is none of the cluster.
        assert items(first, second) == [0, 3]
