"""Daemons that want a login, or TLS, or both; and what a client needs to use them."""

import contextlib
import functools
import shutil
import socket
import ssl
import struct
import subprocess
import tempfile
from pathlib import Path

from daemon import Daemon, is_memcached, program, server_binary

USER = "django"
PASSWORD = "open-sesame"

STAT, GET, FLUSH, SASL_AUTH = 0x10, 0x00, 0x08, 0x21
SUCCESS, NOT_FOUND = 0, 1

NEW_KEY = "-newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes"


@functools.cache
def scratch():
    """A directory for keys and passwords, for as long as the tests run."""
    directory = tempfile.TemporaryDirectory(prefix="cached-secrets-")
    scratch.directory = directory  # its end removes it
    return Path(directory.name)


@functools.cache
def users():
    """The file with one user, in memcached's format."""
    path = scratch() / "users"
    path.touch(0o600)
    path.write_text(f"{USER}:{PASSWORD}\n")
    return path


@functools.cache
def certificate_authority():
    """The certificate that clients trust; it has signed the daemon's."""
    directory = scratch()
    openssl(f"req -x509 {NEW_KEY} -days 2 -subj /CN=tests -keyout ca.key -out ca.pem")
    openssl(f"req {NEW_KEY} -subj /CN=localhost -keyout server.key -out server.csr")
    (directory / "names").write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    openssl(
        "x509 -req -days 2 -in server.csr -CA ca.pem -CAkey ca.key -CAcreateserial "
        "-extfile names -out server.pem"
    )
    return directory / "ca.pem"


def openssl(words):
    command = ["openssl", *words.split()]
    subprocess.run(command, cwd=scratch(), check=True, capture_output=True)


def trusting_context():
    return ssl.create_default_context(cafile=certificate_authority())


class LoginDaemon(Daemon):
    """Wants a login: in the text protocol by the first `set`, and, unless it is
    memcached, in the binary protocol by SASL."""

    def __init__(self, *options):
        super().__init__("-Y", users(), *options)

    def connect(self):
        connection = super().connect()
        login = f"{USER} {PASSWORD}".encode()
        connection.sendall(b"set login 0 0 %d\r\n%s\r\n" % (len(login), login))
        expect(connection, b"STORED\r\n")
        return connection


class TLSDaemon(Daemon):
    """Speaks TLS only. For ours that is another build: $CACHED_TLS_SERVER."""

    def __init__(self, *options):
        authority = certificate_authority()
        names = f"ssl_chain_cert={authority.parent}/server.pem"
        names += f",ssl_key={authority.parent}/server.key"
        super().__init__("-Z", "-o", names, *options)

    def program(self):
        if is_memcached():
            return server_binary()
        return program("CACHED_TLS_SERVER", ".build/tls/release/cached")

    def connect(self):
        return trusting_context().wrap_socket(super().connect(), server_hostname="127.0.0.1")


class TLSLoginDaemon(LoginDaemon, TLSDaemon):
    """TLS, and in it a login."""


class SASLDaemon(Daemon):
    """Speaks the binary protocol only, and wants a login there: the option -S."""

    def __init__(self, *options):
        if is_memcached():
            self.environment = {"SASL_CONF_PATH": str(sasl_database())}
            super().__init__("-S", *options)
        else:
            super().__init__("-S", "-Y", users(), *options)

    def call(self, opcode, key=b"", value=b""):
        """Logs in and yields the responses to one request: status, extras and the
        rest of the body, and the length of the key in it."""
        with contextlib.closing(self.connect()) as connection:
            plain = f"\0{USER}\0{PASSWORD}".encode()
            connection.sendall(request(SASL_AUTH, b"PLAIN", plain) + request(opcode, key, value))
            status = next(responses(connection))[0]
            if status != SUCCESS:
                raise ConnectionError(f"login refused: status {status:#x}")
            yield from responses(connection)

    def stats(self):
        found = {}
        for _, _, name, value in self.call(STAT):
            if not name:
                return found
            found[name.decode()] = value.decode()

    def flush(self):
        assert next(self.call(FLUSH))[0] == SUCCESS

    def raw_item(self, key):
        status, extras, _, value = next(self.call(GET, key.encode()))
        return None if status == NOT_FOUND else (int.from_bytes(extras), value)


def request(opcode, key, value):
    header = struct.pack("!BBHBBHIIQ", 0x80, opcode, len(key), 0, 0, 0, len(key + value), 0, 0)
    return header + key + value


def responses(connection):
    """Yields the status, extras, key and value of each response."""
    while True:
        _, _, key, extras, _, status, body, _, _ = struct.unpack(
            "!BBHBBHIIQ", read(connection, 24)
        )
        data = read(connection, body)
        yield status, data[:extras], data[extras : extras + key], data[extras + key :]


def read(connection, length):
    data = b""
    while len(data) < length:
        chunk = connection.recv(length - len(data))
        if not chunk:
            raise ConnectionError(f"closed after {data!r}")
        data += chunk
    return data


def expect(connection, reply):
    found = read(connection, len(reply))
    if found != reply:
        raise ConnectionError(f"{found!r} in place of {reply!r}")


@functools.cache
def sasl_database():
    """The directory with memcached's SASL configuration and its one user."""
    directory = scratch()
    database = directory / "sasldb"
    if not shutil.which("saslpasswd2"):
        import pytest

        pytest.skip("memcached takes its users from a database that sasl2-bin makes")
    add = ["saslpasswd2", "-p", "-c", "-a", "memcached", "-u", socket.gethostname()]
    subprocess.run([*add, "-f", database, USER], input=PASSWORD.encode(), check=True)
    (directory / "memcached.conf").write_text(
        "mech_list: plain\npwcheck_method: auxprop\nauxprop_plugin: sasldb\n"
        f"sasldb_path: {database}\n"
    )
    return directory
