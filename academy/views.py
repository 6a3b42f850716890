"""Pages of the frame: its colours, its health, what it says about itself, and an expired form."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.http import require_safe

from academy import readiness
from academy.lib import clock, colours
from partners import typed
from partners.access import public, without_second_factor


@public
@without_second_factor
@require_safe
@cache_control(public=True, max_age=3600)
def brand_css(request: HttpRequest) -> HttpResponse:
    """The academy's own colours as a style sheet, since the content policy allows no inline styles."""
    brand = settings.BRAND_COLOUR
    palette = {
        "brand": brand,
        "brand_dark": colours.darken(brand),
        "tint": colours.tint(brand),
        "accent": settings.ACCENT_COLOUR,
    }
    return render(request, "brand.css", palette, content_type="text/css")


@public
@without_second_factor
@require_safe
def health(request: HttpRequest) -> HttpResponse:
    """200 while this process answers: whoever sees nothing here restarts it."""
    return JsonResponse({"status": "well"})


@public
@without_second_factor
@require_safe
@never_cache
def ready(request: HttpRequest) -> HttpResponse:
    """200 while pages can be served, else 503: whoever spreads requests leaves this process out.

    Without the broker or a worker people still book, and messages follow, so that is said and is no reason to stop.
    """
    report = readiness.report(clock.now())
    return JsonResponse(report, status=503 if report["status"] == "down" else 200)


@public
@without_second_factor
@require_safe
def accessibility(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/accessibility.html")


@public
@without_second_factor
@require_safe
def help_page(request: HttpRequest) -> HttpResponse:
    return render(request, "pages/help.html")


def session_expired(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form came back after its session ended: say so, and keep what was typed where it is from here."""
    if typed.came_from_here(request):
        return typed.kept(request)
    back = request.headers.get("Referer", "")
    safe = url_has_allowed_host_and_scheme(back, allowed_hosts={request.get_host()})
    return render(request, "errors/session_expired.html", {"typed": None, "back": back if safe else "/"}, status=403)
