"""People who come without a place of their own: unbooked, or instead of somebody who booked."""

from datetime import datetime

from django.conf import settings
from django.db import transaction

from academy.lib.text import new_reference
from courses.actions.bookings import NotEligible, State, lock
from courses.models import Booking, Run
from partners import audit
from partners.models import Person


@audit.sentence("booking.walk_in", run=Run)
def _walked_in(told: audit.Told) -> str:
    return f"added {told.person}, who came unbooked to {told.detail('run')}"


@audit.sentence("booking.handed_on", run=Run)
def _handed_on(told: audit.Told) -> str:
    return f"handed {told.own('place')} on {told.detail('run')} to a colleague"


@transaction.atomic
def walk_in(*, run: Run, person: Person, by: Person, at: datetime) -> Booking:
    """Give `person`, who is there, a place that counts against nobody's. One who has a place keeps that; one who waits
    gets one. Raises NotEligible for a run that is not held, and for its own trainers."""
    run = lock(run)
    if run.state not in (Run.State.PUBLISHED, Run.State.COMPLETED):
        raise NotEligible(["This run is not held, so nobody can be added to it."])
    if run.trainers.filter(pk=person.pk).exists():
        raise NotEligible([f"{person.name} teaches this run."])
    live = run.bookings.live().filter(person=person).first()
    if live and live.state == State.BOOKED:
        return live
    if live:
        live.move_to(State.BOOKED, booked_at=at, walk_in=True)
    booking = live or _new(run, person, by, at, walk_in=True)
    audit.record("booking.walk_in", by=by, at=at, about=booking, person=person, run=run.pk)
    return booking


def _new(run: Run, person: Person, by: Person, at: datetime, **facts) -> Booking:
    job = person.employment(at.date())
    return Booking.objects.create(
        run=run,
        person=person,
        agency_id=job and job.agency_id,
        reference=new_reference(settings.REFERENCE_PREFIX),
        state=State.BOOKED,
        asked_at=at,
        booked_at=at,
        booked_by=by,
        **facts,
    )


@transaction.atomic
def hand_over(*, booking: Booking, to: Person, by: Person, at: datetime, at_door: bool = False) -> Booking:
    """Give the place of a booking to a colleague, who came instead. Raises NotEligible, WrongState."""
    run = lock(booking.run)
    booking = Booking.objects.get(pk=booking.pk)
    if run.bookings.live().filter(person=to).exists():
        raise NotEligible([f"{to.name} has a place on this run already."])
    booking.move_to(State.HANDED_ON, ended_at=at)
    audit.record("booking.handed_on", by=by, at=at, about=booking, person=booking.person, run=run.pk)
    return _new(run, to, by, at, handed_from=booking, walk_in=booking.walk_in)
