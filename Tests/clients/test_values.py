"""What clients store: large values, pickled objects, compressed ones; and their keys."""

import datetime
import decimal
import random
import uuid
import zlib
from collections import OrderedDict

import pylibmc
import pytest
from django.core.cache.backends.base import InvalidCacheKey
from pymemcache.exceptions import MemcacheIllegalInputError, MemcacheServerError
from secured import PASSWORD, USER, SASLDaemon

MEGABYTE = 1 << 20
PYLIBMC_ZLIB_FLAG = 1 << 3

OBJECTS = {
    "text": "naïve café ☕ \U0001f4a3",
    "bytes": bytes(range(256)),
    "empty-text": "",
    "empty-bytes": b"",
    "line-endings": b"END\r\nSTORED\r\nVALUE a 0 1\r\n\r\n",
    "zero": 0,
    "negative": -7,
    "beyond-64-bits": 2**70,
    "float": 1.5e300,
    "moment": datetime.datetime(2024, 2, 29, 12, 30, tzinfo=datetime.timezone.utc),
    "decimal": decimal.Decimal("3.140"),
    "uuid": uuid.UUID(int=5),
    "set": {1, 2, frozenset({3})},
    "nested": OrderedDict(a=[{"b": ({"c": None},)}] * 50),
    "exception": KeyError,
}


def test_objects(cache):
    for key, value in OBJECTS.items():
        cache.set(key, value)
    for key, value in OBJECTS.items():
        found = cache.get(key)
        assert (found, type(found)) == (value, type(value)), key
    assert cache.get_many(OBJECTS) == OBJECTS
    cache.clear()
    assert cache.set_many(OBJECTS) == []
    assert cache.get_many(OBJECTS) == OBJECTS


@pytest.mark.parametrize("size", [4095, 16_384, 65_536, 524_288, 1_000_000, MEGABYTE - 512])
def test_large_values(cache, size):
    value = random.Random(size).randbytes(size)
    cache.set("large", value)
    assert cache.get("large") == value
    cache.set_many({f"large{number}": value for number in range(10)})
    found = cache.get_many([f"large{number}" for number in range(10)])
    assert list(found.values()) == [value] * 10


@pytest.mark.parametrize("size", [MEGABYTE, MEGABYTE + 1, 5 * MEGABYTE])
def test_too_large_values(site, cache, size):
    # pymemcache's ignore_exc would hide the error.
    options = {"OPTIONS": {}} if site.backend == "pymemcache" else {}
    with site.using(**options):
        cache.set("key", "small")
        with pytest.raises((MemcacheServerError, pylibmc.TooBig)):
            cache.set("key", b"x" * size)
        assert cache.get("key") is None  # the old value must not survive
        cache.set("key", "small")
        assert cache.get("key") == "small"


def test_unicode_keys(cache, daemon):
    keys = ["ключ", "鍵", "🔑", "é" * 123]  # ":1:" comes before: 249 bytes
    assert cache.set_many({key: f"of {key}" for key in keys}) == []
    assert cache.get_many(keys) == {key: f"of {key}" for key in keys}
    assert daemon.raw_item(":1:ключ")[1] == "of ключ".encode()
    assert all(cache.delete(key) for key in keys)


def test_longest_key(cache):
    longest = "k" * 247
    cache.set(longest, "value")
    assert cache.get(longest) == "value"
    assert cache.incr_version(longest) == 2


@pytest.mark.parametrize("key", ["a b", "a\nb", "a\x01b", "a\x7fb", "k" * 248, "é" * 124])
def test_keys_that_are_refused(cache, key):
    # Django counts the letters of a key, and the client then the bytes.
    errors = (InvalidCacheKey, MemcacheIllegalInputError, ValueError)
    for call in cache.get, cache.delete, cache.touch, lambda key: cache.set(key, 1):
        with pytest.raises(errors):
            call(key)
    cache.set("key", "value")
    assert cache.get("key") == "value"


def pylibmc_client(daemon, **options):
    if isinstance(daemon, SASLDaemon):
        options |= {"binary": True, "username": USER, "password": PASSWORD}
    return pylibmc.Client([daemon.location.removeprefix("unix:")], **options)


@pytest.mark.parametrize("transport", ["tcp", "unix", "sasl"])
def test_pylibmc_compresses(daemon):
    client = pylibmc_client(daemon)
    text = b"compressible " * 300_000  # 3.9 MB: does not fit as it is
    noise = random.Random(1).randbytes(200_000)
    for level in 1, 9:
        assert client.set("text", text, min_compress_len=1000, compress_level=level)
        flags, stored = daemon.raw_item("text")
        assert flags & PYLIBMC_ZLIB_FLAG and len(stored) < 50_000
        assert zlib.decompress(stored) == text == client.get("text")

    many = {"noise": noise, "short": b"x" * 999, "words": b"word " * 10_000}
    assert client.set_multi(many, min_compress_len=1000) == []
    assert client.get_multi(list(many)) == many
    assert not daemon.raw_item("short")[0] & PYLIBMC_ZLIB_FLAG
    assert daemon.raw_item("words")[0] & PYLIBMC_ZLIB_FLAG


@pytest.mark.parametrize("transport", ["tcp", "unix", "sasl"])
def test_pylibmc_cas(daemon):
    client = pylibmc_client(daemon, behaviors={"cas": True})
    client.set("key", 1)
    value, token = client.gets("key")
    assert client.cas("key", value + 1, token) is True
    assert client.cas("key", value + 2, token) is False
    assert client.get("key") == 2
