"""What a trainer writes to everybody who holds a place on a run."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from academy.lib.text import plural
from courses.actions.bookings import lock
from courses.emails import run_messages as emails
from courses.models import Run, RunMessage
from partners import audit
from partners.models import Person


class NobodyToTell(Exception):
    """Nobody holds a place. Fit to show."""


@audit.sentence("run.message", run=Run)
def _told(told: audit.Told) -> str:
    return f"wrote to {plural(told.event.details.get('recipients', 0), 'delegate')} of {told.detail('run')}"


@transaction.atomic
def send(*, run: Run, text: str, token: UUID, by: Person, at: datetime) -> RunMessage:
    """Send `text` to everybody who now holds a place. The same form sent again sends nothing. Raises NobodyToTell."""
    run = lock(run)
    if sent := run.messages.filter(token=token).first():
        return sent
    people = list(run.bookings.booked().values_list("person", flat=True))
    if not people:
        raise NobodyToTell("Nobody holds a place on this run, so there is nobody to write to.")
    message = RunMessage.objects.create(run=run, text=text, sent_by=by, sent_at=at, recipients=len(people), token=token)
    emails.to_delegates(message, people, at)
    audit.record("run.message", by=by, at=at, about=message, run=run.pk, recipients=len(people))
    return message
