"""Offers: a place that is held for somebody until a moment, to take or to decline."""

from datetime import datetime

from django.db import transaction
from django.db.models import Exists, OuterRef

from courses import eligibility, emails
from courses.actions import approvals
from courses.actions.places import fill_places, lock
from courses.models import Booking, Interest, Run
from courses.models.interests import InterestQuerySet
from partners import audit
from partners.models import Person

State = Booking.State


class OfferGone(Exception):
    """The offer was answered, has run out, or the run has started. Fit to show."""


class Clash(Exception):
    """They have other training at the same time. Fit to show."""


@audit.sentence("booking.taken", run=Run)
def _taken(told: audit.Told) -> str:
    return f"took the place offered{told.for_other} on {told.detail('run')}"


@audit.sentence("booking.declined", run=Run)
def _declined(told: audit.Told) -> str:
    return f"declined the place offered{told.for_other} on {told.detail('run')}"


def _answerable(booking: Booking, at: datetime) -> tuple[Run, Booking]:
    run = lock(booking.run)
    booking = Booking.objects.select_related("person", "run").get(pk=booking.pk)
    if booking.state != State.OFFERED:
        raise OfferGone(f"This offer is no longer open. Your booking is now: {booking.get_state_display().lower()}.")
    if booking.offer_until <= at:
        raise OfferGone("This offer has run out, and the place goes to the next in the queue.")
    return run, booking


@transaction.atomic
def take_offer(*, booking: Booking, by: Person, at: datetime) -> Booking:
    """Take the place that was offered, and ask whoever must approve, where nobody was asked yet. Raises OfferGone,
    Clash."""
    run, booking = _answerable(booking, at)
    asking = eligibility.asking(run, booking.person, at, by=by, instead_of=booking.replaces)
    if clash := eligibility.clashes(asking):
        raise Clash(clash)
    booking.move_to(State.BOOKED, booked_at=at, calendar_sequence=booking.calendar_sequence + 1)
    audit.record("booking.taken", by=by, at=at, about=booking, person=booking.person, run=run.pk)
    if not booking.approvals.exists():
        approvals.ask(booking, asking, by=by)
    emails.place_booked(booking, at)
    return booking


@transaction.atomic
def decline_offer(*, booking: Booking, by: Person, at: datetime) -> Booking:
    """Decline it: the next in line gets it. Who waits for the course goes on waiting. Raises OfferGone."""
    run, booking = _answerable(booking, at)
    booking.move_to(State.DECLINED, ended_at=at)
    booking.approvals.drop()
    _met(booking).update(state=Interest.State.WAITING)
    audit.record("booking.declined", by=by, at=at, about=booking, person=booking.person, run=run.pk)
    fill_places(run, by=by, at=at)
    return booking


def _met(booking: Booking) -> InterestQuerySet:
    """Their wait for the course, if that is how they came to the offer."""
    return Interest.objects.filter(course=booking.run.course_id, person=booking.person_id, state=Interest.State.MET)


def lapse_offers(at: datetime) -> int:
    """End every offer that has run out, tell whose it was, and hand the place on. Returns how many ended."""
    runs = Run.objects.filter(Exists(_run_out(at).filter(run=OuterRef("pk"))))
    return sum(_lapse(run, at) for run in runs.order_by("pk"))


def _run_out(at: datetime):
    return Booking.objects.filter(state=State.OFFERED, offer_until__lte=at)


@transaction.atomic
def _lapse(run: Run, at: datetime) -> int:
    run = lock(run)
    lapsed = list(_run_out(at).filter(run=run).select_related("run").order_by("offer_until", "pk"))
    for booking in lapsed:
        booking.move_to(State.LAPSED, ended_at=at)
        booking.approvals.drop()
        _met(booking).update(state=Interest.State.ENDED, ended_at=at)
        emails.offer_ran_out(booking, at)
    fill_places(run, by=None, at=at)
    return len(lapsed)
