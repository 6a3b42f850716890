"""Delegates who say themselves that they are there, with the code on the trainer's screen."""

from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction

from academy.lib import rotating
from courses.actions.bookings import lock
from courses.models import Attendance, Booking, Mark, Run, Session
from partners import audit
from partners.models import Person


class CannotSignIn(Exception):
    """Why somebody cannot be marked as there. Fit to show."""


@audit.sentence("register.signed_in", run=Run)
def _signed_in(told: audit.Told) -> str:
    return f"said by the code on the screen that they were at {told.detail('run')}"


def is_open(session: Session, at: datetime) -> bool:
    """Whether those who are there can sign in: from a while before the session until its end."""
    return opens_at(session) <= at < session.ends_at


def opens_at(session: Session) -> datetime:
    return session.starts_at - timedelta(minutes=settings.REGISTER_OPENS_MINUTES)


def code(session: Session, at: datetime) -> str:
    """What the screen shows at that moment."""
    return rotating.code(_what(session.pk), at)


def find(typed: str, at: datetime) -> Session | None:
    """The session whose code that is now, among those that are open."""
    opens = at + timedelta(minutes=settings.REGISTER_OPENS_MINUTES)
    now = Session.objects.filter(run__state=Run.State.PUBLISHED, starts_at__lte=opens, ends_at__gt=at)
    found = (session for session in now.order_by("pk") if rotating.is_current(typed, _what(session.pk), at))
    return next(found, None)


def _what(session: int) -> str:
    return f"session {session}"


@transaction.atomic
def sign_in(*, session: Session, person: Person, scanned_at: datetime, at: datetime) -> Attendance:
    """Mark `person` as there, by when they scanned: late if that was well after the start. A mark that they have
    stays as it is, whoever made it. Raises CannotSignIn.
    """
    run = lock(session.run)
    if run.state != Run.State.PUBLISHED or not is_open(session, at):
        raise CannotSignIn("Nobody can sign in to this session now. Ask the trainer.")
    booking = booking_of(person, session)
    if booking is None:
        raise CannotSignIn("You have no place on this run. Ask the trainer, who can add you.")
    mark, made = Attendance.objects.get_or_create(
        booking=booking,
        session=session,
        defaults={"mark": _mark(session, scanned_at), "marked_by": person, "marked_at": at},
    )
    if made:
        audit.record("register.signed_in", by=person, at=at, about=session, person=person, run=run.pk)
    return mark


def booking_of(person: Person, session: Session) -> Booking | None:
    """The place that `person` holds on the session's run."""
    return Booking.objects.booked().filter(run=session.run_id, person=person).first()


def _mark(session: Session, at: datetime) -> Mark:
    late = session.starts_at + timedelta(minutes=settings.REGISTER_LATE_AFTER_MINUTES)
    return Mark.LATE if at > late else Mark.PRESENT
