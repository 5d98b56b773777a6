"""The keys that survive are those that survive in Django's LocMemCache.

Both go through the same seeded operations; after each one the survivors must
be equal. Asking a cache for a key moves it, so the server is asked in a
replay of its own for every step. CACHED_CULLING_SEED repeats a run.
"""

import contextlib
import itertools
import os
import random

import pytest

from client import set_

pytestmark = pytest.mark.cached_only("culling by number of entries, as Django's caches do it")

pytest.importorskip("django", reason="pip install django")
from django.conf import settings  # noqa: E402
from django.core.cache.backends.locmem import LocMemCache  # noqa: E402

if not settings.configured:
    settings.configure()

SEED = int(os.environ.get("CACHED_CULLING_SEED", "1"))
NAMES = itertools.count()


class Reference(LocMemCache):
    """LocMemCache with the two stated differences: overwriting a key that is
    present does not cull, and what has expired goes before anything else."""

    def __init__(self, entries, frequency):
        options = {"MAX_ENTRIES": entries, "CULL_FREQUENCY": frequency}
        super().__init__(f"reference {next(NAMES)}", {"TIMEOUT": None, "OPTIONS": options})

    def _set(self, key, value, timeout=None):
        if key in self._cache and not self._has_expired(key):
            self._cache[key] = value
            self._cache.move_to_end(key, last=False)
            self._expire_info[key] = self.get_backend_timeout(timeout)
            return
        for other in [other for other in self._cache if self._has_expired(other)]:
            self._delete(other)
        super()._set(key, value, timeout)

    def survivors(self, keys):
        names = {key: self.make_key(key) for key in keys}
        return {
            key
            for key, name in names.items()
            if name in self._cache and not self._has_expired(name)
        }


def incr(cache, key):
    with contextlib.suppress(ValueError):
        cache.incr(key)


# Each operation for both: what LocMemCache is told, what the server is sent, how often.
OPERATIONS = {
    "set": (lambda cache, key: cache.set(key, 1), lambda key: set_(key, b"1"), 45),
    "get": (lambda cache, key: cache.get(key), lambda key: b"get %s\r\n" % key, 25),
    "add": (lambda cache, key: cache.add(key, 1), lambda key: b"add %s 0 0 1\r\n1\r\n" % key, 8),
    "incr": (incr, lambda key: b"incr %s 1\r\n" % key, 7),
    "delete": (lambda cache, key: cache.delete(key), lambda key: b"delete %s\r\n" % key, 6),
    "touch": (lambda cache, key: cache.touch(key, None), lambda key: b"touch %s 0\r\n" % key, 5),
    "expire": (lambda cache, key: cache.touch(key, -1), lambda key: b"touch %s -1\r\n" % key, 4),
}


def sequence(rng, length, keys):
    kinds = rng.choices(
        list(OPERATIONS), weights=[weight for *_, weight in OPERATIONS.values()], k=length
    )
    return [(kind, rng.choice(keys)) for kind in kinds]


@pytest.mark.parametrize("frequency", [0, 1, 2, 3, 10])
@pytest.mark.parametrize("entries", [1, 2, 3, 5, 10, 50, 300])
def test_the_survivors_are_those_of_locmem(launch, entries, frequency):
    rng = random.Random(f"{SEED} {entries} {frequency}")
    keys = [f"k{number}" for number in range(2 * entries + 3)]
    steps = sequence(rng, 120 + 5 * entries, keys)
    every = 1 if entries <= 10 else entries // 4
    server = launch("--max-entries", str(entries), "--cull-frequency", str(frequency))
    reference = Reference(entries, frequency)
    requests = []
    with server.connect() as client:
        for number, (kind, key) in enumerate(steps, 1):
            tell, encode, _ = OPERATIONS[kind]
            tell(reference, key)
            requests.append(encode(key.encode()))
            if number % every == 0 or number == len(steps):
                client.run(b"flush_all\r\n" + b"".join(requests))
                reply = client.run(b"get " + " ".join(keys).encode() + b"\r\n")
                left = {
                    line.split()[1].decode()
                    for line in reply.split(b"\r\n")
                    if line.startswith(b"VALUE ")
                }
                assert left == reference.survivors(keys), steps[:number]
