"""Starts a cache daemon for a test, asks it for its statistics, and stops it.

Standard library only: the soak runs use it too.
"""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS_MAX = 20
STOP_SECONDS_MAX = 20


def server_binary():
    """The program under test: $CACHED_SERVER, a path (from the root of the
    repository) or the name of a command."""
    return program("CACHED_SERVER", ".build/release/cached")


def program(variable, usual):
    """The program that an environment variable names, or the one that is usual."""
    chosen = os.environ.get(variable, usual)
    found = str(ROOT / chosen) if "/" in chosen else shutil.which(chosen)
    if not found or not os.access(found, os.X_OK):
        raise RuntimeError(f"there is no program {chosen}: build it or set {variable}")
    return Path(found)


def is_memcached():
    """True if the oracle runs in the place of our daemon."""
    return server_binary().name == "memcached"


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Daemon:
    """One running daemon, on a free TCP port or on a unix socket."""

    environment = {}

    def __init__(self, *options, unix=False, port=None):
        self.options = [str(option) for option in options]
        self.fixed_port = port
        self.directory = tempfile.mkdtemp(prefix="cached-") if unix else None
        self.socket_path = f"{self.directory}/socket" if unix else None
        self.port = None
        self.process = None

    @property
    def location(self):
        """The address as Django's LOCATION wants it."""
        return f"unix:{self.socket_path}" if self.socket_path else f"127.0.0.1:{self.port}"

    def __enter__(self):
        # Another program may take a free port before the daemon does: try again then.
        attempts = 1 if self.socket_path or self.fixed_port else 3
        for _ in range(attempts):
            self.port = None if self.socket_path else self.fixed_port or free_port()
            if self._start():
                return self
        self._remove_directory()
        command = " ".join(self.process.args)
        raise RuntimeError(f"{command} ended with {self.process.returncode}: {self._errors()}")

    def __exit__(self, kind, value, traceback):
        try:
            if kind is None:
                self.stop()
            else:
                self.kill()
        finally:
            self._remove_directory()

    def _remove_directory(self):
        if self.directory:
            shutil.rmtree(self.directory, ignore_errors=True)

    def program(self):
        return server_binary()

    def _start(self):
        command = [str(self.program()), "-U", "0"]
        if os.geteuid() == 0:
            command += ["-u", "root"]  # memcached refuses to run as root unasked
        if self.socket_path:
            command += ["-s", self.socket_path]
        else:
            command += ["-l", "127.0.0.1", "-p", str(self.port)]
        self.errors = tempfile.TemporaryFile()
        self.process = subprocess.Popen(
            command + self.options,
            env=os.environ | self.environment,
            stdin=subprocess.DEVNULL,
            stderr=self.errors,
        )
        deadline = time.monotonic() + START_SECONDS_MAX
        while self.process.poll() is None:
            try:
                # The pid tells that it is ours, and no other that had the port before.
                if self.stats()["pid"] == str(self.process.pid):
                    return True
            except OSError:
                pass
            if time.monotonic() > deadline:
                self.kill()
                return False
            time.sleep(0.02)
        return False

    def _errors(self):
        self.errors.seek(0)
        return self.errors.read().decode(errors="replace").strip() or "(it printed nothing)"

    def stop(self):
        """Ends it with SIGTERM, and demands that it ends well."""
        if self.process.returncode is not None:
            return
        self.process.terminate()
        try:
            code = self.process.wait(STOP_SECONDS_MAX)
        except subprocess.TimeoutExpired:
            self.kill()
            raise RuntimeError(f"still running {STOP_SECONDS_MAX} s after SIGTERM") from None
        if code != 0:
            raise RuntimeError(f"ended with {code} after SIGTERM: {self._errors()}")

    def kill(self):
        """Ends it as a crash would."""
        self.process.kill()
        self.process.wait()

    def connect(self):
        if not self.socket_path:
            return socket.create_connection(("127.0.0.1", self.port), timeout=30)
        connection = socket.socket(socket.AF_UNIX)
        connection.settimeout(30)
        connection.connect(self.socket_path)
        return connection

    def ask(self, command, end):
        """Sends a command and returns the reply, which has to end with `end`."""
        with self.connect() as connection:
            connection.sendall(command)
            reply = b""
            while not reply.endswith(end):
                chunk = connection.recv(1 << 16)
                if not chunk:
                    raise ConnectionError(f"closed after {reply!r}")
                reply += chunk
            return reply

    def stats(self):
        reply = self.ask(b"stats\r\n", b"END\r\n").decode()
        lines = [line.split(" ", 2) for line in reply.splitlines()]
        return {line[1]: line[2] for line in lines if line[0] == "STAT"}

    def stat(self, name):
        return int(self.stats()[name])

    def flush(self):
        self.ask(b"flush_all\r\n", b"OK\r\n")

    def raw_item(self, key):
        """The flags and the bytes stored under a key, as the wire gives them."""
        reply = self.ask(b"get %s\r\n" % key.encode(), b"END\r\n")
        if reply == b"END\r\n":
            return None
        header, rest = reply.split(b"\r\n", 1)
        _, _, flags, length = header.split()
        return int(flags), rest[: int(length)]
