"""Who may use a view. Every view declares it with one of these; a test walks every URL for it."""

from collections.abc import Callable
from functools import wraps

from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.utils.functional import SimpleLazyObject, cached_property

from academy.lib import clock, registry
from partners.models import Person
from partners.permissions import EVERYONE, May, allows

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


class PersonMiddleware:
    """Gives each request `viewer` (None when signed out) and `person`, fetched only when asked for."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        request.viewer = SimpleLazyObject(lambda: Viewer(request.user.person))
        return self.get_response(request)


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
