"""What people are told when a run that they were to come to, or to teach, is moved or cancelled."""

from collections.abc import Iterable
from datetime import datetime

from courses.emails import invitations
from courses.models import Booking, Run
from partners import outbox
from partners.models import OutboxMessage
from partners.outbox import Mail


def _load_runs(ids: set[int], at: datetime) -> dict[int, Run]:
    return Run.objects.select_related("course").prefetch_related("sessions").in_bulk(ids)


def _not_live(booking: Booking, at: datetime) -> str:
    return "" if booking.is_live and booking.run.state == Run.State.PUBLISHED else "they no longer come"


def _not_open(run: Run, at: datetime) -> str:
    return "" if run.state == Run.State.PUBLISHED else "it is cancelled or over"


def _mail(run: Run, subject: str, template: str, booking: Booking | None = None) -> Mail:
    context = {"run": run, "course": run.course, "sessions": run.sessions.all(), "booking": booking}
    calendar = invitations.of(booking) if booking else None
    return outbox.mail(f"{subject}: {run.course.title}", f"courses/{template}", calendar=calendar, **context)


@outbox.kind("courses.run_moved", subject="booking", load=invitations.load, unwanted=_not_live)
def _moved(booking: Booking) -> Mail:
    return _mail(booking.run, "New date or place", "run_moved", booking=booking)


@outbox.kind("courses.run_moved_trainer", subject="run", load=_load_runs, unwanted=_not_open)
def _moved_trainer(run: Run) -> Mail:
    return _mail(run, "New date or place", "run_moved_trainer")


@outbox.kind("courses.run_cancelled", subject="booking", load=invitations.load)
def _cancelled(booking: Booking) -> Mail:
    return _mail(booking.run, "Cancelled", "run_cancelled", booking=booking)


@outbox.kind("courses.run_cancelled_trainer", subject="run", load=_load_runs)
def _cancelled_trainer(run: Run) -> Mail:
    return _mail(run, "Cancelled", "run_cancelled_trainer")


def moved(run: Run, bookings: Iterable[Booking], gone: Iterable[int], at: datetime) -> None:
    """'This training has moved', to each who has a place or waits, and to each who teaches it; once for each move.

    Sessions that are `gone`, by id, are taken out of calendars.
    """
    _tell("courses.run_moved", run, bookings, at)
    for booking in bookings:
        invitations.further(booking, at)
        for session in gone if booking.state == Booking.State.BOOKED else ():
            invitations.session_gone(booking, session, at)


def cancelled(run: Run, bookings: Iterable[Booking], at: datetime) -> None:
    """'This training is cancelled, because …', to the same."""
    _tell("courses.run_cancelled", run, bookings, at)
    for booking in bookings:
        invitations.further(booking, at)


def _tell(kind: str, run: Run, bookings: Iterable[Booking], at: datetime) -> None:
    outbox.queue(
        *(_to_booked(kind, booking, at) for booking in bookings),
        *(_to_trainer(f"{kind}_trainer", run, pk, at) for pk in run.trainers.values_list("pk", flat=True)),
    )


def _to_booked(kind: str, booking: Booking, at: datetime) -> OutboxMessage:
    key = f"{booking.pk}:{booking.calendar_sequence}"
    return outbox.new(kind, key=key, person=booking.person_id, at=at, booking=booking.pk)


def _to_trainer(kind: str, run: Run, person: int, at: datetime) -> OutboxMessage:
    return outbox.new(kind, key=f"{run.pk}:{person}:{at.isoformat()}", person=person, at=at, run=run.pk)
