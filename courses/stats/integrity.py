"""What must always be true of bookings."""

from collections.abc import Iterator

from django.db.models import F

from academy.lib import clock, registry
from courses.models import Booking, Run


@registry.integrity
def broken_bookings() -> Iterator[str]:
    """Overbooked runs, and people who wait beside a free place."""
    for run in Run.objects.with_counts().filter(booked__gt=F("capacity")):
        yield f"Run {run.pk} has {run.booked} people booked on {run.capacity} places."
    for run in Run.objects.bookable(clock.now()).with_counts().filter(queued__gt=0, booked__lt=F("capacity")):
        yield f"Run {run.pk} has {run.queued} people waiting beside {run.capacity - run.booked} free places."


@registry.integrity
def queue_order() -> Iterator[str]:
    """People who wait behind someone who asked later."""
    waiting = Booking.objects.waiting_in_queue().order_by("run_id", "queue_position")
    before = None
    for booking in waiting:
        if before and before.run_id == booking.run_id and before.asked_at > booking.asked_at:
            yield f"Run {booking.run_id}: {booking.reference} asked before {before.reference} but waits behind it."
        before = booking
