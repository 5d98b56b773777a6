"""Requests in the meta protocol that leave the connection in step."""

from . import keys, values
from .requests import Odd, WithCAS

OPAQUES = [b"O", b"O1", b"Oabc123", b"O" + b"o" * 31]
BAD_OPAQUE = b"O" + b"o" * 32
BAD_BASE64 = [b"Zm9", b"Z", b"====", b"Zm9v=", b"Zm9=", b"!!!!", b"Zm9vZg=", b"Z===", b"Zm=v"]

GET_FLAGS = [b"c", b"f", b"h", b"k", b"l", b"O", b"q", b"s", b"t", b"v", b"v", b"v", b"u"]
GET_CHANGES = [b"N", b"R", b"T", b"E", b"C"]
SET_FLAGS = [b"c", b"k", b"O", b"q", b"s", b"F", b"F", b"T", b"T"]
SET_CHANGES = [b"C", b"E", b"I", b"M", b"N"]
DELETE_FLAGS = [b"k", b"O", b"q"]
DELETE_CHANGES = [b"C", b"E", b"I", b"I", b"T", b"x"]
COUNT_FLAGS = [b"c", b"k", b"O", b"q", b"t", b"v", b"v"]
COUNT_CHANGES = [b"C", b"E", b"N", b"J", b"D", b"D", b"T", b"M", b"M"]
HINTS = [b"P", b"Ppath", b"L", b"Lpath/x"]

SET_MODES = [b"S", b"E", b"A", b"P", b"R", b"A", b"P", b"set", b"add", b"append"]
BAD_SET_MODES = [b"", b"s", b"a", b"X", b"0", b"I"]
COUNT_MODES = [b"I", b"D", b"+", b"-", b"incr", b"decr", b"D", b"-"]
COUNT_MODES_BAD = [b"", b"X", b"1", b"S"]


def wire_key(dice, numbers_first=False):
    """A key, its form on the wire and whether that is base64."""
    pool = keys.NUMBERS if numbers_first and dice.chance(0.7) else keys.ALL
    key = dice.pick(pool)
    if key in keys.BINARY or (len(key) < 187 and dice.chance(0.15)):
        return key, keys.encoded(key), True
    return key, key, False


def token(dice, flag, modes):
    """The flag with the argument that it takes; `C` stays alone, to be filled in later."""
    if flag == b"O":
        return dice.pick(OPAQUES)
    if flag in (b"T", b"N"):
        return flag + values.exptime(dice)
    if flag == b"R":
        return flag + dice.pick(values.RECACHE)
    if flag == b"F":
        return flag + dice.pick(values.CLIENT_FLAGS)
    if flag == b"E":
        return flag + dice.pick(values.EXPLICIT_CAS)
    if flag == b"M":
        return flag + dice.pick(modes)
    if flag in (b"J", b"D"):
        return flag + dice.pick(values.DELTAS)
    return flag


def flags(dice, plain, changes, modes):
    chosen = dice.some(plain, 4)
    if dice.chance(0.5):
        chosen += dice.some(changes, 2)
    if dice.chance(0.02):
        chosen.append(dice.pick(HINTS))
    unique = list(dict.fromkeys(chosen))
    return [token(dice, flag, modes) for flag in unique]


def assemble(dice, head, key, parts, tail):
    """The request; where it has a C, with the server's own CAS in it, mostly."""
    if b"C" not in parts:
        return b" ".join([head, *parts]) + tail
    place = parts.index(b"C")
    if dice.chance(0.1):
        parts[place] = b"C" + dice.pick(values.EXPLICIT_CAS)
        return b" ".join([head, *parts]) + tail
    before = b" ".join([head, *parts[:place], b"C"])
    after = b" ".join([b"", *parts[place + 1 :]]) + tail
    offset = dice.pick([0, 0, 0, values.OLDER, values.NEWER])
    return WithCAS(before, key, offset, after)


def with_key_form(dice, parts, is_base64):
    if is_base64:
        parts.insert(dice.below(len(parts) + 1), b"b")
    return parts


def get(dice):
    key, wire, is_base64 = wire_key(dice)
    parts = with_key_form(dice, flags(dice, GET_FLAGS, GET_CHANGES, ()), is_base64)
    return assemble(dice, b"mg " + wire, key, parts, b"\r\n")


def set_(dice):
    key, wire, is_base64 = wire_key(dice)
    value = values.value_for(dice, key)
    parts = with_key_form(dice, flags(dice, SET_FLAGS, SET_CHANGES, SET_MODES), is_base64)
    head = b"ms %s %d" % (wire, len(value))
    return assemble(dice, head, key, parts, b"\r\n" + value + b"\r\n")


def delete(dice):
    key, wire, is_base64 = wire_key(dice)
    parts = with_key_form(dice, flags(dice, DELETE_FLAGS, DELETE_CHANGES, ()), is_base64)
    return assemble(dice, b"md " + wire, key, parts, b"\r\n")


def count(dice):
    key, wire, is_base64 = wire_key(dice, numbers_first=True)
    parts = with_key_form(dice, flags(dice, COUNT_FLAGS, COUNT_CHANGES, COUNT_MODES), is_base64)
    return assemble(dice, b"ma " + wire, key, parts, b"\r\n")


def debug(dice):
    _, wire, is_base64 = wire_key(dice)
    return b"me " + wire + (b" b x\r\n" if is_base64 else b"\r\n")


def noop(dice):
    return dice.pick([b"mn\r\n", b"mn\r\n", b"mn foo bar\r\n", b"mn\n"])


WRONG_FLAGS = [
    b"v v",
    b"k c k",
    b"q q",
    b"O1 O2",
    b"T1 T2",
    b"w",
    b"g",
    b"1",
    b"{",
    b"!",
    b"~",
    b"=",
    b"\x7f",
    b"\xff",
    b"W",
    b"X",
    b"Z",
    BAD_OPAQUE,
    b"k " + BAD_OPAQUE,
    b"T",
    b"Tx",
    b"T1x",
    b"T2147483648",
    b"N",
    b"Nx",
    b"R",
    b"Rx",
    b"F",
    b"Fx",
    b"F-1",
    b"F4294967296",
    b"F+5",
    b"F007",
    b"C",
    b"Cx",
    b"C-1",
    b"C18446744073709551616",
    b"E",
    b"Ex",
    b"J",
    b"Jx",
    b"J-1",
    b"D",
    b"Dx",
    b"D-1",
    b"D18446744073709551616",
    b"M",
    b"Mx",
    b"MX",
    b"M1",
    b"S",
    b"S10",
    b"b",
    b"x",
    b"I",
    b"v k f t s c h l q O1 u P L x I b 1 2 3 4 5",
    b"v k f t s c h l q O1 u P L x I N0 T0 R0",
    b"v k f t s c h l q O1 u P L x I N0 T0 R0 C1 E1 F1 J1",
    b"vv",
    b"kfoo",
    b"qq",
    b" v  k   t ",
    b"v k\tc",
]


def wrong(dice):
    """What is refused, or taken in an odd way."""
    kind = dice.below(8)
    key = dice.pick(keys.TEXT)
    body = b"\r\nhi\r\n"
    if kind <= 3:
        flag = dice.pick(WRONG_FLAGS)
        if dice.chance(0.3):
            flag = dice.pick([b"k", b"q", b"O7", b"v"]) + b" " + flag
        if kind == 0:
            return b"ms %s 2 %s" % (key, flag) + body
        return dice.pick([b"mg", b"md", b"ma"]) + b" %s %s\r\n" % (key, flag)
    if kind == 4:
        bad = dice.pick(BAD_BASE64)
        if dice.chance(0.3):
            return b"ms %s 2 b k" % bad + body
        return dice.pick([b"mg", b"md", b"ma", b"me"]) + b" %s b k\r\n" % bad
    if kind == 5:
        long_key = dice.pick([keys.TOO_LONG, keys.encoded(b"y" * 187) + b" b"])
        if dice.chance(0.3):
            parts = long_key.partition(b" ")
            return b"ms %s 2 %s" % (parts[0], parts[2]) + body
        return dice.pick([b"mg", b"md", b"ma", b"me"]) + b" " + long_key + b"\r\n"
    if kind == 6:
        mode = dice.pick(BAD_SET_MODES)
        return b"ms %s 2 M%s" % (key, mode) + body
    return dice.pick(
        [
            b"mg\r\n",
            b"md\r\n",
            b"ma \r\n",
            b"me\r\n",
            b"ms\r\n",
            b"ms foo\r\n",
            b"ms foo S2\r\n",
            b"ms foo -1\r\n",
            b"ms foo 2x\r\n",
            b"ms foo v 2\r\n",
            b"ms foo 2147483646\r\n",
            b"mx foo\r\n",
            b"m\r\n",
            b"mgg foo\r\n",
            b"MG foo v\r\n",
            b"mn\n",
            b"mg  foo  v\r\n",
            b"mg foo v\n",
            b"ma n1 M" + dice.pick(COUNT_MODES_BAD) + b"\r\n",
            b"me foo v\r\n",
            b"mg foo noreply\r\n",
        ]
    )


KINDS = [get] * 8 + [set_] * 6 + [delete] * 3 + [count] * 4 + [debug]


def request(dice):
    roll = dice.random()
    if roll < 0.04:
        return Odd(wrong(dice))
    if roll < 0.045:
        return Odd(noop(dice))
    return dice.pick(KINDS)(dice)
