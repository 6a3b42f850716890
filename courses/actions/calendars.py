"""The secret address of somebody's own calendar: made, renewed and ended."""

from datetime import datetime
from uuid import uuid4

from django.db import transaction

from courses.models import CalendarFeed
from partners import audit
from partners.models import Person


@audit.sentence("calendar.made")
def _told_made(told: audit.Told) -> str:
    return "made an address for the own calendar"


@audit.sentence("calendar.ended")
def _told_ended(told: audit.Told) -> str:
    return "ended the address of the own calendar"


@transaction.atomic
def make(*, person: Person, at: datetime) -> CalendarFeed:
    """A new address for `person`'s calendar; one that there was answers no more. Audited."""
    made, _ = CalendarFeed.objects.update_or_create(person=person, defaults={"key": uuid4(), "made_at": at})
    audit.record("calendar.made", by=person, at=at, about=person, person=person)
    return made


@transaction.atomic
def end(*, person: Person, at: datetime) -> None:
    """The address answers no more. Audited, where there was one."""
    ended, _ = CalendarFeed.objects.filter(person=person).delete()
    if ended:
        audit.record("calendar.ended", by=person, at=at, about=person, person=person)
