"""The size of values, and what happens when memory is full."""

import pytest

from client import set_, storage, value_reply

TOO_LARGE = b"SERVER_ERROR object too large for cache\r\n"
LIMIT = 1 << 20
OVERHEAD = 1024  # keys and headers count too, so values this much below the limit fit
HUGE = b"x" * (LIMIT + 1)


@pytest.mark.parametrize(
    "size",
    [
        0,
        1,
        2,
        31,
        100,
        1023,
        1024,
        2047,
        2048,
        2049,
        4095,
        4096,
        8192,
        16383,
        16384,
        16385,
        65535,
        65536,
        65537,
        262_144,
        524_287,
        524_288,
        524_289,
        1_000_000,
        LIMIT - OVERHEAD,
    ],
)
def test_a_value_up_to_the_limit_is_stored_whole(client, size):
    value = bytes(n % 251 for n in range(min(size, 251))) * (size // 251 + 1)
    value = value[:size]
    assert client.run(set_(b"a", value)) == b"STORED\r\n"
    assert client.run(b"get a\r\n") == value_reply(b"a", value)


def test_a_value_of_exactly_the_limit_is_stored_whole_or_too_large(client):
    reply = client.run(set_(b"a", b"x" * LIMIT))
    assert reply in (b"STORED\r\n", TOO_LARGE)
    left = value_reply(b"a", b"x" * LIMIT) if reply == b"STORED\r\n" else b"END\r\n"
    assert client.run(b"get a\r\n") == left


@pytest.mark.parametrize("size", [LIMIT + 1, 2 * LIMIT, 10 * LIMIT])
def test_a_value_above_the_limit_is_swallowed(client, size):
    assert client.run(set_(b"a", b"x" * size) + b"get a\r\n") == TOO_LARGE + b"END\r\n"


def test_a_swallowed_value_is_not_read_as_commands(client):
    assert client.run(set_(b"a", b"flush_all\r\nbogus\r\n" * 70_000)) == TOO_LARGE


def test_the_error_comes_only_after_the_whole_body(server, client):
    client.send(b"set a 0 0 %d\r\n" % len(HUGE) + HUGE)
    with server.connect() as other:
        other.run(b"get a\r\n")
    client.socket.settimeout(0.2)
    with pytest.raises(TimeoutError):
        client.read(1)
    client.socket.settimeout(10)
    assert client.run(b"\r\n") == TOO_LARGE


def test_set_too_large_removes_the_old_value(client):
    client.run(set_(b"a", b"old"))
    assert client.run(set_(b"a", HUGE) + b"get a\r\n") == TOO_LARGE + b"END\r\n"


@pytest.mark.parametrize(
    "command, tail",
    [(b"add", b""), (b"replace", b""), (b"append", b""), (b"prepend", b""), (b"cas", b"1")],
)
def test_other_commands_too_large_keep_the_old_value(client, command, tail):
    client.run(set_(b"a", b"old"))
    assert client.run(storage(command, b"a", HUGE, tail=tail) + b"get a\r\n") == (
        TOO_LARGE + value_reply(b"a", b"old")
    )


@pytest.mark.parametrize("command", [b"append", b"prepend"])
def test_growing_past_the_limit_is_not_stored(client, command):
    old = b"x" * 1_000_000
    client.run(set_(b"a", old))
    assert client.run(storage(command, b"a", b"y" * 100_000)) == b"NOT_STORED\r\n"
    assert client.run(b"get a\r\n") == value_reply(b"a", old)


def test_too_large_is_counted(client):
    before = int(client.stats()["store_too_large"])
    client.run(set_(b"a", HUGE))
    assert int(client.stats()["store_too_large"]) == before + 1


@pytest.mark.parametrize(
    "option, limit",
    [
        ("512k", 512 << 10),
        ("2m", 2 << 20),
        ("3M", 3 << 20),
        ("2048k", 2 << 20),
        ("2097152", 2 << 20),
        ("20m", 20 << 20),
    ],
)
def test_the_limit_can_be_set(launch, option, limit):
    check_limit(launch, option, limit)


@pytest.mark.cached_only("memcached takes only multiples of its slab_chunk_max for -I")
@pytest.mark.parametrize("option, limit", [("600k", 600 << 10), ("2000000", 2_000_000)])
def test_the_limit_can_be_any_number(launch, option, limit):
    check_limit(launch, option, limit)


def check_limit(launch, option, limit):
    with launch("-I", option).connect() as client:
        assert client.stats("settings")["item_size_max"] == str(limit)
        fitting = b"x" * (limit - limit // 100)
        assert client.run(set_(b"a", fitting)) == b"STORED\r\n"
        assert client.run(b"get a\r\n") == value_reply(b"a", fitting)
        assert client.run(set_(b"a", b"x" * (limit + 1)) + b"get a\r\n") == TOO_LARGE + b"END\r\n"


@pytest.mark.differs("1.6.18", reason="dies of the first set with a limit of 1 KB")
def test_a_small_limit_can_be_set(launch):
    with launch("-I", "1k", "-o", "slab_chunk_max=1").connect() as client:
        assert client.run(set_(b"a", b"x" * 800)) == b"STORED\r\n"
        assert client.run(set_(b"a", b"x" * 1025)) == TOO_LARGE


def test_a_very_large_value(launch):
    value = b"0123456789abcdef" * (4 << 20)
    with launch("-m", "1024", "-I", "128m").connect() as client:
        assert client.run(set_(b"a", value)) == b"STORED\r\n"
        assert client.run(b"get a\r\n") == value_reply(b"a", value)


def fill(client, count, size):
    """Stores many values; returns the replies that were not STORED."""
    refused = []
    for first in range(0, count, 100):
        request = b"".join(
            set_(b"fill%06d" % n, b"x" * size) for n in range(first, min(first + 100, count))
        )
        refused += client.run(request).replace(b"STORED\r\n", b"").splitlines()
    return refused


def test_a_full_cache_evicts_the_oldest_and_never_refuses(launch):
    with launch("-m", "8").connect() as client:
        assert fill(client, 3000, 10_000) == []
        assert client.run(b"get fill000000\r\n") == b"END\r\n"
        assert client.run(b"get fill002999\r\n") == value_reply(b"fill002999", b"x" * 10_000)
        stats = client.stats()
        assert int(stats["evictions"]) > 1000
        assert int(stats["bytes"]) <= int(stats["limit_maxbytes"]) == 8 << 20


def test_memory_stays_within_its_limit(launch):
    server = launch("-m", "16")
    with server.connect() as client:
        before = server.resident_bytes()
        assert fill(client, 10_000, 10_000) == []
        assert server.resident_bytes() - before < (16 << 20) * 1.1 + (8 << 20)


def test_without_eviction_a_full_cache_refuses_and_keeps_what_it_has(launch):
    with launch("-m", "8", "-M").connect() as client:
        refused = fill(client, 2000, 10_000)
        assert set(refused) == {b"SERVER_ERROR out of memory storing object"}
        assert client.run(b"get fill000000\r\n") == value_reply(b"fill000000", b"x" * 10_000)
        stats = client.stats()
        assert stats["evictions"] == "0"
        assert stats["store_no_memory"] == str(len(refused))
        assert int(stats["curr_items"]) == 2000 - len(refused)


def test_without_eviction_a_refused_set_removes_the_old_value(launch):
    with launch("-m", "8", "-M").connect() as client:
        client.run(set_(b"a", b"x" * 1000))
        assert fill(client, 2000, 10_000)
        assert (
            client.run(set_(b"a", b"x" * 10_000))
            == b"SERVER_ERROR out of memory storing object\r\n"
        )
        assert client.run(b"get a\r\n") == b"END\r\n"


def test_without_eviction_there_is_room_again_after_a_delete(launch):
    with launch("-m", "8", "-M").connect() as client:
        assert fill(client, 2000, 10_000)
        client.run(b"delete fill000000\r\ndelete fill000001\r\n")
        assert client.run(set_(b"a", b"x" * 10_000)) == b"STORED\r\n"


def test_without_eviction_expired_items_make_room(launch):
    with launch("-m", "8", "-M").connect() as client:
        assert fill(client, 2000, 10_000)
        client.run(b"touch fill000000 -1\r\nget fill000000\r\n")
        assert client.run(set_(b"a", b"x" * 10_000)) == b"STORED\r\n"
