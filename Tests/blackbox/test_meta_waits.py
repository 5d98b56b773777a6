"""Meta commands that have to wait: for the reader of their replies, or for the rest of a value.
Whatever they wait for, each is executed once, and answered in its place."""

import base64
import os
import random
import threading
import time

import pytest

from client import poll, set_
from meta import ms

OPTIONS = ["-m", "64"]
SEED = int(os.environ.get("CACHED_FUZZ_SEED", "20240601"))
LARGE = 100_000


def send_beside(client, data):
    thread = threading.Thread(target=client.send, args=(data,))
    thread.start()
    return thread


def run_slowly(server, requests):
    """All of them at once, to a reader who takes little at a time; returns the replies."""
    with server.connect(receive_buffer=32768) as slow:
        fence = slow.ask(b"version")
        sender = send_beside(slow, b"".join(requests) + b"version\r\n")
        time.sleep(0.05)  # so that the replies have to wait
        replies = slow.read_until(fence)[: -len(fence)]
        sender.join()
        return replies


# -- waiting for the reader --

TEXT_KEYS = [b"k%d" % n for n in range(12)]
BINARY_KEYS = [base64.b64encode(b"raw %d" % n) for n in range(4)]


def any_request(rng):
    """One request; what its reply says depends on all that were executed before."""
    key = rng.choice(TEXT_KEYS)
    tail = b""
    if rng.random() < 0.2:
        key, tail = rng.choice(BINARY_KEYS), b" b"
    opaque = b" O%d" % rng.randrange(1000)
    value = bytes([rng.randrange(97, 123)]) * rng.choice([0, 3, 900, 17_000, LARGE])
    ttl = b"%d" % rng.choice([300, 600, 900])
    choice = rng.randrange(15)
    if choice < 5:
        flags = rng.sample([b"v", b"f", b"s", b"k", b"q", b"T" + ttl, b"h"], rng.randrange(1, 6))
        return b"mg %s %s" % (key, b" ".join(flags)) + opaque + tail + b"\r\n"
    if choice == 5:
        return b"mg %s v N%s R650" % (key, ttl) + opaque + tail + b"\r\n"
    if choice == 6:
        return b"md %s I q" % key + opaque + tail + b"\r\n"
    if choice == 7:
        return b"md %s" % key + opaque + tail + b"\r\n"
    if choice == 8:
        return b"ma n%d N0 J5 v" % rng.randrange(3) + opaque + b"\r\n"
    if choice == 9:
        return b"get " + b" ".join(rng.choices(TEXT_KEYS, k=rng.choice([1, 3, 70]))) + b"\r\n"
    if choice == 10:
        return rng.choice(
            [b"mn\r\n", b"mg\r\n", b"mg k1 v v\r\n", b"ms k1 3 v v\r\nabc\r\n", b"bogus\r\n"]
        )
    if choice == 11:
        return set_(rng.choice(TEXT_KEYS), value, flags=rng.randrange(9))
    mode = rng.choice([b"S", b"S", b"S", b"A", b"E", b"R"])
    if tail:
        return ms(key, value, b"T" + ttl, b"b", b"k", opaque[1:])
    return ms(key, value, b"T" + ttl, b"M" + mode, b"F7", b"k", b"s", opaque[1:])


@pytest.mark.parametrize("number", range(6))
def test_a_pipeline_gives_what_its_requests_give_one_by_one(server, client, number):
    rng = random.Random(SEED + number)
    requests = [any_request(rng) for _ in range(300)]
    expected = [client.run(request) for request in requests]
    assert client.run(b"flush_all\r\n") == b"OK\r\n"
    replies = run_slowly(server, requests)
    assert replies == b"".join(expected), f"CACHED_FUZZ_SEED={SEED}, pipeline {number}"


def test_each_of_many_large_hits_is_answered_once_and_in_order(server, client):
    for n in range(8):
        client.run(ms(b"k%d" % n, b"%d" % n * LARGE))
    requests = [b"mg k%d v O%d\r\n" % (n % 8, n) for n in range(200)]
    expected = b"".join(
        b"VA %d O%d\r\n" % (LARGE, n) + b"%d" % (n % 8) * LARGE + b"\r\n" for n in range(200)
    )
    assert run_slowly(server, requests) == expected


def test_one_reader_wins_however_long_the_replies_wait(server, client):
    client.run(ms(b"big", b"v" * LARGE))
    for n in range(100):
        client.run(ms(b"k%d" % n, b"v") + b"md k%d I\r\n" % n)
    requests = [b"mg big v\r\nmg k%d v\r\n" % (n % 100) for n in range(200)]
    replies = run_slowly(server, requests)
    assert replies.count(b"VA 1 X W\r\n") == 100
    assert replies.count(b"VA 1 Z X\r\n") == 100


@pytest.mark.differs("1.6.18", reason="meta flags C of mg, E, s of ms, x of md, N of ms are newer")
def test_a_held_value_is_sent_as_it_was_when_it_was_asked_for(server, client):
    client.run(ms(b"big", b"a" * LARGE, b"T300"))
    with server.connect(receive_buffer=32768) as slow:
        slow.send(b"mg big v t\r\n" * 40)
        assert slow.read_line().startswith(b"VA %d t" % LARGE)
        # The rest of them waits in the server meanwhile.
        assert client.run(b"md big I E77\r\n") == b"HD\r\n"
        assert client.run(b"md big x\r\n") == b"HD\r\n"
        assert client.run(ms(b"big", b"b" * LARGE)) == b"HD\r\n"
        assert slow.read(LARGE + 2) == b"a" * LARGE + b"\r\n"
        seen = b"a"
        for _ in range(39):
            line = slow.read_line()
            length = int(line.split()[1]) if line.startswith(b"VA ") else 0
            body = slow.read(length + 2)[:-2]
            assert body in (b"a" * LARGE, b"", b"b" * LARGE)
            assert not (seen == b"b" and body[:1] == b"a")
            seen = body[:1] or seen


# -- waiting for the rest of a value --

KEY = base64.b64encode(b"\x00\xff a raw key\r\n")
SETS = {
    "plain": (b"key", []),
    "echoed": (b"key", [b"k", b"Oab", b"s"]),
    "echoed_late": (b"key", [b"T0", b"s", b"F5", b"O" + b"o" * 31, b"k"]),
    "binary": (KEY, [b"b", b"k", b"Oab"]),
    "binary_last": (KEY, [b"k", b"Oab", b"s", b"b"]),
    "quiet": (b"key", [b"q", b"k", b"Oab"]),
    "add": (b"key", [b"ME", b"k"]),
    "append": (b"key", [b"MA", b"s"]),
    "append_vivify": (b"key", [b"MA", b"N300", b"s", b"k"]),
    "replace": (b"key", [b"MR", b"q", b"k"]),
    "compared": (b"key", [b"C99", b"k", b"Oab"]),
    "stale": (b"key", [b"C1", b"I", b"k"]),
    "chosen": (b"key", [b"E12345", b"c"]),
}
LENGTHS = [16_383, 16_384, 200_000]


def state(client, key, flags):
    tail = b" b" if b"b" in flags else b""
    return client.run(b"mg %s v f s k%s\r\n" % (key, tail)) + client.run(
        b"mg %s v f s k%s\r\n" % (key, tail)
    )


def cut(request, rng, parts):
    places = sorted(rng.randrange(len(request)) for _ in range(parts - 1))
    return [
        request[start:end] for start, end in zip([0, *places], [*places, len(request)], strict=True)
    ]


@pytest.mark.parametrize("before", ["nothing", "small", "large"])
@pytest.mark.parametrize("name", SETS)
def test_a_value_in_parts_is_stored_and_answered_as_one_that_comes_whole(
    server, client, name, before
):
    key, flags = SETS[name]
    tail = [b"b"] if b"b" in flags else []
    rng = random.Random(name + before)
    for length in LENGTHS:
        results = []
        for parts in [1, 2, 5]:
            client.run(b"flush_all\r\n")
            if before != "nothing":
                old = b"o" * (5 if before == "small" else 30_000)
                client.run(ms(key, old, b"E50", b"F3", *tail))
            request = ms(key, b"v" * length, *flags)
            head = request.index(b"\n") + 1
            with server.connect() as other:
                other.run(b"")
                if parts > 1:
                    # The line arrives alone, and is gone when the value's end comes.
                    other.send(request[:head])
                    assert poll(lambda: client.run(b"mn\r\n") == b"MN\r\n")
                    pieces = cut(request[head:], rng, parts)
                else:
                    pieces = [request]
                for piece in pieces:
                    other.send(piece)
                    client.run(b"mn\r\n")
                replies = other.run(b"mn\r\n")
            results.append((replies, state(client, key, flags)))
        assert results[0] == results[1] == results[2], f"{length} bytes"
        if name == "binary":
            assert results[0][0] == b"HD k" + KEY + b" b Oab\r\nMN\r\n"


@pytest.mark.parametrize("flags", [[], [b"q"], [b"q", b"k", b"Oab"], [b"MA", b"N0"]])
def test_a_large_value_without_its_line_ending_is_refused_and_what_follows_is_read(client, flags):
    request = ms(b"key", b"v" * 50_000, *flags)
    client.send(request[: len(request) - 2])
    assert client.run(b"xxmn\r\n") == b"CLIENT_ERROR bad data chunk\r\nMN\r\n"
    assert client.run(b"mg key v\r\n") == b"EN\r\n"


@pytest.mark.parametrize("flags", [[], [b"q"], [b"q", b"k", b"Oab"], [b"MA", b"N0"], [b"b"]])
def test_a_value_too_large_is_swallowed_in_parts_and_refused_once(server, client, flags):
    key = KEY if b"b" in flags else b"key"
    tail = b" b" if b"b" in flags else b""
    client.run(ms(key, b"old", *([b"b"] if tail else [])))
    request = ms(key, b"v" * (3 << 20), *flags)
    for start in range(0, len(request), 400_000):
        client.send(request[start : start + 400_000])
    assert client.run(b"mn\r\n") == b"SERVER_ERROR object too large for cache\r\nMN\r\n"
    assert client.run(b"mg %s v%s\r\n" % (key, tail)) == b"EN\r\n"


def test_a_client_that_leaves_within_a_value_leaves_the_old_one(server, client):
    client.run(ms(b"key", b"old"))
    items = client.stats()["curr_items"]
    for sent in [0, 1, 20_000, 49_999, 50_000, 50_001]:
        request = ms(b"key", b"v" * 50_000, b"E5", b"k")
        head = request.index(b"\n") + 1
        with server.connect() as other:
            other.send(request[: head + sent])
            client.run(b"mn\r\n")
    assert client.run(b"mg key v\r\n") == b"VA 3\r\nold\r\n"
    assert client.stats()["curr_items"] == items
