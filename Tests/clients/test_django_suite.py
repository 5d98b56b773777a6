"""Django's own tests of its memcached backends, from its source distribution."""

import re
import sys

import pytest
from suites import run, source_of

PASSED = 58
# Django skips these for both backends: memcached has no culling that a client could set.
SKIPPED = {"test_cull", "test_cull_delete_when_store_empty", "test_zero_cull"}

SETTINGS = """\
from test_sqlite import *

CACHES = {{
    "default": {{
        "BACKEND": "django.core.cache.backends.memcached.{backend}",
        "LOCATION": "{location}",
    }},
}}
"""


@pytest.mark.parametrize("backend", ["PyMemcacheCache", "PyLibMCCache"])
def test_django_suite(daemon, backend, tmp_path):
    settings = tmp_path / "suite_settings.py"
    settings.write_text(SETTINGS.format(backend=backend, location=daemon.location))
    before = daemon.stat("cmd_set")

    command = [sys.executable, "-W", "ignore", "runtests.py", "--settings=suite_settings"]
    command += ["--parallel=1", "--verbosity=2", f"cache.tests.{backend}Tests"]
    code, output = run(command, source_of("Django") / "tests", PYTHONPATH=str(tmp_path))

    ran = re.search(r"^Ran (\d+) tests? in ", output, re.MULTILINE)
    skipped = re.findall(r"^(test_\w+) .* \.\.\. skipped ", output, re.MULTILINE)
    assert code == 0, output
    assert ran and int(ran[1]) == PASSED + len(SKIPPED), output
    assert set(skipped) == SKIPPED, output
    assert f"\nOK (skipped={len(SKIPPED)})" in output, output
    assert daemon.stat("cmd_set") > before + PASSED, "the suite used another server"
