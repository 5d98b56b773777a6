"""Views that give another answer whenever they are really run."""

import itertools

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.vary import vary_on_cookie, vary_on_headers

runs = itertools.count(1)


def plain(request):
    return HttpResponse(f"run {next(runs)}")


def numbered(request, number):
    return HttpResponse(f"page {number}, run {next(runs)}")


def missing(request):
    return HttpResponse(f"run {next(runs)}", status=404)


never = never_cache(plain)
by_header = vary_on_headers("X-Colour", "X-Size")(plain)
by_cookie = vary_on_cookie(plain)
private = cache_control(private=True)(plain)


def fragment(request, user):
    context = {"user": user, "run": lambda: next(runs)}
    return render(request, "fragment.html", context)


def visits(request):
    request.session["visits"] = request.session.get("visits", 0) + 1
    if "seconds" in request.GET:
        request.session.set_expiry(int(request.GET["seconds"]))
    return HttpResponse(str(request.session["visits"]))


def leave(request):
    request.session.flush()
    return HttpResponse("left")
