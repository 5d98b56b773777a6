"""A Django site with the per-site, per-view and fragment caches, and sessions."""

import re
import time

import pytest
from django.conf import settings
from django.contrib.sessions.backends.cache import SessionStore
from django.core.cache import caches
from django.core.cache.utils import make_template_fragment_key
from django.test import Client
from django.test.utils import override_settings


def body(path, client=None, **headers):
    return (client or Client()).get(path, headers=headers).content.decode()


def is_cached(path, **headers):
    return body(path, **headers) == body(path, **headers)


@pytest.fixture
def per_site(site):
    with override_settings(MIDDLEWARE=settings.PER_SITE_MIDDLEWARE):
        yield


def test_per_site(per_site, daemon):
    first = Client().get("/plain")
    hits = daemon.stat("get_hits")
    second = Client().get("/plain")
    assert second.content == first.content
    assert second["Cache-Control"] == "max-age=600"
    assert second["Expires"] == first["Expires"]
    assert daemon.stat("get_hits") == hits + 2  # the list of headers, and the page

    assert Client().head("/plain").status_code == 200
    assert body("/plain?query=1") != first.content.decode()
    assert is_cached("/plain?query=1")


def test_per_site_is_renewed_by_clear(per_site):
    first = body("/plain")
    caches["pages"].clear()
    assert body("/plain") != first


@pytest.mark.parametrize("path", ["/missing", "/never", "/page/private"])
def test_per_site_leaves_out(per_site, path):
    assert not is_cached(path)


def test_per_site_does_not_cache_post(per_site):
    assert Client().post("/plain").content != Client().post("/plain").content


def test_per_view(site, daemon):
    assert not is_cached("/plain")
    assert is_cached("/page")
    assert is_cached("/page/1") and is_cached("/page/2")
    assert body("/page/1") != body("/page/2")
    assert is_cached("/page/prefixed") and is_cached("/page/elsewhere")
    assert not is_cached("/page/private")


def test_per_view_in_another_cache(site):
    page, elsewhere = body("/page"), body("/page/elsewhere")
    with site.using(KEY_PREFIX="renamed"):
        assert body("/page") != page
        assert body("/page/elsewhere") == elsewhere


def test_vary_on_headers(site):
    red = body("/page/by-header", x_colour="red")
    blue = body("/page/by-header", x_colour="blue")
    large = body("/page/by-header", x_colour="red", x_size="large")
    assert len({red, blue, large}) == 3
    assert body("/page/by-header", x_colour="red", x_other="1") == red
    assert body("/page/by-header", x_colour="blue") == blue
    assert body("/page/by-header", x_colour="red", x_size="large") == large


def test_vary_on_cookie(site):
    ann = body("/page/by-cookie", cookie="name=ann")
    bob = body("/page/by-cookie", cookie="name=bob")
    assert ann != bob
    assert body("/page/by-cookie", cookie="name=ann") == ann


def fragments(user):
    lines = body(f"/fragment/{user}").split("\n")
    return dict(re.match(r"(\w+).*?, run (\d+)$", line).groups() for line in lines if line)


def test_template_fragments(site):
    ann, ann_again, bob = fragments("ann"), fragments("ann"), fragments("bob")
    assert ann["uncached"] != ann_again["uncached"]
    assert ann["sidebar"] == ann_again["sidebar"] != bob["sidebar"]
    assert ann["footer"] == bob["footer"] and ann["forever"] == bob["forever"]

    key = make_template_fragment_key("sidebar", ["ann"])
    assert caches["template_fragments"].delete(key) is True
    assert caches["default"].get(make_template_fragment_key("footer")) is not None
    later = fragments("ann")
    assert later["sidebar"] != ann["sidebar"] and later["footer"] == ann["footer"]


def test_sessions(site):
    ann, bob = Client(), Client()
    assert [body("/visits", ann) for _ in range(3)] == ["1", "2", "3"]
    assert [body("/visits", bob) for _ in range(2)] == ["1", "2"]
    body("/leave", ann)
    assert body("/visits", ann) == "1"
    assert body("/visits", bob) == "3"


def test_sessions_are_lost_with_the_cache(site, daemon):
    client = Client()
    body("/visits", client)
    daemon.flush()
    assert body("/visits", client) == "1"


def test_session_store(site):
    session = SessionStore()
    session["cart"] = {"books": ["a" * 1000] * 100}
    session.create()
    key = session.session_key
    assert session.exists(key)
    loaded = SessionStore(key)
    assert loaded["cart"] == session["cart"]
    loaded.cycle_key()
    assert not session.exists(key) and loaded.exists(loaded.session_key)
    loaded.delete()
    assert not loaded.exists(loaded.session_key)


def test_expiry(site):
    client = Client()
    page, ticker = body("/page/short"), fragments("ann")
    assert body("/visits?seconds=1", client) == "1"
    time.sleep(2.1)
    later = fragments("ann")
    assert body("/page/short") != page
    assert later["ticker"] != ticker["ticker"] and later["forever"] == ticker["forever"]
    assert body("/visits", client) == "1"
