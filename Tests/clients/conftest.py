"""Daemons for the tests to talk to, and a Django site that caches in them."""

import os
from dataclasses import dataclass

import pytest
from daemon import Daemon, server_binary
from secured import LoginDaemon, SASLDaemon, TLSDaemon, TLSLoginDaemon

pytest.register_assert_rewrite("checks")

os.environ["DJANGO_SETTINGS_MODULE"] = "djangosite.settings"


def pytest_report_header():
    return f"server: {server_binary()}"


@pytest.fixture(scope="module")
def tcp_daemon():
    with Daemon() as daemon:
        yield daemon


@pytest.fixture(scope="module")
def unix_daemon():
    with Daemon(unix=True) as daemon:
        yield daemon


@pytest.fixture(scope="module")
def login_daemon():
    with LoginDaemon() as daemon:
        yield daemon


@pytest.fixture(scope="module")
def sasl_daemon():
    with SASLDaemon() as daemon:
        yield daemon


@pytest.fixture(scope="module")
def tls_daemon():
    with TLSDaemon() as daemon:
        yield daemon


@pytest.fixture(scope="module")
def tls_login_daemon():
    with TLSLoginDaemon() as daemon:
        yield daemon


# A backend of Django's settings, and the daemon to use with it.
CONFIGURATIONS = [
    ("pymemcache", "tcp"),
    ("pymemcache", "unix"),
    ("pylibmc", "tcp"),
    ("pylibmc", "unix"),
    ("pylibmc_login", "sasl"),
]


@pytest.fixture(params=CONFIGURATIONS, ids="-".join)
def configuration(request):
    return request.param


@pytest.fixture
def backend(configuration):
    """One of Django's backends for memcached, by its name in the site's settings."""
    return configuration[0]


@pytest.fixture
def transport(configuration):
    return configuration[1]


@pytest.fixture
def daemon(request, transport):
    """An empty daemon, over each transport. Each file of tests has its own."""
    daemon = request.getfixturevalue(f"{transport}_daemon")
    daemon.flush()
    return daemon


@dataclass
class Site:
    """The Django site, with its caches in a daemon."""

    backend: str
    location: str

    def using(self, location=None, **default):
        """Settings with other daemons, or with other values for the default cache:
        for use in a `with`."""
        from django.test.utils import override_settings
        from djangosite.settings import caches

        return override_settings(
            CACHES=caches(self.backend, location or self.location, **default)
        )


@pytest.fixture(scope="session")
def django_ready():
    import django
    import django.test  # connects the signal that lets changed CACHES take effect

    django.setup()


@pytest.fixture
def site(django_ready, backend, daemon):
    site = Site(backend, daemon.location)
    with site.using():
        yield site


@pytest.fixture
def cache(site):
    from django.core.cache import cache

    return cache
