"""Connections that are not logged in: what they may hold, how long they stay, what they disturb."""

import contextlib
import re
import signal
import time

import pytest

from client import poll, set_, value_reply
from logins import FAILED, HASHES, REFUSED, STORED, answer, logged_in, login, write_users

pytestmark = pytest.mark.cached_only(
    "bounds for connections that are not logged in: memory, time, hashing, log lines"
)

GUESTS = 1000
# What the kernel says of a guest's memory comes in pages, and malloc keeps some.
BYTES_PER_GUEST_MAX = 6 << 10
SLACK_BYTES = 4 << 20


@pytest.fixture
def users(tmp_path):
    return write_users(tmp_path / "users", "alice:secret", "bob:builder")


def open_guests(stack, server, count):
    return [stack.enter_context(server.connect()) for _ in range(count)]


def idle(server, owner, count):
    """True when the server has taken all the connections and works no more."""
    before = server.cpu_seconds()
    time.sleep(0.1)
    return (
        int(owner.stats()["curr_connections"]) == count + 1 and server.cpu_seconds() - before < 0.02
    )


@pytest.mark.parametrize(
    "request_",
    [
        b"",
        b"x" * 2048,
        b"set " + b"k" * 2000,
        b"set " + b"k" * 2000 + b" 0 0 767\r\nalice " + b"x" * 760,
        b"set key 0 0 16384\r\n" + b"x" * 16000,
        b"get precious\r\n" * 300,
        b"set key 0 0 12\r\nalice secreX\r\n" * 300,
        b"add key 0 0 100000\r\n" + (b"x" * 99 + b"\n") * 100,
    ],
    ids=["nothing", "junk", "half a line", "half a login", "too long", "gets", "logins", "value"],
)
def test_a_guest_holds_little(launch, users, request_):
    server = launch("-c", "4096", "-Y", users, "-m", "64")
    with contextlib.ExitStack() as stack, logged_in(server) as owner:
        owner.run(set_(b"precious", b"treasure"))
        before = server.resident_bytes()
        for guest in open_guests(stack, server, GUESTS):
            guest.send(request_)
        assert poll(lambda: idle(server, owner, GUESTS), timeout=60)
        grown = server.resident_bytes() - before
        assert grown < GUESTS * BYTES_PER_GUEST_MAX + SLACK_BYTES
        assert owner.run(b"get precious\r\n") == value_reply(b"precious", b"treasure")


def test_a_guest_who_does_not_read_holds_little(launch, users):
    server = launch("-Y", users, "-t", "1")
    with contextlib.ExitStack() as stack, logged_in(server) as owner:
        before = server.resident_bytes()
        for _ in range(20):
            guest = stack.enter_context(server.connect(receive_buffer=1024, timeout=0.5))
            with contextlib.suppress(TimeoutError):
                guest.send(b"get precious\r\n" * 400_000)
        assert server.resident_bytes() - before < SLACK_BYTES
        assert owner.ask(b"version").startswith(b"VERSION ")


def test_what_is_sent_at_once_has_one_answer(launch, users):
    server = launch("-Y", users)
    assert answer(server, b"get precious\r\n" * 10) == REFUSED
    assert answer(server, b"get precious\r\n" + login(b"alice", b"secret")) == STORED


# -- time --


def test_a_guest_has_to_leave_in_time(launch, users):
    server = launch("-Y", users, "--auth-timeout", "1")
    with logged_in(server) as owner, server.connect() as silent, server.connect() as busy:
        busy.send(b"set key 0 0 12\r\nalice")
        assert silent.read_to_end() == b""
        assert busy.read_to_end() == b""
        assert owner.stats()["auth_timeouts"] == "2"
        assert owner.stats()["curr_connections"] == "1"


def test_failing_again_and_again_gives_no_more_time(launch, users):
    server = launch("-Y", users, "--auth-timeout", "1")
    with server.connect() as guest:
        end = time.monotonic() + 10
        with contextlib.suppress(ConnectionError, EOFError):
            while time.monotonic() < end:
                guest.send(login(b"alice", b"wrong"))
                assert guest.read_line() == FAILED
                time.sleep(0.05)
        assert time.monotonic() < end


def test_who_is_logged_in_may_stay(launch, users):
    server = launch("-Y", users, "--auth-timeout", "1")
    with logged_in(server) as owner, server.connect() as guest:
        assert guest.read_to_end() == b""
        assert owner.ask(b"version").startswith(b"VERSION ")


def test_without_users_there_is_no_such_count(launch):
    with launch("--auth-timeout", "1").connect() as client:
        assert "auth_timeouts" not in client.stats()


def test_nobody_is_asked_without_users(launch):
    with launch("--auth-timeout", "1").connect() as client:
        time.sleep(2.5)
        assert client.ask(b"version").startswith(b"VERSION ")


# -- hashing --


def state_of_others(client):
    states = {name: value for name, value in client.stats("conns").items() if "state" in name}
    return set(states.values())


def test_others_are_served_while_a_password_is_hashed(launch, tmp_path):
    path = write_users(tmp_path / "users", f"slow:{HASHES['slow']}")
    server = launch("-Y", path, "-t", "1")
    with logged_in(server, b"slow") as owner, server.connect() as guest:
        guest.send(login(b"slow", b"secret") + b"get a\r\n")
        # Both have the same thread.
        assert poll(lambda: "conn_io_queue" in state_of_others(owner), interval=0)
        assert owner.run(set_(b"a", b"1")) == STORED
        assert guest.read_line() == STORED
        assert guest.read_line() == b"VALUE a 0 1\r\n"


def test_only_so_many_wait_for_a_hash(launch, tmp_path):
    path = write_users(tmp_path / "users", f"slow:{HASHES['slow']}")
    server = launch("-Y", path)
    with contextlib.ExitStack() as stack:
        guests = open_guests(stack, server, 300)
        for guest in guests:
            guest.send(login(b"slow", b"wrong"))
        # 256 wait, and a few may have been decided about.
        refused = set()

        def all_others_are_refused():
            for guest in set(guests) - refused:
                guest.socket.settimeout(0.001)
                with contextlib.suppress(TimeoutError):
                    assert guest.read_line() == FAILED
                    refused.add(guest)
            return len(refused) >= 300 - 256 - 1

        assert poll(all_others_are_refused)
        # It stops all the same, without waiting for all the hashes.
        assert server.stop(signal.SIGTERM) == 0


def test_a_guest_may_go_while_it_waits(launch, tmp_path):
    path = write_users(tmp_path / "users", f"alice:{HASHES['yescrypt']}")
    server = launch("-Y", path, "-t", "1")
    for _ in range(20):
        with server.connect() as guest:
            guest.send(login(b"alice", b"secret"))
    with logged_in(server) as owner:
        assert poll(lambda: owner.stats()["curr_connections"] == "1")


# -- the log --


def test_a_refused_login_is_logged_with_its_address(launch, users):
    server = launch("-Y", users)
    with server.connect() as guest:
        port = guest.socket.getsockname()[1]
        guest.send(login(b"alice", b"hunter2"))
        assert guest.read_line() == FAILED
    assert f"cached: refused a login from tcp:127.0.0.1:{port}\n" in server.errors()
    assert "hunter2" not in server.errors() and "alice" not in server.errors()


def test_on_a_unix_socket_its_path_is_logged(launch, users, socket_folder):
    server = launch("-Y", users, unix=socket_folder / "s")
    assert answer(server, login(b"alice", b"hunter2")) == FAILED
    assert f"refused a login from unix:{socket_folder / 's'}\n" in server.errors()


def test_a_flood_does_not_fill_the_log(launch, users):
    server = launch("-Y", users, "-vv")
    with server.connect() as guest:
        for _ in range(500):
            guest.send(login(b"alice", b"hunter2"))
            assert guest.read_line() == FAILED
    lines = re.findall("refused a login.*", server.errors())
    assert 1 <= len(lines) <= 10
    assert "hunter2" not in server.errors()


def test_a_guest_who_tries_one_password_after_the_other_is_closed_in_time(launch, tmp_path):
    """Each is hashed, and the connection hardly ever seen when it waits for nothing."""
    users = write_users(tmp_path / "users", "alice:" + HASHES["sha512"])
    server = launch("-Y", users, "--auth-timeout", "1")
    with server.connect() as guest:
        started = time.monotonic()
        with contextlib.suppress(OSError):
            guest.send(login(b"alice", b"wrong") * 20)
            while guest.read_until(b"\r\n"):
                assert time.monotonic() - started < 20, "it goes on for ever"
                guest.send(login(b"alice", b"wrong"))
