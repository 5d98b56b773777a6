"""Requests in the classic text protocol that leave the connection in step."""

from . import keys, values
from .requests import Odd, WithCAS


def storage(dice):
    command = dice.pick([b"set", b"set", b"set", b"add", b"replace", b"append", b"prepend", b"cas"])
    key = dice.pick(keys.TEXT)
    value = values.value_for(dice, key)
    head = b"%s %s %s %s %d" % (
        command,
        key,
        dice.pick(values.CLIENT_FLAGS),
        values.exptime(dice),
        len(value),
    )
    tail = (b" noreply\r\n" if dice.chance(0.1) else b"\r\n") + value + b"\r\n"
    if command != b"cas":
        return head + tail
    return WithCAS(head + b" ", key, dice.pick([0, 0, 0, values.NEWER, values.OLDER]), tail)


def retrieval(dice):
    wanted = b" ".join(dice.pick(keys.TEXT) for _ in range(dice.pick([1, 1, 1, 2, 5])))
    return dice.pick([b"get ", b"gets "]) + wanted + b"\r\n"


def get_and_touch(dice):
    wanted = b" ".join(dice.pick(keys.TEXT) for _ in range(dice.pick([1, 1, 3])))
    return dice.pick([b"gat ", b"gats "]) + values.exptime(dice) + b" " + wanted + b"\r\n"


def ending(dice):
    return b" noreply\r\n" if dice.chance(0.1) else b"\r\n"


def counting(dice):
    key = dice.pick(keys.NUMBERS if dice.chance(0.8) else keys.TEXT)
    delta = dice.pick(values.DELTAS)
    return dice.pick([b"incr ", b"decr "]) + key + b" " + delta + ending(dice)


def delete(dice):
    return b"delete " + dice.pick(keys.TEXT) + ending(dice)


def touch(dice):
    return b"touch " + dice.pick(keys.TEXT) + b" " + values.exptime(dice) + ending(dice)


RARE = [
    b"flush_all\r\n",
    b"flush_all 0\r\n",
    b"flush_all -1\r\n",
    b"flush_all 100000\r\n",
    b"flush_all noreply\r\n",
    b"flush_all 0 noreply\r\n",
    b"flush_all x\r\n",
    b"verbosity 0\r\n",
    b"verbosity\r\n",
    b"verbosity x\r\n",
    b"verbosity 0 noreply\r\n",
    b"version\r\n",
    b"version junk\r\n",
    b"cache_memlimit\r\n",
    b"cache_memlimit 64\r\n",
    b"cache_memlimit 1\r\n",
    b"cache_memlimit x\r\n",
    b"stats reset\r\n",
    b"stats nonsense\r\n",
    b"stats detail\r\n",
    b"shutdown\r\n",
    b"bogus\r\n",
    b"GET foo\r\n",
    b"bogus noreply\r\n",
    b"\r\n",
    b"ab\r\n",
    b"set large 0 0 1100000\r\n" + b"x" * 1_100_000 + b"\r\n",
    b"add large 0 0 1048577\r\n" + b"x" * 1_048_577 + b"\r\n",
    b"set large 0 0 600000\r\n" + b"y" * 600_000 + b"\r\n",
    b"get large\r\n",
    b"delete large\r\n",
]


def wrong(dice):
    """A line that is refused, with its body where the server swallows one."""
    key = dice.pick(keys.TEXT)
    kind = dice.below(9)
    if kind == 0:
        return b"set %s %s 0 2\r\nhi\r\n" % (key, dice.pick(values.BAD_CLIENT_FLAGS) or b"y")
    if kind == 1:
        return b"set %s 0 %s 2\r\nhi\r\n" % (key, dice.pick(values.BAD_TIMES) or b"y")
    if kind == 2:
        return b"cas %s 0 0 2 %s\r\nhi\r\n" % (key, dice.pick(values.BAD_CAS))
    if kind == 3:
        return b"set %s 0 0 %s\r\n" % (key, dice.pick([b"x", b"-1", b"1x", b"2147483646"]))
    if kind == 4:
        return dice.pick([b"incr ", b"decr "]) + key + b" " + dice.pick(values.BAD_DELTAS) + b"\r\n"
    if kind == 5:
        return b"touch %s %s\r\n" % (key, dice.pick(values.BAD_TIMES))
    if kind == 6:
        return b"gat %s %s\r\n" % (dice.pick(values.BAD_TIMES), key)
    if kind == 7:
        long_key = dice.pick(
            [
                b"delete K\r\n",
                b"incr K 1\r\n",
                b"touch K 0\r\n",
                b"get K\r\n",
                b"get foo K bar\r\n",
                b"gat 0 foo K\r\n",
                b"set K 0 0 2\r\nhi\r\n",
            ]
        )
        # memcached drops the answers that wait when a get is refused: `mn` has them sent before.
        return b"mn\r\n" + long_key.replace(b"K", keys.TOO_LONG)
    words = dice.pick(
        [
            b"get",
            b"gets",
            b"gat",
            b"gat 0",
            b"set",
            b"set foo 0",
            b"add foo 0 0",
            b"cas foo 0 0",
            b"delete",
            b"touch",
            b"touch foo",
            b"incr",
            b"incr foo",
            b"decr foo",
            b"delete foo 0",
            b"incr n1 1 junk",
            b"touch foo 0 junk",
            b" get foo",
            b"get  foo",
            b"get foo ",
            b"get\tfoo",
        ]
    )
    return words + dice.pick([b"\r\n", b"\r\n", b"\n"])


KINDS = [storage] * 6 + [retrieval] * 5 + [get_and_touch, touch] + [counting] * 4 + [delete]


def request(dice):
    roll = dice.random()
    if roll < 0.0005:
        return Odd(dice.pick(RARE))
    if roll < 0.03:
        return Odd(wrong(dice))
    return dice.pick(KINDS)(dice)
