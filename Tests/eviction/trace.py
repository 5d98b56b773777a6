"""Which keys are asked for, in which order: numbers of 32 bits."""

import array
import random
import struct
import sys
from itertools import accumulate

REQUESTS = 130_000
# Of these keys each is asked for three times before the rest begins. They fill most of the cache.
FIRST_KEYS = 8_000
POPULAR_KEYS = 12_000
SCANNED_KEYS = 10_000
# A scan begins after so many requests.
SCAN_INTERVAL = 40_000
# Popularity moves on by some keys every so many requests.
DRIFT_INTERVAL = 2_000
DRIFT_KEYS = 120


def generated(seed=1):
    """A web site's cache: few keys are popular, and not for ever; one request in ten is for a
    key that nobody wants again; and now and then a crawler asks for everything once.

    In the beginning a cache fills with what is asked for again and again. Otherwise most of it is
    S3-FIFO's small queue until enough was asked for twice, where libcachesim fills the main queue
    with anything: a difference of 1.6 points here, which has nothing to do with a full cache.
    """
    chance = random.Random(seed)
    weights = list(accumulate(1 / rank**0.9 for rank in range(1, POPULAR_KEYS + 1)))
    ranks = chance.choices(range(POPULAR_KEYS), cum_weights=weights, k=REQUESTS)
    keys = array.array("L", 3 * list(range(1, 1 + FIRST_KEYS)))
    wonders = 2_000_000
    for position, rank in enumerate(ranks):
        in_interval = position % SCAN_INTERVAL
        if position >= SCAN_INTERVAL and in_interval < SCANNED_KEYS:
            keys.append(1_000_000 + in_interval)
        elif chance.random() < 0.1:
            wonders += 1
            keys.append(wonders)
        else:
            # Ranks are spread, so that neighbours in the order are none in popularity.
            keys.append(1 + rank + position // DRIFT_INTERVAL * DRIFT_KEYS)
    return keys


def from_file(path, requests):
    """The first `requests` numbers of a file of 32-bit big-endian ones."""
    keys = array.array("I")
    assert keys.itemsize == 4
    with open(path, "rb") as file:
        keys.frombytes(file.read(requests * 4))
    if sys.byteorder == "little":
        keys.byteswap()
    return keys


def write_oracle_general(keys, path):
    """The trace as libcachesim reads it: time, object, size, time of the next request."""
    record = struct.Struct("<IQIq")
    with open(path, "wb") as file:
        # Object 0 stands for none there.
        file.writelines(record.pack(0, key + 1, 1, -1) for key in keys)
