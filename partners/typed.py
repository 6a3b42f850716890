"""What somebody typed into a form that could not be taken: a page keeps it, so that it can be sent once more."""

import re

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.cache import add_never_cache_headers

SECRET = re.compile(r"password|secret|^code$")  # what fields are called that no page repeats


def came_from_here(request: HttpRequest) -> bool:
    """Whether a page of this site sent the form: a browser says so, and no other site can. What others send is never
    offered to be sent once more."""
    return request.headers.get("Origin") == f"{request.scheme}://{request.get_host()}"


def fields(request: HttpRequest) -> list[tuple[str, str]] | None:
    """What was sent, apart from files; None where a secret is among it, which stays in the browser."""
    sent = [(name, value) for name, values in request.POST.lists() for value in values]
    if any(SECRET.search(name) and value for name, value in sent):
        return None
    return [(name, value) for name, value in sent if name != "csrfmiddlewaretoken"]


def kept(request: HttpRequest) -> HttpResponse:
    """The page for a form that came after its session had ended: to sign in elsewhere, and send it once more."""
    known = request.user.person.name if request.user.is_authenticated else ""
    context = {"typed": fields(request), "known": known, "has_files": bool(request.FILES)}
    page = render(request, "errors/session_expired.html", context, status=403)
    add_never_cache_headers(page)
    return page
