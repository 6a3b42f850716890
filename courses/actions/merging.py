"""What courses settle before two records of one person become one: nobody holds two places on one run, nor is
their own guest."""

from datetime import datetime

from academy.lib import registry, text
from academy.lib.dates import london_day
from courses.actions import bookings, visits
from courses.models import Booking, Visit
from partners.models import Person


@registry.merging
def one_place_on_a_run(kept: Person, absorbed: Person, by: Person, at: datetime) -> list[str]:
    """Give up the lesser of two live bookings on one run that is to come: a queue's for a place, the later for the
    earlier. Whoever is next in line gets a place that so becomes free. Returns a sentence for each."""
    live = Booking.objects.live().filter(run__starts_at__gt=at).select_related("run__course", "person")
    own = {booking.run_id: booking for booking in live.filter(person=kept)}
    twice = [(own[booking.run_id], booking) for booking in live.filter(person=absorbed) if booking.run_id in own]
    return [_give_up(max(pair, key=_rank), by, at) for pair in twice]


def _rank(booking: Booking) -> tuple[bool, datetime, int]:
    return booking.state == Booking.State.QUEUED, booking.asked_at, booking.pk


def _give_up(booking: Booking, by: Person, at: datetime) -> str:
    bookings.give_up(booking=booking, by=by, at=at)
    course, day = booking.run.course.title, text.day(london_day(booking.run.starts_at))
    return f"Both have a booking for {course} on {day}: {booking.reference} is given up, and the other kept."


@registry.merging
def nobody_visits_themselves(kept: Person, absorbed: Person, by: Person, at: datetime) -> list[str]:
    """Call off what one of the two asked the other for, and the later of two requests for the same. Returns a sentence
    for each."""
    live = Visit.objects.live().select_related("hosting").order_by("asked_at", "pk")
    theirs, seen, ended = (kept, absorbed), set(), []
    for visit in live.filter(guest__in=theirs):
        if visit.hosting.host_id in (kept.pk, absorbed.pk) or visit.hosting_id in seen:
            visits.call_off(visit=visit, reason="Two records of one person were made one.", by=by, at=at)
            ended.append(f"The request for {visit.hosting} is called off.")
        seen.add(visit.hosting_id)
    return ended
