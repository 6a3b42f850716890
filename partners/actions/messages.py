"""Messages that need a person's decision."""

from datetime import datetime

from django.db import transaction

from partners import audit
from partners.models import OutboxMessage, Person

State = OutboxMessage.State


class NotWaiting(Exception):
    """Somebody else decided about this message a moment ago. Fit to show."""


@audit.sentence("message.sent_again")
def _sent_again(told: audit.Told) -> str:
    return f"sent a message to {told.person} again"


@transaction.atomic
def send_again(*, message: OutboxMessage, by: Person, at: datetime) -> None:
    """Put a message that failed, or that may not have arrived, back into the outbox. Raises NotWaiting."""
    waiting = OutboxMessage.objects.filter(pk=message.pk, state__in=[State.FAILED, State.DOUBTFUL])
    if not waiting.update(state=State.QUEUED, due_at=at, attempts=0, note=""):
        raise NotWaiting("Someone else has dealt with this message already.")
    audit.record("message.sent_again", by=by, at=at, about=message, person=message.person)
