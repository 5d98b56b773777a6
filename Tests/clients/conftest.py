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


@pytest.fixture(params=["tcp", "unix"])
def transport(request):
    return request.param


@pytest.fixture
def daemon(request, transport):
    """An empty daemon, over each transport. Each file of tests has its own."""
    daemon = request.getfixturevalue(f"{transport}_daemon")
    daemon.flush()
    return daemon


@pytest.fixture(params=["pymemcache", "pylibmc"])
def backend(request):
    """Either of Django's two backends for memcached, by the name of its library."""
    return request.param


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
