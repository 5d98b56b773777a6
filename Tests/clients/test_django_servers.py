"""Two daemons in Django's LOCATION: the client spreads the keys over both."""

import time

import pytest
from daemon import Daemon
from secured import SASLDaemon

KEYS = [f"key{number}" for number in range(200)]
VALUES = {key: f"value of {key}" for key in KEYS}


@pytest.fixture
def pair(transport):
    start = {"tcp": Daemon, "unix": lambda: Daemon(unix=True), "sasl": SASLDaemon}[transport]
    with start() as first, start() as second:
        yield first, second


def holds(daemon, key):
    return daemon.raw_item(f":1:{key}") is not None


def try_to(call, *arguments):
    """What a call returns, or the name of the library whose error it raises."""
    try:
        return call(*arguments)
    except Exception as error:
        return type(error).__module__.partition(".")[0]


def test_keys_spread_over_both(site, pair, cache):
    with site.using([daemon.location for daemon in pair]):
        assert cache.set_many(VALUES) == []
        assert cache.get_many(KEYS) == VALUES
        counts = [daemon.stat("curr_items") for daemon in pair]
        assert sum(counts) == len(KEYS) and min(counts) > 0, counts
        for key in KEYS:
            assert cache.get(key) == VALUES[key]
            assert holds(pair[0], key) != holds(pair[1], key)

        cache.delete_many(KEYS[:100])
        assert cache.get_many(KEYS) == {key: VALUES[key] for key in KEYS[100:]}
        cache.clear()
        assert cache.get_many(KEYS) == {}


def test_one_dies_and_comes_back(site, pair, cache):
    lives, dies = pair
    with site.using([daemon.location for daemon in pair]):
        cache.set_many(VALUES)
        kept = [key for key in KEYS if holds(lives, key)]
        lost = [key for key in KEYS if holds(dies, key)]
        dies.kill()

        # What a client does for the lost keys is its own affair: pymemcache with
        # ignore_exc takes them as missing, pylibmc raises its error.
        expected = None if site.backend == "pymemcache" else "pylibmc"
        assert try_to(cache.get, lost[0]) in (None, expected)  # this one notices it
        assert [try_to(cache.get, key) for key in lost[:5]] == [expected] * 5
        assert try_to(cache.set, lost[0], "new") == expected
        assert {key: cache.get(key) for key in kept} == {key: VALUES[key] for key in kept}
        # Over the binary protocol libmemcached gives nothing at all if one of them is down.
        all_kept = {key: VALUES[key] for key in kept}
        nothing = expected if site.backend == "pylibmc_login" else all_kept
        assert try_to(cache.get_many, KEYS) == nothing

        restart(dies)
        deadline = time.monotonic() + 10  # the clients wait a second or two
        while try_to(cache.set, lost[0], "new") == "pylibmc" or not holds(dies, lost[0]):
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert cache.set_many(VALUES) == []
        assert cache.get_many(KEYS) == VALUES
        assert dies.stat("curr_items") == len(lost)


def restart(daemon):
    """Starts a daemon that was killed, at its address. A unix socket's file is still
    there then, and has to be replaced."""
    daemon.fixed_port = daemon.port
    daemon.__enter__()
