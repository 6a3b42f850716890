"""What people answer to the questions of a course, after they were booked: by somebody else, say."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from courses.actions.places import lock
from courses.models import Booking, Run
from courses.models.states import WrongState
from partners import audit
from partners.models import Person


@audit.sentence("booking.answered", run=Run)
def _answered(told: audit.Told) -> str:
    return f"changed {told.own('answers')} to what is asked about {told.detail('run')}"


@transaction.atomic
def answer(*, booking: Booking, answers: Mapping[str, str], by: Person, at: datetime) -> Booking:
    """Put these answers, {id of the question: answer}, in the place of those given before.

    Raises WrongState once the booking has ended or the run has started.
    """
    run = lock(booking.run)
    booking = Booking.objects.get(pk=booking.pk)
    if not booking.is_live:
        raise WrongState(f"This booking is {booking.get_state_display().lower()}.")
    if run.has_started(at):
        raise WrongState("This run has started, so what you tell us now would come too late.")
    booking.answers = dict(answers)
    booking.save(update_fields=["answers"])
    audit.record("booking.answered", by=by, at=at, about=booking, person=booking.person, run=run.pk)
    return booking
