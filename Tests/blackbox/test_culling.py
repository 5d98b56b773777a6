"""--max-entries and --cull-frequency, one rule at a time."""

import pytest

from client import set_, storage

pytestmark = pytest.mark.cached_only("culling by number of entries, as Django's caches do it")


def start(launch, entries, frequency, *options):
    return launch(
        "--max-entries", str(entries), "--cull-frequency", str(frequency), *options
    ).connect()


def fill(client, count, first=0):
    client.run(b"".join(set_(b"k%d" % n, b"%d" % n) for n in range(first, first + count)))


def survivors(client, count):
    """The numbers of the keys that are left; asking moves them, so it is done at the end."""
    return [n for n in range(count) if client.run(b"get k%d\r\n" % n) != b"END\r\n"]


def test_up_to_the_limit_nothing_goes(launch):
    client = start(launch, 10, 2)
    fill(client, 10)
    assert survivors(client, 10) == list(range(10))


@pytest.mark.parametrize(
    "frequency, left",
    [
        (0, [10]),
        (1, [10]),
        (2, [5, 6, 7, 8, 9, 10]),
        (3, [3, 4, 5, 6, 7, 8, 9, 10]),
        (10, [*range(1, 11)]),
    ],
)
def test_one_more_than_the_limit_culls_the_oldest_part(launch, frequency, left):
    client = start(launch, 10, frequency)
    fill(client, 11)
    assert survivors(client, 11) == left


def test_a_limit_of_one(launch):
    client = start(launch, 1, 1)
    fill(client, 5)
    assert survivors(client, 5) == [4]


def test_a_part_of_less_than_one_entry_culls_nothing(launch):
    # LocMemCache divides the entries that are there, so it grows until one in 3 is a whole one.
    client = start(launch, 2, 3)
    fill(client, 3)
    assert survivors(client, 3) == [0, 1, 2]
    fill(client, 1, first=3)
    assert survivors(client, 4) == [1, 2, 3]


@pytest.mark.parametrize(
    "command",
    [b"get k0\r\n", b"gets k0\r\n", b"incr k0 1\r\n", b"decr k0 1\r\n", set_(b"k0", b"9")],
    ids=["get", "gets", "incr", "decr", "set"],
)
def test_use_keeps_an_entry(launch, command):
    client = start(launch, 10, 10)
    fill(client, 10)
    client.run(command)
    fill(client, 1, first=10)
    assert survivors(client, 11) == [0, *range(2, 11)]


@pytest.mark.parametrize(
    "command",
    [b"touch k0 0\r\n", storage(b"add", b"k0", b"9"), b"get missing\r\n", b"incr k0 x\r\n"],
    ids=["touch", "failed_add", "miss", "failed_incr"],
)
def test_what_is_no_use_to_locmem_does_not_keep_an_entry(launch, command):
    client = start(launch, 10, 10)
    fill(client, 10)
    client.run(command)
    fill(client, 1, first=10)
    assert survivors(client, 11) == [*range(1, 11)]


@pytest.mark.parametrize(
    "command",
    [
        set_(b"k5", b"9"),
        storage(b"replace", b"k5", b"9"),
        storage(b"append", b"k5", b"9"),
        storage(b"prepend", b"k5", b"9"),
        b"incr k5 1\r\n",
        storage(b"add", b"k5", b"9"),
    ],
    ids=["set", "replace", "append", "prepend", "incr", "add"],
)
def test_changing_a_present_key_never_culls(launch, command):
    client = start(launch, 10, 0)
    fill(client, 10)
    client.run(command * 3)
    assert survivors(client, 10) == list(range(10))


def test_a_delete_makes_room(launch):
    client = start(launch, 10, 0)
    fill(client, 10)
    client.run(b"delete k3\r\n")
    fill(client, 1, first=10)
    assert survivors(client, 11) == [0, 1, 2, 4, 5, 6, 7, 8, 9, 10]


def test_flush_all_makes_room(launch):
    client = start(launch, 10, 0)
    fill(client, 10)
    client.run(b"flush_all\r\n")
    fill(client, 10)
    assert survivors(client, 10) == list(range(10))


def test_what_has_expired_goes_first(launch):
    client = start(launch, 10, 0)
    fill(client, 10)
    client.run(b"touch k7 -1\r\n")
    fill(client, 1, first=10)
    assert survivors(client, 11) == [0, 1, 2, 3, 4, 5, 6, 8, 9, 10]


def test_the_order_is_the_cache_s_over_many_threads_and_connections(launch):
    server = launch("--max-entries", "1000", "--cull-frequency", "2", "-t", "4")
    clients = [server.connect() for _ in range(8)]
    for number in range(1001):
        clients[number % 8].run(set_(b"k%d" % number, b"x"))
    assert survivors(clients[0], 1001) == list(range(500, 1001))


def test_the_number_of_entries_never_passes_the_limit(launch):
    client = start(launch, 100, 3)
    for number in range(0, 2000, 10):
        fill(client, 10, first=number)
        assert int(client.stats()["curr_items"]) <= 100


def test_a_limit_of_zero_is_no_limit(launch):
    client = start(launch, 0, 3)
    fill(client, 2000)
    assert client.stats()["curr_items"] == "2000"
