"""Who really sits there: the session remembers as whom an administrator acts, and until when.

`request.user` stays the administrator's own account all the while, so nothing of signing in changes hands.
"""

from dataclasses import dataclass
from datetime import datetime

from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest

from academy.lib import clock
from academy.lib.dates import london_day
from partners.actions import acting as actions
from partners.models import Person

KEY = "acting"


@dataclass(frozen=True)
class Acting:
    """An administrator acts as a person until a moment."""

    administrator: Person
    person: Person
    until: datetime


def current(request: HttpRequest, at: datetime) -> Acting | None:
    """As whom the one who is signed in acts at that moment, if as anybody.

    It ends by itself, and is recorded so, once its time is up or the administrator may do so no longer.
    """
    kept = request.session.get(KEY)
    if not kept:
        return None
    administrator, until = request.user.person, datetime.fromisoformat(kept["until"])
    person = Person.objects.filter(pk=kept["person"]).first()
    if person and at < until and not actions.why_not(administrator, person, london_day(at)):
        return Acting(administrator, person, until)
    _forget(request, person, min(at, until))
    return None


def begin(request: HttpRequest, person: Person, *, reason: str, at: datetime) -> None:
    """From the next request on see the academy as `person`. Raises ActingRefused."""
    administrator, on = request.user.person, london_day(at)
    until = actions.begin(administrator=administrator, person=person, reason=reason, on=on, at=at)
    request.session[KEY] = {"person": person.pk, "until": until.isoformat()}


def end(request: HttpRequest, at: datetime) -> None:
    """Be oneself again; nothing happens to those who are."""
    if kept := request.session.get(KEY):
        until = datetime.fromisoformat(kept["until"])
        _forget(request, Person.objects.filter(pk=kept["person"]).first(), min(at, until))


def _forget(request: HttpRequest, person: Person | None, at: datetime) -> None:
    del request.session[KEY]
    if person:
        actions.end(administrator=request.user.person, person=person, at=at)


@receiver(user_logged_out)
def end_with_the_session(sender: type, request: HttpRequest | None, **kwargs: object) -> None:
    """Signing out ends acting, and says so."""
    if request is not None and request.user.is_authenticated:
        end(request, clock.now())
