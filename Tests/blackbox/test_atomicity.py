"""Many connections on one key: nothing is lost, and each race has one winner.

CACHED_STRESS is the number of increments of each connection (a full run: 100000).
"""

import contextlib
import os
import threading

import pytest

from client import set_, storage, value_reply

CONNECTIONS = 64
INCREMENTS = int(os.environ.get("CACHED_STRESS", "1000"))
BATCH = 500
ROUNDS = 30


@pytest.fixture
def clients(server):
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(server.connect(timeout=60)) for _ in range(CONNECTIONS)]


def in_parallel(clients, work):
    """Runs `work(client)` for all at once; a failure in any is raised."""
    failures = []

    def run(client):
        try:
            work(client)
        except BaseException as failure:
            failures.append(failure)

    threads = [threading.Thread(target=run, args=(client,)) for client in clients]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]


def test_every_increment_counts_and_is_answered_with_its_own_number(client, clients):
    total = CONNECTIONS * INCREMENTS
    client.run(set_(b"n", b"0"))
    seen = bytearray(total + 1)

    def increment(peer):
        left = INCREMENTS
        while left:
            batch = min(BATCH, left)
            peer.send(b"incr n 1\r\n" * batch)
            for _ in range(batch):
                seen[int(peer.read_line())] += 1
            left -= batch

    in_parallel(clients, increment)
    assert seen == b"\0" + b"\1" * total
    assert client.run(b"incr n 0\r\n") == b"%d\r\n" % total


def test_increments_and_decrements_in_equal_number_change_nothing(client, clients):
    client.run(set_(b"n", b"1000000"))
    in_parallel(clients, lambda peer: peer.run(b"incr n 3\r\ndecr n 3\r\n" * 100))
    assert client.run(b"incr n 0\r\n") == b"1000000\r\n"


def replies(clients, request):
    """Sends one request on every connection before any reply is read."""
    for peer in clients:
        peer.send(request)
    return [peer.read_line() for peer in clients]


def test_a_cas_token_has_one_winner(client, clients):
    client.run(set_(b"a", b"start"))
    for _ in range(ROUNDS):
        token = client.run(b"gets a\r\n").split()[4]
        answers = replies(clients, storage(b"cas", b"a", b"x", tail=token))
        assert answers.count(b"STORED\r\n") == 1
        assert answers.count(b"EXISTS\r\n") == CONNECTIONS - 1


def test_a_counter_kept_by_cas_loses_nothing(client, clients):
    client.run(set_(b"a", b"0"))

    def increment(peer):
        for _ in range(5):
            while True:
                _, value = peer.run(b"gets a\r\n").split(b"\r\n")[:2]
                token = _.split()[4]
                new = b"%d" % (int(value) + 1)
                if peer.run(storage(b"cas", b"a", new, tail=token)) == b"STORED\r\n":
                    break

    in_parallel(clients[:16], increment)
    assert client.run(b"get a\r\n") == value_reply(b"a", b"80")


def test_concurrent_adds_have_one_winner(client, clients):
    for number in range(ROUNDS):
        answers = replies(clients, storage(b"add", b"k%d" % number, b"x"))
        assert answers.count(b"STORED\r\n") == 1
        assert answers.count(b"NOT_STORED\r\n") == CONNECTIONS - 1


def test_concurrent_deletes_have_one_winner(client, clients):
    for _ in range(ROUNDS):
        client.run(set_(b"a", b"x"))
        answers = replies(clients, b"delete a\r\n")
        assert answers.count(b"DELETED\r\n") == 1
        assert answers.count(b"NOT_FOUND\r\n") == CONNECTIONS - 1


def test_concurrent_appends_all_arrive(client, clients):
    client.run(set_(b"a", b""))
    for number in range(10):
        assert set(replies(clients, storage(b"append", b"a", b"%04d" % number))) == {b"STORED\r\n"}
    value = client.run(b"get a\r\n").split(b"\r\n")[1]
    pieces = [value[start : start + 4] for start in range(0, len(value), 4)]
    assert sorted(pieces) == sorted(
        b"%04d" % number for number in range(10) for _ in range(CONNECTIONS)
    )


def test_a_reader_never_sees_a_mixed_value(client, clients):
    size = 3000
    client.run(set_(b"a", b"0" * size))

    def write_and_read(peer):
        for digit in b"0123456789":
            value = peer.run(set_(b"a", bytes([digit]) * size) + b"get a\r\n").split(b"\r\n")[2]
            assert len(value) == size and len(set(value)) == 1

    in_parallel(clients[:16], write_and_read)


def test_counters_reconcile_after_a_storm(launch):
    server = launch()
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(server.connect()) for _ in range(16)]

        def storm(peer):
            for number in range(200):
                key = b"k%d" % (number % 20)
                peer.run(set_(key, b"x") + b"get %s\r\ndelete %s\r\n" % (key, key))

        in_parallel(clients, storm)
        stats = {name: value for name, value in clients[0].stats().items()}
    assert stats["cmd_set"] == stats["cmd_get"] == str(16 * 200)
    assert int(stats["get_hits"]) + int(stats["get_misses"]) == 16 * 200
    assert int(stats["delete_hits"]) + int(stats["delete_misses"]) == 16 * 200
    assert stats["curr_items"] == "0"
    assert stats["bytes"] == "0"
