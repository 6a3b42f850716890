"""Booking, giving up, and the queue.

Each of these takes the run's row lock first, then counts rows: whoever comes second sees what the first one did.
Measured without the lock: 98 to 132 people on 20 places.
"""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction

from academy.lib.text import new_reference
from courses import eligibility, emails
from courses.eligibility import Asking
from courses.models import Booking, Run
from partners import audit
from partners.models import Person

State = Booking.State


class NotEligible(Exception):
    """Someone asked for a place that they may not have. `reasons` are sentences fit to show."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


class TooLate(Exception):
    """The run has started. Fit to show."""


class CapacityTooLow(Exception):
    """More people hold places than the new capacity would have. Fit to show."""


def lock(run: Run) -> Run:
    """The run's row, held until the transaction ends; bookings that only point at it are not blocked."""
    return Run.objects.select_for_update(no_key=True).get(pk=run.pk)


@audit.sentence("booking.booked", run=Run)
def _booked(told: audit.Told) -> str:
    return f"booked a place{told.for_other} on {told.detail('run')}"


@audit.sentence("booking.queued", run=Run)
def _queued(told: audit.Told) -> str:
    return f"joined the queue{told.for_other} for {told.detail('run')}"


@audit.sentence("booking.given_up", run=Run)
def _given_up(told: audit.Told) -> str:
    return f"gave up {told.own('place')} on {told.detail('run')}"


@audit.sentence("booking.left_queue", run=Run)
def _left_queue(told: audit.Told) -> str:
    return f"gave up {told.own('place')} in the queue for {told.detail('run')}"


@audit.sentence("booking.came_up", run=Run)
def _came_up(told: audit.Told) -> str:
    return f"made a place on {told.detail('run')} free, which went to {told.person}, next in the queue"


@audit.sentence("run.capacity")
def _capacity(told: audit.Told) -> str:
    return f"changed the places on {told.about} from {told.detail('before')} to {told.detail('after')}"


@transaction.atomic
def book(*, run: Run, person: Person, by: Person, at: datetime) -> Booking:
    """Give `person` a place on `run`, or the next place in its queue, and tell them.

    Of `run` only the key is used. Asking again gives the booking they have. Raises NotEligible, Run.DoesNotExist.
    """
    asking = eligibility.asking(run, person, at, hold=True)
    run = asking.run
    standing = _standing(run, person)
    if standing.own:
        return run.bookings.live().get(person=person)
    if reasons := eligibility.why_not(asking):
        raise NotEligible(reasons)
    booking = _new_booking(asking, standing)
    audit.record(f"booking.{booking.state}", by=by, at=at, about=booking, person=person, run=run.pk)
    tell = emails.place_booked if booking.state == State.BOOKED else emails.place_in_queue
    tell(booking, at)
    return booking


@dataclass(frozen=True)
class Standing:
    """What stands on a locked run as one person asks: places held, who is last in the queue and since when, and
    how many live bookings are the person's `own`."""

    booked: int
    last: int | None
    last_asked: datetime | None
    own: int


_STANDING = """
SELECT count(*) FILTER (WHERE state = 'booked'), max(queue_position),
    max(asked_at) FILTER (WHERE state = 'queued'), count(*) FILTER (WHERE person_id = %s)
FROM courses_booking WHERE run_id = %s AND state IN ('booked', 'queued')
"""


def _standing(run: Run, person: Person) -> Standing:
    with connection.cursor() as cursor:  # SQL, since this is asked under the lock: a queryset took four times as long
        cursor.execute(_STANDING, [person.pk, run.pk])
        return Standing(*cursor.fetchone())


def _new_booking(asking: Asking, standing: Standing) -> Booking:
    """A place while there is one and nobody waits for it; else the place after the last in the queue."""
    run = asking.run
    waits = standing.booked >= run.capacity or standing.last is not None
    return Booking.objects.create(
        run=run,
        person=asking.person,
        agency_id=asking.agency,
        reference=new_reference(settings.REFERENCE_PREFIX),
        state=State.QUEUED if waits else State.BOOKED,
        queue_position=(standing.last or 0) + 1 if waits else None,
        asked_at=max(asking.at, standing.last_asked or asking.at),  # whoever got the lock first asked first
        booked_at=None if waits else asking.at,
    )


def free_places(run: Run) -> int:
    """Places nobody holds; counted, never kept as a number. Only true while the run is locked."""
    return run.capacity - run.bookings.booked().count()


@transaction.atomic
def give_up(*, booking: Booking, by: Person, at: datetime) -> Booking:
    """Give up a place, or a place in the queue. A freed place goes to the first who waits, and they are told.

    Raises TooLate once the run has started, WrongState when the booking was given up already.
    """
    run = lock(booking.run)
    booking = Booking.objects.get(pk=booking.pk)
    if run.has_started(at):
        raise TooLate("This run has already started, so the place cannot be given up any more.")
    booking.move_to(State.LEFT_QUEUE if booking.state == State.QUEUED else State.GIVEN_UP, ended_at=at)
    audit.record(f"booking.{booking.state}", by=by, at=at, about=booking, person=booking.person, run=run.pk)
    emails.place_given_up(booking, at)
    fill_places(run, by=by, at=at)
    return booking


def fill_places(run: Run, *, by: Person | None, at: datetime) -> list[Booking]:
    """Hand every free place to those who wait, in order, and tell them. The one way out of a queue into a place.

    The run must be locked. Nothing happens once it has started.
    """
    if run.has_started(at) or run.state != Run.State.PUBLISHED:
        return []
    next_in_line = list(run.bookings.waiting_in_queue()[: max(0, free_places(run))])
    for booking in next_in_line:
        booking.move_to(State.BOOKED, booked_at=at)
        audit.record("booking.came_up", by=by, at=at, about=booking, person=booking.person, run=run.pk)
        emails.place_came_up(booking, at)
    return next_in_line


def end_queues(at: datetime) -> int:
    """Tell everyone who still waits for a run that has started that no place came up. Returns how many."""
    told = 0
    waiting = Run.objects.filter(starts_at__lte=at, bookings__state=State.QUEUED).distinct()
    for run in waiting:
        told += _end_queue(run, at)
    return told


@transaction.atomic
def _end_queue(run: Run, at: datetime) -> int:
    waiting = list(lock(run).bookings.waiting_in_queue())
    for booking in waiting:
        booking.move_to(State.NO_PLACE, ended_at=at)
        emails.no_place_came_up(booking, at)
    return len(waiting)


@transaction.atomic
def change_capacity(*, run: Run, capacity: int, by: Person, at: datetime) -> Run:
    """Set how many places a run has; new ones go to those who wait. Raises CapacityTooLow, changing nothing."""
    run = lock(run)
    booked = run.bookings.booked().count()
    if capacity < booked:
        raise CapacityTooLow(f"{booked} people hold a place on this run, so it cannot have only {capacity}.")
    audit.record("run.capacity", by=by, at=at, about=run, before=run.capacity, after=capacity)
    run.capacity = capacity
    run.save(update_fields=["capacity"])
    fill_places(run, by=by, at=at)
    return run
