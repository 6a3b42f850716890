"""200 people ask for 20 places while 20 give theirs up, places are raised twice, and things break at random.

What breaks: a transaction is rolled back in its middle, and a connection is cut by the database. Whoever met a fault
asks again, as people do. Once is enough for the suite; RUSHES says how many times.
"""

import os
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from datetime import datetime, timedelta

import pytest
from django.db import DatabaseError, InterfaceError, connection
from django.db.models.signals import post_save

from academy.lib import clock, registry
from courses.actions import bookings
from courses.actions.bookings import change_capacity, give_up
from courses.models import Booking, Run
from courses.models.states import WrongState
from partners.models import AuditEvent, OutboxMessage, Person
from tests.courses.test_races import without_the_lock
from tests.factories import NOW, crowd, planned_run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("reseed")]
RUSHES = int(os.environ.get("RUSHES", "1"))
PEOPLE, PLACES, LEAVERS, THREADS = 200, 20, 20, 12
RAISES = {1 / 3: 3, 2 / 3: 7}  # after which part of the people have asked, how many places more than PLACES there are
START = time.monotonic()


class Broken(Exception):
    """A fault that was put in."""


def this_moment() -> datetime:
    return NOW + timedelta(seconds=time.monotonic() - START)


def breaks_at_times(chance: random.Random) -> Callable[..., None]:
    """Called within transactions: now and then raises, or has the database cut this very connection."""

    def handler(**kwargs) -> None:
        luck = chance.random()
        if luck < 0.03:
            raise Broken
        if luck < 0.04:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_terminate_backend(pg_backend_pid())")

    return handler


def until_it_works(what: Callable[[], object]) -> object:
    """What people do who met an error: they try again."""
    for _ in range(50):
        try:
            return what()
        except (Broken, DatabaseError, InterfaceError):
            connection.close()
    raise AssertionError("it never worked")


def closing(what: Callable[[], object]) -> object:
    try:
        return until_it_works(what)
    finally:
        connection.close()


def rush(chance: random.Random, people: list[Person]) -> Run:
    run = planned_run(capacity=PLACES)
    leavers = set(chance.sample(range(PEOPLE), 4 * LEAVERS))
    left: list[int] = []

    def ask_and_perhaps_leave(number: int) -> None:
        person = people[number]
        made = until_it_works(lambda: bookings.book(run=run, person=person, by=person, at=this_moment()))
        if number in leavers and made.state == Booking.State.BOOKED and len(left) < LEAVERS:
            left.append(number)
            until_it_works(lambda: _leave(made))

    def _leave(made: Booking) -> None:
        with suppress(WrongState):  # the first try had done it, and its answer was lost
            give_up(booking=made, by=made.person, at=this_moment())

    def raise_to(places: int) -> None:
        time.sleep(chance.random() / 2)
        until_it_works(lambda: change_capacity(run=run, capacity=places, by=people[0], at=this_moment()))

    jobs = [lambda number=number: ask_and_perhaps_leave(number) for number in range(PEOPLE)]
    for part, more in RAISES.items():
        jobs.insert(int(part * PEOPLE), lambda more=more: raise_to(PLACES + more))
    with ThreadPoolExecutor(THREADS) as pool:
        list(pool.map(closing, jobs))
    return run


@contextmanager
def things_break(chance: random.Random) -> Iterator[None]:
    handler = breaks_at_times(chance)
    for sender in (Booking, AuditEvent):
        post_save.connect(handler, sender=sender)
    try:
        yield
    finally:
        for sender in (Booking, AuditEvent):
            post_save.disconnect(handler, sender=sender)


def broken_promises(run: Run) -> list[str]:
    """What is wrong after a rush, in sentences."""
    run.refresh_from_db()
    with clock.standing_at(NOW):
        found = list(registry.broken_invariants())
    held, waiting = run.bookings.booked().count(), run.bookings.waiting_in_queue().count()
    gone = run.bookings.filter(state=Booking.State.GIVEN_UP).count()
    if held != run.capacity:
        found.append(f"{held} hold {run.capacity} places")
    if held + waiting + gone != PEOPLE:
        found.append(f"{held + waiting + gone} of {PEOPLE} are known")
    # Rows are numbered under the lock, so that numbers tell who asked first.
    order = list(run.bookings.waiting_in_queue().values_list("pk", flat=True))
    if order != sorted(order) or (order and max(run.bookings.booked().values_list("pk", flat=True)) > min(order)):
        found.append("somebody overtook the queue")
    told = OutboxMessage.objects.filter(kind__in=["courses.place_booked", "courses.place_came_up"]).count()
    if told != held + gone:
        found.append(f"{told} were told of {held + gone} places")
    return found


@pytest.mark.parametrize("number", range(RUSHES))
def test_no_rush_with_faults_breaks_a_promise(number):
    chance, people = random.Random(number), crowd(PEOPLE)
    with things_break(chance):
        run = rush(chance, people)
    assert broken_promises(run) == []


def test_control_without_the_lock_the_same_rush_breaks_some(monkeypatch):
    for hides_that_there_were_too_many, instead in (("LEAVERS", 0), ("RAISES", {})):
        monkeypatch.setattr(f"{__name__}.{hides_that_there_were_too_many}", instead)
    people = crowd(PEOPLE)
    with without_the_lock(monkeypatch), things_break(random.Random(0)):
        run = rush(random.Random(0), people)
    assert broken_promises(run), "the lock makes no difference, so this proves nothing"
