"""What leaves a connection out of step or ends it: lines and packets that are wrong in length.

Each of these has a connection of its own, with ordinary requests before and after it.
"""

from . import binary, classic, keys, meta
from .binary_packets import HEADER, REQUEST, packet
from .requests import Odd, WithCAS, sample

BYTES = [b"\0", b"\t", b"\xff", b"\x80", b"!", b"~", b"=", b"-", b"+", b"x", b"Z", b"\x7f", b"\r"]
WORDS = [b"noreply", b"NOREPLY", b"junk", b"k", b"q", b"v", b"b", b"foo", b"-1", b"0", b"+5"]
NUMBERS = [
    b"2592001",
    b"2147483645",
    b"2147483646",
    b"2147483648",
    b"4294967296",
    b"18446744073709551615",
    b"18446744073709551616",
    b"-9223372036854775809",
    b"9" * 40,
    b"1e9",
    b"0x10",
    b"-",
]


# Without stat, whose answer no two servers share.
OPCODES = [opcode for opcode in range(0x26) if opcode != 0x10]
SASL = (0x20, 0x21, 0x22)  # unknown, so that the connection goes on
# A longer line is closed on if no read of the server's happens to bring it whole.
MOST_MUTATED_BYTES = 1500
# memcached 1.6.45 gives the first item that is set the CAS of the last one that was set over the
# binary protocol in a connection before, and stored in the same place. Not so with `ms`.
START = b"ms fence 0 T-1\r\n\r\n"


def text(dice):
    return (meta if dice.chance(0.6) else classic).request(dice)


def out_of_step(dice):
    """Text whose body is longer than it says, or that ends the connection."""
    key = dice.pick(keys.TEXT)
    return dice.pick(
        [
            b"set %s 0 0 1\r\nhello\r\n" % key,
            b"set %s 0 0 5\r\nhello\n\n" % key,
            b"set %s 0 0 5 noreply\r\nhelloxx" % key,
            b"cas %s 0 0 1 1\r\nhello\r\n" % key,
            b"append %s 0 0 0\r\nhello\r\n" % key,
            b"ms %s 1\r\nhello\r\n" % key,
            b"ms %s 1 q\r\nhello\r\n" % key,
            b"ms %s 5 T0 c\r\nhello\n\n" % key,
            b"get / HTTP/1.1\r\n",
            b"POST / HTTP/1.1\r\n",
            b"x HTTP/1.0\r\n",
            b"quit\r\n",
            b"quit now\r\n",
            b"\x81" * 30 + b"\r\n",
            packet(0x00, b"foo") + b"\n",
        ]
    )


def unfinished(dice):
    """Text that waits for more, or is closed on, because no line ending comes in time."""
    key = dice.pick(keys.TEXT)
    return dice.pick(
        [
            b"set %s 0 0 20\r\nhello\r\n" % key,
            b"ms %s 20 k\r\nhello\r\n" % key,
            b"set %s 0 0 5\r\nhel" % key,
            b"ms %s 5\r\nhel" % key,
            b"set %s 0 0 2000000\r\nhel" % key,
            b"ms %s 2000000 q\r\nhel" % key,
            b"mg %s" % key,
            b"get %s" % key,
            b"delete %s\r" % key,
            b"x" * 3000,
            b"mg " + b"x" * 3000,
            b"delete " + b"x" * 3000,
            b"mg foo" + b" k" * 1500,
        ]
    )


def mutated(dice):
    """A request whose line had one or two tokens changed."""
    request = text(dice)
    while not may_be_mutated(request):
        request = text(dice)
    line, _, body = request.partition(b"\r\n")
    parts = line.split(b" ")
    for _ in range(dice.pick([1, 1, 2])):
        if parts:
            mutate(dice, parts)
    spaces = dice.pick([b" ", b" ", b" ", b"  "])
    return spaces.join(parts) + dice.pick([b"\r\n", b"\r\n", b"\n"]) + body


def may_be_mutated(request):
    """An `ms` that fails leaves its E to the next set, by a fault of memcached's."""
    if isinstance(request, Odd | WithCAS) or len(request) > MOST_MUTATED_BYTES:
        return False
    return not (request.startswith(b"ms ") and b" E" in request)


def mutate(dice, parts):
    place = dice.below(len(parts))
    kind = dice.below(8)
    if kind == 0:
        del parts[place]
    elif kind == 1:
        parts.insert(place, parts[place])
    elif kind == 2:
        parts[place] *= dice.pick([2, 10, 200]) if len(parts[place]) < 6 else 2
    elif kind == 3:
        parts[place] = dice.pick(WORDS)
    elif kind == 4:
        parts[place] = dice.pick(NUMBERS)
    elif kind == 5:
        parts[place] = parts[place][:1] + dice.pick(NUMBERS)
    elif kind == 6 and parts[place]:
        at = dice.below(len(parts[place]))
        parts[place] = parts[place][:at] + dice.pick(BYTES) + parts[place][at + 1 :]
    else:
        parts.append(dice.pick(WORDS))


def text_sequence(dice, mutations):
    """Requests for one connection in text."""
    requests = [START, *(text(dice) for _ in range(dice.below(6)))]
    if mutations:
        requests += [mutated(dice) for _ in range(12)]
    else:
        requests.append(out_of_step(dice))
    requests += [text(dice) for _ in range(dice.below(6))]
    if not mutations and dice.chance(0.4):
        requests.append(unfinished(dice))
    return requests


def wrong_packet(dice):
    """A packet whose lengths contradict each other or its opcode."""
    opcode = dice.pick(OPCODES)
    key = dice.pick([b"foo", b"n1", b"bar"])
    kind = dice.below(9)
    if kind == 0:
        return packet(opcode, b"k" * dice.pick([250, 251, 252, 256, 257, 1000]), b"\0" * 8)
    if kind == 1:
        return packet(opcode, key, b"\0" * dice.pick([0, 1, 3, 4, 5, 7, 8, 9, 19, 20, 21, 24]))
    if kind == 2:
        return packet(opcode, key, b"\0" * dice.pick([0, 4, 8, 20]), b"value")
    if kind == 3:
        return packet(opcode, b"", b"\0" * dice.pick([0, 4, 8, 20]), dice.pick([b"", b"value"]))
    if kind == 4:
        return contradicting(dice, dice.pick([opcode for opcode in OPCODES if opcode not in SASL]))
    if kind == 5:
        body_bytes = dice.pick([1 << 31, (1 << 32) - 1, (1 << 32) - 3])
        return header(opcode, 3, 0, body_bytes) + b"foo"
    if kind == 6:
        magic = dice.pick([0x00, 0x81, 0x7F, 0xFF, ord("g")])
        return bytes([magic]) + packet(opcode, key)[1:]
    if kind == 7:
        whole = bytearray(sample(binary.request(dice))[:4000])
        whole[dice.pick([5, 6, 7])] = 1 + dice.below(255)  # data type and vbucket
        return bytes(whole)
    return dice.pick([packet(0x07), packet(0x17), packet(0x07, b"foo"), packet(0x17, value=b"x")])


def contradicting(dice, opcode):
    """A header whose parts need not fit into its body, with the bytes of these parts.

    memcached waits for them before it looks at what the header says. Where they do fit, the
    packet is whole, because what would be taken for the rest of it is no packet.
    """
    key_bytes = dice.pick([0, 1, 3, 250, 251, 1000])
    extra_bytes = dice.pick([0, 4, 8, 20, 255])
    body_bytes = dice.pick([0, 1, 3, 4, 7, 11, 23, 24, 255, 1 << 30, (1 << 31) - 1])
    follow = max(key_bytes + extra_bytes, body_bytes if body_bytes < 1000 else 0)
    return header(opcode, key_bytes, extra_bytes, body_bytes) + b"\0" * follow


def header(opcode, key_bytes, extra_bytes, body_bytes):
    return HEADER.pack(REQUEST, opcode, key_bytes, extra_bytes, 0, 0, body_bytes, 77, 0)


def binary_sequence(dice):
    """Packets for one connection in the binary protocol."""
    requests = [binary.NOOP, *(binary.request(dice) for _ in range(dice.below(5)))]
    if dice.chance(0.2):
        whole = sample(binary.request(dice))
        return [*requests, whole[: dice.below(len(whole)) + 1]]
    requests.append(Odd(wrong_packet(dice)))
    return requests + [binary.request(dice) for _ in range(dice.below(5))]


def sequence(dice, binary_too, mutations):
    if binary_too and dice.chance(0.4):
        return binary_sequence(dice)
    return text_sequence(dice, mutations and dice.chance(0.6))
