"""Booking, giving up, swapping a date, handing a place on, coming unbooked."""

from collections.abc import Mapping
from datetime import datetime, timedelta

from django.db import transaction

from courses import eligibility, emails
from courses.actions import approvals, charges
from courses.actions.places import fill_places, lock, must_wait, new_booking, standing
from courses.eligibility import Asking
from courses.models import Booking, Run
from courses.models.states import WrongState
from partners import audit
from partners.models import Person

State = Booking.State

__all__ = ["book", "change_capacity", "fill_places", "give_up", "hand_over", "lock", "swap", "walk_in"]


class NotEligible(Exception):
    """Someone asked for a place that they may not have. `reasons` are sentences fit to show."""

    def __init__(self, reasons: list[str]) -> None:
        super().__init__(" ".join(reasons))
        self.reasons = reasons


class TooLate(Exception):
    """The run has started. Fit to show."""


class CapacityTooLow(Exception):
    """More people hold places than the new capacity would have. Fit to show."""


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


@audit.sentence("booking.handed_on", run=Run, to=Person)
def _handed_on(told: audit.Told) -> str:
    return f"gave {told.own('place')} on {told.detail('run')} to {told.detail('to')}"


@audit.sentence("booking.walk_in", run=Run)
def _walked_in(told: audit.Told) -> str:
    return f"added {told.person}, who came unbooked, to {told.detail('run')}"


@audit.sentence("run.capacity")
def _capacity(told: audit.Told) -> str:
    return f"changed the places on {told.about} from {told.detail('before')} to {told.detail('after')}"


# --- Booking -------------------------------------------------------------------------------------------------------


@transaction.atomic
def book(*, run: Run, person: Person, by: Person, at: datetime, answers: Mapping[str, str] | None = None) -> Booking:
    """Give `person` a place on `run`, or the next place in its queue, ask whoever must approve, and tell them.

    Of `run` only the key is used. Asking again gives the booking they have; just before the run, whoever waits so
    takes a free place. Raises NotEligible, Run.DoesNotExist.
    """
    asking = eligibility.asking(run, person, at, by=by, hold=True)
    return _book(asking, by=by, answers=answers or {})


def _book(asking: Asking, *, by: Person, answers: Mapping[str, str], replaces: Booking | None = None) -> Booking:
    """The same for a run that is locked."""
    run, at = asking.run, asking.at
    stands = standing(run, asking.person)
    if stands.own:
        held = run.bookings.live().select_related("person").get(person=asking.person)
        return _take_free_place(held, asking, by) if held.state == State.QUEUED else held
    if reasons := eligibility.why_not(asking):
        raise NotEligible(reasons)
    if must_wait(asking, stands):
        # whoever got the lock first asked first
        asked_at = max(at, stands.last_asked or at)
        fields = {"state": State.QUEUED, "queue_position": (stands.last or 0) + 1, "asked_at": asked_at}
    else:
        fields = {"state": State.BOOKED, "booked_at": at, "calendar_sequence": 1}
    booking = new_booking(asking, by=by, answers=dict(answers), replaces=replaces, **fields)
    audit.record(f"booking.{booking.state}", by=by, at=at, about=booking, person=asking.person, run=run.pk)
    approvals.ask(booking, asking, by=by)
    tell = emails.place_booked if booking.state == State.BOOKED else emails.place_in_queue
    tell(booking, at)
    return booking


def _take_free_place(booking: Booking, asking: Asking, by: Person) -> Booking:
    """Just before the run nothing is handed on by itself: who waits may take what is free, as anybody may."""
    at = asking.at
    by_itself = eligibility.way(asking.run, at) != eligibility.Way.NOTHING
    if not by_itself and not eligibility.why_not(asking) and not must_wait(asking, standing(asking.run, asking.person)):
        booking.move_to(State.BOOKED, booked_at=at, calendar_sequence=booking.calendar_sequence + 1)
        audit.record("booking.booked", by=by, at=at, about=booking, person=booking.person, run=asking.run.pk)
        emails.place_booked(booking, at)
    return booking


@transaction.atomic
def give_up(*, booking: Booking, by: Person, at: datetime) -> Booking:
    """Give up a place, or a place in the queue. A freed place goes to the first who waits, and they are told. Later
    than was agreed, it goes into the ledger of charges.

    Raises TooLate once the run has started, WrongState when the booking was given up already.
    """
    run = lock(booking.run)
    booking = Booking.objects.select_related("person", "run").get(pk=booking.pk)
    if run.has_started(at):
        raise TooLate("This run has already started, so the place cannot be given up any more.")
    _let_go(booking, by=by, at=at)
    emails.place_given_up(booking, at)
    fill_places(run, by=by, at=at)
    return booking


def _let_go(booking: Booking, *, by: Person | None, at: datetime, charged: bool = True) -> None:
    """End a live booking of a locked run, with what hangs on it. Whoever calls fills the place."""
    if booking.state == State.QUEUED:
        booking.move_to(State.LEFT_QUEUE, ended_at=at)
    else:
        state = State.DECLINED if booking.state == State.OFFERED else State.GIVEN_UP
        booking.move_to(state, ended_at=at, calendar_sequence=booking.calendar_sequence + 1)
        if charged and state == State.GIVEN_UP:
            charges.given_up(booking, at=at)
    booking.approvals.drop()
    audit.record(f"booking.{booking.state}", by=by, at=at, about=booking, person=booking.person, run=booking.run_id)


# --- Another date --------------------------------------------------------------------------------------------------


@transaction.atomic
def swap(*, booking: Booking, run: Run, by: Person, at: datetime) -> Booking:
    """Change a place for one on another date of the course. Where that is full, join its queue and keep the place one
    has until one comes up.

    Both runs are locked, in one order. Raises NotEligible, TooLate, WrongState, Run.DoesNotExist.
    """
    for pk in sorted({booking.run_id, run.pk}):
        lock(Run(pk=pk))
    booking = Booking.objects.select_related("person", "run").get(pk=booking.pk)
    if booking.state != State.BOOKED:
        raise WrongState(f"This booking is {booking.get_state_display().lower()}.")
    if booking.run.has_started(at):
        raise TooLate("This run has already started, so the place cannot be swapped any more.")
    asking = eligibility.asking(run, booking.person, at, by=by, instead_of=booking)
    if asking.run.course_id != booking.run.course_id:
        raise NotEligible(["That is not a date of the same course."])
    new = _book(asking, by=by, answers=booking.answers, replaces=booking)
    if new.state == State.BOOKED:
        _let_go(booking, by=by, at=at)
        emails.place_given_up(booking, at)
        fill_places(lock(booking.run), by=by, at=at)
    return new


def give_up_replaced(at: datetime) -> int:
    """Give up the places that people swapped for a date whose queue has now given them one. Costs nothing: they asked
    in time, and nobody presses a button here. Returns how many."""
    swapped = Booking.objects.filter(
        state=State.BOOKED, replaces__state=State.BOOKED, replaces__run__starts_at__gt=at
    ).select_related("replaces__run")
    return sum(_give_up_replaced(booking.replaces, at) for booking in swapped.order_by("pk"))


@transaction.atomic
def _give_up_replaced(booking: Booking, at: datetime) -> int:
    run = lock(booking.run)
    booking = Booking.objects.select_related("person", "run").get(pk=booking.pk)
    if booking.state != State.BOOKED:
        return 0  # given up by hand a moment ago
    _let_go(booking, by=None, at=at, charged=False)
    emails.place_given_up(booking, at)
    fill_places(run, by=None, at=at)
    return 1


# --- A colleague instead -------------------------------------------------------------------------------------------


@transaction.atomic
def hand_over(*, booking: Booking, to: Person, by: Person, at: datetime, at_door: bool = False) -> Booking:
    """Give a place to a colleague: rules are checked again, approvals go with it, and both are told. It costs nothing.

    `at_door`, a trainer does so on the day, and only the rules of the door hold. Returns the colleague's booking.
    Raises NotEligible, TooLate, WrongState.
    """
    run = lock(booking.run)
    booking = Booking.objects.select_related("person", "run").get(pk=booking.pk)
    if run.has_started(at) and not at_door:
        raise TooLate("This run has already started, so the place cannot be handed on any more.")
    asking = eligibility.asking(run, to, at, by=by)
    checks = eligibility.AT_THE_DOOR if at_door else eligibility.HANDED_ON
    if reasons := eligibility.why_not(asking, checks):
        raise NotEligible(reasons)
    _end_wait(run, to, by, at)
    booking.move_to(State.HANDED_ON, ended_at=at, calendar_sequence=booking.calendar_sequence + 1)
    facts = {"handed_from": booking, "walk_in": booking.walk_in, "calendar_sequence": 1}
    new = new_booking(asking, by=by, state=State.BOOKED, booked_at=at, **facts)
    approvals.move(booking, new, at)
    audit.record("booking.handed_on", by=by, at=at, about=new, person=booking.person, run=run.pk, to=to.pk)
    emails.place_handed_on(booking, at)
    emails.place_handed_to_you(new, at)
    return new


def _end_wait(run: Run, person: Person, by: Person, at: datetime) -> None:
    """Whoever is given a place no longer waits for one. Raises NotEligible where they hold one already."""
    held = run.bookings.live().filter(person=person).first()
    if held and held.state != State.QUEUED:
        raise NotEligible([f"{person.name} has a place on this run already."])
    if held:
        _let_go(held, by=by, at=at)


# --- On the day ----------------------------------------------------------------------------------------------------

DOORS_OPEN = timedelta(hours=1)  # before a run: from then on people are there


@transaction.atomic
def walk_in(*, run: Run, person: Person, by: Person, at: datetime) -> Booking:
    """Add somebody who came unbooked; they take the seat of somebody who did not come, so places are not counted.

    Whoever has a place keeps it, and whoever waited for one has it. Raises NotEligible.
    """
    asking = eligibility.asking(run, person, at, by=by, hold=True)
    run = asking.run
    held = run.bookings.live().filter(person=person).select_related("run", "person").first()
    if held and held.state == State.BOOKED:
        return held
    reasons = eligibility.why_not(asking, eligibility.AT_THE_DOOR)
    if at < run.starts_at - DOORS_OPEN:
        reasons.append("People can be added as unbooked from an hour before the start. Until then they book.")
    if reasons:
        raise NotEligible(reasons)
    if held:
        held.move_to(State.BOOKED, booked_at=at, walk_in=held.state == State.QUEUED)
        held.approvals.drop()
    booking = held or new_booking(asking, by=by, state=State.BOOKED, booked_at=at, walk_in=True)
    audit.record("booking.walk_in", by=by, at=at, about=booking, person=person, run=run.pk)
    return booking


# --- Capacity ------------------------------------------------------------------------------------------------------


@transaction.atomic
def change_capacity(*, run: Run, capacity: int, by: Person, at: datetime) -> Run:
    """Set how many places a run has; new ones go to those who wait. Raises CapacityTooLow, changing nothing."""
    run = lock(run)
    held = run.bookings.holding().count()
    if capacity < held:
        raise CapacityTooLow(f"{held} people hold a place on this run, so it cannot have only {capacity}.")
    audit.record("run.capacity", by=by, at=at, about=run, before=run.capacity, after=capacity)
    run.capacity = capacity
    run.save(update_fields=["capacity"])
    fill_places(run, by=by, at=at)
    return run


# --- Queues that end -----------------------------------------------------------------------------------------------


def end_queues(at: datetime) -> int:
    """Tell everyone who still waits for a run that has started that no place came up. Returns how many."""
    waiting = Run.objects.filter(starts_at__lte=at, bookings__state=State.QUEUED).distinct()
    return sum(_end_queue(run, at) for run in waiting.order_by("pk"))


@transaction.atomic
def _end_queue(run: Run, at: datetime) -> int:
    waiting = list(lock(run).bookings.waiting_in_queue())
    for booking in waiting:
        booking.move_to(State.NO_PLACE, ended_at=at)
        booking.approvals.drop()
        emails.no_place_came_up(booking, at)
    return len(waiting)
