"""Django's own tests of its memcached backends, from its source distribution."""

import re
import sys

import pytest
from daemon import is_memcached
from secured import PASSWORD, USER
from suites import run, source_of

PASSED = 58
# Django skips these for both backends: memcached has no culling that a client could set.
SKIPPED = {"test_cull", "test_cull_delete_when_store_empty", "test_zero_cull"}
# Over the binary protocol pylibmc refuses to count below zero itself, with another error.
FAILED_BY_PYLIBMC = {"test_incr", "test_decr"}
# There it sends a timeout of -1 as 0xffffffff, which memcached takes for a year to come.
FAILED_BY_MEMCACHED = {"test_zero_timeout"}

LOGIN = {
    "binary": True,
    "username": USER,
    "password": PASSWORD,
    "behaviors": {"ketama": True},
}

SETTINGS = """\
from test_sqlite import *

CACHES = {{
    "default": {{
        "BACKEND": "django.core.cache.backends.memcached.{backend}",
        "LOCATION": "{location}",
        "OPTIONS": {options},
    }},
}}
"""


def run_suite(daemon, backend, directory, options):
    """Returns the names of the tests that failed. All have to run on the daemon."""
    settings = directory / "suite_settings.py"
    location = daemon.location
    settings.write_text(SETTINGS.format(backend=backend, location=location, options=options))
    before = daemon.stat("cmd_set")

    command = [sys.executable, "-W", "ignore", "runtests.py", "--settings=suite_settings"]
    command += ["--parallel=1", "--verbosity=2", f"cache.tests.{backend}Tests"]
    code, output = run(command, source_of("Django") / "tests", PYTHONPATH=str(directory))

    ran = re.search(r"^Ran (\d+) tests? in ", output, re.MULTILINE)
    skipped = re.findall(r"^(test_\w+) .* \.\.\. skipped ", output, re.MULTILINE)
    failed = set(re.findall(r"^(?:ERROR|FAIL): (\w+) ", output, re.MULTILINE))
    assert ran and int(ran[1]) == PASSED + len(SKIPPED), output
    assert set(skipped) == SKIPPED, output
    assert (code == 0) == (failed == set()), output
    assert daemon.stat("cmd_set") > before + PASSED, "the suite used another server"
    return failed


@pytest.mark.parametrize("backend", ["PyMemcacheCache", "PyLibMCCache"])
@pytest.mark.parametrize("transport", ["tcp", "unix"])
def test_django_suite(daemon, backend, tmp_path):
    assert run_suite(daemon, backend, tmp_path, {}) == set()


def test_django_suite_with_a_login(sasl_daemon, tmp_path):
    failed = run_suite(sasl_daemon, "PyLibMCCache", tmp_path, LOGIN)
    assert failed == FAILED_BY_PYLIBMC | (FAILED_BY_MEMCACHED if is_memcached() else set())
