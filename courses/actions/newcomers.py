"""People who came and are not in the records: written down at the door, found by a lead later."""

from datetime import datetime

from django.db import transaction

from courses.actions import bookings, corrections, registers
from courses.actions.bookings import lock
from courses.models import Booking, Mark, Newcomer, Run, Session
from courses.models.states import WrongState
from partners import audit
from partners.models import Person


@audit.sentence("newcomer.written", run=Run)
def _written(told: audit.Told) -> str:
    return f"wrote down somebody who came to {told.detail('run')} and is not in our records"


@audit.sentence("newcomer.settled", run=Run)
def _settled(told: audit.Told) -> str:
    if not told.event.person_id:
        return f"crossed out somebody who was written down as having come to {told.detail('run')}"
    return f"found out that {told.person} was the one who came to {told.detail('run')}"


@transaction.atomic
def write_down(*, session: Session, name: str, agency_name: str, by: Person, at: datetime) -> Newcomer:
    """Keep who came until a lead finds out who that is. The same name again is the same person."""
    lock(session.run)
    same = session.newcomers.waiting().filter(name__iexact=name, agency_name__iexact=agency_name).first()
    if same:
        return same
    newcomer = Newcomer.objects.create(
        session=session, name=name, agency_name=agency_name, written_by=by, written_at=at
    )
    audit.record("newcomer.written", by=by, at=at, about=newcomer, run=session.run_id)
    return newcomer


@transaction.atomic
def settle(*, newcomer: Newcomer, person: Person | None, by: Person, at: datetime) -> Booking | None:
    """Say who that was, who then has a place and is marked as present at that session; or that nobody need know.
    The name that was written down goes. On a closed run that may complete the course for them.

    Raises WrongState when somebody else has settled it, NotEligible.
    """
    session, run = newcomer.session, lock(newcomer.session.run)
    if not Newcomer.objects.waiting().filter(pk=newcomer.pk).exists():
        raise WrongState("Someone else has settled this already.")
    booking = bookings.walk_in(run=run, person=person, by=by, at=at) if person else None
    if booking:
        _mark_present(booking, session, run, by, at)
    Newcomer.objects.filter(pk=newcomer.pk).update(settled_at=at, booking=booking, name="", agency_name="")
    audit.record("newcomer.settled", by=by, at=at, about=newcomer, person=person, run=run.pk)
    return booking


def _mark_present(booking: Booking, session: Session, run: Run, by: Person, at: datetime) -> None:
    if run.state == Run.State.PUBLISHED:
        registers.take_register(session=session, marks={booking.pk: Mark.PRESENT}, by=by, at=at)
    else:
        corrections.correct(booking=booking, marks={session.pk: Mark.PRESENT}, reason="Came unbooked", by=by, at=at)
