"""Many people at once, on real connections: what the run's row lock is for, and what happens without it."""

import time
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from datetime import datetime, timedelta
from threading import Barrier

import pytest
from django.db import connection

from academy.lib import registry
from academy.lib.text import new_reference
from courses import eligibility
from courses.actions import bookings as actions
from courses.actions import interests, places, runs
from courses.models import Booking, Run
from partners.models import OutboxMessage, Person
from tests.factories import NOW, CourseFactory, crowd, planned_run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("reseed")]
AT_ONCE = 30  # connections; PostgreSQL here allows 100, and others use it too
State = Booking.State
START = time.monotonic()


def this_moment() -> datetime:
    """A clock that runs: people ask at different moments, and are not served in that order to the millisecond."""
    return NOW + timedelta(seconds=time.monotonic() - START)


def ask(run: Run, person: Person) -> Booking:
    return actions.book(run=run, person=person, by=person, at=this_moment())


def at_once(jobs: Iterable[Callable[[], object]], threads: int = AT_ONCE) -> list[object]:
    """Do all of `jobs` on threads with connections of their own; an exception is a result like any other."""

    def closing(job: Callable[[], object]) -> object:
        try:
            return job()
        except Exception as problem:
            return problem
        finally:
            connection.close()

    with ThreadPoolExecutor(threads) as pool:
        return list(pool.map(closing, jobs))


def together(*jobs: Callable[[], object]) -> list[object]:
    """Do `jobs` at the same moment: each waits for the others before it begins."""
    start = Barrier(len(jobs))

    def waiting(job: Callable[[], object]) -> Callable[[], object]:
        return lambda: (start.wait(), job())[1]

    return at_once([waiting(job) for job in jobs], len(jobs))


@contextmanager
def without_the_lock(monkeypatch: pytest.MonkeyPatch):
    """The control: the run is read and not locked, and time passes between counting and writing."""

    def slowly(prefix: str) -> str:
        time.sleep(0.02)  # after the places were counted, before the booking is written
        return new_reference(prefix)

    asking = eligibility.asking
    with monkeypatch.context() as patch:
        patch.setattr(eligibility, "asking", lambda *asked, hold, by: asking(*asked, by=by))
        patch.setattr(actions, "lock", lambda run: Run.objects.get(pk=run.pk))
        patch.setattr(places, "new_reference", slowly)
        yield


def rush(people: list[Person], capacity: int) -> tuple[Run, list[object]]:
    run = planned_run(capacity=capacity)
    return run, at_once([lambda person=person: ask(run, person) for person in people])


def test_200_people_who_ask_for_20_places_at_once_are_20_booked_and_180_queued_in_order():
    run, results = rush(crowd(200), 20)
    assert [result for result in results if isinstance(result, Exception)] == []
    assert run.bookings.booked().count() == 20
    assert list(run.bookings.waiting_in_queue().values_list("queue_position", flat=True)) == [*range(1, 181)]
    assert registry.broken_invariants() == []
    assert OutboxMessage.objects.filter(kind="courses.place_booked").count() == 20
    assert OutboxMessage.objects.filter(kind="courses.place_in_queue").count() == 180


def test_control_without_the_lock_the_same_rush_goes_wrong(monkeypatch):
    people = crowd(60)
    with without_the_lock(monkeypatch):
        runs_of_it = [rush(people, 20) for _ in range(3)]
    assert any(run.bookings.booked().count() > 20 for run, _ in runs_of_it), (
        "the lock makes no difference, so the race above proves nothing"
    )


def test_the_same_button_pressed_by_many_fingers_makes_one_booking():
    run, (person,) = planned_run(), crowd(1)
    results = together(*[lambda: ask(run, person)] * 8)
    assert len(set(results)) == 1
    assert (run.bookings.count(), OutboxMessage.objects.count()) == (1, 1)


def test_a_place_given_up_while_someone_asks_for_it_is_never_stranded():
    for holder, asker in zip(crowd(10), crowd(10), strict=True):
        run = planned_run(capacity=1)
        held = ask(run, holder)
        together(
            lambda held=held, holder=holder: actions.give_up(booking=held, by=holder, at=this_moment()),
            lambda run=run, asker=asker: ask(run, asker),
        )
        (left,) = run.bookings.live()
        assert (left.person, left.state) == (asker, State.BOOKED)
    assert registry.broken_invariants() == []


def test_two_who_give_up_at_once_hand_on_both_places():
    run = planned_run(capacity=2)
    one, two, three, four = [ask(run, person) for person in crowd(4)]
    together(
        lambda: actions.give_up(booking=one, by=one.person, at=this_moment()),
        lambda: actions.give_up(booking=two, by=two.person, at=this_moment()),
    )
    assert set(run.bookings.booked()) == {three, four}
    assert OutboxMessage.objects.filter(kind="courses.place_came_up").count() == 2


def test_a_place_given_up_and_one_added_at_once_go_to_two_people():
    run = planned_run(capacity=1)
    holder, first, second, third = [ask(run, person) for person in crowd(4)]
    together(
        lambda: actions.give_up(booking=holder, by=holder.person, at=this_moment()),
        lambda: actions.change_capacity(run=run, capacity=2, by=holder.person, at=this_moment()),
    )
    assert set(run.bookings.booked()) == {first, second}
    assert list(run.bookings.waiting_in_queue()) == [third]


def test_many_who_swap_at_once_in_both_directions_never_overfill_either_date():
    course = CourseFactory()
    dates = [planned_run(course=course, capacity=8, starts_at=NOW + timedelta(days=days)) for days in (30, 40)]
    held = [[ask(run, person) for person in crowd(6)] for run in dates]
    swaps = [
        lambda booking=booking, to=to: actions.swap(booking=booking, run=to, by=booking.person, at=this_moment())
        for bookings, to in zip(held, reversed(dates), strict=True)
        for booking in bookings
    ]
    results = together(*swaps)
    assert [result for result in results if not isinstance(result, Booking)] == []
    for run in dates:
        assert run.bookings.holding().count() <= run.capacity
    assert registry.broken_invariants() == []


def test_two_dates_published_at_once_hold_a_place_each_for_the_two_who_wait_for_the_course():
    for first, second in zip(crowd(8), crowd(8), strict=True):
        course = CourseFactory()
        for person in (first, second):
            wish = {"wants_place": True, "days": [], "areas": []}
            interests.ask(course=course, person=person, at=NOW, **wish)
        dates = [planned_run(course=course, capacity=1, starts_at=NOW + timedelta(days=days)) for days in (30, 40)]
        results = together(*(lambda run=run: interests.tell(run, this_moment()) for run in dates))
        assert results == [None, None]
        held = Booking.objects.filter(run__in=dates, state=State.OFFERED)
        assert sorted(held.values_list("person", flat=True)) == sorted([first.pk, second.pk])
        assert held.values("run").distinct().count() == 2


def test_one_who_gives_up_twice_at_once_frees_one_place():
    run = planned_run(capacity=1)
    holder, _, _ = [ask(run, person) for person in crowd(3)]
    results = together(*[lambda: actions.give_up(booking=holder, by=holder.person, at=this_moment())] * 4)
    assert len([result for result in results if isinstance(result, Booking)]) == 1
    assert (run.bookings.booked().count(), run.bookings.waiting_in_queue().count()) == (1, 1)


def test_nobody_keeps_a_place_on_a_run_that_is_cancelled_while_they_book():
    people, run = crowd(20), planned_run(capacity=12)
    cancel = lambda: runs.cancel_run(run=run, reason="Snow", by=people[0], at=this_moment())  # noqa: E731
    answers = together(cancel, *(lambda person=person: ask(run, person) for person in people[1:]))
    run.refresh_from_db()
    assert run.state == Run.State.CANCELLED
    assert not run.bookings.live().exists()
    refused = sum(isinstance(answer, actions.NotEligible) for answer in answers)
    assert run.bookings.filter(state=State.CANCELLED).count() + refused == len(people) - 1
    told = OutboxMessage.objects.filter(kind="courses.run_cancelled").count()
    assert told == run.bookings.filter(state=State.CANCELLED).count()
