"""What must always be true of bookings."""

from collections.abc import Iterator
from datetime import timedelta

from django.db.models import F

from academy.lib import clock, registry
from courses import eligibility
from courses.models import Approval, Booking, Run

LONGEST_TICK = timedelta(minutes=10)


@registry.integrity
def broken_bookings() -> Iterator[str]:
    """Overbooked runs, and people who wait beside a free place."""
    for run in Run.objects.with_counts().filter(booked__gt=F("capacity")):
        yield f"Run {run.pk} has {run.booked} people booked on {run.capacity} places."
    at = clock.now()
    for run in Run.objects.bookable(at).with_counts().filter(queued__gt=0, booked__lt=F("capacity")):
        if eligibility.waits_beside_a_place(run, at):
            yield f"Run {run.pk} has {run.queued} people waiting beside {run.capacity - run.booked} free places."


@registry.integrity
def what_hangs_on_bookings() -> Iterator[str]:
    """Approvals that wait for bookings that have ended, and swaps that left two places."""
    for approval in Approval.objects.waiting().exclude(booking__state__in=Booking.LIVE).select_related("booking"):
        yield f"Somebody is asked to approve {approval.booking.reference}, which is {approval.booking.state}."
    twice = Booking.objects.booked().filter(
        replaces__state=Booking.State.BOOKED, replaces__run__starts_at__gt=clock.now()
    )
    for booking in twice.filter(booked_at__lt=clock.now() - LONGEST_TICK):
        yield f"{booking.reference} should have replaced another place, which is still held."


@registry.integrity
def queue_order() -> Iterator[str]:
    """People who wait behind someone who asked later."""
    waiting = Booking.objects.waiting_in_queue().order_by("run_id", "queue_position")
    before = None
    for booking in waiting:
        if before and before.run_id == booking.run_id and before.asked_at > booking.asked_at:
            yield f"Run {booking.run_id}: {booking.reference} asked before {before.reference} but waits behind it."
        before = booking
