"""Offering colleagues to come along for a day, or to be coached."""

from collections.abc import Iterable
from datetime import datetime

from django.db import transaction

from academy.lib.dates import london_day
from courses.models import Hosting, PracticeTheme
from partners import audit
from partners.models import Person

State = Hosting.State
FACTS = ("kind", "title", "about", "area", "when", "hours", "open_to", "closes_on")


class NoEmployer(Exception):
    """Whoever offers something works nowhere, as far as is known. Fit to show."""


@audit.named(Hosting)
def _names(ids) -> dict[int, str]:
    return {hosting.pk: hosting.title for hosting in Hosting.objects.filter(pk__in=ids)}


@audit.sentence("hosting.offered")
def _offered(told: audit.Told) -> str:
    return f"offered {told.about}"


@audit.sentence("hosting.changed")
def _changed(told: audit.Told) -> str:
    return f"changed the offer {told.about}"


@audit.sentence("hosting.closed")
def _closed(told: audit.Told) -> str:
    return f"closed the offer {told.about}"


@audit.sentence("hosting.opened")
def _opened(told: audit.Told) -> str:
    return f"opened the offer {told.about} again"


@transaction.atomic
def offer(*, hosting: Hosting, themes: Iterable[PracticeTheme], by: Person, at: datetime) -> Hosting:
    """Offer shadowing or coaching, as somebody of the agency and team where one works now.

    Raises NoEmployer where one works for no agency.
    """
    spell = by.employment(london_day(at))
    if spell is None:
        raise NoEmployer("Nothing is known of your job, so nobody could see where you work. Tell your coordinator.")
    hosting.host, hosting.agency, hosting.team, hosting.made_at = by, spell.agency, spell.team, at
    hosting.save()
    hosting.themes.set(themes)
    audit.record("hosting.offered", by=by, at=at, about=hosting, person=by)
    return hosting


@transaction.atomic
def change(*, hosting: Hosting, themes: Iterable[PracticeTheme], by: Person, at: datetime) -> None:
    """Save other words for it. Whoever has asked keeps the hours that they asked for."""
    hosting.save(update_fields=FACTS)
    hosting.themes.set(themes)
    audit.record("hosting.changed", by=by, at=at, about=hosting, person=hosting.host)


@transaction.atomic
def close(*, hosting: Hosting, by: Person, at: datetime) -> None:
    """Take no more requests; what was asked for and agreed stays. Raises WrongState where it is closed."""
    hosting.move_to(State.CLOSED)
    audit.record("hosting.closed", by=by, at=at, about=hosting, person=hosting.host)


@transaction.atomic
def reopen(*, hosting: Hosting, by: Person, at: datetime) -> None:
    """Take requests again. Raises WrongState where it is open."""
    hosting.move_to(State.OPEN)
    audit.record("hosting.opened", by=by, at=at, about=hosting, person=hosting.host)
