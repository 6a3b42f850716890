"""Taking registers, closing runs."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction
from django.db.models import Q

from academy.lib.text import plural
from courses.actions import charges
from courses.actions.places import lock
from courses.models import Achievement, Attendance, Booking, Mark, Run, Session
from partners import audit
from partners.models import Person


class RegisterRefused(Exception):
    """Why a register cannot be saved or a run closed. Fit to show."""


@audit.sentence("register.taken", run=Run)
def _taken(told: audit.Told) -> str:
    return f"took a register of {told.detail('run')}"


@audit.sentence("run.closed")
def _closed(told: audit.Told) -> str:
    completed = plural(told.event.details.get("completed", 0), "person", "people")
    return f"closed {told.about}: {completed} completed the course"


@transaction.atomic
def take_register(*, session: Session, marks: Mapping[int, str], by: Person, at: datetime) -> int:
    """Save who was there: `marks` is {booking id: mark}; bookings of other runs are refused. Returns how many.

    Marking again replaces the mark. Raises RegisterRefused before the session starts, or once the run is closed.
    """
    run = lock(session.run)
    if session.starts_at > at:
        raise RegisterRefused("This session has not started yet, so nobody can be marked for it.")
    if run.state != Run.State.PUBLISHED:
        raise RegisterRefused("This run is closed, so its register cannot be changed.")
    if strangers := set(marks) - set(run.bookings.booked().values_list("pk", flat=True)):
        raise RegisterRefused(f"{plural(len(strangers), 'person', 'people')} on this list no longer hold a place.")
    Attendance.objects.bulk_create(
        (
            Attendance(booking_id=booking, session=session, mark=Mark(mark), marked_by=by, marked_at=at)
            for booking, mark in marks.items()
        ),
        update_conflicts=True,
        unique_fields=["booking", "session"],
        update_fields=["mark", "marked_by", "marked_at"],
    )
    audit.record("register.taken", by=by, at=at, about=session, run=run.pk, **Counter(marks.values()))
    return len(marks)


def missing_marks(run: Run) -> int:
    """How many marks are still to be made: one per place held and session."""
    held, sessions = run.bookings.booked().count(), run.sessions.count()
    return held * sessions - Attendance.objects.filter(session__run=run, booking__in=run.bookings.booked()).count()


@transaction.atomic
def close_run(*, run: Run, by: Person, at: datetime) -> list[Achievement]:
    """Close a run: everyone who was there for enough of it has completed the course, once.

    Raises RegisterRefused while a session is still to come or a mark is missing, WrongState when closed already.
    """
    run = lock(run)
    if not run.has_ended(at):
        raise RegisterRefused("The last session has not ended yet.")
    if run.state == Run.State.PUBLISHED and (missing := missing_marks(run)):
        raise RegisterRefused(f"{plural(missing, 'mark is', 'marks are')} still missing from the register.")
    run.move_to(Run.State.COMPLETED)
    Achievement.objects.bulk_create(_achievements(run, at), ignore_conflicts=True)
    charges.of_closed_run(run, at=at)
    achievements = list(run.achievements.all())
    audit.record("run.closed", by=by, at=at, about=run, completed=len(achievements))
    return achievements


def _achievements(run: Run, at: datetime) -> list[Achievement]:
    there = Attendance.objects.filter(session__run=run).filter(
        Q(mark=Mark.PRESENT) | Q(mark=Mark.LATE, booking__late_is_absent=False)
    )
    present = Counter(there.values_list("booking_id", flat=True))
    enough = run.course.attendance_share * run.sessions.count()
    return [
        Achievement(
            person_id=booking.person_id,
            course=run.course,
            run=run,
            booking=booking,
            completed_on=run.last_day,
            recorded_at=at,
        )
        for booking in Booking.objects.booked().filter(run=run)
        if present[booking.pk] * 100 >= enough
    ]
