"""Requests in the binary protocol that leave the connection in step."""

import struct

from . import keys, values
from .binary_packets import packet
from .requests import Odd, WithCAS

NAMES = keys.ALL + keys.NUMBERS * 3
TIMES = [0, 0, 0, 100, 1000, 5000, 2592000, 0x7FFFFFFF]
PAST = 2592001
NEVER_CREATE = 0xFFFFFFFF
FLAGS = [0, 0, 1, 7, 0xFFFFFFFF]
DELTAS = [0, 1, 1, 2, 10, 95, 2**64 - 1, 2**63]

GET = [0x00, 0x09, 0x0C, 0x0D]
STORE = [0x01, 0x01, 0x11, 0x02, 0x12, 0x03, 0x13]
EXTEND = [0x0E, 0x0F, 0x19, 0x1A]
DELETE = [0x04, 0x14]
COUNT = [0x05, 0x06, 0x15, 0x16]
TOUCH = [0x1C, 0x1D, 0x1E, 0x23, 0x24]
NOOP = packet(0x0A)


def with_cas(dice, opcode, key, extras=b"", value=b""):
    """The packet; in a third of all cases with the CAS of the key, or a wrong one."""
    opaque = dice.below(1 << 31)
    roll = dice.random()
    if roll < 0.7:
        return packet(opcode, key, extras, value, opaque)
    if roll < 0.75:
        return packet(opcode, key, extras, value, opaque, cas=1 << 60)
    whole = packet(opcode, key, extras, value, opaque)
    offset = dice.pick([0, 0, 0, values.OLDER, values.NEWER])
    return WithCAS(whole[:16], key, offset, whole[24:], packed=True)


def time(dice):
    return dice.pick(TIMES) if dice.chance(0.95) else PAST


def get(dice):
    return packet(dice.pick(GET), dice.pick(NAMES), opaque=dice.below(1 << 31))


def store(dice):
    key = dice.pick(NAMES)
    extras = struct.pack(">LL", dice.pick(FLAGS), time(dice))
    return with_cas(dice, dice.pick(STORE), key, extras, values.value_for(dice, key))


def extend(dice):
    key = dice.pick(NAMES)
    return with_cas(dice, dice.pick(EXTEND), key, b"", values.value_for(dice, key))


def delete(dice):
    return with_cas(dice, dice.pick(DELETE), dice.pick(NAMES))


def count(dice):
    key = dice.pick(keys.NUMBERS if dice.chance(0.7) else NAMES)
    when = NEVER_CREATE if dice.chance(0.3) else time(dice)
    extras = struct.pack(">QQL", dice.pick(DELTAS), dice.pick(DELTAS), when)
    return with_cas(dice, dice.pick(COUNT), key, extras)


def touch(dice):
    extras = struct.pack(">L", time(dice))
    return packet(dice.pick(TOUCH), dice.pick(NAMES), extras, opaque=dice.below(1 << 31))


RARE = [
    packet(0x08),
    packet(0x18),
    packet(0x08, extras=b"\0\0\0\0"),
    packet(0x08, extras=struct.pack(">L", 100_000)),
    packet(0x0B),
    packet(0x0A, opaque=7),
    packet(0x10, b"nonsense"),
    packet(0x20),
    packet(0x21, b"PLAIN", value=b"\0user\0password"),
    packet(0x22, b"PLAIN", value=b"\0user\0password"),
    packet(0x1B),
    packet(0x25),
    packet(0x26),
    packet(0x3F),
    packet(0x40),
    packet(0x77),
    packet(0xFF),
    packet(0x01, b"large", b"\0" * 8, b"x" * 1_100_000),
    packet(0x02, b"large", b"\0" * 8, b"x" * 1_048_577),
    packet(0x11, b"large", b"\0" * 8, b"y" * 600_000),
    packet(0x0E, b"large", b"", b"x" * 1_100_000),
    packet(0x00, b"large"),
    packet(0x04, b"large"),
]

KINDS = [store] * 6 + [get] * 5 + [extend, delete, touch] + [count] * 4


def request(dice):
    if dice.chance(0.002):
        return Odd(dice.pick(RARE))
    return dice.pick(KINDS)(dice)


def counts(request):
    start = request if isinstance(request, bytes) else request.before
    return start[1] in COUNT


def fetches(request):
    start = request if isinstance(request, bytes) else request.before
    return start[1] in GET or start[1] in TOUCH
