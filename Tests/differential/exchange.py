"""Sends bytes to both servers and receives what they answer, at the same time."""

import select
import socket

PATIENCE_SECONDS = 10
PIECE_BYTES = 1 << 18


def connect(address):
    connection = socket.create_connection(address, timeout=PATIENCE_SECONDS)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.setblocking(False)
    return connection


class Half:
    """One server's side of an exchange."""

    def __init__(self, connection, data, ending):
        self.connection = connection
        self.unsent = memoryview(data)
        self.ending = ending  # what the answer ends with, or None: until the server closes
        self.answer = bytearray()
        self.closed = False
        if ending is None and not data:
            self.finish()

    def finish(self):
        try:
            self.connection.shutdown(socket.SHUT_WR)
        except OSError:
            pass

    def send(self):
        try:
            sent = self.connection.send(self.unsent[:PIECE_BYTES])
        except BlockingIOError:
            return
        except OSError:  # the server has closed: what it said before is still to be read
            sent = len(self.unsent)
        self.unsent = self.unsent[sent:]
        if not self.unsent and self.ending is None:
            self.finish()

    def receive(self):
        try:
            piece = self.connection.recv(PIECE_BYTES)
        except BlockingIOError:
            return
        except OSError:
            piece = b""
        self.answer += piece
        self.closed = not piece

    @property
    def is_over(self):
        if self.closed:
            return True
        return self.ending is not None and self.answer.endswith(self.ending)


def exchange(connections, requests, ending):
    """The bytes with which each server answers its request.

    A server that does not come to the end in time has its answer cut there; the caller sees
    that it lacks its ending. Without an ending, the requests are ended by a half-close and the
    answers by the server's close.
    """
    halves = [
        Half(connection, request, ending)
        for connection, request in zip(connections, requests, strict=True)
    ]
    while unfinished := [half for half in halves if not half.is_over]:
        reading = {half.connection: half for half in unfinished}
        writing = {half.connection: half for half in unfinished if half.unsent}
        readable, writable, _ = select.select(reading, writing, [], PATIENCE_SECONDS)
        if not readable and not writable:
            break
        for connection in writable:
            writing[connection].send()
        for connection in readable:
            reading[connection].receive()
    return [bytes(half.answer) for half in halves], [half.closed for half in halves]
