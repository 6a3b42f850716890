"""What people change their minds about: giving up late, answering offers, sending a colleague, approving."""

from datetime import datetime, timedelta
from decimal import Decimal
from random import Random

from courses.actions import approvals, bookings, offers
from courses.actions.bookings import NotEligible, TooLate
from courses.actions.offers import OfferGone
from courses.models import Approval, Booking, Policy, Run
from partners.models import Employment, Person

DAY = timedelta(days=1)
AGREED = {  # kind of agency: working days, pounds for giving up late, for not coming half a day, a whole day
    "council": (3, 0, 0, 0),
    "health": (3, 20, 35, 70),
    "police": (3, 20, 35, 70),
    "school": (5, 20, 35, 70),
    "early_years": (3, 0, 0, 0),
    "housing": (3, 20, 45, 90),
}


def agree() -> None:
    """What is agreed with each kind of agency."""
    Policy.objects.bulk_create(
        Policy(
            agency_kind=kind,
            free_until_days=days,
            late_charge=Decimal(late),
            no_show_half_day=Decimal(half),
            no_show_full_day=Decimal(full),
        )
        for kind, (days, late, half, full) in AGREED.items()
    )


def give_up_late(chance: Random, run: Run, at: datetime) -> None:
    """In the last week somebody cannot come after all; now and then a colleague comes instead."""
    held = list(run.bookings.booked().select_related("person").order_by("pk"))
    for booking in chance.sample(held, min(len(held), chance.choice([0, 1, 1, 2]))):
        colleague = _colleague(chance, booking, at) if chance.random() < 0.3 else None
        try:
            if colleague:
                bookings.hand_over(booking=booking, to=colleague, by=booking.person, at=at)
            else:
                bookings.give_up(booking=booking, by=booking.person, at=at)
        except (NotEligible, TooLate):
            continue


def _colleague(chance: Random, booking: Booking, at: datetime) -> Person | None:
    at_work = Employment.objects.in_post(at.date()).filter(agency=booking.agency_id).exclude(person=booking.person_id)
    found = list(at_work.order_by("pk").values_list("person", flat=True)[:40])
    return Person.objects.get(pk=chance.choice(found)) if found else None


def answer_offers(chance: Random, at: datetime) -> None:
    """Most who are offered a place take it; some decline, some say nothing."""
    offered = Booking.objects.filter(state=Booking.State.OFFERED).select_related("person", "run").order_by("pk")
    for booking in offered:
        luck = chance.random()
        try:
            if luck < 0.4:
                offers.take_offer(booking=booking, by=booking.person, at=at)
            elif luck < 0.6:
                offers.decline_offer(booking=booking, by=booking.person, at=at)
        except OfferGone:
            continue


def leave_to_decide(manager: Person, now: datetime) -> None:
    """One of the manager's people has asked for a place for which the manager's word is needed."""
    run = Run.objects.bookable(now).filter(course__needs_approval=True).order_by("starts_at", "pk").first()
    people = Person.objects.managed_by(manager, now.date()).exclude(email="").order_by("name_key", "pk")
    for person in people if run else ():
        try:
            bookings.book(run=run, person=person, by=person, at=now)
            return
        except NotEligible:
            continue


def decide(chance: Random, at: datetime) -> None:
    """Managers and coordinators approve most of what waits for them, and leave some for later."""
    waiting = Approval.objects.waiting().select_related("booking__run", "booking__person").order_by("pk")
    for approval in waiting:
        decider = approval.deciders(at.date()).order_by("pk").first()
        luck = chance.random()
        if decider and luck < 0.75:
            give = luck > 0.12
            reason = "" if give else "We are short of people that week."
            approvals.decide(approval=approval, give=give, by=decider, at=at, reason=reason)
