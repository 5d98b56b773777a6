"""Which server is tested, and the fixtures that start it."""

import functools
import os
import pathlib
import re
import subprocess
import tempfile

import pytest

from binary import Binary
from daemon import Server, run_to_exit

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
DEFAULT_BINARY = REPOSITORY / ".build" / "release" / "cached"


def server_binary():
    return os.environ.get("CACHED_SERVER") or str(DEFAULT_BINARY)


@functools.cache
def oracle_version():
    """`1.6.x` if the server under test is memcached, None if it is cached."""
    first_line = subprocess.run(
        [server_binary(), "--version"],
        capture_output=True,
        text=True,
        timeout=10,
    ).stdout.partition("\n")[0]
    found = re.fullmatch(r"memcached (1\.6\.\d+)\S*", first_line.strip())
    return found and found[1]


def pytest_report_header():
    version = oracle_version()
    return (
        f"server under test: {server_binary()} ({'memcached ' + version if version else 'cached'})"
    )


def pytest_sessionstart(session):
    if not os.access(server_binary(), os.X_OK):
        pytest.exit(f"no server at {server_binary()}: build it, or set CACHED_SERVER", 4)


def pytest_collection_modifyitems(items):
    version = oracle_version()
    if version is None:
        return
    for item in items:
        for mark in item.iter_markers("cached_only"):
            item.add_marker(pytest.mark.skip(reason=mark.args[0]))
        for mark in item.iter_markers("differs"):
            if mark.args[0] in (version, "memcached"):
                item.add_marker(pytest.mark.xfail(strict=True, **mark.kwargs))


@pytest.fixture(scope="session")
def binary():
    return server_binary()


@pytest.fixture
def socket_folder():
    """A folder with a path short enough for a unix socket."""
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        yield pathlib.Path(folder)


@pytest.fixture
def launch(binary):
    """Starts servers with options of their own; all are ended with the test."""
    running = []

    def start(*options, **settings):
        server = Server(binary, *options, **settings)
        running.append(server)
        return server

    yield start
    for server in running:
        server.kill()


@pytest.fixture
def refuse(binary):
    """Runs the server with options that it must refuse; returns how it ended."""

    def run(*options, **settings):
        finished = run_to_exit(binary, "-u", "root", "-U", "0", *options, **settings)
        assert finished.returncode != 0
        assert finished.stderr.strip()
        return finished

    return run


@pytest.fixture(scope="session")
def authority(tmp_path_factory):
    """Who issues the certificates of the tests of TLS, which end here without a server for it."""
    import tls

    if tls.tls_binary() is None:
        pytest.skip("there is no server with TLS: make tls-build, or set CACHED_TLS_SERVER")
    return tls.Authority(tmp_path_factory.mktemp("authority"), "authority")


@pytest.fixture(scope="session")
def stranger(tmp_path_factory):
    """An authority that the server does not know."""
    import tls

    return tls.Authority(tmp_path_factory.mktemp("stranger"), "stranger")


@pytest.fixture(scope="session")
def issued(authority):
    """The server's certificate and key."""
    return authority.issue("localhost")


@pytest.fixture
def launch_tls(authority, issued):
    """Starts servers that speak TLS; `start_with` is the certificate of their first client."""
    import tls

    running = []

    def start(*options, start_with=None, **settings):
        context = tls.client_context(authority, issued=start_with)
        running.append(tls.TLSServer(context, *issued.options, *options, **settings))
        return running[-1]

    yield start
    for server in running:
        server.kill()


@pytest.fixture(scope="module")
def server(request, binary):
    """One server for a module, with the module's OPTIONS if it has any."""
    with Server(binary, *getattr(request.module, "OPTIONS", [])) as running:
        yield running
        code = running.process.poll()
        assert code is None, f"the server died with {code}: {running.errors()}"


@pytest.fixture
def client(server):
    """A new connection to the module's server, which is emptied first."""
    with server.connect() as connection:
        assert connection.run(b"flush_all\r\n") == b"OK\r\n"
        yield connection


@pytest.fixture
def packets(server, client):
    """A new connection to the emptied module's server that speaks the binary protocol."""
    del client  # it has emptied the server
    with server.connect() as connection:
        yield Binary(connection)
