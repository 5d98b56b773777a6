"""Where the server listens: TCP, IPv6, several addresses, unix sockets, free ports."""

import os
import socket
import stat
import subprocess

import pytest

from client import Client, poll, set_, value_reply
from daemon import Server, free_port


@pytest.fixture
def start_raw(binary):
    """Starts the server with only the given options."""
    running = []

    def start(*options, env=None):
        running.append(
            subprocess.Popen(
                [binary, "-u", "root", "-U", "0", *options],
                stdin=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={**os.environ, **(env or {})},
            )
        )
        return running[-1]

    yield start
    for process in running:
        process.kill()
        process.wait()


def answers(address):
    def ask():
        try:
            with Client(address) as client:
                return client.ask(b"version").startswith(b"VERSION ")
        except OSError:
            return False

    return poll(ask)


def test_one_server_on_ipv6(launch):
    with launch(listen="::1").connect() as client:
        assert client.run(set_(b"a", b"x") + b"get a\r\n") == b"STORED\r\n" + value_reply(
            b"a", b"x"
        )


@pytest.mark.parametrize(
    "options",
    [["-l", "127.0.0.1,::1"], ["-l", "127.0.0.1", "-l", "::1"], ["-l", "127.0.0.1,[::1]"]],
)
def test_several_addresses_share_the_port(start_raw, options):
    port = free_port()
    start_raw("-p", str(port), *options)
    assert answers(("127.0.0.1", port)) and answers(("::1", port))


def test_an_address_may_name_its_port(start_raw):
    first, second, third = free_port(), free_port("127.0.0.2"), free_port("::1")
    start_raw("-l", f"127.0.0.1:{first},127.0.0.2:{second},[::1]:{third}")
    assert (
        answers(("127.0.0.1", first)) and answers(("127.0.0.2", second)) and answers(("::1", third))
    )


def test_all_addresses_reach_the_same_cache(start_raw):
    port = free_port()
    start_raw("-p", str(port), "-l", "127.0.0.1,::1")
    assert answers(("127.0.0.1", port)) and answers(("::1", port))
    with Client(("127.0.0.1", port)) as one, Client(("::1", port)) as other:
        one.run(set_(b"a", b"x"))
        assert other.run(b"get a\r\n") == value_reply(b"a", b"x")


def test_a_host_name_is_an_address(start_raw):
    port = free_port()
    start_raw("-p", str(port), "-l", "localhost")
    assert answers(("127.0.0.1", port))


@pytest.mark.parametrize(
    "port",
    [
        "-1",
        pytest.param(
            "0", marks=pytest.mark.cached_only("-p 0 takes a free port; memcached listens on none")
        ),
    ],
)
def test_a_free_port_is_written_to_the_named_file(start_raw, tmp_path, port):
    file = tmp_path / "ports"
    start_raw("-l", "127.0.0.1,::1", "-p", port, env={"MEMCACHED_PORT_FILENAME": str(file)})
    assert poll(lambda: file.exists() and file.read_text().count("\n") == 2)
    ports = dict(line.split(": ") for line in file.read_text().splitlines())
    assert list(ports) == ["TCP INET", "TCP INET6"]
    assert answers(("127.0.0.1", int(ports["TCP INET"]))) and answers(
        ("::1", int(ports["TCP INET6"]))
    )


def test_a_given_port_is_written_too(start_raw, tmp_path):
    file, port = tmp_path / "ports", free_port()
    start_raw("-l", "127.0.0.1", "-p", str(port), env={"MEMCACHED_PORT_FILENAME": str(file)})
    assert poll(lambda: file.exists() and file.read_text() == f"TCP INET: {port}\n")


def test_a_unix_socket_serves(launch, socket_folder):
    with launch(unix=socket_folder / "s").connect() as client:
        assert client.run(set_(b"a", b"x") + b"get a\r\n") == b"STORED\r\n" + value_reply(
            b"a", b"x"
        )
        settings = client.stats("settings")
        assert settings["domain_socket"] == str(socket_folder / "s")


@pytest.mark.parametrize(
    "options, mode",
    [([], 0o700), (["-a", "777"], 0o777), (["-a", "0660"], 0o660), (["-a", "600"], 0o600)],
)
def test_the_mode_of_a_unix_socket(launch, socket_folder, options, mode):
    launch(*options, unix=socket_folder / "s")
    found = os.stat(socket_folder / "s").st_mode
    assert stat.S_ISSOCK(found) and stat.S_IMODE(found) == mode


def test_a_unix_socket_that_was_left_behind_is_replaced(launch, socket_folder):
    path = socket_folder / "s"
    first = launch(unix=path)
    first.kill()
    assert path.exists()
    with launch(unix=path).connect() as client:
        assert client.ask(b"version").startswith(b"VERSION ")


@pytest.mark.cached_only(
    "memcached takes the path of a unix socket away from a server that is still using it"
)
def test_a_unix_socket_in_use_is_not_replaced(launch, refuse, socket_folder):
    server = launch(unix=socket_folder / "s")
    with server.connect() as before:
        finished = refuse("-s", server.address)
        assert finished.returncode in (1, 64) and len(finished.stderr.splitlines()) == 1
        assert before.ask(b"version").startswith(b"VERSION ")
    with server.connect() as after:
        assert after.ask(b"version").startswith(b"VERSION ")


def test_a_file_in_the_place_of_the_unix_socket_is_kept(refuse, socket_folder):
    file = socket_folder / "s"
    file.write_text("precious")
    refuse("-s", str(file))
    assert file.read_text() == "precious"


def test_a_unix_socket_takes_large_values(launch, socket_folder):
    value = b"x" * 1_000_000
    with launch(unix=socket_folder / "s").connect() as client:
        assert client.run(set_(b"a", value) + b"get a\r\n") == b"STORED\r\n" + value_reply(
            b"a", value
        )


def test_udp_is_not_offered_by_default(server):
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as probe:
        probe.settimeout(0.3)
        probe.connect(("127.0.0.1", server.port))
        with pytest.raises((TimeoutError, ConnectionRefusedError)):
            probe.send(b"\0\0\0\0\0\1\0\0version\r\n")
            probe.recv(100)


def test_a_port_can_be_used_again_at_once(binary):
    port = free_port()
    for _ in range(2):
        with Server(binary, port=port) as server, server.connect() as client:
            client.run(set_(b"a", b"x"))
            server.stop()
