"""Putting a mark right after a run was closed."""

from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from courses.actions import charges, completion
from courses.actions.bookings import lock
from courses.models import Achievement, Attendance, Booking, Mark, Run, Session
from courses.models.states import WrongState
from partners import audit
from partners.models import Person


@audit.sentence("register.corrected", run=Run)
def _corrected(told: audit.Told) -> str:
    return f"corrected {told.own('mark')} on {told.detail('run')}: {told.detail('reason')}"


@transaction.atomic
def correct(*, booking: Booking, marks: Mapping[int, str], reason: str, by: Person, at: datetime) -> bool:
    """Change what the register of a closed run says of one person: `marks` is {session id: mark}. Returns whether they
    have completed the course then.

    Who has now completed it gets the achievement, with what follows; who has not any more loses it, and their
    certificate says that it was withdrawn. The ledger of charges follows. Raises WrongState while the run is open: then
    the register is there.
    """
    run = lock(booking.run)
    if run.state != Run.State.COMPLETED or booking.state != Booking.State.BOOKED:
        raise WrongState("Only marks on a closed run are corrected here.")
    before = dict(booking.attendances.values_list("session", "mark"))
    for session in run.sessions.filter(pk__in=[pk for pk, mark in marks.items() if mark != before.get(pk)]):
        _mark(booking, session, Mark(marks[session.pk]), reason, by, at)
    outcome = next(each for each in completion.outcomes(run) if each.booking == booking)
    _settle(outcome, run, at)
    charges.corrected(booking, by=by, at=at)
    return outcome.completed


def _mark(booking: Booking, session: Session, mark: Mark, reason: str, by: Person, at: datetime) -> None:
    facts = {"mark": mark, "marked_by": by, "marked_at": at}
    Attendance.objects.update_or_create(booking=booking, session=session, defaults=facts)
    details = {"run": booking.run_id, "session": session.pk, "mark": str(mark), "reason": reason}
    audit.record("register.corrected", by=by, at=at, about=booking, person=booking.person, **details)


def _settle(outcome: completion.Outcome, run: Run, at: datetime) -> None:
    """Let the achievement follow the marks. The same day's from elsewhere is enough."""
    booking = outcome.booking
    own = Achievement.objects.filter(booking=booking)
    same_day = {"person_id": booking.person_id, "course": run.course, "completed_on": run.last_day}
    if not outcome.completed:
        own.standing().update(revoked_at=at)
    elif not Achievement.objects.standing().filter(**same_day).exists() and not own.update(revoked_at=None):
        Achievement.objects.create(**same_day, run=run, booking=booking, recorded_at=at)
