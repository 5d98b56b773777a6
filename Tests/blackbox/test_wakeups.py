"""Nothing that has arrived is left lying: however much it is, however it comes, and whatever the
peer does next."""

import contextlib
import socket
import threading

import pytest

from client import set_, value_reply

OPTIONS = ["-m", "64"]
GET = b"get 0123456789\r\n"  # 16 bytes, so that a number of them fills a buffer exactly
END = b"END\r\n"
# What the server receives at once: ahead, and with many connections, and at most.
SIZES = [16 << 10, 32 << 10, 64 << 10, 256 << 10, 288 << 10, 512 << 10]
AROUND = [-16, 0, 16]
BIG = b"b" * 900_000


def send_beside(client, data):
    """Sends from a thread of its own, as the replies may have to be read meanwhile."""

    def run():
        with contextlib.suppress(OSError):
            client.send(data)

    thread = threading.Thread(target=run)
    thread.start()
    return thread


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("more", AROUND)
def test_a_pipeline_that_fills_a_buffer_is_answered(server, client, size, more):
    count = (size + more) // len(GET)
    sender = send_beside(client, GET * count)
    assert client.read(len(END) * count) == END * count
    sender.join()


@pytest.mark.parametrize("size", [16 << 10, 32 << 10])
@pytest.mark.parametrize("more", AROUND)
def test_pipelines_that_fill_buffers_at_once_are_answered(server, client, size, more):
    count = (size + more) // len(GET)
    with contextlib.ExitStack() as stack:
        others = [stack.enter_context(server.connect()) for _ in range(9)]
        for _ in range(3):
            with server.paused():
                for other in others:
                    other.send(GET * count)
            for other in others:
                assert other.read(len(END) * count) == END * count


@pytest.mark.parametrize("size", [32 << 10, 256 << 10])
@pytest.mark.parametrize("more", [-1, 0, 1])
def test_a_value_that_ends_where_a_buffer_does_is_stored(server, client, size, more):
    head = b"set a 0 0 %06d\r\n"
    value = b"x" * (size + more - len(head % 0) - 2)
    client.send(head % len(value) + value + b"\r\n")
    assert client.read_line() == b"STORED\r\n"


@pytest.mark.parametrize("size", [16, 32 << 10, (32 << 10) + 16, 48 << 10])
def test_requests_and_the_end_of_the_stream_together_are_answered(server, client, size):
    with contextlib.ExitStack() as stack:
        others = [stack.enter_context(server.connect()) for _ in range(6)]
        with server.paused():
            for other in others:
                other.send(GET * (size // len(GET)))
                other.finish_sending()
        for other in others:
            assert other.read_to_end() == END * (size // len(GET))


def test_a_reset_among_requests_that_come_together_harms_no_other(server, client):
    for _ in range(5):
        with contextlib.ExitStack() as stack:
            others = [stack.enter_context(server.connect()) for _ in range(12)]
            with server.paused():
                for number, other in enumerate(others):
                    other.send(GET * 3 if number % 3 else GET + b"quit\r\n")
                    if number % 3 == 1:
                        linger = b"\1\0\0\0\0\0\0\0"
                        other.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
                        other.close()
            for number, other in enumerate(others):
                if number % 3 == 0:
                    assert other.read_to_end() == END
                if number % 3 == 2:
                    assert other.read(3 * len(END)) == END * 3


def test_what_follows_urgent_data_is_read(server, client):
    client.ask(b"version")
    with server.paused():
        client.send(GET * 3)
        client.socket.send(b"!", socket.MSG_OOB)
        client.send(GET * 3)
    assert client.read(6 * len(END)) == END * 6


def test_a_slow_reader_on_a_unix_socket_gets_all_replies(launch, socket_folder):
    server = launch(unix=socket_folder / "s")
    value = b"x" * 9000
    with server.connect() as slow:
        slow.run(set_(b"a", value))
        sender = send_beside(slow, (b"get a\r\n" * 9 + set_(b"b", value * 3)) * 100)
        expected = value_reply(b"a", value) * 9 + b"STORED\r\n"
        for _ in range(100):
            assert slow.read(len(expected)) == expected
        sender.join()


def test_two_thousand_connections_of_a_small_cache_are_all_answered(launch):
    server = launch("-m", "8", "-c", "3000")
    with contextlib.ExitStack() as stack:
        clients = [stack.enter_context(server.connect()) for _ in range(2000)]
        for count, step in [(1, 1), (1024, 10), (1025, 10)]:
            for client in clients[::step]:
                client.send(GET * count)
            for client in clients[::step]:
                assert client.read(count * len(END)) == END * count


def test_a_get_line_behind_replies_that_wait_is_not_taken_for_their_request(server, client):
    value = b"x" * 100_000
    client.run(b"".join(set_(b"b%d" % number, value) for number in range(20)))
    # Read as a key, the command's name would be answered.
    client.run(set_(b"get", b"a key"))
    expected = b"".join(value_reply(b"b%d" % number, value) for number in range(20)) * 5
    with server.connect(receive_buffer=4096) as slow:
        slow.send(b"".join(b"get b%d\r\n" % number for number in range(20)) * 5)
        slow.send(b"gets " + b"missing " * 4000)
        # The line has no end before the first replies are out.
        assert slow.read(1000) == expected[:1000]
        slow.send(b"\r\n")
        assert slow.read(len(expected) - 1000) == expected[1000:]
        assert slow.read_line() == END


@pytest.mark.cached_only("all replies before a line that is too long are sent")
def test_a_line_that_is_too_long_waits_for_the_replies_before_it(server):
    with server.connect(receive_buffer=4096) as client:
        assert client.run(set_(b"long", BIG)) == b"STORED\r\n"
        sender = send_beside(client, b"get long\r\n" * 24 + b"x" * 3000)
        expected = value_reply(b"long", BIG) * 24
        assert client.read(len(expected)) == expected
        sender.join()
        assert client.read_to_end() == b""
