"""Taking registers, closing runs."""

from collections import Counter
from collections.abc import Mapping
from datetime import datetime

from django.db import transaction

from academy.lib.text import plural
from courses.actions import charges, completion
from courses.actions.places import lock
from courses.models import Achievement, Attendance, Mark, Run, Session
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


@audit.sentence("run.notes")
def _noted(told: audit.Told) -> str:
    return f"wrote the notes on {told.about}"


@transaction.atomic
def take_register(
    *,
    session: Session,
    marks: Mapping[int, str],
    by: Person,
    at: datetime,
    made: Mapping[int, datetime] | None = None,
    rest: str = "",
) -> int:
    """Save who was there: `marks` is {booking id: mark}, and `rest` the mark of those who have none yet. Returns how
    many people are marked for the session then.

    Of two marks the later one stands, by when they were `made` (`at`, where that is not said; never after it, nor
    before the session): so a phone that was without a connection undoes nothing, and may send the same again.
    Raises RegisterRefused before the session starts, once the run is closed, and for bookings that hold no place on it.
    """
    run = lock(session.run)
    if session.starts_at > at:
        raise RegisterRefused("This session has not started yet, so nobody can be marked for it.")
    if run.state != Run.State.PUBLISHED:
        raise RegisterRefused("This run is closed, so its register cannot be changed.")
    held = set(run.bookings.booked().values_list("pk", flat=True))
    if strangers := marks.keys() - held:
        raise RegisterRefused(f"{plural(len(strangers), 'person', 'people')} on this list no longer hold a place.")
    before = {mark.booking_id: mark for mark in session.attendances.filter(booking__in=held)}
    given = dict.fromkeys(held - before.keys(), rest) if rest else {}
    moments = {pk: max(session.starts_at, min(moment, at)) for pk, moment in (made or {}).items()}
    newer = [
        Attendance(booking_id=pk, session=session, mark=Mark(mark), marked_by=by, marked_at=moments.get(pk, at))
        for pk, mark in (given | dict(marks)).items()
        if pk not in before or before[pk].marked_at <= moments.get(pk, at)
    ]
    _save(newer)
    changed = [new for new in newer if new.booking_id not in before or before[new.booking_id].mark != new.mark]
    if changed:
        counts = Counter(str(new.mark) for new in changed)
        audit.record("register.taken", by=by, at=at, about=session, run=run.pk, **counts)
    return len(before.keys() | {new.booking_id for new in newer})


def _save(marks: list[Attendance]) -> None:
    Attendance.objects.bulk_create(
        marks,
        update_conflicts=True,
        unique_fields=["booking", "session"],
        update_fields=["mark", "marked_by", "marked_at"],
    )


def missing_marks(run: Run) -> int:
    """How many marks are still to be made: one per place held and session."""
    held, sessions = run.bookings.booked().count(), run.sessions.count()
    return held * sessions - Attendance.objects.filter(session__run=run, booking__in=run.bookings.booked()).count()


def why_not_close(run: Run, at: datetime) -> str:
    """Why a run cannot be closed yet, in a sentence; nothing where it can."""
    if not run.has_ended(at):
        return "The last session has not ended yet."
    if run.state == Run.State.PUBLISHED and (missing := missing_marks(run)):
        return f"{plural(missing, 'mark is', 'marks are')} still missing from the register."
    return ""


@transaction.atomic
def close_run(*, run: Run, by: Person, at: datetime) -> list[Achievement]:
    """Close a run: everyone who was there for enough of it has completed the course, once.

    Raises RegisterRefused while a session is still to come or a mark is missing, WrongState when closed already.
    """
    run = lock(run)
    if reason := why_not_close(run, at):
        raise RegisterRefused(reason)
    run.move_to(Run.State.COMPLETED)
    Achievement.objects.bulk_create(_achievements(run, at), ignore_conflicts=True)
    charges.of_closed_run(run, at=at)
    achievements = list(run.achievements.all())
    audit.record("run.closed", by=by, at=at, about=run, completed=len(achievements))
    return achievements


def _achievements(run: Run, at: datetime) -> list[Achievement]:
    return [
        Achievement(
            person_id=outcome.booking.person_id,
            course=run.course,
            run=run,
            booking=outcome.booking,
            completed_on=run.last_day,
            recorded_at=at,
        )
        for outcome in completion.outcomes(run)
        if outcome.completed
    ]


@transaction.atomic
def write_notes(*, run: Run, notes: str, by: Person, at: datetime) -> Run:
    """Replace the trainer's notes on a run. Saying the same again records nothing."""
    run = lock(run)
    if run.notes != notes:
        run.notes = notes
        run.save(update_fields=["notes"])
        audit.record("run.notes", by=by, at=at, about=run)
    return run
