"""How many places a run has left for whom, and what becomes of one that comes up."""

from collections import Counter
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import Enum

from django.conf import settings
from django.db.models import Exists, OuterRef

from courses.models import Booking, KeptPlaces, Run, Session


@dataclass
class Seats:
    """Places of a locked run that nobody holds, by what is kept for whom. Counted, never stored as a number."""

    capacity: int
    held: Counter[tuple[int | None, str]]
    kept: list[KeptPlaces]

    @classmethod
    def of(cls, run: Run, at: datetime) -> "Seats":
        """Two queries."""
        holders = run.bookings.holding().values_list("agency", "agency__kind")
        kept = list(run.kept_places.filter(until__gt=at))
        kept.sort(key=lambda item: item.agency_id is None)  # an agency's own first, then its kind's
        return cls(run.capacity, Counter((agency, kind or "") for agency, kind in holders), kept)

    def free_for(self, agency: int | None, kind: str) -> int:
        """Places that somebody of that agency could have."""
        left = Counter(self.held)
        free = self.capacity - self.held.total()
        for item in self.kept:
            used = _draw(left, item)
            if not _is_for(item, agency, kind):
                free -= item.places - used
        return free

    def free_for_booking(self, booking: Booking) -> int:
        """The same for whoever waits with that booking. Needs its agency."""
        return self.free_for(booking.agency_id, booking.agency.kind if booking.agency else "")

    def take(self, agency: int | None, kind: str) -> None:
        self.held[agency, kind] += 1


def _is_for(item: KeptPlaces, agency: int | None, kind: str) -> bool:
    return item.agency_id == agency if item.agency_id else item.agency_kind == kind


def _draw(left: Counter[tuple[int | None, str]], item: KeptPlaces) -> int:
    """Count holders towards one row of kept places, so that no other row counts them too. Returns how many."""
    used = 0
    for (agency, kind), count in list(left.items()):
        if _is_for(item, agency, kind):
            taken = min(count, item.places - used)
            left[agency, kind] -= taken
            used += taken
    return used


class Way(Enum):
    """What becomes of a place that comes up: well before the run, near it, and just before it."""

    GIVE = "it is the next one's"
    OFFER = "it is offered to the next one, for a while"
    NOTHING = "whoever asks has it"


def way(run: Run, at: datetime) -> Way:
    """What becomes of a place of that run which comes up at `at`."""
    if run.state != Run.State.PUBLISHED or at >= queue_stops_at(run):
        return Way.NOTHING
    if at < queue_gives_until(run):
        return Way.GIVE
    return Way.OFFER if offer_until(run, at) - at >= timedelta(hours=settings.OFFER_LEAST_HOURS) else Way.NOTHING


def offer_until(run: Run, at: datetime) -> datetime:
    """Until when a place of that run which comes up at `at` is held for the next in the queue."""
    return min(at + timedelta(hours=settings.OFFER_OPEN_HOURS), queue_stops_at(run))


def queue_stops_at(run: Run) -> datetime:
    """From then on nothing happens by itself: whoever asks for a free place has it."""
    return run.starts_at - timedelta(hours=settings.QUEUE_STOPS_HOURS)


def queue_gives_until(run: Run) -> datetime:
    """Until then a place that comes up is the next one's; later it is offered."""
    return run.starts_at - timedelta(days=settings.QUEUE_GIVES_UNTIL_DAYS)


def has_another_date_now(booking: Booking, at: datetime) -> bool:
    """Whether somebody who waits has meanwhile got a place on another date, which this one was not to replace.

    Needs the run.
    """
    if booking.replaces_id:
        return False
    course = booking.run.course_id
    others = Booking.objects.holding().filter(person=booking.person_id, run__course=course, run__ends_at__gt=at)
    return others.exclude(run=booking.run_id).exists()


def clashes_now(booking: Booking) -> bool:
    """Whether somebody who waits has meanwhile got a place on other training at the same time."""
    sessions = Session.objects.filter(run=booking.run_id)
    then = sessions.filter(starts_at__lt=OuterRef("ends_at"), ends_at__gt=OuterRef("starts_at"))
    others = Booking.objects.holding().filter(person=booking.person_id).exclude(run=booking.run_id)
    others = others.exclude(pk=booking.replaces_id) if booking.replaces_id else others
    return Session.objects.filter(Exists(then), run__in=others.values("run")).exists()


def waits_beside_a_place(run: Run, at: datetime) -> bool:
    """Whether somebody waits in a run's queue while there is a place that should have become theirs."""
    if way(run, at) == Way.NOTHING:
        return False
    seats = Seats.of(run, at)
    waiting = run.bookings.waiting_in_queue().select_related("agency", "run")
    return any(seats.free_for_booking(item) > 0 and not has_another_date_now(item, at) for item in waiting)
