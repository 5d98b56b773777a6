"""A server that answers as a test wants it to, right or wrong."""

import socket
import threading
import time


class FakeServer:
    """Speaks enough of the text protocol to be loaded. What is asked for in the constructor goes
    wrong, and nothing else."""

    def __init__(self, spoil=None, stall=None, refuse_sets=None, close_after=None, silent=False):
        """`spoil` changes (key, flags, value) of each answer; `stall` is (after, for) in seconds
        from the first request; `close_after` so many requests a connection is closed."""
        self.spoil = spoil
        self.stall = stall
        self.refuse_sets = refuse_sets
        self.close_after = close_after
        self.silent = silent
        self.items = {}
        self.lock = threading.Lock()
        self.first_request = None
        self.listener = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.address = f"127.0.0.1:{self.listener.getsockname()[1]}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.listener.close()

    def _accept(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            threading.Thread(target=self._serve, args=(connection,), daemon=True).start()

    def _serve(self, connection):
        count = 0
        with connection, connection.makefile("rb") as lines:
            try:
                while line := lines.readline():
                    words = line.split()
                    if words[0] == b"stats":
                        connection.sendall(b"END\r\n")
                        continue
                    answer = self._answer(words, lines)
                    self._wait()
                    count += 1
                    if self.close_after is not None and count > self.close_after:
                        return
                    connection.sendall(answer)
            except OSError:
                return

    def _wait(self):
        if self.silent:
            time.sleep(3600)
        with self.lock:
            now = time.monotonic()
            if self.first_request is None:
                self.first_request = now
            if self.stall is None:
                return
            after, length = self.stall
            since = now - self.first_request
            if after <= since < after + length:
                # With the lock, so that every connection stands still.
                time.sleep(after + length - since)

    def _answer(self, words, lines):
        if words[0] == b"set":
            key, flags, length = words[1], words[2], int(words[4])
            value = lines.read(length + 2)[:-2]
            if self.refuse_sets:
                return self.refuse_sets
            self.items[key] = flags, value
            return b"STORED\r\n"
        answer = b""
        for key in words[1:]:
            if key in self.items:
                flags, value = self.items[key]
                if self.spoil:
                    key, flags, value = self.spoil(key, flags, value)
                answer += b"VALUE %s %s %d\r\n%s\r\n" % (key, flags, len(value), value)
        return answer + b"END\r\n"
