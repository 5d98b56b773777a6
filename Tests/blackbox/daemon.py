"""Starts and stops the server under test."""

import contextlib
import os
import pathlib
import resource
import signal
import socket
import subprocess
import tempfile
import time

from client import Client, poll

START_SECONDS = 10
STOP_SECONDS = 10


def free_port(host="127.0.0.1"):
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        probe.bind((host, 0))
        return probe.getsockname()[1]


def run_to_exit(binary, *options, env=None):
    """Runs the server for what should end by itself (-h, a refused option)."""
    return subprocess.run(
        [binary, *options],
        stdin=subprocess.DEVNULL,
        capture_output=True,
        text=True,
        timeout=START_SECONDS,
        env={**os.environ, **(env or {})},
    )


class Server:
    """One running server; `address` is where a client reaches it."""

    def __init__(
        self,
        binary,
        *options,
        listen="127.0.0.1",
        unix=None,
        port=None,
        env=None,
        probe=b"version\r\n",
    ):
        self.probe = probe  # what it answers to when it is up
        self.stderr = tempfile.TemporaryFile()
        if unix is not None:
            self.port, self.address, where = None, str(unix), ["-s", str(unix)]
        else:
            self.port = port or free_port(listen)
            self.address = (listen, self.port)
            where = ["-l", listen, "-p", str(self.port)]
        self.command = [binary, *where, "-U", "0", "-u", "root", *options]

        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=self.stderr,
            env={**os.environ, **(env or {})},
        )
        try:
            self._wait_until_it_answers()
        except BaseException:
            self.kill()
            raise

    def _wait_until_it_answers(self):
        deadline = time.monotonic() + START_SECONDS
        while True:
            if self.process.poll() is not None:
                raise RuntimeError(
                    f"{self.command} exited {self.process.returncode}: {self.errors()}"
                )
            try:
                with self.connect() as client:
                    client.send(self.probe)
                    client.read(1)
                return
            except (ConnectionError, FileNotFoundError):
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.01)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill()

    @property
    def pid(self):
        return self.process.pid

    def connect(self, **options):
        return Client(self.address, **options)

    def errors(self):
        """What the server has written to stderr so far."""
        self.stderr.seek(0)
        return self.stderr.read().decode(errors="replace")

    def send_signal(self, number):
        os.kill(self.pid, number)

    @contextlib.contextmanager
    def paused(self):
        """What is sent meanwhile has all arrived when the server looks next."""
        self.send_signal(signal.SIGSTOP)
        try:
            poll(self._is_stopped, interval=0.001)
            yield
        finally:
            self.send_signal(signal.SIGCONT)

    def _is_stopped(self):
        tasks = pathlib.Path(f"/proc/{self.pid}/task")
        texts = [(task / "stat").read_text() for task in tasks.iterdir()]
        return {text.rpartition(")")[2].split()[0] for text in texts} == {"T"}

    def wait(self):
        """The exit code of a server that is about to end."""
        return self.process.wait(STOP_SECONDS)

    def stop(self, number=signal.SIGTERM):
        self.send_signal(number)
        return self.wait()

    def kill(self):
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self.stderr.close()

    def limit_descriptors_to(self, spare):
        """Leaves the running server only `spare` descriptors more than it has."""
        most = max(int(name) for name in os.listdir(f"/proc/{self.pid}/fd")) + 1 + spare
        resource.prlimit(self.pid, resource.RLIMIT_NOFILE, (most, most))

    def cpu_seconds(self):
        with open(f"/proc/{self.pid}/stat") as file:
            fields = file.read().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def resident_bytes(self):
        with open(f"/proc/{self.pid}/statm") as file:
            return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")
