"""Where other machines can connect, somebody has to ask them who they are."""

import os
import subprocess

import pytest

from client import Client, poll
from daemon import free_port
from logins import REFUSED, write_users

pytestmark = pytest.mark.cached_only("a public listener without authentication is refused")

PUBLIC = ["0.0.0.0", "*", "::", "[::]", "::1,0.0.0.0"]


@pytest.fixture
def start(binary, tmp_path):
    """Starts a server and waits until it answers; returns its first answer and its stderr."""
    running = []

    def run(*options):
        port, log = free_port(), tmp_path / "stderr"
        with log.open("wb") as stderr:
            command = [binary, "-u", "root", "-p", str(port), *options]
            running.append(subprocess.Popen(command, stdin=subprocess.DEVNULL, stderr=stderr))
        address = "::1" if "::" in "".join(options) else "127.0.0.1"

        def ask():
            try:
                with Client((address, port)) as client:
                    return client.ask(b"version")
            except OSError:
                return None

        return poll(ask), log.read_text()

    yield run
    for process in running:
        process.kill()
        process.wait()


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_listener_is_refused(refuse, address):
    finished = refuse("-l", address, "-p", str(free_port()))
    assert finished.returncode == 1
    assert len(finished.stderr.splitlines()) == 1
    assert "tcp:0.0.0.0:" in finished.stderr or "tcp6:[::]:" in finished.stderr
    assert "[::1]:" not in finished.stderr
    for way_out in ["--auth-file", "--listen", "--unix-socket", "--allow-public-unauthenticated"]:
        assert way_out in finished.stderr


def test_a_refused_start_leaves_no_port_file(refuse, tmp_path):
    refuse("-l", "0.0.0.0", "-p", "0", "--port-file", str(tmp_path / "ports"))
    assert not os.path.exists(tmp_path / "ports")


@pytest.mark.parametrize("address", PUBLIC)
def test_it_may_be_said_that_it_is_wanted(start, address):
    answer, errors = start("-l", address, "--allow-public-unauthenticated")
    assert answer.startswith(b"VERSION ")
    assert "warning: " in errors and "whoever can connect" in errors


@pytest.mark.parametrize("address", PUBLIC)
def test_with_users_it_is_open(start, address, tmp_path):
    answer, errors = start("-l", address, "-Y", write_users(tmp_path / "users", "a:b"))
    assert answer == REFUSED
    assert "whoever can connect" not in errors


@pytest.mark.parametrize("address", ["127.0.0.1", "127.0.0.2,127.0.0.1", "localhost", "::1"])
def test_loopback_needs_no_users(start, address):
    answer, errors = start("-l", address)
    assert answer.startswith(b"VERSION ") and "whoever can connect" not in errors


def test_a_unix_socket_needs_no_users(launch, socket_folder):
    with launch("-l", "0.0.0.0", unix=socket_folder / "s").connect() as client:
        assert client.ask(b"version").startswith(b"VERSION ")
