"""What every client has to be able to do, whatever its library and its protocol."""

import random
import time

import pytest

MEGABYTE = 1 << 20
LARGE = 2**31 - 1  # the most that each client can add at once
EXPIRY_SECONDS_MAX = 10


class Cache:
    """A client library, with its calls brought to one form: keys are text, values are
    bytes, a missing value is None.

    set(key, value, seconds=0)      stores, or raises
    get(key), get_many(keys)        a value; a dictionary of those that are there
    gets(key)                       a value and its token
    cas(key, value, token)          True if it stored
    incr(key, n), decr(key, n)      the new number, or None
    touch(key, seconds)             True if the key was there
    delete(key)                     the same
    close()
    """

    too_large = Exception  # what `set` raises if a value is too large for the daemon
    can_touch = True


class ClientChecks:
    """The tests, for a class that is named after a client. It needs a fixture `client`
    that gives a Cache for an empty daemon."""

    def test_set_get_delete(self, client):
        assert client.get("key") is None
        client.set("key", b"value")
        assert client.get("key") == b"value"
        client.set("key", b"END\r\nSTORED\r\n\0\x80")
        assert client.get("key") == b"END\r\nSTORED\r\n\0\x80"
        client.set("empty", b"")
        assert client.get("empty") == b""
        assert client.delete("key") is True
        assert client.get("key") is None
        assert client.get("empty") == b""

    def test_delete_of_nothing(self, client):
        assert client.delete("unknown") is False

    def test_get_many(self, client):
        values = {f"key{number}": b"value %d" % number for number in range(300)}
        for key, value in values.items():
            client.set(key, value)
        assert client.get_many([*values, "unknown"]) == values
        assert client.get_many(["unknown", "unknown2"]) == {}

    def test_cas(self, client):
        client.set("key", b"first")
        value, token = client.gets("key")
        assert value == b"first"
        assert client.cas("key", b"second", token) is True
        assert client.cas("key", b"third", token) is False
        assert client.get("key") == b"second"
        assert client.gets("key")[1] != token

    def test_counters(self, client):
        client.set("count", b"41")
        assert client.incr("count", 1) == 42
        assert client.incr("count", LARGE) == 42 + LARGE
        assert client.incr("count", LARGE) == 42 + 2 * LARGE  # beyond 32 bits
        assert client.decr("count", LARGE) == 42 + LARGE
        assert client.decr("count", LARGE) == 42
        assert client.decr("count", 50) == 0
        assert client.incr("unknown", 1) is None
        assert client.decr("unknown", 1) is None
        assert client.get("unknown") is None

    def test_expiry_and_touch(self, client):
        for key in "short", "touched":
            client.set(key, b"value", 2)
        client.set("long", b"value", 100)
        assert client.get("short") == b"value"
        if client.can_touch:
            assert client.touch("touched", 100) is True
            assert client.touch("unknown", 100) is False
        wait_until_gone(client, "short")
        assert client.get("long") == b"value"
        assert client.get("touched") == (b"value" if client.can_touch else None)

    @pytest.mark.parametrize("size", [16_384, 1_000_000, MEGABYTE - 512])
    def test_large_values(self, client, size):
        value = random.Random(size).randbytes(size)
        client.set("large", value)
        assert client.get("large") == value
        for number in range(5):
            client.set(f"large{number}", value)
        found = client.get_many([f"large{number}" for number in range(5)])
        assert len(found) == 5 and set(found.values()) == {value}

    @pytest.mark.parametrize("size", [MEGABYTE + 1, 3 * MEGABYTE])
    def test_too_large_values(self, client, size):
        client.set("large", b"small")
        client.set("other", b"value")
        with pytest.raises(client.too_large):
            client.set("large", random.Random(size).randbytes(size))
        assert client.get("large") is None  # the old value must not survive
        assert client.get("other") == b"value"
        client.set("large", b"small again")
        assert client.get("large") == b"small again"


def wait_until_gone(client, key):
    deadline = time.monotonic() + EXPIRY_SECONDS_MAX
    while client.get(key) is not None:
        assert time.monotonic() < deadline, f"{key} does not expire"
        time.sleep(0.1)


def check_refusal(make_client, error):
    """A client that is not let in raises an error, and gets nothing stored."""
    client = make_client()
    try:
        with pytest.raises(error):
            client.set("key", b"value")
    finally:
        client.close()
