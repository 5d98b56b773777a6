"""A raw socket that speaks bytes, with a timeout on everything."""

import errno
import socket
import time

TIMEOUT_SECONDS = 10


class Client:
    """One connection. Nothing is parsed beyond what a test asks for."""

    def __init__(self, address, receive_buffer=None, timeout=TIMEOUT_SECONDS):
        if isinstance(address, str):
            family = socket.AF_UNIX
        else:
            family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
        self.socket = socket.socket(family, socket.SOCK_STREAM)
        self.socket.settimeout(timeout)
        if receive_buffer is not None:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
        if family != socket.AF_UNIX:
            self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.socket.connect(address)
        self.pending = bytearray()
        self.fence = None

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def close(self):
        self.socket.close()

    def send(self, data):
        self.socket.sendall(data)

    def finish_sending(self):
        try:
            self.socket.shutdown(socket.SHUT_WR)
        except OSError as error:
            if error.errno != errno.ENOTCONN:  # the server has closed already
                raise

    def _fill(self):
        chunk = self.socket.recv(1 << 18)
        self.pending += chunk
        return bool(chunk)

    def _take(self, count):
        data = bytes(self.pending[:count])
        del self.pending[:count]
        return data

    def read(self, count):
        """Exactly `count` bytes, or fewer if the server closes first."""
        while len(self.pending) < count and self._fill():
            pass
        return self._take(count)

    def read_until(self, ending):
        """Everything up to and with the first occurrence of `ending`."""
        searched = 0
        while (found := self.pending.find(ending, searched)) < 0:
            searched = max(0, len(self.pending) - len(ending))
            if not self._fill():
                raise EOFError(f"closed before {ending!r}: {bytes(self.pending[-200:])!r}")
        return self._take(found + len(ending))

    def read_line(self):
        return self.read_until(b"\r\n")

    def read_to_end(self):
        """All that comes until the server closes; a reset counts as a close."""
        try:
            while self._fill():
                pass
        except ConnectionResetError:
            pass
        return self._take(len(self.pending))

    def ask(self, line):
        """Sends one line and returns the one line that answers it."""
        self.send(line + b"\r\n")
        return self.read_line()

    def run(self, request):
        """Sends `request` and returns every byte of the replies to it.

        A `version` command behind it marks where they end, so that a reply
        that is missing, and one that is too many, both show.
        """
        if self.fence is None:
            self.fence = self.ask(b"version")
        self.send(request + b"version\r\n")
        return self.read_until(self.fence)[: -len(self.fence)]

    def stats(self, argument=""):
        """The lines of one `stats` reply as a dictionary of strings."""
        self.send(f"stats {argument}".strip().encode() + b"\r\n")
        lines = []
        while (line := self.read_line()) != b"END\r\n":
            if not line.startswith(b"STAT "):
                raise AssertionError(f"not a statistics line: {line!r}")
            lines.append(line[5:-2].decode())
        return dict(line.partition(" ")[::2] for line in lines)


def storage(command, key, value, flags=0, exptime=0, tail=b""):
    """A whole storage command with its body; `tail` is a CAS or noreply."""
    head = b"%s %s %d %d %d" % (command, key, flags, exptime, len(value))
    return head + (b" " + tail if tail else b"") + b"\r\n" + value + b"\r\n"


def set_(key, value, flags=0, exptime=0):
    return storage(b"set", key, value, flags, exptime)


def value_reply(key, value, flags=0):
    """What `get` answers for one key that is present, END included."""
    return b"VALUE %s %d %d\r\n%s\r\nEND\r\n" % (key, flags, len(value), value)


def poll(condition, timeout=TIMEOUT_SECONDS, interval=0.02):
    """Waits until `condition()` is true; returns what it returned last."""
    deadline = time.monotonic() + timeout
    while not (result := condition()) and time.monotonic() < deadline:
        time.sleep(interval)
    return result
