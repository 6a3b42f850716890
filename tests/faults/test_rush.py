"""The race from outside: the real web server, people with browsers, one run."""

import random
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.utils import timezone

from courses.actions import bookings
from courses.models import Booking, Run
from partners.models import OutboxMessage
from tests.factories import crowd, planned_run
from tests.faults.ground import web_server
from tests.faults.people import Answer, Browser, signed_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("reseed")]
PEOPLE, PLACES, RAISED_TO, LEAVERS = 200, 20, 25, 15


@pytest.fixture(scope="module")
def port(django_db_setup) -> Iterator[int]:
    with web_server() as port:
        yield port


def new_run(capacity: int) -> Run:
    return planned_run(starts_at=timezone.now() + timedelta(days=30), capacity=capacity)


def rush(run: Run, browsers: list[Browser], leavers: set[Browser], meanwhile=lambda answers: None) -> list[Answer]:
    """All ask at once; leavers give up again as soon as they have their answer. Returns every answer."""
    answers: list[Answer] = []
    start = threading.Event()

    def ask(browser: Browser) -> None:
        start.wait()
        asked = browser.post(f"/runs/{run.pk}/book/")
        answers.append(asked)
        if browser in leavers and asked.location:
            answers.append(browser.post(f"{asked.location}give-up/"))

    with ThreadPoolExecutor(len(browsers)) as pool:
        asking = [pool.submit(ask, browser) for browser in browsers]
        start.set()
        meanwhile(answers)
        for each in asking:
            each.result()
    return answers


def is_sound() -> bool:
    try:
        call_command("check_integrity")
    except CommandError:
        return False
    return True


def test_200_people_over_http_for_20_places_while_some_leave_and_the_room_grows(port, chance):
    run, browsers = new_run(PLACES), signed_in(crowd(PEOPLE), port)
    chance.shuffle(browsers)
    leavers = set(chance.sample(browsers, LEAVERS))

    def raise_capacity(answers: list[Answer]) -> None:
        moment = chance.randrange(PEOPLE // 4, PEOPLE // 2)
        while len(answers) < moment:
            threading.Event().wait(0.01)
        bookings.change_capacity(run=run, capacity=RAISED_TO, by=browsers[0].person, at=timezone.now())

    answers = rush(run, browsers, leavers, raise_capacity)
    assert {answer.status for answer in answers} == {302}, "an answer for everyone, and no error page"
    assert is_sound()
    live = run.bookings.live()
    assert (run.bookings.booked().count(), live.count()) == (RAISED_TO, PEOPLE - LEAVERS)
    assert not live.filter(person__in=[browser.person for browser in leavers]).exists()
    queue = list(run.bookings.waiting_in_queue())
    assert queue == sorted(queue, key=lambda booking: booking.asked_at), "those who wait stand as they asked"
    last_served = run.bookings.booked().latest("asked_at").asked_at
    assert all(booking.asked_at >= last_served for booking in queue), "nobody was passed over"
    told = OutboxMessage.objects.filter(kind__in=["courses.place_booked", "courses.place_in_queue"])
    assert told.count() == PEOPLE


def test_control_without_the_lock_the_same_rush_goes_wrong(chance):
    with web_server("tests.faults.unlocked:application") as port:
        browsers = signed_in(crowd(60), port)
        assert any(goes_wrong(browsers, chance) for _ in range(3)), "the lock makes no difference: nothing was raced"


def goes_wrong(browsers: list[Browser], chance: random.Random) -> bool:
    run = new_run(PLACES)
    rush(run, browsers, set(chance.sample(browsers, 5)))
    return not is_sound() or run.bookings.booked().count() != PLACES


def test_two_tabs_at_once_and_the_button_pressed_again_make_one_booking(port):
    run, (browser,) = new_run(1), signed_in(crowd(1), port)
    answers = [*rush(run, [browser] * 6, set()), browser.post(f"/runs/{run.pk}/book/")]
    (booking,) = Booking.objects.filter(run=run)
    assert {(answer.status, answer.location) for answer in answers} == {(302, f"/bookings/{booking.reference}/")}
    assert OutboxMessage.objects.count() == 1


def test_asking_again_after_the_connection_was_lost_gives_the_booking_that_was_made(port):
    run, (browser,) = new_run(1), signed_in(crowd(1), port)
    browser.begin(f"/runs/{run.pk}/book/").close()  # nobody there to hear the answer
    answer = browser.post(f"/runs/{run.pk}/book/")
    (booking,) = Booking.objects.filter(run=run)
    assert (answer.status, answer.location) == (302, f"/bookings/{booking.reference}/")
    assert OutboxMessage.objects.count() == 1
