"""Meta commands that make an item in a cache that is full by count: they wait for the cull, and are
answered in their place."""

import threading

import pytest

from meta import ms

pytestmark = pytest.mark.cached_only("culling by number of entries, as Django's caches do it")


def fill(client, count):
    client.run(b"".join(ms(b"f%d" % n, b"v", b"q") for n in range(count)))


COMING = [
    (b"mg new v N300 k O1\r\n", b"VA 0 knew O1 W\r\n\r\n"),
    (b"mg bmV3 v N300 k O1 b\r\n", b"VA 0 kbmV3 b O1 W\r\n\r\n"),
    (b"ma new N300 J7 v k O1\r\n", b"VA 1 knew O1\r\n7\r\n"),
    (ms(b"new", b"value", b"k", b"O1"), b"HD knew O1\r\n"),
    (ms(b"new", b"value", b"MA", b"N0", b"k", b"O1"), b"HD knew O1\r\n"),
    (ms(b"bmV3", b"v" * 60_000, b"k", b"O1", b"b"), b"HD kbmV3 b O1\r\n"),
    (ms(b"new", b"v" * 60_000, b"k", b"O1", b"s"), b"HD knew O1 s60000\r\n"),
    (ms(b"new", b"value", b"q", b"k", b"O1"), b""),
]


@pytest.mark.parametrize("entries, frequency", [(3, 5), (3, 0), (9_000, 2)])
@pytest.mark.parametrize("request_, reply", COMING)
def test_what_makes_an_item_waits_for_the_cull_and_is_answered_in_its_place(
    launch, request_, reply, entries, frequency
):
    # More than is dropped in one step with the larger ones.
    server = launch("-m", "64", "--max-entries", str(entries), "--cull-frequency", str(frequency))
    with server.connect() as client:
        fill(client, entries)
        assert int(client.stats()["curr_items"]) == entries
        before = b"mg f%d k v\r\n" % (entries - 1)
        replies = client.run(before + request_ + b"mn\r\nmg missing k\r\nmn\r\n")
        assert (
            replies
            == b"VA 1 kf%d\r\nv\r\n" % (entries - 1) + reply + b"MN\r\nEN kmissing\r\nMN\r\n"
        )
        dropped = entries if frequency == 0 else entries // frequency
        assert int(client.stats()["curr_items"]) == entries - dropped + 1
        key = b"bmV3 b" if b" b\r\n" in request_ else b"new"
        assert client.run(b"mg %s s\r\n" % key).startswith(b"HD s")


def test_many_who_wait_for_culls_are_each_answered_in_order(launch):
    entries = 6_000
    server = launch("-m", "64", "--max-entries", str(entries), "--cull-frequency", "2")
    clients = [server.connect() for _ in range(6)]
    fill(clients[0], entries)
    requests, replies = [], []
    for number in range(3_000):
        kind = number % 4
        if kind == 0:
            requests.append(b"mg %%d-%d v N0 O%d\r\n" % (number, number))
            replies.append(b"VA 0 O%d W\r\n\r\n" % number)
        elif kind == 1:
            requests.append(b"ma %%d-%d N0 J%d v\r\n" % (number, number))
            replies.append(b"VA %d\r\n%d\r\n" % (len(str(number)), number))
        elif kind == 2:
            requests.append(ms(b"%%d-%d" % number, b"x", b"O%d" % number))
            replies.append(b"HD O%d\r\n" % number)
        else:
            # What this connection made last may be culled, but not by itself alone.
            requests.append(b"mg never-%d k\r\n" % number)
            replies.append(b"EN knever-%d\r\n" % number)
    expected = b"".join(replies)
    results = [None] * len(clients)

    def work(number):
        mine = b"".join(requests).replace(b"%d-", b"c%d-" % number)
        results[number] = clients[number].run(mine)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(len(clients))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for number in range(len(clients)):
        assert results[number] == expected, f"connection {number}"
    assert int(clients[0].stats()["curr_items"]) <= entries
