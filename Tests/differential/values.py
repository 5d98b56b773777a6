"""Values, times, flags and CAS values that requests carry."""

from . import keys

SHORT = [b"", b"x", b"hello", b"a\r\nb", b"\0\1\xfe", b" pad ", b"END", b"VALUE foo 0 1"]
NUMERIC = [
    b"0",
    b"1",
    b"9",
    b"10",
    b"99",
    b"100",
    b"18446744073709551615",
    b"18446744073709551614",
    b"18446744073709551616",
    b"-1",
    b"+1",
    b"12 ",
    b"007",
    b"1x",
]
LONG = [b"L" * 300, b"M" * 3000, b"N" * 17_000]

DELTAS = [b"0", b"1", b"1", b"2", b"10", b"95", b"18446744073709551615", b"9223372036854775808"]
BAD_DELTAS = [b"-1", b"x", b"1x", b"+1", b"18446744073709551616", b""]

# Seconds far away from each other, because the clocks of two servers tick apart.
LASTING = [b"0", b"100", b"1000", b"5000", b"2592000", b"2147483647"]
GONE = [b"-1", b"2592001", b"-2147483648"]
BAD_TIMES = [b"x", b"1x", b"", b"2147483648", b"-2147483649", b"1.5"]
RECACHE = [b"0", b"30", b"400", b"3000", b"6000", b"-1"]

CLIENT_FLAGS = [b"0", b"0", b"1", b"7", b"65535", b"4294967295"]
BAD_CLIENT_FLAGS = [b"-1", b"x", b"1x", b""]

# Beyond all that a server counts to, and apart from each other.
EXPLICIT_CAS = [b"0", b"1099511627776000", b"2199023255552000", b"18446744073709551615"]
BAD_CAS = [b"x", b"-1", b"1x", b"", b"18446744073709551616"]
NEWER = 1 << 50
OLDER = -1


def value_for(dice, key):
    """A number for the keys that are counted, mostly; anything for the others."""
    if dice.chance(0.01):
        return dice.pick(LONG)
    if (key in keys.NUMBERS) != dice.chance(0.05):
        return dice.pick(NUMERIC)
    return dice.pick(SHORT)


def exptime(dice):
    return dice.pick(LASTING if dice.chance(0.95) else GONE)
