"""SIGTERM and SIGINT."""

import contextlib
import signal
import threading

import pytest

from client import Client, poll, set_, value_reply


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_the_server_with_0(launch, number):
    server = launch()
    with server.connect() as client:
        client.run(set_(b"a", b"x"))
        assert server.stop(number) == 0
        assert client.read_to_end() == b""


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_stopped_server_accepts_no_more(launch, number):
    server = launch()
    server.stop(number)
    with pytest.raises(ConnectionRefusedError):
        server.connect()


def test_a_broken_pipe_is_no_reason_to_end(launch):
    server = launch()
    with server.connect() as client:
        client.run(set_(b"big", b"x" * 900_000))
    for _ in range(20):
        with server.connect(receive_buffer=4096) as rude:
            rude.send(b"get big\r\n" * 5)
    with server.connect() as client:
        assert client.ask(b"version").startswith(b"VERSION ")


@pytest.mark.cached_only("a stop finishes what is in flight; memcached drops it")
def test_a_stop_finishes_the_replies_under_way(launch):
    server = launch()
    expected = value_reply(b"big", b"x" * 900_000)
    with server.connect() as client, server.connect(receive_buffer=4096) as slow:
        client.run(set_(b"big", b"x" * 900_000))
        slow.send(b"get big\r\n" * 10)
        assert slow.read(100) == expected[:100]
        server.send_signal(signal.SIGTERM)
        assert slow.read(len(expected) * 10 - 100) == (expected * 10)[100:]
        assert slow.read_to_end() == b""
    assert server.wait() == 0


@pytest.mark.cached_only("a stop finishes what is in flight; memcached drops it")
def test_a_stop_answers_what_has_arrived_even_if_it_takes_many_reads(launch):
    # With many connections each is read 16 KB at a time.
    server = launch("-t", "1", "-m", "8")
    head = b"set a 0 0 16357 noreply\r\n"
    request = head + b"x" * 16357 + b"\r\n"
    assert len(request) == 16 << 10
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(server.connect()) for _ in range(200)]
        for client in clients:
            client.ask(b"version")
        with server.paused():
            for client in clients:
                client.send(request * 3 + b"get a\r\n")
            server.send_signal(signal.SIGTERM)
        for client in clients:
            assert client.read_to_end() == value_reply(b"a", b"x" * 16357)
    assert server.wait() == 0


@pytest.mark.cached_only("a stop finishes what is in flight; memcached drops it")
def test_a_stop_does_not_wait_for_ever_for_a_peer_that_never_reads(launch):
    server = launch()
    with server.connect() as client, server.connect(receive_buffer=4096) as stalled:
        client.run(set_(b"big", b"x" * 900_000))
        stalled.send(b"get big\r\n" * 10)
        stalled.read(100)
        assert server.stop() == 0


def test_a_stop_under_load_ends_cleanly(launch):
    server = launch()
    go_on = threading.Event()

    def load():
        with Client(server.address) as client:
            try:
                while True:
                    client.run(set_(b"a", b"x" * 1000) + b"get a\r\n" * 50)
                    go_on.set()
            except (EOFError, OSError):
                pass

    threads = [threading.Thread(target=load) for _ in range(4)]
    for thread in threads:
        thread.start()
    assert go_on.wait(10)
    assert server.stop() == 0
    for thread in threads:
        thread.join(10)
        assert not thread.is_alive()
    assert "fatal" not in server.errors().lower()


@pytest.mark.cached_only("a server that stops removes its unix socket; memcached leaves it")
def test_a_stopped_server_removes_its_unix_socket(launch, socket_folder):
    server = launch(unix=socket_folder / "s")
    assert server.stop() == 0
    assert poll(lambda: not (socket_folder / "s").exists())
