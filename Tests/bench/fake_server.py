"""A server that answers as a test wants it to, right or wrong."""

import socket
import struct
import threading
import time

# Magic, opcode, bytes of the key and of the extras, type, status, bytes of the rest, opaque, CAS.
HEADER = struct.Struct(">BBHBBHIIQ")
GET, SET, GETQ, NOOP, GETK, GETKQ = 0x00, 0x01, 0x09, 0x0A, 0x0C, 0x0D


def reply(opcode, opaque, status=0, extras=b"", key=b"", value=b""):
    """A reply of the binary protocol."""
    rest = extras + key + value
    header = HEADER.pack(0x81, opcode, len(key), len(extras), 0, status, len(rest), opaque, 0)
    return header + rest


class FakeServer:
    """Speaks enough of the text and of the binary protocol to be loaded. What is asked for in the
    constructor goes wrong, and nothing else."""

    def __init__(
        self,
        spoil=None,
        distort=None,
        stall=None,
        refuse_sets=None,
        close_after=None,
        silent=False,
    ):
        """`spoil` changes (key, flags, value) of each answer; `distort` the bytes of each binary
        answer to a get; `stall` is (after, for) in seconds from the first request; `refuse_sets` is
        the text of the error; `close_after` so many requests a connection is closed."""
        self.spoil = spoil
        self.distort = distort
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
        with connection, connection.makefile("rb") as stream:
            try:
                is_binary = stream.peek(1)[:1] == b"\x80"
                while request := stream.read(HEADER.size) if is_binary else stream.readline():
                    if request == b"stats\r\n":
                        connection.sendall(b"END\r\n")
                        continue
                    if is_binary:
                        answer = self._binary_answer(request, stream)
                    else:
                        answer = self._answer(request.split(), stream)
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
                return b"SERVER_ERROR %b\r\n" % self.refuse_sets
            self.items[key] = flags, value
            return b"STORED\r\n"
        if words[0] != b"get":
            return b"ERROR\r\n"
        answer = b""
        for key in words[1:]:
            if key in self.items:
                key, flags, value = self._item(key)
                answer += b"VALUE %s %s %d\r\n%s\r\n" % (key, flags, len(value), value)
        return answer + b"END\r\n"

    def _item(self, key):
        flags, value = self.items[key]
        return self.spoil(key, flags, value) if self.spoil else (key, flags, value)

    def _binary_answer(self, header, stream):
        _, opcode, key_bytes, extra_bytes, _, _, rest_bytes, opaque, _ = HEADER.unpack(header)
        rest = stream.read(rest_bytes)
        extras, key = rest[:extra_bytes], rest[extra_bytes : extra_bytes + key_bytes]
        if opcode == NOOP:
            return reply(opcode, opaque)
        if opcode == SET:
            if self.refuse_sets:
                return reply(opcode, opaque, status=0x82, value=self.refuse_sets)
            flags = int.from_bytes(extras[:4], "big")
            self.items[key] = b"%d" % flags, rest[extra_bytes + key_bytes :]
            return reply(opcode, opaque)
        if key not in self.items:
            return b"" if opcode in (GETQ, GETKQ) else reply(opcode, opaque, status=1)
        key, flags, value = self._item(key)
        answer = reply(
            opcode,
            opaque,
            extras=int(flags).to_bytes(4, "big"),
            key=key if opcode in (GETK, GETKQ) else b"",
            value=value,
        )
        return self.distort(answer) if self.distort else answer
