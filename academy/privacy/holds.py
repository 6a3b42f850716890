"""Placing and ending legal holds."""

from datetime import date, datetime

from django.db import IntegrityError, transaction

from academy.lib.dates import london_day
from academy.lib.text import day
from academy.privacy.models import Hold
from partners import audit
from partners.models import Agency, Person


@audit.sentence("hold.placed")
def _placed(told: audit.Told) -> str:
    return f"placed a hold on {_on_whom(told)}"


@audit.sentence("hold.ended")
def _ended(told: audit.Told) -> str:
    return f"ended a hold on {_on_whom(told)}"


def _on_whom(told: audit.Told) -> str:
    return told.person if told.event.person_id else "an agency"


class CannotHold(Exception):
    """Why a hold is not placed or ended. Fit to show."""


@transaction.atomic
def place(*, on: Person | Agency, by: Person, at: datetime, reason: str, review_on: date) -> Hold:
    """Keep all records of a person, or of everyone whom an agency's records name, until the hold is ended. Audited.

    Raises CannotHold where there is one already, or where the day to review it has not to come.
    """
    if review_on <= london_day(at):
        raise CannotHold("Choose a day to come: on it, somebody looks whether the hold is still needed.")
    whose = {"person": on} if isinstance(on, Person) else {"agency": on}
    if isinstance(on, Person):  # an erasure that is under way ends first
        Person.objects.select_for_update(no_key=True).get(pk=on.pk)
    try:
        with transaction.atomic():
            hold = Hold.objects.create(
                **whose, reason=reason, from_date=london_day(at), review_on=review_on, placed_by=by
            )
    except IntegrityError:
        raise CannotHold("There is a hold already.") from None
    audit.record("hold.placed", by=by, at=at, about=hold, person=hold.person, review_on=day(review_on))
    return hold


@transaction.atomic
def end(*, hold: Hold, by: Person, at: datetime) -> None:
    """End a hold: from the next night on the schedule applies again. Audited. Raises CannotHold where it has ended."""
    if not Hold.objects.in_force().filter(pk=hold.pk).update(ended_at=at, ended_by=by):
        raise CannotHold("Somebody else has ended this hold already.")
    audit.record("hold.ended", by=by, at=at, about=hold, person=hold.person)
