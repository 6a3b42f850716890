"""Who may use a view. Every view declares it with one of these; a test walks every URL for it."""

import logging
from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from typing import Any

from allauth.mfa.models import Authenticator
from django.conf import settings
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.db import models
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.functional import SimpleLazyObject, cached_property
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django_htmx.http import HttpResponseClientRedirect

from academy.lib import clock, registry
from partners import acting, assurance, audit, typed
from partners.actions import sign_ins
from partners.models import Person, User
from partners.permissions import EVERYONE, PRIVILEGED, May, allows

View = Callable[..., HttpResponse]
security = logging.getLogger("security")


class Proxy(StrEnum):
    """What an administrator who acts as somebody else may do with a view. Whoever forgets to say gets LOOK."""

    NEVER = "nothing"  # signing, surveys, accounts, access roles: by one's own hand only
    LOOK = "look at its page"  # and neither send its form nor take a file away
    DO = "look and do"


class Viewer:
    """The signed-in person as the pages know them: who, on which day, with which access roles.

    Where an administrator acts as somebody else, that is the other person, and `acting` tells who sits there.
    """

    def __init__(self, person: Person, acting: acting.Acting | None = None) -> None:
        self.person = person
        self.acting = acting
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
    """Gives each request its `viewer`, fetched only when asked for; and events the name of who acts as another."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.viewer = SimpleLazyObject(lambda: _viewer(request))
        token = audit.hand.set(lambda: _administrator(request))
        try:
            return self.get_response(request)
        finally:
            audit.hand.reset(token)


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


def _viewer(request: HttpRequest) -> Viewer:
    with audit.by_own_hand():  # that acting has ended is recorded here, while nobody is known yet
        acts = acting.current(request, clock.now())
    return Viewer(acts.person if acts else request.user.person, acts)


def _administrator(request: HttpRequest) -> Person | None:
    """Who acts as the person signed in, if anybody does."""
    acts = request.user.is_authenticated and request.viewer.acting
    return acts.administrator if acts else None


def public(view: View | None = None, *, proxy: Proxy = Proxy.LOOK) -> View:
    """Anyone, signed in or not."""
    if view is None:
        return lambda view: public(view, proxy=proxy)

    @wraps(view)
    def wrapped(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        if proxy != Proxy.NEVER and request.method in ("GET", "HEAD"):
            return view(request, *args, **kwargs)  # what anyone may have needs no look at who this is
        return _by_hand(proxy, view, request, *args, **kwargs)

    wrapped.access, wrapped.proxy = "public", proxy
    return wrapped


def _known(view: View) -> View:
    """Whoever is not signed in is led to that, and back; a form that they sent from here is kept meanwhile."""
    led_there = login_required(view)

    @wraps(view)
    def wrapped(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        is_lost = request.method == "POST" and not request.user.is_authenticated and not request.htmx
        if is_lost and typed.came_from_here(request):
            return typed.kept(request)
        return led_there(request, *args, **kwargs)

    return wrapped


def signed_in(view: View | None = None, *, proxy: Proxy = Proxy.LOOK) -> View:
    """Anyone who is signed in; what they see of others is the view's `visible_to`."""
    if view is None:
        return lambda view: signed_in(view, proxy=proxy)

    @_known
    @wraps(view)
    def wrapped(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        return _by_hand(proxy, view, request, *args, **kwargs)

    wrapped.access, wrapped.proxy = "signed in", proxy
    return wrapped


def requires(what: May, *, proxy: Proxy = Proxy.LOOK) -> Callable[[View], View]:
    """Only people one of whose access roles allows it; others get 403."""

    def decorate(view: View) -> View:
        @_known
        @wraps(view)
        def wrapped(request: HttpRequest, *args, **kwargs) -> HttpResponse:
            if not request.viewer.may(what):
                raise PermissionDenied
            return _by_hand(proxy, view, request, *args, **kwargs)

        wrapped.access, wrapped.proxy = what, proxy
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

    A form may take longer to fill in than a page to open. Where it took too long even so, nothing happens, and what was
    typed comes back to be sent once more. Whoever acts as somebody else, and so only looks, is not asked.
    """

    @wraps(view)
    def wrapped(request: HttpRequest, *args, **kwargs) -> HttpResponse:
        return asked_to_confirm(request) or view(request, *args, **kwargs)

    wrapped.recently_confirmed = True
    return wrapped


def asked_to_confirm(request: HttpRequest) -> HttpResponse | None:
    """The answer to whoever has not shown of late that it is them; None to whoever has."""
    if request.method not in ("GET", "HEAD"):
        return None if has_confirmed(request, settings.CONFIRMED_FORM_FOR_MINUTES) else _keep_what_was_typed(request)
    if request.viewer.acting or has_confirmed(request, settings.CONFIRMED_FOR_MINUTES):
        return None
    way = f"{reverse('confirm')}?{urlencode({'next': request.get_full_path()})}"
    return HttpResponseClientRedirect(way) if request.htmx else redirect(way)


def _keep_what_was_typed(request: HttpRequest) -> HttpResponse:
    """A page that sends the form once more when its reader has shown who they are. A secret stays in the browser."""
    page = render(request, "errors/confirm_first.html", {"typed": typed.fields(request)}, status=403)
    add_never_cache_headers(page)
    return page


def has_confirmed(request: HttpRequest, within_minutes: int) -> bool:
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


def _by_hand(allowed: Proxy, view: View, request: HttpRequest, *args, **kwargs) -> HttpResponse:
    """The view's answer, unless somebody acts as another person and may not have it so. Raises PermissionDenied."""
    acts = request.user.is_authenticated and request.viewer.acting
    if not acts or allowed == Proxy.DO:
        return view(request, *args, **kwargs)
    if allowed == Proxy.NEVER or request.method not in ("GET", "HEAD"):
        raise PermissionDenied(f"Only {acts.person.name} can do this. Stop acting as them, and ask them to.")
    response = view(request, *args, **kwargs)
    if response.status_code == 200 and not _is_page(response):
        raise PermissionDenied(f"Only {acts.person.name} can take this file. Stop acting as them, and ask them to.")
    return response


def _is_page(response: HttpResponse) -> bool:
    return response.get("Content-Type", "").startswith("text/html") and "Content-Disposition" not in response


def visible_or_404(request: HttpRequest, visible: models.QuerySet, **lookup: object) -> models.Model:
    """The one among what the viewer may see, else 404: a 404 for what does exist leaves a line in the security log."""
    try:
        return get_object_or_404(visible, **lookup)
    except Http404:
        hidden = visible.model._base_manager.filter(**lookup).values_list("pk", flat=True).first()
        if hidden is not None:
            acts = request.viewer.acting
            facts = {"person": request.viewer.person.pk, "acting": acts.administrator.pk if acts else None}
            facts |= {"page": request.resolver_match.view_name, "of": visible.model._meta.label_lower, "id": hidden}
            security.warning("asked for something that is not theirs to see", extra={"facts": facts})
        raise
