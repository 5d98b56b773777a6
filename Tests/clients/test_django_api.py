"""Django's low-level cache API: every call that its documentation has."""

import asyncio
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from daemon import is_memcached
from django.core.cache import caches

MISSING = object()


def shout(key, key_prefix, version):
    """A KEY_FUNCTION."""
    return f"{key_prefix}/{version}/{key.upper()}"


def test_set_get_delete(cache):
    assert cache.get("colour") is None
    assert cache.get("colour", "none") == "none"
    cache.set("colour", "blue")
    assert cache.get("colour", "none") == "blue"
    assert "colour" in cache and cache.has_key("colour")
    cache.set("colour", "red")
    assert cache.get("colour") == "red"
    assert cache.delete("colour") is True
    assert cache.delete("colour") is False
    assert "colour" not in cache


def test_none_is_a_value(cache):
    cache.set("nothing", None)
    assert cache.get("nothing", MISSING) is None
    assert cache.get("unknown", MISSING) is MISSING


def test_add_keeps_what_is_there(cache):
    assert cache.add("key", "first") is True
    assert cache.add("key", "second") is False
    assert cache.get("key") == "first"


def test_get_or_set(cache):
    calls = []
    assert cache.get_or_set("made", lambda: calls.append(1) or "value", 100) == "value"
    assert cache.get_or_set("made", lambda: calls.append(1) or "other", 100) == "value"
    assert len(calls) == 1
    assert cache.get_or_set("plain", "value") == "value"


def test_many(cache):
    values = {f"key{number}": {"number": number} for number in range(250)}
    assert cache.set_many(values, 100) == []
    assert cache.get_many([*values, "unknown"]) == values
    cache.delete_many(["key1", "key2", "unknown"])
    assert len(cache.get_many(values)) == 248
    assert cache.get_many([]) == {}


def test_clear(cache, site):
    cache.set("key", "value")
    caches["pages"].set("key", "value")
    cache.clear()
    # All caches share the daemon, so that clearing one empties all.
    assert cache.get("key") is None and caches["pages"].get("key") is None


def test_close(cache):
    cache.set("key", "value")
    cache.close()
    assert cache.get("key") == "value"


def test_incr_decr(cache, daemon):
    cache.set("count", 41)
    assert cache.incr("count") == 42
    assert cache.incr("count", 10) == 52
    assert cache.decr("count") == 51
    assert cache.decr("count", 50) == 1
    assert cache.get("count") == 1
    for change in cache.incr, cache.decr:
        with pytest.raises(ValueError):
            change("unknown")
    # The daemon counts below 100 here: a shorter number may be stored with spaces.
    assert daemon.raw_item(":1:count")[1].strip() == b"1"


def test_incr_is_atomic(cache):
    def count(_):
        return [cache.incr("count") for _ in range(100)]

    cache.set("count", 0)
    with ThreadPoolExecutor(8) as threads:  # each has a client of its own
        seen = sum(threads.map(count, range(8)), [])
    assert sorted(seen) == list(range(1, 801))


def test_touch(cache):
    cache.set("key", "value", 2)
    assert cache.touch("key", 100) is True
    assert cache.touch("unknown", 100) is False
    time.sleep(3.1)
    assert cache.get("key") == "value"
    assert cache.touch("key", 0) is True  # to be gone at once
    assert cache.get("key") is None


def keeps_what_is_gone(backend):
    """Over the binary protocol pylibmc sends -1 as 0xffffffff, a year to come for memcached."""
    return is_memcached() and backend == "pylibmc_login"


def test_timeouts(cache, backend):
    cache.set_many({f"short{number}": number for number in range(5)}, 2)
    cache.set("two", "value", 2)
    cache.add("two-added", "value", 2)
    cache.set("forever", "value", None)
    cache.set("hour", "value", 3600)
    cache.set("over-30-days", "value", 30 * 24 * 3600 + 1)  # sent as a moment in time
    cache.set("year", "value", 365 * 24 * 3600)
    for gone in () if keeps_what_is_gone(backend) else (0, -1, -100_000):
        cache.set("gone", "value", None)
        cache.set("gone", "value", gone)
        assert cache.get("gone") is None, gone

    staying = ["forever", "hour", "over-30-days", "year"]
    assert cache.get("two") == cache.get("two-added") == "value"
    assert len(cache.get_many([*staying, *(f"short{number}" for number in range(5))])) == 9
    time.sleep(3.1)
    assert cache.get("two") is None and cache.get("two-added") is None
    assert sorted(cache.get_many([*staying, "short1", "short4"])) == sorted(staying)


@pytest.mark.parametrize("timeout, stays", [(None, True), (0, False), (-5, False), (10**8, True)])
def test_default_timeout(site, cache, timeout, stays):
    if not stays and keeps_what_is_gone(site.backend):
        pytest.skip("memcached keeps it")
    with site.using(TIMEOUT=timeout):
        cache.set("key", "value")
        assert cache.get("key") == ("value" if stays else None)
        cache.set("own-timeout", "value", 100)
        assert cache.get("own-timeout") == "value"


def test_versions(site, cache):
    cache.set("key", "old")
    cache.set("key", "new", version=2)
    assert (cache.get("key"), cache.get("key", version=2)) == ("old", "new")
    assert cache.incr_version("key", 2) == 3
    assert (cache.get("key"), cache.get("key", version=3)) == (None, "old")
    assert cache.decr_version("key", version=3) == 2
    assert cache.get("key", version=2) == "old"
    with pytest.raises(ValueError):
        cache.incr_version("unknown")
    with site.using(VERSION=2):
        assert cache.get("key") == "old"


def test_key_prefix_keeps_sites_apart(site, cache, daemon):
    with site.using(KEY_PREFIX="one"):
        cache.set("key", 1)
    with site.using(KEY_PREFIX="two"):
        assert cache.get("key") is None
        cache.set("key", 2)
    with site.using(KEY_PREFIX="one"):
        assert cache.get("key") == 1
    assert daemon.raw_item("one:1:key")[1] == b"1"
    assert daemon.raw_item("two:1:key")[1] == b"2"


def test_key_function(site, cache, daemon):
    with site.using(KEY_FUNCTION=shout, KEY_PREFIX="p"):
        cache.set("key", 3)
        assert cache.get("KEY") == 3
    assert daemon.raw_item("p/1/KEY")[1] == b"3"


def test_async_variants(cache):
    async def use_all():
        await cache.aset("key", "value", 100)
        assert await cache.aget("key") == "value"
        assert await cache.ahas_key("key")
        assert await cache.aadd("key", "other") is False
        assert await cache.aget_or_set("made", lambda: "value") == "value"
        assert await cache.aset_many({"a": 1, "b": 2, "c": 3}) == []
        assert await cache.aget_many(["a", "b", "c"]) == {"a": 1, "b": 2, "c": 3}
        assert await cache.aincr("a", 5) == 6
        assert await cache.adecr("a") == 5
        await cache.adelete_many(["b", "c"])
        assert await cache.aget_many(["a", "b", "c"]) == {"a": 5}
        assert await cache.atouch("key", 200) is True
        assert await cache.aincr_version("key") == 2
        assert await cache.adecr_version("key", version=2) == 1
        assert await cache.adelete("key") is True
        await cache.aclear()
        assert await cache.aget("a") is None
        await cache.aclose()

    asyncio.run(use_all())
