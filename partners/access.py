"""Who may use a view. Every view declares it with one of these; a test walks every URL for it."""

from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.functional import SimpleLazyObject, cached_property
from django.utils.http import url_has_allowed_host_and_scheme, urlencode

from academy.lib import clock, registry
from partners import assurance
from partners.actions import sign_ins
from partners.models import Person, User
from partners.permissions import EVERYONE, PRIVILEGED, May, allows

View = Callable[..., HttpResponse]


class Viewer:
    """The signed-in person as the pages know them: who, on which day, with which access roles."""

    def __init__(self, person: Person) -> None:
        self.person = person
        self.today = clock.today()

    @cached_property
    def roles(self) -> set[str]:
        return registry.roles_of(self.person, self.today)

    def may(self, what: May) -> bool:
        return allows(EVERYONE, what) or allows(self.roles, what)

    @property
    def is_privileged(self) -> bool:
        """Whether they hold an access role that was granted."""
        return not PRIVILEGED.isdisjoint(self.roles)


class PersonMiddleware:
    """Gives each request `viewer` (None when signed out) and `person`, fetched only when asked for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.viewer = SimpleLazyObject(lambda: Viewer(request.user.person))
        return self.get_response(request)


class SecondFactorMiddleware:
    """Whoever holds a granted access role shows a second factor in this session before anything else."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_view(self, request: HttpRequest, view: View, args: Any, kwargs: Any) -> HttpResponse | None:
        if getattr(view, "without_second_factor", False) or not request.user.is_authenticated:
            return None
        if assurance.has_shown_second_factor(request) or not request.viewer.is_privileged:
            return None
        return _ask_second_factor(request)


def _ask_second_factor(request: HttpRequest) -> HttpResponse:
    """Lead to showing one, or to setting one up, and back. A form that was sent stays in the browser meanwhile."""
    way = reverse("confirm" if holds_second_factor(request.user) else "second_factor")
    if request.method in ("GET", "HEAD"):
        return redirect(f"{way}?{urlencode({'next': request.get_full_path()})}")
    back = safe_next(request, request.headers.get("Referer", ""), "home")
    return render(request, "errors/second_factor.html", {"way": way, "back": back}, status=403)


class SeenMiddleware:
    """Writes down every few minutes that a browser in which somebody is signed in was seen."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if request.session.accessed:
            sign_ins.seen(request.session, clock.now())
        return response


def public(view: View) -> View:
    """Anyone, signed in or not."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        return view(request, *args, **kwargs)

    wrapped.access = "public"
    return wrapped


def signed_in(view: View) -> View:
    """Anyone who is signed in; what they see of others is the view's `visible_to`."""
    wrapped = login_required(view)
    wrapped.access = "signed in"
    return wrapped


def requires(what: May) -> Callable[[View], View]:
    """Only people one of whose access roles allows it; others get 403."""

    def decorate(view: View) -> View:
        @login_required
        @wraps(view)
        def wrapped(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            if not request.viewer.may(what):
                raise PermissionDenied
            return view(request, *args, **kwargs)

        wrapped.access = what
        return wrapped

    return decorate


def without_second_factor(view: View) -> View:
    """Also for those who owe a second factor: the way to it, the way out, and what anyone may read."""

    @wraps(view)
    def wrapped(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        return view(request, *args, **kwargs)

    wrapped.without_second_factor = True
    return wrapped


def recently_confirmed(view: View) -> View:
    """Only for those who showed a few minutes ago that it is them; others are asked, and led back.

    A form may take longer to fill in than a page to open, so that what was typed is not lost.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        opens = request.method in ("GET", "HEAD")
        within = settings.CONFIRMED_FOR_MINUTES if opens else settings.CONFIRMED_FORM_FOR_MINUTES
        if has_confirmed(request, within_minutes=within):
            return view(request, *args, **kwargs)
        return redirect(f"{reverse('confirm')}?{urlencode({'next': request.get_full_path()})}")

    return wrapped


def has_confirmed(request: HttpRequest, *, within_minutes: int) -> bool:
    """Whether they showed so lately who they are: those who have a second factor by that, others by anything."""
    second_factor = holds_second_factor(request.user)
    return assurance.is_recent(request, second_factor=second_factor, within_minutes=within_minutes)


def holds_second_factor(user: User) -> bool:
    """Whether they have set one up. One query."""
    kinds = [Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    return Authenticator.objects.filter(user=user, type__in=kinds).exists()


def safe_next(request: HttpRequest, wanted: str, otherwise: str) -> str:
    """An address of this site that somebody wanted to go to; else the page named `otherwise`."""
    safe = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts={request.get_host()}, require_https=request.is_secure()
    )
    return wanted if safe else reverse(otherwise)
