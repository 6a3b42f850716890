"""Who gets a place that is free: the one piece of code for places given up, declined, run out, added and released.

The run's row lock comes first, then rows are counted: whoever comes second sees what the first one did. Measured
without the lock: 98 to 132 people on 20 places.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, OuterRef

from academy.lib.dates import end_of_day, london_day, working_days_after
from academy.lib.text import new_reference
from courses import eligibility, emails
from courses.eligibility import Asking, Seats, Way
from courses.models import Booking, Interest, Run
from courses.models.interests import InterestQuerySet
from courses.models.states import WrongState
from partners import audit
from partners.models import Person

State = Booking.State


class OfferGone(Exception):
    """The offer was answered, has run out, or the run has started. Fit to show."""


@audit.sentence("booking.came_up", run=Run)
def _came_up(told: audit.Told) -> str:
    return f"made a place on {told.detail('run')} free, which went to {told.person}, next in the queue"


@audit.sentence("booking.offered", run=Run)
def _offered(told: audit.Told) -> str:
    return f"made a place on {told.detail('run')} free, which was offered to {told.person}"


@audit.sentence("booking.taken", run=Run)
def _taken(told: audit.Told) -> str:
    return f"took the place offered{told.for_other} on {told.detail('run')}"


@audit.sentence("booking.declined", run=Run)
def _declined(told: audit.Told) -> str:
    return f"declined the place offered{told.for_other} on {told.detail('run')}"


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

    Well before the run the place is theirs; near it, it is offered for a while; after that nothing happens by itself.
    The run must be locked. Returns the bookings that now hold a place.
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
        (_give if how == Way.GIVE else _offer)(booking, run, by, at)
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
    # Another run of the course may be looking at the same people: those it looks at are its own.
    waiting = (
        Interest.objects.waiting()
        .filter(course=run.course_id, wants_place=True)
        .select_for_update(skip_locked=True, of=("self",))
    )
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


# --- Answering an offer --------------------------------------------------------------------------------------------


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
    """Take the place that was offered. Raises OfferGone."""
    run, booking = _answerable(booking, at)
    booking.move_to(State.BOOKED, booked_at=at, calendar_sequence=booking.calendar_sequence + 1)
    audit.record("booking.taken", by=by, at=at, about=booking, person=booking.person, run=run.pk)
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


# --- What else frees places ----------------------------------------------------------------------------------------


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
