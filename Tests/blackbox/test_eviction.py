"""--eviction: which items go when memory is full."""

import random

import pytest

from client import set_, value_reply

pytestmark = pytest.mark.cached_only("an option of our own: which items a full cache evicts")

POLICIES = ["lru", "s3fifo"]


def classes(client):
    """One dictionary of numbers for each class that has items."""
    found = {}
    for name, value in client.stats("items").items():
        _, number, field = name.split(":")
        found.setdefault(number, {})[field] = int(value)
    return list(found.values())


def numbers(client):
    stats = client.stats()
    names = ["curr_items", "total_items", "evictions", "reclaimed", "bytes", "limit_maxbytes"]
    return {name: int(stats[name]) for name in names}


@pytest.mark.parametrize(
    "options, policy",
    [([], "lru"), (["--eviction=lru"], "lru"), (["--eviction", "s3fifo"], "s3fifo")],
)
def test_the_policy_shows_in_the_settings(launch, options, policy):
    with launch(*options).connect() as client:
        assert client.stats("settings")["eviction_policy"] == policy


def test_a_file_gives_the_policy(launch, tmp_path):
    file = tmp_path / "cached.conf"
    file.write_text("eviction = s3fifo\n")
    with launch("--config", str(file)).connect() as client:
        assert client.stats("settings")["eviction_policy"] == "s3fifo"


@pytest.mark.parametrize("value", ["", "LRU", "s3-fifo", "lfu"])
def test_another_policy_is_refused_with_the_names_of_those_there_are(refuse, value):
    finished = refuse(f"--eviction={value}")
    assert finished.returncode in (1, 64)
    assert len(finished.stderr.splitlines()) == 1
    assert "--eviction" in finished.stderr
    if value:
        assert all(policy in finished.stderr for policy in POLICIES)


@pytest.mark.parametrize("policy", POLICIES)
def test_a_full_cache_never_refuses_a_set_of_any_size(launch, policy):
    chance = random.Random(1)
    with launch("-m", "16", "-t", "2", "--eviction", policy).connect() as client:
        for first in range(0, 6_000, 100):
            # Sizes change, so that room has to move between them.
            largest = [100, 2_000, 20_000, 200_000][first // 100 % 4]
            sizes = [chance.randrange(largest) for _ in range(100)]
            request = b"".join(
                set_(b"k%d" % (first + n), b"x" * size)
                for n, size in enumerate(sizes)
            )
            assert client.run(request) == 100 * b"STORED\r\n"
            # What was stored last is there.
            last = value_reply(b"k%d" % (first + 99), b"x" * sizes[99])
            assert client.run(b"get k%d\r\n" % (first + 99)) == last
            for _ in range(20):
                client.run(b"get k%d\r\n" % chance.randrange(first + 100))
        assert int(client.stats()["evictions"]) > 1_000


@pytest.mark.parametrize("policy", POLICIES)
def test_the_counters_reconcile_with_what_is_there(launch, policy):
    count = 20_000
    with launch("-m", "8", "-t", "1", "--eviction", policy).connect() as client:
        for first in range(0, count, 500):
            # Half of them are asked for, and an eighth of those again and again.
            keys = range(first, first + 500)
            client.run(b"".join(set_(b"k%d" % n, b"x" * 900) for n in keys))
            client.run(b"".join(b"get k%d\r\n" % n for n in keys if n % 2))
            for _ in range(3):
                client.run(b"".join(b"get k%d\r\n" % n for n in range(0, first, 160)))
        assert client.run(b"delete k%d\r\n" % (count - 1)) == b"DELETED\r\n"
        stats = numbers(client)
        assert stats["total_items"] == count
        assert stats["curr_items"] + stats["evictions"] + 1 == count
        assert stats["bytes"] <= stats["limit_maxbytes"]
        assert sum(c["number"] for c in classes(client)) == stats["curr_items"]
        assert sum(c["evicted"] for c in classes(client)) == stats["evictions"]
        # And what is counted is what is found.
        found = 0
        for first in range(0, count, 500):
            names = b" ".join(b"k%d" % n for n in range(first, first + 500))
            found += client.run(b"get " + names + b"\r\n").count(b"VALUE ")
        assert found == stats["curr_items"]


def test_a_scan_pushes_out_what_is_popular_with_lru_only(launch):
    left = {}
    for policy in POLICIES:
        with launch("-m", "8", "-t", "1", "--eviction", policy).connect() as client:
            popular = b"get " + b" ".join(b"popular%d" % n for n in range(500)) + b"\r\n"
            client.run(b"".join(set_(b"popular%d" % n, b"x" * 900) for n in range(500)))
            for _ in range(3):
                client.run(popular)
            for first in range(0, 80_000, 500):
                keys = range(first, first + 500)
                client.run(b"".join(set_(b"scan%d" % n, b"x" * 900) for n in keys))
            left[policy] = client.run(popular).count(b"VALUE ")
    # One search for a victim ends after 64 popular ones in a row: every 65th of them went.
    assert left["lru"] == 0
    assert left["s3fifo"] >= 480
