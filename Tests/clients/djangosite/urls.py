from django.urls import path
from django.views.decorators.cache import cache_page

from djangosite import views

urlpatterns = [
    path("plain", views.plain),
    path("missing", views.missing),
    path("never", views.never),
    path("visits", views.visits),
    path("leave", views.leave),
    path("fragment/<str:user>", views.fragment),
    path("page", cache_page(600)(views.plain)),
    path("page/<int:number>", cache_page(600)(views.numbered)),
    path("page/short", cache_page(1)(views.plain)),
    path("page/prefixed", cache_page(600, key_prefix="other")(views.plain)),
    path("page/elsewhere", cache_page(600, cache="pages")(views.plain)),
    path("page/by-header", cache_page(600)(views.by_header)),
    path("page/by-cookie", cache_page(600)(views.by_cookie)),
    path("page/private", cache_page(600)(views.private)),
]
