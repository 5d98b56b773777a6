"""Limits of connections and descriptors, idle connections, and fairness among them."""

import contextlib
import threading
import time

import pytest

from client import poll, set_, value_reply

REFUSED = b"ERROR Too many open connections\r\n"


def open_many(stack, server, count, timeout=5):
    """Opens connections; returns those that are served and those that are refused."""
    served, refused = [], []
    for _ in range(count):
        client = stack.enter_context(server.connect(timeout=timeout))
        client.send(b"version\r\n")
        line = client.read_line()
        (served if line.startswith(b"VERSION ") else refused).append((client, line))
    return [client for client, _ in served], refused


def test_connections_above_the_limit_are_told_and_closed(launch):
    server = launch("-c", "64")
    with contextlib.ExitStack() as stack:
        served, refused = open_many(stack, server, 80)
        assert 20 <= len(served) <= 64
        assert len(served) + len(refused) == 80
        for client, line in refused:
            assert line == REFUSED
            assert client.read_to_end() == b""


def test_refused_connections_are_counted(launch):
    server = launch("-c", "64")
    with contextlib.ExitStack() as stack:
        served, refused = open_many(stack, server, 80)
        stats = served[0].stats()
        assert stats["rejected_connections"] == str(len(refused))
        assert stats["curr_connections"] == str(len(served))
        assert stats["max_connections"] == "64"
        assert stats["accepting_conns"] == "1"
        assert stats["listen_disabled_num"] == "0"


def test_a_place_that_becomes_free_is_given_away(launch):
    server = launch("-c", "64")
    with contextlib.ExitStack() as stack:
        served, _ = open_many(stack, server, 80)
        for client in served[1:6]:
            client.close()
        assert poll(lambda: int(served[0].stats()["curr_connections"]) <= len(served) - 5)
        again, _ = open_many(stack, server, 5)
        assert len(again) == 5


@pytest.mark.cached_only(
    "memcached counts its own descriptors against -c, and cannot start with a small one"
)
@pytest.mark.parametrize("limit", [1, 3])
def test_the_limit_counts_clients_only(launch, limit):
    server = launch("-c", str(limit))
    with contextlib.ExitStack() as stack:
        # The connection that waited for the start may not be forgotten yet.
        first = []
        assert poll(lambda: first.extend(open_many(stack, server, 1)[0]) or first)
        assert poll(lambda: first[0].stats()["curr_connections"] == "1")
        served, refused = open_many(stack, server, limit + 2)
        assert len(served) == limit - 1 and len(refused) == 3


def test_without_maxconns_fast_the_rest_waits_until_there_is_room(launch):
    server = launch("-c", "64", "-o", "no_maxconns_fast")
    with contextlib.ExitStack() as stack:
        served, waiting = [], None
        while waiting is None and len(served) <= 64:
            client = stack.enter_context(server.connect(timeout=0.5))
            client.send(b"version\r\n")
            try:
                assert client.read_line().startswith(b"VERSION ")
                served.append(client)
            except TimeoutError:
                waiting = client
        assert waiting is not None
        stats = served[0].stats()
        assert stats["accepting_conns"] == "0"
        assert stats["listen_disabled_num"] == "1"
        assert "rejected_connections" not in stats
        for client in served[1:10]:
            client.close()
        waiting.socket.settimeout(5)
        assert waiting.read_line().startswith(b"VERSION ")
        assert poll(lambda: served[0].stats()["accepting_conns"] == "1")


def exhaust_descriptors(stack, server):
    """Connects until the server has no descriptor left; returns those it serves."""
    server.limit_descriptors_to(spare=10)
    served = []
    for _ in range(15):
        try:
            client = stack.enter_context(server.connect(timeout=0.3))
            client.send(b"version\r\n")
            client.read_line()
        except (TimeoutError, EOFError, ConnectionError):
            break
        client.socket.settimeout(5)
        served.append(client)
    assert 5 <= len(served) <= 12
    return served


def test_a_server_without_descriptors_does_not_spin(launch):
    server = launch()
    with contextlib.ExitStack() as stack:
        served = exhaust_descriptors(stack, server)
        before = server.cpu_seconds()
        time.sleep(1)
        assert server.cpu_seconds() - before < 0.3
        assert served[0].run(set_(b"a", b"x") + b"get a\r\n") == b"STORED\r\n" + value_reply(
            b"a", b"x"
        )


def test_a_server_without_descriptors_recovers(launch):
    server = launch()
    with contextlib.ExitStack() as stack:
        for client in exhaust_descriptors(stack, server):
            client.close()

    def answers():
        with contextlib.suppress(OSError, EOFError), server.connect(timeout=1) as client:
            return client.ask(b"version").startswith(b"VERSION ")

    assert poll(answers)


def test_an_idle_connection_is_closed_and_a_busy_one_is_not(launch):
    server = launch("-o", "idle_timeout=1")
    with server.connect() as idle, server.connect() as busy:
        idle.ask(b"version")
        idle.socket.settimeout(0.05)

        def closed():
            busy.ask(b"version")
            with contextlib.suppress(TimeoutError):
                return idle.read(1) == b"" or None

        assert poll(closed, interval=0.1)
        assert busy.stats()["idle_kicks"] == "1"


def test_a_connection_whose_requests_wait_for_their_turn_is_not_idle(launch):
    server = launch("-t", "1", "-o", "idle_timeout=1")
    request = b"get" + b" missing" * 100 + b"\r\n"
    with server.connect() as busy:
        sender = threading.Thread(target=busy.send, args=(request * 10_000,))
        sender.start()
        assert busy.read(5) == b"END\r\n"
        with server.paused():
            time.sleep(2.1)
        assert busy.read(5 * 9999) == b"END\r\n" * 9999
        sender.join()


def test_a_connection_that_has_just_read_a_long_reply_is_not_idle(launch):
    server = launch("-o", "idle_timeout=2")
    value = b"x" * 1_000_000
    expected = value_reply(b"a", value) * 8
    with server.connect(receive_buffer=4096) as slow:
        slow.run(set_(b"a", value))
        slow.send(b"get a\r\n" * 8)
        time.sleep(2.1)
        assert slow.read(len(expected)) == expected
        time.sleep(1.1)  # it is looked at once a second
        assert slow.run(b"get b\r\n") == b"END\r\n"


def test_without_an_idle_timeout_nobody_is_counted_as_idle(launch):
    with launch().connect() as client:
        assert "idle_kicks" not in client.stats()


def test_a_long_pipeline_yields_to_other_connections(launch):
    with launch().connect() as client:
        client.run(b"get a\r\n" * 10)
        assert client.stats()["conn_yields"] == "0"
        client.run(b"get a\r\n" * 1000)
        assert 10 <= int(client.stats()["conn_yields"]) <= 100


def test_the_length_of_a_turn_can_be_set(launch):
    with launch("-R", "1").connect() as client:
        client.run(b"get a\r\n" * 100)
        assert int(client.stats()["conn_yields"]) >= 50
    with launch("-R", "1000").connect() as client:
        client.run(b"get a\r\n" * 500)
        assert client.stats()["conn_yields"] == "0"


def test_others_are_served_while_one_sends_an_endless_pipeline(launch):
    server = launch("-t", "1")
    with server.connect() as greedy, server.connect(timeout=5) as polite:
        greedy.run(set_(b"a", b"x" * 100))
        greedy.socket.settimeout(0.2)
        with contextlib.suppress(TimeoutError):
            greedy.send(b"get a\r\n" * 200_000)
        slowest = 0
        for _ in range(20):
            start = time.monotonic()
            assert polite.run(b"get b\r\n") == b"END\r\n"
            slowest = max(slowest, time.monotonic() - start)
        assert slowest < 1


def test_many_connections_at_once_are_all_served(launch):
    server = launch()
    with contextlib.ExitStack() as stack:
        served, refused = open_many(stack, server, 500)
        assert len(served) == 500 and not refused
        for number, client in enumerate(served):
            client.send(set_(b"k%d" % number, b"v%d" % number) + b"get k%d\r\n" % number)
        for number, client in enumerate(served):
            expected = b"STORED\r\n" + value_reply(b"k%d" % number, b"v%d" % number)
            assert client.read(len(expected)) == expected


def test_connections_that_come_and_go_leave_nothing_behind(launch):
    server = launch()
    with server.connect() as client:
        for _ in range(1000):
            with server.connect():
                pass
        assert poll(lambda: client.stats()["curr_connections"] == "1")
