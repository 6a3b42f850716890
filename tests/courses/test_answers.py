"""What delegates tell the people who run the training: asked at booking, or afterwards of those whom another booked."""

import csv
import io
from datetime import timedelta

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from openpyxl import load_workbook

from courses.actions import answers, bookings
from courses.models import BookingQuestion
from courses.models.states import WrongState
from partners.models import AuditEvent, Person
from tests.courses.steps import ask, leave
from tests.factories import NOW, AgencyFactory, employed, granted, holding, planned_run

pytestmark = pytest.mark.django_db
HOUR = timedelta(hours=1)


@pytest.fixture
def trainer():
    return employed()


@pytest.fixture
def run(trainer):
    run = planned_run(trainers=[trainer], capacity=2)
    BookingQuestion.objects.create(course=run.course, text="What do you hope for?", required=True)
    BookingQuestion.objects.create(course=run.course, text="Do you lead a team?", kind="yes_no", order=1)
    return run


def said(run, hopes: str = "", leads: str = "") -> dict[str, str]:
    """The answers, by the names that the form gives them."""
    first, second = run.course.questions.all()
    return {f"question-{first.pk}": hopes, f"question-{second.pk}": leads}


def words(page) -> str:
    return " ".join(page.content.decode().split())


def delegates(as_person, who, run) -> list[dict[str, str]]:
    page = as_person(who).get(f"/runs/{run.pk}/delegates/csv/")
    return list(csv.DictReader(io.StringIO(page.content.decode("utf-8-sig"))))


def test_whoever_was_booked_by_another_is_asked_on_their_list_and_answers(as_person, run):
    manager, person = employed(), employed()
    bookings.book(run=run, person=person, by=manager, at=NOW)
    browser, booking = as_person(person), run.bookings.get()
    assert f"Answer what you are asked before {run.course.title}" in words(browser.get("/"))
    assert "Answer it before you come" in words(browser.get(f"/bookings/{booking.reference}/"))
    assert "Answer: What do you hope for?" in words(browser.post(f"/bookings/{booking.reference}/told/", said(run)))
    done = browser.post(
        f"/bookings/{booking.reference}/told/", said(run, "Courage") | {"access_needs": "A loop"}, follow=True
    )
    assert "Saved. The people who run the training see it." in words(done)
    assert "Answer it before you come" not in words(done)
    assert "Answer what you are asked" not in words(browser.get("/"))
    person.refresh_from_db()
    assert person.access_needs == "A loop"
    assert AuditEvent.objects.get(kind="booking.answered").person == person


def test_nobody_is_asked_twice_or_where_nothing_must_be_known(as_person, run):
    asked, free = employed(), employed()
    first = run.course.questions.first()
    bookings.book(run=run, person=asked, by=asked, at=NOW, answers={str(first.pk): "Courage"})
    other = planned_run()
    BookingQuestion.objects.create(course=other.course, text="Which team?")
    ask(other, free)
    assert all("Answer what you are asked" not in words(as_person(who).get("/")) for who in (asked, free))


def test_what_one_told_can_be_changed_until_the_run_starts(as_person, run):
    person = employed()
    booking = ask(run, person)
    form = words(as_person(person).get(f"/bookings/{booking.reference}/told/"))
    assert "What you tell the organisers" in form
    with pytest.raises(WrongState, match="This run has started"):
        answers.answer(booking=booking, answers={"1": "x"}, by=person, at=run.starts_at)
    leave(booking)
    with pytest.raises(WrongState, match="given up"):
        answers.answer(booking=booking, answers={"1": "x"}, by=person, at=NOW)
    assert as_person(person).get(f"/bookings/{booking.reference}/told/").status_code == 302


def test_nobody_answers_for_another(as_person, run):
    manager = employed()
    booking = ask(run, employed(manager=manager))
    assert as_person(manager).get(f"/bookings/{booking.reference}/").status_code == 200
    assert as_person(manager).post(f"/bookings/{booking.reference}/told/", said(run, "x")).status_code == 404


def test_the_trainer_reads_the_answers_on_the_register(as_person, run, trainer):
    person = employed()
    booking = ask(run, person)
    assert "What they answered" not in words(as_person(trainer).get(f"/runs/{run.pk}/register/"))
    first = run.course.questions.first()
    answers.answer(booking=booking, answers={str(first.pk): "Courage <b>"}, by=person, at=NOW)
    page = words(as_person(trainer).get(f"/runs/{run.pk}/register/"))
    assert "What they answered" in page
    assert "<strong>Courage &lt;b&gt;</strong>" in page


def test_the_list_of_delegates_has_places_queue_and_answers_and_not_what_people_need(as_person, run, trainer):
    people = [employed() for _ in range(4)]
    Person.objects.update(access_needs="A loop")
    held = [ask(run, person) for person in people]
    first = run.course.questions.first()
    answers.answer(booking=held[0], answers={str(first.pk): "=1+1"}, by=people[0], at=NOW)
    leave(held[1], at=NOW)
    rows = delegates(as_person, trainer, run)
    assert {row["Name"]: row["Place"] for row in rows} == {
        people[0].name: "Booked",
        people[2].name: "Booked",
        people[3].name: "Queue, 1",
    }
    assert {row["What do you hope for?"] for row in rows} == {"'=1+1", ""}
    assert "loop" not in str(rows)
    book = load_workbook(io.BytesIO(as_person(trainer).get(f"/runs/{run.pk}/delegates/xlsx/").content))
    assert book.active.max_row == 4
    assert as_person(trainer).get(f"/runs/{run.pk}/delegates/json/").status_code == 404


def test_the_list_of_delegates_costs_no_more_for_three_than_for_one(as_person, run, trainer):
    browser, counts = as_person(trainer), []
    run.capacity = 9
    run.save()
    for more in (1, 2):
        for _ in range(more):
            ask(run, employed())
        with CaptureQueriesContext(connection) as seen:
            browser.get(f"/runs/{run.pk}/delegates/csv/")
            browser.get(f"/runs/{run.pk}/register/")
        counts.append(len(seen))
    assert counts[0] == counts[1]


def test_a_coordinator_keeps_the_registers_of_the_own_agencys_courses_and_of_no_other(as_person):
    agency = AgencyFactory()
    coordinator = granted(employed(agency=agency), "coordinator", agency=agency)
    own, other = planned_run(owner=agency), planned_run(owner=AgencyFactory())
    browser = as_person(coordinator)
    assert [browser.get(f"/runs/{run.pk}/register/").status_code for run in (own, other)] == [200, 404]
    assert [browser.get(f"/runs/{run.pk}/delegates/csv/").status_code for run in (own, other)] == [200, 404]
    assert as_person(holding("lead")).get(f"/runs/{other.pk}/register/").status_code == 200
