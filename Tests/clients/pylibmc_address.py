"""A pytest plugin that gives pylibmc's own tests the address and the protocol to use.

Most of them heed MEMCACHED_PORT; those of ElastiCache's discovery have 11211 written
in. Many ask for the binary protocol though they test what both protocols do: with
CACHED_SUITE_PROTOCOL=text they use the text protocol instead.
"""

import os


def pytest_configure():
    import pylibmc.autoconf
    import pylibmc.test

    port = os.environ["MEMCACHED_PORT"]
    elasticache = pylibmc.autoconf.elasticache
    elasticache.__defaults__ = (f"127.0.0.1:{port}", *elasticache.__defaults__[1:])

    if os.environ["CACHED_SUITE_PROTOCOL"] == "text":
        make_test_client = pylibmc.test.make_test_client

        def make_text_client(*arguments, **options):
            options.pop("binary", None)
            return make_test_client(*arguments, **options)

        # Before the tests are imported: they take this function by name.
        pylibmc.test.make_test_client = make_text_client

    from tests import PylibmcTestCase

    PylibmcTestCase.memcached_port = port
