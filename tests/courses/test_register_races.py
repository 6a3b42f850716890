"""Two trainers' phones, and many fingers, at the same moment on real connections."""

import time
from datetime import timedelta

import pytest

from courses.actions import registers, signing_in
from courses.models import Attendance, Run
from partners.models import AuditEvent, Person
from tests.courses.test_races import together
from tests.factories import NOW, booked, crowd, planned_run

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("reseed")]
MINUTE = timedelta(minutes=1)


def phones(run: Run, one: Person, two: Person) -> list[object]:
    """One phone comes back with marks of two minutes ago as the other sends those of a minute ago."""
    session, places = run.sessions.get(), list(run.bookings.values_list("pk", flat=True))

    def send(by: Person, given: str, minutes: int):
        made = dict.fromkeys(places, NOW - minutes * MINUTE)
        return lambda: registers.take_register(
            session=session, marks=dict.fromkeys(places, given), made=made, by=by, at=NOW
        )

    return together(send(one, "absent", 2), send(two, "present", 1))


def stands(run: Run) -> set[str]:
    return set(Attendance.objects.filter(session__run=run).values_list("mark", flat=True))


def a_run() -> Run:
    run = planned_run(starts_at=NOW - 60 * MINUTE)
    for person in crowd(5):
        booked(run, person)
    return run


def test_of_two_phones_at_once_the_later_marks_stand():
    one, two = crowd(2)
    for _ in range(10):
        run = a_run()
        assert phones(run, one, two) == [5, 5]
        assert stands(run) == {"present"}


def test_control_without_the_lock_an_older_mark_may_win(monkeypatch):
    one, two = crowd(2)
    save = registers._save

    def slowly(marks) -> None:
        time.sleep(0.05 if marks[0].marked_by == two else 0.15)  # the older ones are written last
        save(marks)

    monkeypatch.setattr(registers, "_save", slowly)
    monkeypatch.setattr(registers, "lock", lambda run: Run.objects.get(pk=run.pk))
    run = a_run()
    phones(run, one, two)
    assert stands(run) == {"absent"}, "the lock makes no difference, so the race above proves nothing"


def test_two_phones_that_mark_different_people_lose_nothing():
    run, (one, two) = a_run(), crowd(2)
    session, places = run.sessions.get(), list(run.bookings.values_list("pk", flat=True))
    together(
        *[
            lambda by=by, mine=mine: registers.take_register(
                session=session, marks=dict.fromkeys(mine, "present"), by=by, at=NOW
            )
            for by, mine in ((one, places[:2]), (two, places[2:]))
        ]
    )
    assert Attendance.objects.filter(session=session).count() == 5


def test_the_button_pressed_by_many_fingers_signs_in_once():
    run = a_run()
    session, person = run.sessions.get(), run.bookings.first().person
    results = together(*[lambda: signing_in.sign_in(session=session, person=person, scanned_at=NOW, at=NOW)] * 8)
    assert len(set(results)) == 1
    assert Attendance.objects.count() == 1
    assert AuditEvent.objects.filter(kind="register.signed_in").count() == 1


def test_a_run_closed_by_two_at_once_is_closed_once():
    run, (one, two) = a_run(), crowd(2)
    session = run.sessions.get()
    Run.objects.filter(pk=run.pk).update(ends_at=NOW - MINUTE)
    registers.take_register(session=session, marks={}, rest="present", by=one, at=NOW)
    results = together(*[lambda by=by: registers.close_run(run=run, by=by, at=NOW) for by in (one, two)])
    assert sorted(type(result).__name__ for result in results) == ["WrongState", "list"]
    assert run.achievements.count() == 5
