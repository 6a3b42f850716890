"""The academy's pages and, beside each, a plain view that returns the same bytes."""

from django.http import HttpRequest, HttpResponse
from django.urls import path

from academy.urls import urlpatterns as academy

BODIES: dict[str, bytes] = {}


def plain(request: HttpRequest, name: str) -> HttpResponse:
    """What Django itself and its middleware take, with a session and no work to do."""
    return HttpResponse(BODIES[name])


urlpatterns = [*academy, path("plain/<str:name>/", plain)]
