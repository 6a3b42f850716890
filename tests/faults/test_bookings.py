"""Booking while the database restarts, and while everybody changes the same run at once."""

import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from functools import partial
from threading import Lock

import pytest
from django.db import Error, connection
from django.utils import timezone

from academy.lib import registry
from courses.actions import bookings as actions
from courses.models import Booking, Run
from partners.models import OutboxMessage, Person
from tests.courses.test_races import together
from tests.factories import crowd, planned_run

PEOPLE, PLACES, THREADS = 100, 60, 10
TRIES = 1500


def new_run(capacity: int) -> Run:
    return planned_run(starts_at=timezone.now() + timedelta(days=30), capacity=capacity)


def book(run: Run, person: Person) -> Booking:
    return actions.book(run=run, person=person, by=person, at=timezone.now())


def give_up(held: Booking) -> Booking:
    return actions.give_up(booking=held, by=held.person, at=timezone.now())


def resize(run: Run, capacity: int) -> Run:
    return actions.change_capacity(run=run, capacity=capacity, by=None, at=timezone.now())


def after(seconds: float, job: Callable[[], Run]) -> Run:
    time.sleep(seconds)
    return job()


class Asking:
    """People ask for a place on threads of their own, again and again until they are told that they have one.

    At each of the `moments`, (so many have a place, a statement is about to run), the database is restarted.
    """

    def __init__(self, run: Run, moments: list[tuple[int, str]], restart: Callable[[], None]) -> None:
        self.run, self.moments, self.restart = run, moments, restart
        self.lock, self.done, self.failures = Lock(), 0, 0

    def until_answered(self, person: Person) -> Booking:
        try:
            with connection.execute_wrapper(self._strike):
                return self._try(person)
        finally:
            connection.close()

    def _try(self, person: Person) -> Booking:
        for _ in range(TRIES):
            try:
                booking = book(self.run, person)
            except Error:
                connection.close()
                self.failures += 1
                time.sleep(0.02)
            else:
                self.done += 1
                return booking
        raise AssertionError("nobody answered")

    def _strike(self, execute, sql: str, params, many: bool, context: dict):
        with self.lock:
            now = self.moments and self.done >= self.moments[0][0] and sql.startswith(self.moments[0][1])
            if now:
                self.moments.pop(0)
        if now:
            self.restart()
        return execute(sql, params, many, context)


def test_a_database_that_restarts_while_100_book_makes_no_phantom_and_loses_no_letter(own_database, chance, request):
    run, people = new_run(PLACES), crowd(PEOPLE)
    before = OutboxMessage.objects.count()
    tables = ["courses_booking", "partners_outboxmessage", "partners_auditevent", "partners_outboxmessage"]
    counts = sorted(chance.sample(range(5, PEOPLE - 15), len(tables)))
    moments = [(count, f'INSERT INTO "{table}"') for count, table in zip(counts, tables, strict=True)]

    def restart() -> None:
        os.kill(own_database.postmaster(), signal.SIGQUIT)  # stops at once, as after a crash
        again = own_database.joined()
        again.__enter__()
        request.addfinalizer(lambda: again.__exit__(None, None, None))

    asking = Asking(run, moments, restart)
    with ThreadPoolExecutor(THREADS) as pool:
        told = list(pool.map(asking.until_answered, people))
    connection.close()  # it does not know of the restarts
    assert moments == []
    assert asking.failures >= len(tables)
    live = run.bookings.live()
    assert set(live) == set(told) == set(run.bookings.all()), "what each was told last is all there is"
    assert Counter(live.values_list("person", flat=True)) == Counter(person.pk for person in people)
    assert (run.bookings.booked().count(), run.bookings.waiting_in_queue().count()) == (PLACES, PEOPLE - PLACES)
    letters = OutboxMessage.objects.order_by("pk")[before:]
    about = Counter((letter.kind.rpartition("_")[2], letter.subjects["booking"]) for letter in letters)
    assert about == Counter({("booked" if each.state == "booked" else "queue", each.pk): 1 for each in told})
    assert registry.broken_invariants() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("reseed")
def test_leaving_giving_up_growing_and_asking_at_the_same_moment_give_each_place_to_one_person(chance):
    for _ in range(8):
        run, people = new_run(2), crowd(7)
        held = [book(run, person) for person in people[:6]]
        jobs = [
            partial(give_up, held[0]),
            partial(give_up, held[3]),  # who waits in the queue
            partial(resize, run, 3),
            partial(book, run, people[6]),
        ]
        chance.shuffle(jobs)
        results = together(*jobs)
        assert not [each for each in results if isinstance(each, Exception)], results
        assert {booking.person for booking in run.bookings.booked()} == {people[1], people[2], people[4]}
        assert [booking.person for booking in run.bookings.waiting_in_queue()] == [people[5], people[6]]
        told = OutboxMessage.objects.filter(kind="courses.place_came_up", person__in=[people[2], people[4]])
        assert told.count() == 2
        assert registry.broken_invariants() == []


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("reseed")
def test_a_room_that_shrinks_while_people_book_never_has_fewer_places_than_people(chance):
    for _ in range(8):
        run, people = new_run(4), crowd(4)
        shrink = partial(after, chance.uniform(0, 0.05), partial(resize, run, 2))
        jobs = [shrink, *(partial(book, run, person) for person in people)]
        chance.shuffle(jobs)
        problems = [each for each in together(*jobs) if isinstance(each, Exception)]
        assert {type(each) for each in problems} <= {actions.CapacityTooLow}
        run.refresh_from_db()
        assert run.capacity == (4 if problems else 2)
        assert run.bookings.booked().count() == run.capacity
        assert registry.broken_invariants() == []
