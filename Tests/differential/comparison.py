"""Whether two answers are the same, but for what cannot be the same.

- CAS values: each server counts in its own way. The first time one is seen it is paired with
  the other server's; from then on the pair has to recur together, so a CAS that changes on one
  server only, or is given out twice by one, shows.
- Times (`t`, `l`, `exp=`, `la=`): the clocks of two servers tick at different moments.
- `cls=` and `size=` of `me`, and the version.
"""

import re

from .binary_packets import packets

SECONDS_APART = 2

VARIABLE = re.compile(
    rb"(VALUE [^ ]+ \d+ \d+ \d+(?=\r\n)"
    rb"| c\d+(?=[ \r])| t\d+(?=[ \r])| l\d+(?=[ \r])"
    rb"|exp=\d+|la=\d+|cas=\d+|cls=\d+ size=\d+|VERSION [0-9.]+)"
)
DIGITS = re.compile(rb"\d+\Z")


class CASPairs:
    """Which CAS of the one server stands for which of the other."""

    def __init__(self):
        self.theirs = {}
        self.ours = {}

    def agree(self, ours, theirs):
        return (
            self.theirs.setdefault(ours, theirs) == theirs
            and self.ours.setdefault(theirs, ours) == ours
        )


def same_variable(ours, theirs, pairs):
    kind = ours[:2]
    if kind != theirs[:2]:
        return False
    if kind in (b"VA", b" c", b"ca"):
        ours_before, ours_cas = split_number(ours)
        theirs_before, theirs_cas = split_number(theirs)
        return ours_before == theirs_before and pairs.agree(ours_cas, theirs_cas)
    if kind in (b" t", b" l", b"ex", b"la"):
        return abs(split_number(ours)[1] - split_number(theirs)[1]) <= SECONDS_APART
    return True  # the class and size of an item, and the version


def split_number(text):
    digits = DIGITS.search(text)
    return text[: digits.start()], int(digits[0])


def same_text(ours, theirs, pairs):
    """Compares two whole answers in text."""
    ours_parts = VARIABLE.split(ours)
    theirs_parts = VARIABLE.split(theirs)
    if ours_parts[::2] != theirs_parts[::2]:
        return False
    return all(map(lambda a, b: same_variable(a, b, pairs), ours_parts[1::2], theirs_parts[1::2]))


def same_packets(ours, theirs, pairs):
    """Compares two whole answers in the binary protocol."""
    ours_packets, theirs_packets = packets(ours), packets(theirs)
    if len(ours_packets) != len(theirs_packets):
        return False
    return all(map(lambda a, b: same_packet(a, b, pairs), ours_packets, theirs_packets))


def same_packet(ours, theirs, pairs):
    if ours[0] != theirs[0] or not pairs.agree(ours[1], theirs[1]):
        return False
    is_version = ours[0][1:2] == b"\x0b" and ours[0][6:8] == b"\0\0"
    return is_version or ours[2] == theirs[2]
