"""MAX_ENTRIES and CULL_FREQUENCY, which memcached has not: the daemon has to keep the
same keys as Django's own cache in memory does."""

import random

import pytest
from daemon import Daemon, is_memcached

pytestmark = pytest.mark.skipif(is_memcached(), reason="memcached has no such options")


def use(cache, seed):
    """Sets new keys, and reads and deletes some, the same ones for the same seed.

    Only new keys: with LocMemCache overwriting a key may cull too, with ours never."""
    choice = random.Random(seed)
    for number in range(1000):
        assert cache.add(f"key{number}", number) if number % 5 == 0 else True
        if number % 5:
            cache.set(f"key{number}", number)
        for _ in range(choice.randrange(3)):
            cache.get(f"key{choice.randrange(max(0, number - 400), number + 1)}")
        if choice.random() < 0.1:
            cache.delete(f"key{choice.randrange(max(0, number - 100), number + 1)}")


@pytest.mark.parametrize("max_entries", [1, 2, 10, 300])
@pytest.mark.parametrize("cull_frequency", [0, 1, 2, 3, 10])
def test_same_survivors_as_locmem(django_ready, max_entries, cull_frequency):
    from django.core.cache import caches
    from django.test.utils import override_settings
    from djangosite.settings import BACKENDS

    options = {"MAX_ENTRIES": max_entries, "CULL_FREQUENCY": cull_frequency}
    locmem = {
        "BACKEND": "django.core.cache.backends.locmem.LocMemCache",
        "LOCATION": f"{max_entries}-{cull_frequency}",
        "OPTIONS": options,
        "TIMEOUT": None,
    }
    flags = ["--max-entries", max_entries, "--cull-frequency", cull_frequency]
    with Daemon(*flags) as daemon:
        ours = BACKENDS["pymemcache"] | {"LOCATION": daemon.location, "TIMEOUT": None}
        with override_settings(CACHES={"default": ours, "locmem": locmem}):
            for seed in range(3):
                survivors = []
                for cache in caches["locmem"], caches["default"]:
                    cache.clear()
                    use(cache, seed)
                    survivors.append([n for n in range(1000) if f"key{n}" in cache])
                assert survivors[0] == survivors[1], f"seed {seed}"
