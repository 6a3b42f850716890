"""Who gets a place that is free: the one piece of code for places given up, declined, run out, added and released.

The run's row lock comes first, then rows are counted: whoever comes second sees what the first one did. Measured
without the lock: 98 to 132 people on 20 places.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef, QuerySet

from academy.lib.dates import end_of_day, london_day, working_days_after
from academy.lib.text import new_reference
from courses import eligibility, emails
from courses.eligibility import Asking, Seats, Way
from courses.models import Booking, Course, Interest, Run
from courses.models.states import WrongState
from partners import audit
from partners.models import Person

State = Booking.State


@audit.sentence("booking.came_up", run=Run)
def _came_up(told: audit.Told) -> str:
    return f"made a place on {told.detail('run')} free, which went to {told.person}, next in the queue"


@audit.sentence("booking.offered", run=Run)
def _offered(told: audit.Told) -> str:
    return f"made a place on {told.detail('run')} free, which was offered to {told.person}"


@audit.sentence("run.places_released")
def _released(told: audit.Told) -> str:
    return f"released the places of {told.about} that were kept for {told.detail('whom')}"


def lock(run: Run) -> Run:
    """The run's row, held until the transaction ends; bookings that only point at it are not blocked."""
    return Run.objects.select_for_update(no_key=True).get(pk=run.pk)


# --- Who asks -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Standing:
    """What stands on a locked run as one person asks: places held, who is last in the queue and since when, and
    how many live bookings are the person's `own`."""

    held: int
    last: int | None
    last_asked: datetime | None
    own: int


_STANDING = """
SELECT count(*) FILTER (WHERE state <> 'queued' AND NOT walk_in), max(queue_position),
    max(asked_at) FILTER (WHERE state = 'queued'), count(*) FILTER (WHERE person_id = %s)
FROM courses_booking WHERE run_id = %s AND state IN ('booked', 'queued', 'offered')
"""


def standing(run: Run, person: Person) -> Standing:
    """One query. The run must be locked."""
    with connection.cursor() as cursor:  # SQL, since this is asked under the lock: a queryset took four times as long
        cursor.execute(_STANDING, [person.pk, run.pk])
        return Standing(*cursor.fetchone())


def must_wait(asking: Asking, stands: Standing) -> bool:
    """Whether there is no place for who asks, or somebody waits who comes before them. The run must be locked."""
    run = asking.run
    waited_for = stands.last is not None and eligibility.way(run, asking.at) != Way.NOTHING
    if not asking.keeps:
        return stands.held >= run.capacity or waited_for
    seats = Seats.of(run, asking.at)
    if seats.free_for(asking.agency, asking.agency_kind) <= 0:
        return True
    return waited_for and any(seats.free_for_booking(booking) > 0 for booking in _queue(run))


def _queue(run: Run) -> Iterable[Booking]:
    return run.bookings.waiting_in_queue().select_related("agency", "person", "run")


def new_booking(asking: Asking, *, by: Person, state: str, **fields: object) -> Booking:
    """Write a booking on the terms that hold as it is made."""
    return Booking.objects.create(
        run=asking.run,
        person=asking.person,
        agency_id=asking.agency,
        reference=new_reference(settings.REFERENCE_PREFIX),
        state=state,
        booked_by=by,
        **{"asked_at": asking.at, **vars(asking.terms), **fields},
    )


# --- Handing on ----------------------------------------------------------------------------------------------------


def fill_places(run: Run, *, by: Person | None, at: datetime) -> list[Booking]:
    """Hand every free place to those who wait, in order, and tell them: first the run's queue, then the course's.

    Well before the run the place is theirs; near it, or where they have other training at the same time, it is offered
    for a while; after that nothing happens by itself. The run must be locked. Returns the bookings that now hold one.
    """
    how = eligibility.way(run, at)
    if how == Way.NOTHING:
        return []
    seats = Seats.of(run, at)
    if seats.held.total() >= run.capacity:
        return []
    next_in_line = []
    for booking in _queue(run):
        if seats.free_for_booking(booking) <= 0:
            continue
        if eligibility.has_another_date_now(booking, at):
            _leave(booking, at)
            continue
        seats.take(booking.agency_id, booking.agency.kind if booking.agency else "")
        theirs = how == Way.GIVE and not eligibility.clashes_now(booking)
        (_give if theirs else _offer)(booking, run, by, at)
        next_in_line.append(booking)
    return next_in_line + _offer_to_the_course(run, seats, by, at)


def _give(booking: Booking, run: Run, by: Person | None, at: datetime) -> None:
    booking.move_to(State.BOOKED, booked_at=at, calendar_sequence=booking.calendar_sequence + 1)
    audit.record("booking.came_up", by=by, at=at, about=booking, person=booking.person, run=run.pk)
    emails.place_came_up(booking, at)


def _offer(booking: Booking, run: Run, by: Person | None, at: datetime) -> None:
    booking.move_to(State.OFFERED, offer_until=eligibility.offer_until(run, at))
    audit.record("booking.offered", by=by, at=at, about=booking, person=booking.person, run=run.pk)
    emails.place_offered(booking, at)


def _offer_to_the_course(run: Run, seats: Seats, by: Person | None, at: datetime) -> list[Booking]:
    """Hold places for those who wait for any date of the course that suits them, for some working days."""
    until = end_of_day(working_days_after(london_day(at), settings.COURSE_OFFER_OPEN_DAYS))
    until = min(until, eligibility.queue_stops_at(run))
    # Another run of the course may be looking at the same people: whom it does not take is looked at here afterwards.
    waiting = Interest.objects.waiting().filter(course=run.course_id, wants_place=True).select_for_update(of=("self",))
    made = []
    for interest in waiting.select_related("person") if seats.held.total() < run.capacity else ():
        asking = eligibility.asking(run, interest.person, at)
        free = seats.free_for(asking.agency, asking.agency_kind) > 0
        known = run.bookings.filter(person=interest.person).exists()  # who gave it up or declined is not asked again
        if free and not known and interest.suits(run) and not eligibility.why_not(asking):
            seats.take(asking.agency, asking.agency_kind)
            interest.move_to(Interest.State.MET)
            booking = new_booking(asking, by=interest.person, state=State.OFFERED, offer_until=until)
            audit.record("booking.offered", by=by, at=at, about=booking, person=booking.person, run=run.pk)
            emails.place_offered(booking, at)
            made.append(booking)
    return made


# --- What else frees places ----------------------------------------------------------------------------------------

LATE_LOOK = timedelta(days=3)  # how long the tick may have stood still


def serve_course(course: Course, at: datetime) -> None:
    """Hold places for those in the queue of a course on the dates that have one, soonest first. Each date in a
    transaction of its own."""
    _serve(Run.objects.filter(course=course), at)


def serve_opened(at: datetime) -> int:
    """The same for dates whose booking has opened in the last days. Returns how many places are now held."""
    return _serve(Run.objects.filter(books_from__gt=at - LATE_LOOK, books_from__lte=at), at)


def _serve(runs: QuerySet[Run], at: datetime) -> int:
    waiting = Interest.objects.waiting().filter(course=OuterRef("course"), wants_place=True)
    dates = runs.bookable(at).filter(Exists(waiting)).order_by("starts_at", "pk")
    return sum(len(_fill(run, at)) for run in dates)


@transaction.atomic
def _fill(run: Run, at: datetime) -> list[Booking]:
    return fill_places(lock(run), by=None, at=at)


def release_kept_places(at: datetime) -> int:
    """Let everybody have the places whose time of being kept is over. Returns for how many runs."""
    runs = Run.objects.filter(kept_places__until__lte=at).distinct().order_by("pk")
    return sum(_release(run, at) for run in runs)


@transaction.atomic
def _release(run: Run, at: datetime) -> int:
    run = lock(run)
    over = list(run.kept_places.filter(until__lte=at).select_related("agency"))
    for item in over:
        audit.record(
            "run.places_released", by=None, at=at, about=run, whom=str(item.agency or item.get_agency_kind_display())
        )
        item.delete()
    fill_places(run, by=None, at=at)
    return bool(over)


def leave_other_queues(at: datetime) -> int:
    """Whoever got a place on one date of a course leaves the queues of its others, where that was not to replace it.
    Returns how many were left."""
    places = Booking.objects.holding().filter(person=OuterRef("person"), run__course=OuterRef("run__course"))
    others = places.exclude(run=OuterRef("run")).filter(run__ends_at__gt=at)
    queued = Booking.objects.filter(Exists(others), state=State.QUEUED, replaces=None, run__starts_at__gt=at)
    return sum(_leave_locked(booking, at) for booking in queued.select_related("run", "person").order_by("pk"))


@transaction.atomic
def _leave_locked(booking: Booking, at: datetime) -> int:
    lock(booking.run)
    try:
        _leave(booking, at)
    except WrongState:
        return 0  # they got a place there too, or left it, a moment ago
    return 1


def _leave(booking: Booking, at: datetime) -> None:
    booking.move_to(State.LEFT_QUEUE, ended_at=at)
    booking.approvals.drop()
    emails.place_given_up(booking, at)
