"""Whether two answers are the same, but for what cannot be the same.

- CAS values: each server counts in its own way. The first time one is seen it is paired with
  the other server's; from then on the pair has to recur together, so a CAS that changes on one
  server only, or is given out twice by one, shows.
- Times (`t`, `l`, `exp=`, `la=`): the clocks of two servers tick at different moments.
- Keys that memcached has forgotten to have come in base64, if `key_forms` are to be alike.
- `cls=` and `size=` of `me`, and the version.
"""

import base64
import re

from . import keys
from .binary_packets import packets

SECONDS_APART = 2

VARIABLE = re.compile(
    rb"(VALUE [^ ]+ \d+ \d+ \d+(?=\r\n)"
    rb"| c\d+(?=[ \r])| t\d+(?=[ \r])| l\d+(?=[ \r])"
    rb"|exp=-?\d+|la=\d+|cas=\d+|cls=\d+ size=\d+|VERSION [0-9.]+)"
)
DIGITS = re.compile(rb"-?\d+\Z")


class Sameness:
    """Which CAS of the one server stands for which of the other.

    `ignores_sign` is for memcached 1.6.18, whose `me` shows times with the wrong sign;
    `unites_key_forms` takes a key in base64 and the same key as it is for the same.
    """

    def __init__(self, ignores_sign=False, unites_key_forms=False):
        self.theirs = {0: 0}  # no CAS
        self.ours = {0: 0}
        self.ignores_sign = ignores_sign
        self.unites_key_forms = unites_key_forms

    def agree(self, ours, theirs):
        return (
            self.theirs.setdefault(ours, theirs) == theirs
            and self.ours.setdefault(theirs, ours) == ours
        )


def same_variable(ours, theirs, sameness):
    kind = ours[:2]
    if kind != theirs[:2]:
        return False
    if kind in (b"VA", b" c", b"ca"):
        ours_before, ours_cas = split_number(ours)
        theirs_before, theirs_cas = split_number(theirs)
        return ours_before == theirs_before and sameness.agree(ours_cas, theirs_cas)
    if kind in (b" t", b" l", b"ex", b"la"):
        ours_time, theirs_time = split_number(ours)[1], split_number(theirs)[1]
        if sameness.ignores_sign and kind == b"ex":
            ours_time, theirs_time = abs(ours_time), abs(theirs_time)
        return abs(ours_time - theirs_time) <= SECONDS_APART
    return True  # the class and size of an item, and the version


def split_number(text):
    digits = DIGITS.search(text)
    return text[: digits.start()], int(digits[0])


ENCODED_KEY = re.compile(rb" k([A-Za-z0-9+/]+={0,2}) b(?=[ \r])")


def with_plain_keys(answer):
    """The answer, with all keys as they are and none in base64."""
    for key in keys.ALL:
        answer = answer.replace(b"ME %s exp" % keys.encoded(key), b"ME %s exp" % key)
    return ENCODED_KEY.sub(lambda found: b" k" + base64.b64decode(found[1]), answer)


def same_text(ours, theirs, sameness):
    """Compares two whole answers in text."""
    ours_parts = VARIABLE.split(ours)
    theirs_parts = VARIABLE.split(theirs)
    if ours_parts[::2] != theirs_parts[::2]:
        if not sameness.unites_key_forms:
            return False
        ours_parts = VARIABLE.split(with_plain_keys(ours))
        theirs_parts = VARIABLE.split(with_plain_keys(theirs))
        if ours_parts[::2] != theirs_parts[::2]:
            return False
    return all(
        map(lambda a, b: same_variable(a, b, sameness), ours_parts[1::2], theirs_parts[1::2])
    )


def same_packets(ours, theirs, sameness):
    """Compares two whole answers in the binary protocol."""
    ours_packets, theirs_packets = packets(ours), packets(theirs)
    if len(ours_packets) != len(theirs_packets):
        return False
    return all(map(lambda a, b: same_packet(a, b, sameness), ours_packets, theirs_packets))


def same_packet(ours, theirs, sameness):
    if ours[0] != theirs[0] or not sameness.agree(ours[1], theirs[1]):
        return False
    is_version = ours[0][1:2] == b"\x0b" and ours[0][6:8] == b"\0\0"
    return is_version or ours[2] == theirs[2]
