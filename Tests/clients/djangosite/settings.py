"""A small site that keeps pages, fragments and sessions in the cache.

The settings are those of Django's documentation of its cache framework.
"""

from pathlib import Path

from secured import PASSWORD, USER

BACKENDS = {
    "pymemcache": {
        "BACKEND": "django.core.cache.backends.memcached.PyMemcacheCache",
        "OPTIONS": {
            "no_delay": True,
            "ignore_exc": True,
            "max_pool_size": 4,
            "use_pooling": True,
        },
    },
    "pylibmc": {
        "BACKEND": "django.core.cache.backends.memcached.PyLibMCCache",
        "OPTIONS": {"behaviors": {"ketama": True}},
    },
    "pylibmc_login": {
        "BACKEND": "django.core.cache.backends.memcached.PyLibMCCache",
        "OPTIONS": {
            "binary": True,
            "username": USER,
            "password": PASSWORD,
            "behaviors": {"ketama": True},
        },
    },
}


def caches(backend, location, **default):
    """CACHES with one cache for each use, told apart by their prefixes."""
    common = BACKENDS[backend] | {"LOCATION": location}
    return {
        "default": common | default,
        "pages": common | {"KEY_PREFIX": "pages"},
        "sessions": common | {"KEY_PREFIX": "sessions"},
        "template_fragments": common | {"KEY_PREFIX": "fragments"},
    }


CACHES = caches("pymemcache", "127.0.0.1:11211")

CACHE_MIDDLEWARE_ALIAS = "pages"
CACHE_MIDDLEWARE_SECONDS = 600
CACHE_MIDDLEWARE_KEY_PREFIX = "site"

SESSION_ENGINE = "django.contrib.sessions.backends.cache"
SESSION_CACHE_ALIAS = "sessions"

MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
]
# The per-site cache: "update" has to come first, "fetch" last.
PER_SITE_MIDDLEWARE = [
    "django.middleware.cache.UpdateCacheMiddleware",
    *MIDDLEWARE,
    "django.middleware.cache.FetchFromCacheMiddleware",
]

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [Path(__file__).parent / "templates"],
    }
]

ROOT_URLCONF = "djangosite.urls"
SECRET_KEY = "for tests only"
ALLOWED_HOSTS = ["*"]
DATABASES = {}
USE_TZ = True
