"""Certificates, and servers and clients that speak TLS."""

import contextlib
import functools
import os
import pathlib
import select
import socket
import ssl
import subprocess
import time

from client import Client
from conftest import REPOSITORY, oracle_version, server_binary
from daemon import Server

TLS_BINARY = REPOSITORY / ".build" / "tls" / "release" / "cached"


@functools.cache
def tls_binary():
    """The server with TLS, and None where there is none to be tested."""
    if oracle_version() is not None:
        page = subprocess.run([server_binary(), "-h"], capture_output=True, text=True).stdout
        return server_binary() if "ssl_chain_cert" in page else None
    named = os.environ.get("CACHED_TLS_SERVER")
    if named or TLS_BINARY.exists():
        return named or str(TLS_BINARY)
    return None


def openssl(*arguments):
    subprocess.run(["openssl", *map(str, arguments)], check=True, capture_output=True)


class Authority:
    """A certificate authority in a folder."""

    def __init__(self, folder, name):
        self.folder = pathlib.Path(folder)
        self.certificate = self.folder / f"{name}.pem"
        self.key = self.folder / f"{name}.key"
        openssl(
            *("req", "-x509", "-nodes", "-days", "30", "-subj", f"/CN={name}"),
            *("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-addext", "keyUsage=critical,keyCertSign,cRLSign"),
            *("-keyout", self.key, "-out", self.certificate),
        )

    def issue(self, name, host="localhost"):
        """A new key and a certificate for it: two files, and both in one `.both` file."""
        issued = Issued(self.folder, name)
        request, extensions = self.folder / f"{name}.csr", self.folder / f"{name}.ext"
        openssl(
            *("req", "-nodes", "-subj", f"/CN={name}", "-newkey", "ec"),
            *("-pkeyopt", "ec_paramgen_curve:P-256", "-keyout", issued.key, "-out", request),
        )
        extensions.write_text(
            f"subjectAltName=DNS:{host},IP:127.0.0.1\nbasicConstraints=CA:FALSE\n"
            "authorityKeyIdentifier=keyid\nkeyUsage=digitalSignature\n"
        )
        openssl(
            *("x509", "-req", "-in", request, "-days", "30", "-extfile", extensions),
            *("-CA", self.certificate, "-CAkey", self.key, "-CAcreateserial"),
            *("-out", issued.certificate),
        )
        issued.both.write_text(issued.certificate.read_text() + issued.key.read_text())
        return issued


class Issued:
    def __init__(self, folder, name):
        self.certificate = folder / f"{name}.pem"
        self.key = folder / f"{name}.key"
        self.both = folder / f"{name}.both"

    @property
    def options(self):
        return ["-Z", "-o", f"ssl_chain_cert={self.certificate},ssl_key={self.key}"]

    def replace(self, other):
        """Puts the other's certificate and key in the place of this one's."""
        for name in ("certificate", "key", "both"):
            getattr(self, name).write_bytes(getattr(other, name).read_bytes())

    def der(self):
        return ssl.PEM_cert_to_DER_cert(self.certificate.read_text())


def client_context(authority, version=None, issued=None):
    context = ssl.create_default_context(cafile=authority.certificate)
    if version is not None:
        context.minimum_version = context.maximum_version = version
    if issued is not None:
        context.load_cert_chain(issued.certificate, issued.key)
    return context


class TLSClient(Client):
    """A client that speaks TLS. What the server sees of records is up to `send`."""

    def __init__(self, address, context, session=None, **options):
        super().__init__(address, **options)
        try:
            self.socket = context.wrap_socket(
                self.socket, server_hostname="localhost", session=session
            )
        except BaseException:
            self.socket.close()
            raise

    def _fill(self):
        try:
            return super()._fill()
        except ssl.SSLEOFError:
            return False

    def finish_sending(self):
        """Ends the stream below TLS, without a word of TLS."""
        socket.socket.shutdown(self.socket, socket.SHUT_WR)

    def exchange(self, data, count, record=16_384):
        """Sends `data` in records of `record` bytes, and meanwhile reads `count` bytes: one
        after the other, as an SSL object is not for two threads."""
        position, timeout = 0, self.socket.gettimeout()
        deadline = time.monotonic() + timeout
        self.socket.setblocking(False)
        while position < len(data) or len(self.pending) < count:
            assert time.monotonic() < deadline, f"{position} sent, {len(self.pending)} received"
            select.select([self.socket], [self.socket] if position < len(data) else [], [], 0.1)
            with contextlib.suppress(ssl.SSLWantReadError, ssl.SSLWantWriteError):
                while len(self.pending) < count and self._fill():
                    pass
            with contextlib.suppress(ssl.SSLWantReadError, ssl.SSLWantWriteError):
                for _ in range(100):
                    if position < len(data):
                        position += self.socket.send(data[position : position + record])
        self.socket.settimeout(timeout)
        return self._take(count)

    def certificate(self):
        return self.socket.getpeercert(binary_form=True)


class TLSServer(Server):
    """A server whose `address` wants TLS. `plain_address`, if there is one, does not."""

    def __init__(self, context, *options, plain_port=None, **settings):
        self.context = context
        self.plain_address = ("127.0.0.1", plain_port)
        if plain_port:
            options += ("-l", f"notls:127.0.0.1:{plain_port}")
        super().__init__(tls_binary(), *options, **settings)

    def connect(self, context=None, session=None, **options):
        return TLSClient(self.address, context or self.context, session=session, **options)

    def connect_raw(self, **options):
        """A connection to the same port that leaves the handshake to the test."""
        return Client(self.address, **options)

    def connect_plain(self, **options):
        return Client(self.plain_address, **options)


def hello(context):
    """The first bytes that a client of this context sends."""
    incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
    session = context.wrap_bio(incoming, outgoing, server_hostname="localhost")
    try:
        session.do_handshake()
    except ssl.SSLWantReadError:
        pass
    return outgoing.read()


def reset(client):
    """Closes so that the peer sees a reset."""
    client.socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")
    client.close()
