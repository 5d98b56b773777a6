"""Builds packets of the binary protocol and reads the replies to them."""

import struct
from typing import NamedTuple

HEADER = struct.Struct(">BBHBBHLLQ")
HEADER_BYTES = 24

GET, SET, ADD, REPLACE, DELETE, INCREMENT, DECREMENT, QUIT, FLUSH, GETQ, NOOP, VERSION = range(12)
GETK, GETKQ, APPEND, PREPEND, STAT, SETQ, ADDQ, REPLACEQ, DELETEQ = range(0x0C, 0x15)
INCREMENTQ, DECREMENTQ, QUITQ, FLUSHQ, APPENDQ, PREPENDQ, VERBOSITY = range(0x15, 0x1C)
TOUCH, GAT, GATQ = range(0x1C, 0x1F)
SASL_LIST, SASL_AUTH, SASL_STEP = range(0x20, 0x23)
GATK, GATKQ = 0x23, 0x24

OK, NOT_FOUND, EXISTS, TOO_LARGE, INVALID, NOT_STORED, NON_NUMERIC = range(7)
AUTH_ERROR, AUTH_CONTINUE, UNKNOWN, NO_MEMORY = 0x20, 0x21, 0x81, 0x82

NEVER_CREATE = 0xFFFFFFFF


class Reply(NamedTuple):
    """One reply. The parts of its body are apart; `cas` is a number."""

    opcode: int
    status: int
    extras: bytes
    key: bytes
    value: bytes
    opaque: int
    cas: int

    @property
    def flags(self):
        return struct.unpack(">L", self.extras)[0]

    @property
    def number(self):
        return struct.unpack(">Q", self.value)[0]


def packet(opcode, key=b"", extras=b"", value=b"", opaque=0, cas=0, data_type=0, bucket=0):
    body = extras + key + value
    sizes = len(key), len(extras), data_type, bucket, len(body)
    return HEADER.pack(0x80, opcode, *sizes, opaque, cas) + body


def header(opcode, key_bytes=0, extra_bytes=0, body_bytes=0, opaque=0):
    """A header alone, whose lengths may be anything."""
    return HEADER.pack(0x80, opcode, key_bytes, extra_bytes, 0, 0, body_bytes, opaque, 0)


def set_extras(flags=0, exptime=0):
    return struct.pack(">LL", flags, exptime)


def count_extras(delta, initial=0, exptime=NEVER_CREATE):
    return struct.pack(">QQL", delta, initial, exptime)


def time_extras(exptime):
    return struct.pack(">L", exptime)


def store(key, value, flags=0, exptime=0, opcode=SET, **fields):
    return packet(opcode, key, set_extras(flags, exptime), value, **fields)


def count(key, delta=1, initial=0, exptime=NEVER_CREATE, opcode=INCREMENT, **fields):
    return packet(opcode, key, count_extras(delta, initial, exptime), **fields)


def touch(key, exptime, opcode=TOUCH, **fields):
    return packet(opcode, key, time_extras(exptime), **fields)


def replies(data):
    """The replies that make up all of `data`."""
    found = []
    while data:
        assert len(data) >= HEADER_BYTES, f"a cut header: {data!r}"
        fields = HEADER.unpack(data[:HEADER_BYTES])
        magic, opcode, key_bytes, extra_bytes, data_type, status, body_bytes, opaque, cas = fields
        assert magic == 0x81, f"no reply: {data[:HEADER_BYTES]!r}"
        assert data_type == 0
        end = HEADER_BYTES + body_bytes
        assert len(data) >= end, f"a cut body: {data!r}"
        body = data[HEADER_BYTES:end]
        key_end = extra_bytes + key_bytes
        assert key_end <= body_bytes
        extras, key, value = body[:extra_bytes], body[extra_bytes:key_end], body[key_end:]
        found.append(Reply(opcode, status, extras, key, value, opaque, cas))
        data = data[end:]
    return found


class Binary:
    """A connection that speaks the binary protocol."""

    FENCE = packet(NOOP, opaque=0xFE2CE5)
    FENCE_REPLY = HEADER.pack(0x81, NOOP, 0, 0, 0, 0, 0, 0xFE2CE5, 0)

    def __init__(self, client):
        self.client = client

    def run(self, *packets):
        """All replies to some packets; a no-op behind them marks their end."""
        self.client.send(b"".join(packets) + self.FENCE)
        answer = self.client.read_until(self.FENCE_REPLY)
        return replies(answer[: -len(self.FENCE_REPLY)])

    def ask(self, *packets):
        """The only reply to some packets."""
        (reply,) = self.run(*packets)
        return reply

    def end(self, *packets):
        """All replies before the server closes, which it has to do by itself."""
        self.client.send(b"".join(packets))
        return replies(self.client.read_to_end())

    def value(self, key):
        """What is stored, None if nothing is."""
        reply = self.ask(packet(GET, key))
        return reply.value if reply.status == OK else None
