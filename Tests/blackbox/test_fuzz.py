"""Seeded nonsense: the server survives it and goes on serving others.

CACHED_FUZZ_SEED repeats a run, CACHED_FUZZ_ROUNDS makes it longer.
"""

import contextlib
import os
import random

import pytest

from client import set_, value_reply

SEED = int(os.environ.get("CACHED_FUZZ_SEED", "1"))
ROUNDS = int(os.environ.get("CACHED_FUZZ_ROUNDS", "40"))

KEYS = [b"a", b"b", b"n", b"k" * 250, b"k" * 251, b"a\tb", b"\xff", b"", b"noreply", b"\0"]
NUMBERS = [
    b"0",
    b"1",
    b"-1",
    b"+1",
    b"007",
    b"250",
    b"1024",
    b"2592001",
    b"2147483645",
    b"2147483646",
    b"2147483647",
    b"2147483648",
    b"4294967295",
    b"4294967296",
    b"9223372036854775807",
    b"9223372036854775808",
    b"18446744073709551615",
    b"18446744073709551616",
    b"-9223372036854775808",
    b"-9223372036854775809",
    b"9" * 40,
    b"1e9",
    b"0x10",
    b"word",
    b"",
    b"-",
    b"+",
]
WORDS = [b"noreply", b"NOREPLY", b"HTTP/1.1", b"junk", b"x" * 300, b"\r", b"\t", b" "]
COMMANDS = [
    "get K",
    "get K K K",
    "gets K K",
    "gat N K",
    "gats N K K",
    "set K N N L",
    "add K N N L",
    "replace K N N L",
    "append K N N L",
    "prepend K N N L",
    "cas K N N L N",
    "delete K",
    "delete K N",
    "touch K N",
    "incr K N",
    "decr K N",
    "flush_all",
    "flush_all N",
    "version",
    "verbosity N",
    "stats",
    "stats items",
    "stats slabs",
    "stats sizes",
    "stats settings",
    "stats conns",
    "stats detail on",
    "stats detail dump",
    "stats detail off",
    "stats cachedump N N",
    "stats reset",
    "stats W",
    "cache_memlimit 64",
    "cache_memlimit W",
    "shutdown",
    "W",
]
STORES = {b"set", b"add", b"replace", b"append", b"prepend", b"cas"}


def tokens(rng):
    """A command's tokens, and the body that belongs to it."""
    body = None
    parts = []
    for word in rng.choice(COMMANDS).split():
        if word == "L":
            body = rng.randbytes(rng.choice([0, 1, 2, 10, 300]))
            parts.append(b"%d" % len(body))
        else:
            kinds = {"K": KEYS, "N": NUMBERS, "W": WORDS}
            parts.append(rng.choice(kinds[word]) if word in kinds else word.encode())
    return parts, body


def mutate(rng, parts):
    """Drops, doubles, lengthens, swaps or replaces a token."""
    if not parts:
        return parts
    place = rng.randrange(len(parts))
    change = rng.choice(
        ["drop", "double", "lengthen", "swap", "replace", "byte", "none", "none", "noreply"]
    )
    if change == "drop":
        del parts[place]
    elif change == "double":
        parts.insert(place, parts[place])
    elif change == "lengthen":
        parts[place] *= rng.choice([2, 10, 300])
    elif change == "swap":
        other = rng.randrange(len(parts))
        parts[place], parts[other] = parts[other], parts[place]
    elif change == "replace":
        parts[place] = rng.choice(NUMBERS + WORDS + KEYS)
    elif change == "byte" and parts[place]:
        at = rng.randrange(len(parts[place]))
        parts[place] = parts[place][:at] + rng.randbytes(1) + parts[place][at + 1 :]
    elif change == "noreply":
        parts.append(b"noreply")
    return parts


def nonsense(rng, count):
    request = bytearray()
    for _ in range(count):
        parts, body = tokens(rng)
        for _ in range(rng.choice([0, 1, 1, 2])):
            parts = mutate(rng, parts)
        if b"quit" in parts:
            continue
        request += rng.choice([b" ", b" ", b" ", b"  ", b"     "]).join(parts) + rng.choice(
            [b"\r\n", b"\r\n", b"\n"]
        )
        if body is not None:
            request += body + rng.choice([b"\r\n", b"\r\n", b"\r\n", b"\n", b"", b"xx"])
    return bytes(request)


def serves(server):
    with server.connect(timeout=10) as client:
        reply = client.run(b"flush_all\r\n" + set_(b"sane", b"x") + b"get sane\r\n")
        return reply == b"OK\r\nSTORED\r\n" + value_reply(b"sane", b"x")


def throw(server, request):
    """Sends a request on a new connection and reads what there is to read."""
    with server.connect(timeout=10) as client, contextlib.suppress(ConnectionError):
        client.send(request)
        client.finish_sending()
        client.read_to_end()


@pytest.mark.parametrize("round_", range(ROUNDS))
def test_malformed_commands_do_no_harm(server, round_):
    rng = random.Random(SEED * 1_000_003 + round_)
    throw(server, nonsense(rng, 200))
    assert serves(server)


@pytest.mark.parametrize("round_", range(5))
def test_random_bytes_do_no_harm(server, round_):
    rng = random.Random(SEED * 1_000_003 + round_)
    for _ in range(20):
        throw(server, b"get " + rng.randbytes(2000))
        throw(server, b"x" + rng.randbytes(rng.choice([1, 10, 3000, 100_000])))
    assert serves(server)


@pytest.mark.parametrize("command", [word for word in COMMANDS if word != "W"])
def test_a_command_cut_off_anywhere_does_no_harm(server, command):
    line = command.replace("K", "a").replace("N", "1").replace("L", "3").replace("W", "x").encode()
    request = line + b"\r\n" + (b"abc\r\n" if line.split()[0] in STORES else b"")
    for end in range(1, len(request)):
        throw(server, request[:end])
    assert serves(server)


@pytest.mark.parametrize("command", sorted({word.split()[0] for word in COMMANDS if word != "W"}))
def test_any_number_of_tokens_does_no_harm(server, command):
    for count in [*range(12), 50, 250, 260, 700]:
        for token in (b"1", b"a", b"noreply", b"-1", b"99999999999999999999"):
            throw(server, b" ".join([command.encode()] + [token] * count) + b"\r\n")
    assert serves(server)


@pytest.mark.parametrize(
    "command", ["set", "add", "replace", "append", "prepend", "cas", "get", "gat", "incr", "touch"]
)
def test_any_number_in_any_place_does_no_harm(server, command):
    for number in NUMBERS:
        for place in range(1, 6):
            parts = [command.encode(), b"a", b"0", b"0", b"1", b"1"]
            parts[place] = number
            throw(server, b" ".join(parts) + b"\r\nx\r\n")
    assert serves(server)


@pytest.mark.parametrize(
    "request_",
    [
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(200)),
        b"\r\n" * 5000,
        b"\n" * 5000,
        b" \r\n" * 5000,
        b"\0" * 5000,
        b"get " + b" " * 100_000 + b"\r\n",
        b"get" + b" k" * 50_000,
        b"set a 0 0 2147483645\r\n",
        b"set a 0 0 2147483645 noreply\r\n" + b"x" * 100_000,
        b"PROXY TCP4 127.0.0.1 127.0.0.1 1 2\r\n",
    ],
    ids=[
        "tls_hello",
        "crlf",
        "lf",
        "space",
        "nul",
        "long_get",
        "half_get",
        "announced",
        "announced_noreply",
        "proxy",
    ],
)
def test_odd_beginnings_do_no_harm(server, request_):
    throw(server, request_)
    assert serves(server)


def test_an_announced_value_takes_no_memory_before_it_comes(server):
    before = server.resident_bytes()
    with contextlib.ExitStack() as stack:
        for number in range(200):
            client = stack.enter_context(server.connect())
            client.send(b"set k%d 0 0 1000000\r\n" % number)
        assert serves(server)
        assert server.resident_bytes() - before < 100 << 20
